"""Fits the matcher's weights on ``--data DIR`` (the files of ``matching``) and prints figures on unseen rows.

The rows are split in four by a hash of the account (of the query, where there is none): weights and limits
fitted on three quarters are measured on the fourth, in turn. Then they are fitted on all rows and written to
``deals/matching/data/match_weights.txt``. Pure Python, some minutes.
"""

import hashlib
import math
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.frame import Options, Report
from benchmarks.matching import LIMIT, RELATED, Index, Query, Score, read_accounts, read_queries
from deals.matching import tables, weights
from deals.matching.evidence import Party, Web
from deals.matching.features import Features
from deals.matching.match import Band, Match, Weighed, decide, weigh

_TARGET = Path(tables.__file__).parent / "data" / "match_weights.txt"
_PRECISION, _FALSE_SAME, _SHOWN = 0.982, 0.0095, 1.45  # what is promised, hardly stricter
_RIDGE = 2.0
_NEGATIVES = 12  # the likeliest wrong candidates of a query; the others teach nothing
_STEPS = 8

type Row = tuple[list[int], list[float], bool]  # positions and values of the features that are not 0; right?


class Sample:
    """Queries with their candidates weighed once; only likelihoods and bands change with the weights."""

    def __init__(self, queries: list[Query], index: Index) -> None:
        self.queries = [(query, _weighed(query.party, index)) for query in queries]
        self.lessons: list[tuple[Query, list[Weighed[int]]]] = list(self.queries)
        chance = random.Random(5)
        for query in queries:
            self.lessons.append((query, _weighed(_worn(query.party, chance), index, chance)))

    def rows(self, names: Mapping[str, int]) -> Iterator[Row]:
        """What there is to learn: the right candidate and the likeliest wrong ones, with and without it."""
        for query, weighed in self.lessons:
            rivals = sorted(weighed, key=lambda one: -_likeness(one.features))[:_NEGATIVES]
            for one in weighed:
                right = one.item == query.truth
                if (right or one in rivals) and one.evidence.web not in (Web.HOST, Web.DOMAIN):
                    told = [(names[name], value) for name, value in one.features.items() if value]
                    yield [at for at, _ in told], [value for _, value in told], right

    def likely(self) -> None:
        """Takes the weights in use."""
        for _, weighed in self.queries:
            for one in weighed:
                one.likely = weights.probability(one.features)

    def score(self) -> Score:
        """The matcher's figures with the weights and limits in use."""
        score = Score()
        for query, weighed in self.queries:
            score.add(query, _shown(query.party, weighed))
        return score

    def slices(self, index: Index) -> dict[str, Score]:
        """The figures of parts of the sample, and of the whole when something is taken away from it."""
        self.likely()
        found: dict[str, Score] = defaultdict(Score)
        for query, weighed in self.queries:
            party, shown = query.party, _shown(query.party, weighed)
            found["all"].add(query, shown)
            found["with website" if party.websites else "without website"].add(query, shown)
            if not party.name.isascii() and max(party.name) > "\u036f":
                found["not in Latin letters"].add(query, shown)
            bare = replace(party, websites=())
            for name, worn, chance in (
                ("all, website not given", bare, None),
                ("all, country not given", replace(party, country=""), None),
                ("all, country wrong", replace(party, country="NZ" if party.country != "NZ" else "AU"), None),
                ("all, the accounts without websites", bare, _Always()),
            ):
                found[name].add(query, _shown(worn, _weighed(worn, index, chance)))
        return found


def run(options: Options) -> Report:
    """Fits, measures, writes; raises MissingData when the files are not there."""
    accounts_file, queries_file, meta_file = options.files("accounts.csv", "queries.csv", "queries_meta.csv")
    identifiers, parties = read_accounts(accounts_file)
    queries = [
        query
        for query in read_queries(queries_file, meta_file, identifiers)[: options.rows]
        if query.segment == "company" and query.kind != RELATED
    ]
    index = Index(parties)
    quarters = [
        Sample([query for query in queries if _quarter(query) == quarter], index) for quarter in range(4)
    ]
    report = Report("fit_matching")
    slices: dict[str, Score] = defaultdict(Score)
    for quarter in quarters:
        _use(_learn([other for other in quarters if other is not quarter]))
        for name, score in quarter.slices(index).items():
            slices[name] += score
    _use(_learn(quarters))
    held_out = {name: _rounded(score) for name, score in slices.items()}
    fitted = _rounded(_sum(quarters, {}))
    report.figures = {
        "accounts": len(parties),
        "queries": len(queries),
        "held_out": held_out,
        "fitted": fitted,
    }
    _write(report.figures)
    report.table(
        "Companies, every quarter judged by weights fitted on the other three",
        ["", *held_out["all"]],
        [[name, *figures.values()] for name, figures in held_out.items()],
    )
    return report


