"""Same customer or not: precision and recall of the matcher beside simple rules, and its time per check.

Takes ``--data DIR`` with three CSV files: ``accounts.csv`` (id, name, domain, country), ``queries.csv``
(query_id, name, domain_or_empty, country, true_account_id_or_empty) and ``queries_meta.csv`` (query_id,
segment, alias_kind). ``--rows N`` measures N queries. Everything is held in memory here; in the product the
index is a table.
"""

import csv
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.frame import Options, Report, percentile
from deals.matching.domains import registrable_domain
from deals.matching.evidence import Party
from deals.matching.keys import (
    CANDIDATES,
    COUNTED,
    LEAST_OF_BEST,
    PER_KEY,
    Key,
    key_weight,
    keys_for,
    lookup_keys,
)
from deals.matching.match import Band, Match, best_matches
from deals.matching.names import name_key

LIMIT = 5
RELATED = "nonmatch_related"


@dataclass(frozen=True, slots=True)
class Query:
    """One registration to match: what was typed, and the position of the right account (None: it is not
    there).
    """

    party: Party
    truth: int | None
    segment: str
    kind: str

    @property
    def website(self) -> str:
        return self.party.websites[0] if self.party.websites else ""


@dataclass(slots=True)
class Score:
    """Counts of one segment (or slice): what was answered against what is true."""

    matches: int = 0
    absent: int = 0
    same: int = 0
    same_right: int = 0
    same_absent: int = 0
    any_right: int = 0
    any_answers: int = 0
    shown: int = 0
    times: list[float] = field(default_factory=list)

    def add(self, query: Query, found: list[tuple[int, Match]]) -> None:
        """Counts one answer. *Same* is counted by account, so a second one for a query is an error."""
        self.matches += query.truth is not None
        self.absent += query.truth is None
        self.shown += len(found)
        same = [position for position, match in found if match.band is Band.SAME]
        self.same += len(same)
        self.same_right += query.truth in same
        self.same_absent += bool(same) and query.truth is None
        if found:
            self.any_answers += 1
            self.any_right += query.truth is not None and any(
                position == query.truth for position, _ in found
            )

    def __iadd__(self, other: "Score") -> "Score":
        for name in ("matches", "absent", "same", "same_right", "same_absent", "any_right", "any_answers"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.shown += other.shown
        return self

    def figures(self) -> dict[str, float | int]:
        """The shares people ask for."""
        return {
            "queries": self.matches + self.absent,
            "matches": self.matches,
            "same_precision": _share(self.same_right, self.same),
            "same_recall": _share(self.same_right, self.matches),
            "false_same": _share(self.same_absent, self.absent),
            "any_precision": _share(self.any_right, self.any_answers),
            "first_five": _share(self.any_right, self.matches),
            "shown": _share(self.shown, self.matches + self.absent),
        }


class Index:
    """The key table, in memory: the same equality look-ups the product makes in SQL."""

    def __init__(self, parties: list[Party]) -> None:
        self.parties = parties
        self.entries: dict[Key, list[int]] = defaultdict(list)
        for position, party in enumerate(parties):
            for key in keys_for(party.name, party.websites, party.country):
                self.entries[key].append(position)

    def candidates(self, party: Party) -> dict[int, int]:
        """Positions sharing an entry with the party, the most telling first, with the number of accounts that
        bear the rarest word shared.
        """
        sums: dict[int, float] = defaultdict(float)
        sharers: dict[int, int] = {}
        for key in sorted(lookup_keys(party.name, party.websites, party.country)):
            found = self.entries.get(key, [])[:PER_KEY]
            told = key_weight(key.kind, len(found)) if found else 0.0
            for position in found:
                sums[position] += told
                if key.kind in COUNTED:
                    sharers[position] = min(sharers.get(position, PER_KEY), len(found))
        best = sorted(sums, key=lambda position: (-sums[position], position))[:CANDIDATES]
        least = LEAST_OF_BEST * sums[best[0]] if best else 0.0
        return {position: sharers.get(position, PER_KEY) for position in best if sums[position] >= least}

    def check(self, party: Party) -> list[tuple[int, Match]]:
        """One check of the product: keys, candidates, comparison."""
        found = self.candidates(party)
        matches = best_matches(party, [(at, self.parties[at]) for at in found], LIMIT, found)
        return [(at, match) for at, match in matches if match.band is not Band.RELATED]


def run(options: Options) -> Report:
    """Measures; raises MissingData when the files are not there."""
    accounts_file, queries_file, meta_file = options.files("accounts.csv", "queries.csv", "queries_meta.csv")
    identifiers, parties = read_accounts(accounts_file)
    queries = read_queries(queries_file, meta_file, identifiers)[: options.rows]
    began = time.perf_counter()
    index = Index(parties)
    rate = len(parties) / (time.perf_counter() - began)

    report = Report("matching")
    measured = _measure(queries, index.check)
    report.figures = {
        "accounts": len(parties),
        "keys_per_account": round(sum(map(len, index.entries.values())) / len(parties), 2),
        "index_rows_per_second": round(rate),
        **_times(measured["all"].times),
        "segments": {name: _rounded(score.figures()) for name, score in measured.items()},
        "simple_rules": {},
    }
    _tell(report, "The matcher", measured)
    for title, rule in _simple_rules(parties).items():
        simple = _measure(queries, rule)
        report.figures["simple_rules"][title] = {
            name: _rounded(score.figures()) for name, score in simple.items()
        }
        _tell(
            report,
            f"Simple rule: {title}",
            {name: simple[name] for name in ("all", "company", "institution") if name in simple},
        )
    report.table(
        "Speed (in memory; the product asks PostgreSQL)",
        ["", "value"],
        [
            (name.replace("_", " "), report.figures[name])
            for name in (
                "accounts",
                "keys_per_account",
                "index_rows_per_second",
                "check_ms_median",
                "check_ms_p95",
            )
        ],
    )
    return report


def _measure(queries: Iterable[Query], check: Callable[[Party], list[tuple[int, Match]]]) -> dict[str, Score]:
    """Scores per segment and slice; related organisations (parent, child, one host) are counted apart."""
    scores: dict[str, Score] = defaultdict(Score)
    for query in queries:
        began = time.perf_counter()
        found = check(query.party)
        took = time.perf_counter() - began
        names = [query.segment, "all"] if query.kind != RELATED else [f"{query.segment}, related"]
        if query.kind != RELATED and query.segment == "company":
            names.append("company, with website" if query.party.websites else "company, without website")
        for name in names:
            scores[name].add(query, found)
        scores["all"].times.append(took)
    return dict(sorted(scores.items()))


def _simple_rules(parties: list[Party]) -> dict[str, Callable[[Party], list[tuple[int, Match]]]]:
    """What anybody would try first: exact name; exact domain; domain, else name and country."""
    by_name: dict[str, list[int]] = defaultdict(list)
    by_domain: dict[str, list[int]] = defaultdict(list)
    by_both: dict[tuple[str, str], list[int]] = defaultdict(list)
    for position, party in enumerate(parties):
        name = name_key(party.name).core
        by_name[name].append(position)
        by_both[name, party.country].append(position)
        if party.websites and (domain := registrable_domain(party.websites[0])):
            by_domain[domain].append(position)
    verdict = Match(Band.SAME, 1.0, ())

    def answer(positions: list[int]) -> list[tuple[int, Match]]:
        return [(position, verdict) for position in positions[:1]]

    def name_rule(party: Party) -> list[tuple[int, Match]]:
        return answer(by_name.get(name_key(party.name).core, []))

    def domain_rule(party: Party) -> list[tuple[int, Match]]:
        domain = registrable_domain(party.websites[0]) if party.websites else None
        return answer(by_domain.get(domain, [])) if domain else []

    def both_rule(party: Party) -> list[tuple[int, Match]]:
        return domain_rule(party) or answer(by_both.get((name_key(party.name).core, party.country), []))

    return {"exact name": name_rule, "exact domain": domain_rule, "domain, else name and country": both_rule}


def _tell(report: Report, title: str, scores: dict[str, Score]) -> None:
    """One table: a line for each segment."""
    head = [
        "segment",
        "queries",
        "matches",
        "same: precision",
        "recall",
        "false same",
        "any: precision",
        "first five",
        "shown",
    ]
    report.table(title, head, [(name, *score.figures().values()) for name, score in scores.items()])


def read_accounts(file: Path) -> tuple[dict[str, int], list[Party]]:
    """Positions by account id, and the accounts."""
    identifiers: dict[str, int] = {}
    parties: list[Party] = []
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            identifiers[row["id"]] = len(parties)
            parties.append(Party(row["name"], (row["domain"],) if row["domain"] else (), row["country"]))
    return identifiers, parties


def read_queries(queries: Path, meta: Path, identifiers: dict[str, int]) -> list[Query]:
    """The queries with what is known about them."""
    with meta.open(encoding="utf-8", newline="") as lines:
        about = {row["query_id"]: row for row in csv.DictReader(lines)}
    found: list[Query] = []
    with queries.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            website = row["domain_or_empty"]
            found.append(
                Query(
                    party=Party(row["name"], (website,) if website else (), row["country"]),
                    truth=identifiers.get(row["true_account_id_or_empty"]),
                    segment=about[row["query_id"]]["segment"],
                    kind=about[row["query_id"]]["alias_kind"],
                )
            )
    return found


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _rounded(figures: dict[str, float | int]) -> dict[str, Any]:
    return {name: round(value, 4) for name, value in figures.items()}


def _times(times: list[float]) -> dict[str, float]:
    return {
        "check_ms_median": round(percentile(times, 50) * 1000, 3),
        "check_ms_p95": round(percentile(times, 95) * 1000, 3),
    }
