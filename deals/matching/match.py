"""Same customer or not: from names, websites and country, with the reasons in words. Pure.

*Same* is acted upon, so it needs proof: the customer's own website, or a name that a fitted model
(`deals.matching.features`, `docs/matching.md`) is nearly sure of and nothing speaks against.
*Possible* is shown to a person. *Related* is a part, a sister or a namesake that the names themselves set
apart: shown, never in the way. *Different* is not shown. Free mail and shared hosts
prove nothing; neither does one common word.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from deals.matching import weights
from deals.matching.evidence import Evidence, Party, Place, Web, gather, read
from deals.matching.explain import reasons_against, reasons_for
from deals.matching.features import COMMON, Features, beside, features
from deals.matching.keys import WEIGHT, Key, KeyKind, identity_keys, keys_for, lookup_keys
from deals.matching.proof import (
    AGREE,
    SAME_SITE,
    TELLING,
    bears_on,
    clashes,
    namesake,
    proves,
    resembles,
    same_words,
    set_apart,
    whole,
)
from deals.matching.similarity import NameKind

__all__ = [
    "WEIGHT",
    "Band",
    "Key",
    "KeyKind",
    "Match",
    "Party",
    "best_matches",
    "compare",
    "identity_keys",
    "keys_for",
    "lookup_keys",
]

# Scores order candidates within and across bands: same is 0.90 and more, possible 0.50 to 0.89, related less.
SAME_FROM = 0.90
POSSIBLE_FROM = 0.50
_RELATED_FROM = 0.30
_HARDLY = 0.75  # below this likelihood what the names set apart is called related
_MAY_BE = 0.03  # from this likelihood a part may be the customer all the same
_MUCH = 0.3  # how much more of the name than the next one of several with its website
_CLEARLY = 0.15  # how much likelier than the next one of several has to be
FAINT = 0.03  # what is less likely is worth showing to somebody who looks, and nothing to stop a claim for
# How common the shared word is taken to be when nobody has counted.
_UNCOUNTED = 20


class Band(StrEnum):
    """How sure the answer is."""

    SAME = "same"
    POSSIBLE = "possible"
    RELATED = "related"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Match:
    """The answer: a band, a score from 0 to 1 to order by, and the reasons for a person to read.

    ``faint``: possible, but so unlikely that only somebody who searches wants to see it; ``part``: possible,
    but by its name more likely a part of it. Neither stops a claim.
    """

    band: Band
    score: float
    reasons: tuple[str, ...]
    faint: bool = False
    part: bool = False

    @property
    def stops(self) -> bool:
        """Whether a claim has to do with it: the same customer, or one that a person should look at."""
        return self.band is Band.SAME or (self.band is Band.POSSIBLE and not (self.faint or self.part))


@dataclass(slots=True)
class Weighed[T]:
    """A candidate under way to its band: what the caller handed over, the evidence, how likely they are one
    customer.
    """

    item: T
    party: Party
    evidence: Evidence
    features: Features
    likely: float = 0.0
    band: Band = Band.DIFFERENT
    score: float = 0.0
    rival: str = ""

    @property
    def faint(self) -> bool:
        """Possible, but hardly."""
        return self.likely < FAINT and self._by_name_alone

    @property
    def part(self) -> bool:
        """Possible, but by its name a part rather than the customer."""
        return self.likely < _HARDLY and set_apart(self.evidence) and self._by_name_alone

    @property
    def _by_name_alone(self) -> bool:
        return self.evidence.web not in SAME_SITE and not namesake(self.evidence)


def compare(claim: Party, candidate: Party) -> Match:
    """Says whether ``claim`` and ``candidate`` are the same customer, and why, without a look at any
    other.
    """
    (one,) = weigh(claim, [(None, candidate)], [_UNCOUNTED])
    _judge(claim, one)
    _beside_each_other([one])
    if one.band is Band.SAME and one.evidence.web not in SAME_SITE and not whole(one.evidence):
        # That nobody else bears a part of a name takes a look at the others.
        one.band, one.score = Band.POSSIBLE, SAME_FROM - 0.01
    if one.band is Band.POSSIBLE and (one.part or one.faint):
        _step_back(one)
    return _answer(one)


def best_matches[T](
    claim: Party,
    candidates: Iterable[tuple[T, Party]],
    limit: int = 5,
    sharers: Mapping[T, int] | None = None,
) -> list[tuple[T, Match]]:
    """The candidates that are or may be the claimed customer, best first, at most ``limit``.

    ``candidates`` pairs whatever the caller wants back (an id) with its party; hand over all that share an
    index entry, because they are also judged beside each other: of several that are called the same, the one
    that shares the website stands, of several that share it the one that bears the name too, and the others
    become possible. ``sharers`` says for each how many accounts bear the rarest word it shares with the
    claim; without it the candidates themselves are counted.
    """
    pairs = list(candidates)
    if not pairs:
        return []
    counts = [sharers[item] for item, _ in pairs] if sharers is not None else _count(claim, pairs)
    return [(one.item, _answer(one)) for one in decide(claim, weigh(claim, pairs, counts))[:limit]]


def _count[T](claim: Party, pairs: list[tuple[T, Party]]) -> list[int]:
    """How many candidates bear the rarest word each shares with the claim."""
    mine = {word for form, _ in read(claim).names for word in form.tokens}
    theirs = [{word for form, _ in read(party).names for word in form.tokens} & mine for _, party in pairs]
    bearers = Counter(word for words in theirs for word in words)
    return [min((bearers[word] for word in words), default=COMMON) for words in theirs]


def weigh[T](claim: Party, pairs: list[tuple[T, Party]], sharers: list[int]) -> list[Weighed[T]]:
    """Every candidate with its evidence and likelihood, in the order given; no bands yet."""
    gathered = [gather(claim, party) for _, party in pairs]
    found = [features(evidence) for evidence in gathered]
    beside(found, sharers)
    return [
        Weighed(item, party, evidence, told, weights.probability(told))
        for (item, party), evidence, told in zip(pairs, gathered, found, strict=True)
    ]


def decide[T](claim: Party, weighed: list[Weighed[T]]) -> list[Weighed[T]]:
    """Those that are not different, with their bands and scores set in view of each other, best first."""
    for one in weighed:
        _judge(claim, one)
    _beside_each_other(weighed)
    return sorted((one for one in weighed if one.band is not Band.DIFFERENT), key=lambda one: -one.score)


def _would_meet(claim: Party, party: Party) -> bool:
    """Would two claims that say so wait for the same lock? If not, neither may count on finding the other."""

    def locks(one: Party) -> set[str]:
        names = (one.name, *one.other_names)
        return {lock for name in names for lock in identity_keys(name, one.websites, one.country)}

    return not locks(claim).isdisjoint(locks(party))


def _beside_each_other[T](judged: list[Weighed[T]]) -> None:
    """Of several that are called the same at most one stays, and none that only resembles the claim, which
    is a rival of the others all the same; what is only possible beside the one that stays must be near.
    """
    same = [one for one in judged if one.band is Band.SAME]
    for one in same:
        one.rival = _rival(one, same) if len(same) > 1 else ""
    for one in same:
        if one.rival or resembles(one.evidence):
            one.band, one.score = Band.POSSIBLE, min(one.score, SAME_FROM - 0.01)
    if any(one.band is Band.SAME for one in same):
        least = weights.limit(weights.BESIDE_SAME_FROM)
        for one in judged:
            far = one.likely < least and one.evidence.web not in SAME_SITE
            if one.band is Band.POSSIBLE and far and not one.rival:
                _step_back(one)


def _step_back[T](one: Weighed[T]) -> None:
    """What is not the customer after all is related when its name says so."""
    one.band, one.score = Band.DIFFERENT, 0.0
    if one.part:
        one.band, one.score = Band.RELATED, _RELATED_FROM + one.likely / 2


def _rival[T](one: Weighed[T], same: list[Weighed[T]]) -> str:
    """Why one of several that are called the same is not proven, or "" when it stands out."""
    by_site = [other for other in same if other.evidence.web in SAME_SITE]
    if by_site:
        if one.evidence.web not in SAME_SITE:
            return "another account has the same website"
        by_both = [other for other in by_site if other.evidence.name.kind in (*AGREE, NameKind.DRESSED)]
        if len(by_site) == 1 or (len(by_both) == 1 and one is by_both[0]):
            return ""
        nearest, next_one, *_ = sorted(by_site, key=lambda other: -_bears(other))
        if not by_both and one is nearest and _bears(one) >= _bears(next_one) + _MUCH:
            return ""
        return "several accounts have this website"
    first, second, *_ = sorted(same, key=_nearness, reverse=True)
    if one is first and _nearness(first)[0] > _nearness(second)[0]:
        return ""
    if one is first and first.likely > second.likely + _CLEARLY:
        return ""
    return "several accounts answer to this name"


def _bears[T](one: Weighed[T]) -> float:
    """How much of the claimed name an account bears, by letter or by sound."""
    return max(one.evidence.name.score, one.features["spoken"])


def _nearness[T](one: Weighed[T]) -> tuple[int, float]:
    """Of several likely ones: which bears the very name, and then which is likeliest."""
    kind = one.evidence.name.kind
    return 2 if kind is NameKind.EQUAL else 1 if kind in AGREE else 0, one.likely


def _judge[T](claim: Party, one: Weighed[T]) -> None:
    """Sets the band and the score by the evidence."""
    evidence, likely = one.evidence, one.likely
    one.band, one.score, one.rival = Band.DIFFERENT, 0.0, ""
    if evidence.web is Web.HOST:
        one.band, one.score = _judge_same_site(evidence)
    elif evidence.web is Web.DOMAIN:
        one.band, one.score = _judge_same_domain(evidence)
    elif (likely >= weights.limit(weights.SAME_FROM) or same_words(evidence)) and proves(evidence, likely):
        one.band, one.score = Band.SAME, SAME_FROM + likely / 11
    elif set_apart(evidence) and likely < (_HARDLY if clashes(evidence) else _MAY_BE):
        one.band, one.score = Band.RELATED, _RELATED_FROM + likely / 2
    elif namesake(evidence) or (
        likely >= weights.limit(weights.SHOWN_FROM) and bears_on(evidence, one.features)
    ):
        one.band, one.score = Band.POSSIBLE, POSSIBLE_FROM + likely * 0.39
    if one.band is Band.SAME and not _would_meet(claim, one.party):
        one.band, one.score = Band.POSSIBLE, SAME_FROM - 0.01


def _judge_same_site(evidence: Evidence) -> tuple[Band, float]:
    """One site is proof unless the names set two of its users apart (Acme East, Acme West)."""
    apart = evidence.name.clash and evidence.name.shared >= TELLING
    if apart or (evidence.place_clash and evidence.place is Place.OTHER):
        return Band.POSSIBLE, 0.85
    return Band.SAME, 0.95 + evidence.name.score / 20


def _judge_same_domain(evidence: Evidence) -> tuple[Band, float]:
    """Hosts of two departments under one domain (a university, a ministry): the names decide."""
    if evidence.name.kind in (*AGREE, NameKind.DRESSED) and not evidence.name.clash:
        return Band.SAME, 0.90 + evidence.name.score / 20
    return Band.POSSIBLE, 0.65 + evidence.name.score / 5


def _answer[T](one: Weighed[T]) -> Match:
    if one.band is Band.DIFFERENT:
        return Match(one.band, round(min(one.likely, POSSIBLE_FROM - 0.01), 3), ())
    reasons = (*reasons_for(one.evidence), *reasons_against(one.evidence))
    if one.rival:
        reasons += (one.rival,)
    elif one.band is Band.SAME and one.features["alone"] and not whole(one.evidence):
        reasons += ("no other account bears this name",) if one.evidence.web not in SAME_SITE else ()
    possible = one.band is Band.POSSIBLE
    return Match(
        one.band, round(min(one.score, 1.0), 3), reasons, possible and one.faint, possible and one.part
    )