def _learn(samples: list[Sample]) -> dict[str, float]:
    """Weights fitted on the samples; the limits are chosen where each sample is judged by the others."""
    for judged in samples:
        _use(_fit([sample for sample in samples if sample is not judged]))
        judged.likely()
    limits = _limits(samples)
    _use(_fit(samples))
    for sample in samples:
        sample.likely()
    return weights.weights() | limits


def _limits(samples: list[Sample]) -> dict[str, float]:
    """The lowest limits that keep what is promised."""
    chosen = {weights.SAME_FROM: 0.99, weights.SHOWN_FROM: 0.5, weights.BESIDE_SAME_FROM: 0.1}
    for step in range(98, 28, -2):
        figures = _sum(samples, chosen | {weights.SAME_FROM: step / 100}).figures()
        if figures["same_precision"] >= _PRECISION and figures["false_same"] <= _FALSE_SAME:
            chosen[weights.SAME_FROM] = step / 100
    for shown in (0.1, 0.05, 0.03, 0.02, 0.01, 0.008, 0.006, 0.005, 0.004, 0.003, 0.002, 0.0015, 0.001):
        if _sum(samples, chosen | {weights.SHOWN_FROM: shown}).figures()["shown"] <= _SHOWN:
            chosen[weights.SHOWN_FROM] = shown
    return chosen


def _sum(samples: list[Sample], limits: dict[str, float]) -> Score:
    _use(weights.weights() | limits)
    total = Score()
    for sample in samples:
        total += sample.score()
    return total


def _rounded(score: Score) -> dict[str, Any]:
    return {name: round(value, 4) for name, value in score.figures().items()}


def _fit(samples: list[Sample]) -> dict[str, float]:
    """Logistic regression with a ridge, by Newton's method, on features brought to one scale."""
    first = next(weighed for _, weighed in samples[0].lessons if weighed)
    names = {name: at for at, name in enumerate(sorted(first[0].features))}
    bias = len(names)
    rows = [row for sample in samples for row in sample.rows(names)]
    scale = _scales(rows, bias)
    rows = [
        ([*at, bias], [*(value / scale[spot] for spot, value in zip(at, values, strict=True)), 1.0], right)
        for at, values, right in rows
    ]
    found = [0.0] * (bias + 1)
    for _ in range(_STEPS):
        gradient, curve = _derivatives(rows, found)
        for spot in range(bias):
            gradient[spot] -= _RIDGE * found[spot]
            curve[spot][spot] += _RIDGE
        curve[bias][bias] += 1e-6
        step = _solve(curve, gradient)
        found = [value + max(-2.0, min(2.0, change)) for value, change in zip(found, step, strict=True)]
    table = {name: found[at] / scale[at] for name, at in names.items()}
    return table | {weights.BIAS: found[bias]}


def _scales(rows: list[Row], size: int) -> list[float]:
    """The spread of each feature."""
    sums, squares = [0.0] * size, [0.0] * size
    for at, values, _ in rows:
        for spot, value in zip(at, values, strict=True):
            sums[spot] += value
            squares[spot] += value * value
    count = max(1, len(rows))
    spreads = (square / count - (total / count) ** 2 for total, square in zip(sums, squares, strict=True))
    return [math.sqrt(spread) if spread > 1e-9 else 1.0 for spread in spreads]


def _derivatives(rows: list[Row], found: list[float]) -> tuple[list[float], list[list[float]]]:
    """Gradient and (negative) Hessian of the log-likelihood."""
    size = len(found)
    gradient = [0.0] * size
    curve = [[0.0] * size for _ in range(size)]
    for at, values, right in rows:
        total = sum(found[spot] * value for spot, value in zip(at, values, strict=True))
        likely = 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
        weight = likely * (1 - likely)
        for number, (spot, value) in enumerate(zip(at, values, strict=True)):
            gradient[spot] += (right - likely) * value
            line, share = curve[spot], weight * value
            for other, with_it in zip(at[number:], values[number:], strict=True):
                line[other] += share * with_it
    for spot in range(size):
        for other in range(spot):
            both = curve[spot][other] + curve[other][spot]
            curve[spot][other] = curve[other][spot] = both
    return gradient, curve


def _solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Gaussian elimination with pivoting."""
    size = len(right)
    lines = [[*line, value] for line, value in zip(matrix, right, strict=True)]
    for spot in range(size):
        pivot = max(range(spot, size), key=lambda line: abs(lines[line][spot]))
        lines[spot], lines[pivot] = lines[pivot], lines[spot]
        for line in range(spot + 1, size):
            factor = lines[line][spot] / lines[spot][spot]
            if factor:
                lines[line] = [a - factor * b for a, b in zip(lines[line], lines[spot], strict=True)]
    found = [0.0] * size
    for spot in range(size - 1, -1, -1):
        rest = sum(lines[spot][other] * found[other] for other in range(spot + 1, size))
        found[spot] = (lines[spot][size] - rest) / lines[spot][spot]
    return found


class _Always(random.Random):
    """A chance that always falls."""

    def random(self) -> float:
        return 0.0


def _shown(party: Party, weighed: list[Weighed[int]]) -> list[tuple[int, Match]]:
    shown = [one for one in decide(party, weighed) if one.band is not Band.RELATED][:LIMIT]
    return [(one.item, Match(one.band, one.score, ())) for one in shown]


def _weighed(party: Party, index: Index, chance: random.Random | None = None) -> list[Weighed[int]]:
    """The candidates of a claim; with ``chance`` a third of them have lost their websites."""
    found = index.candidates(party)
    pairs = [(at, index.parties[at]) for at in found]
    if chance:
        pairs = [
            (at, replace(account, websites=()) if chance.random() < 0.35 else account)
            for at, account in pairs
        ]
    return weigh(party, pairs, list(found.values()))


def _worn(party: Party, chance: random.Random) -> Party:
    """The claim as a hurried person types it: often no website, now and then no country or a wrong one."""
    drawn = chance.random()
    country = (
        "" if drawn < 0.2 else chance.choice(["US", "DE", "GB", "FR"]) if drawn < 0.25 else party.country
    )
    return replace(party, websites=() if chance.random() < 0.5 else party.websites, country=country)


def _likeness(told: Features) -> float:
    return told["likeness"] + told["letters"] + told["same_country"] / 4 + told["site_ratio"] / 2


def _quarter(query: Query) -> int:
    """Which quarter a query belongs to; all queries about one account belong to the same."""
    key = f"account {query.truth}" if query.truth is not None else f"{query.party.name} {query.party.country}"
    return hashlib.sha256(key.encode()).digest()[0] % 4


def _use(table: dict[str, float]) -> None:
    """Puts weights in use in this process."""
    used = weights.weights()
    used.update(table)


def _write(figures: dict[str, Any]) -> None:
    """The weights as a small file to read, with what they were fitted on."""
    about = [
        "# Weights of the matcher: feature, weight. Written by `python -m benchmarks fit_matching`.",
        f"# Version {time.strftime('%Y-%m-%d')}: fitted on {figures['queries']:,} claims for companies"
        f" against {figures['accounts']:,} accounts.",
        f"# Unseen rows (every quarter by weights fitted on the others): {_told(figures['held_out']['all'])}",
        f"# All rows, after fitting on all: {_told(figures['fitted'])}",
    ]
    lines = [f"{name} {value:.4f}" for name, value in sorted(weights.weights().items()) if abs(value) >= 5e-5]
    _TARGET.write_text("\n".join([*about, *lines]) + "\n", encoding="utf-8")


def _told(figures: dict[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in figures.items())
