"""Same customer or not: from names, websites and country, with the reasons in words. Pure.

*Same* is acted upon, so it needs proof: the customer's own website, or a name that a fitted model (see
`deals.rules.features`, `docs/matching.md`) is nearly sure of and nothing speaks against. *Possible* is shown
to a person. *Related* is a part, a sister or a namesake that the names themselves set apart: shown, never in
the way. *Different* is not shown. Free mail and shared hosts prove nothing; neither does one common word.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from deals.rules import weights
from deals.rules.countries import country_name
from deals.rules.evidence import Evidence, Party, Place, Web, gather, read
from deals.rules.features import COMMON, Features, abbreviated, beside, features, words_apart
from deals.rules.keys import WEIGHT, Key, KeyKind, identity_keys, keys_for, lookup_keys
from deals.rules.similarity import Kind
from deals.rules.vocabulary import is_arm

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
_TELLING = 0.8  # weight of shared words from which a name can speak for itself: one brand of three letters
_TWO_WORDS = 1.6
_AGREE = (Kind.EQUAL, Kind.REORDERED, Kind.SPELLING)
_SAME_SITE = (Web.HOST, Web.DOMAIN)
_HARDLY = 0.5  # below this likelihood what the names set apart is called related
_SITE_HINTS = (
    "site_ratio",
    "site_begins",
    "site_holds",
    "site_begins_name",
    "site_initials",
    "site_every_word",
)
_FOUR_LETTERS = 0.4  # as the feature counts them
_HALF = 0.5
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

    ``faint``: possible, but so unlikely that only somebody who searches wants to see it.
    """

    band: Band
    score: float
    reasons: tuple[str, ...]
    faint: bool = False


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
        return self.likely < FAINT and self.evidence.web not in _SAME_SITE and not _namesake(self.evidence)


def compare(claim: Party, candidate: Party) -> Match:
    """Says whether ``claim`` and ``candidate`` are the same customer, and why, without a look at any
    other.
    """
    (one,) = weigh(claim, [(None, candidate)], [_UNCOUNTED])
    _judge(claim, one)
    if one.band is Band.SAME and one.evidence.web not in _SAME_SITE and not _whole(one.evidence):
        # That nobody else bears a part of a name takes a look at the others.
        one.band, one.score = Band.POSSIBLE, SAME_FROM - 0.01
    if one.band is Band.POSSIBLE and one.faint:
        one.band = Band.DIFFERENT
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
    """Of several that are called the same at most one stays; what is only possible beside it must be near."""
    same = [one for one in judged if one.band is Band.SAME]
    for one in same:
        one.rival = _rival(one, same) if len(same) > 1 else ""
    standing = [one for one in same if not one.rival]
    for one in same:
        if one.rival:
            one.band, one.score = Band.POSSIBLE, min(one.score, SAME_FROM - 0.01)
    if standing:
        least = weights.limit(weights.BESIDE_SAME_FROM)
        for one in judged:
            far = one.likely < least and one.evidence.web not in _SAME_SITE
            if one.band is Band.POSSIBLE and far and not one.rival:
                one.band = Band.DIFFERENT


def _rival[T](one: Weighed[T], same: list[Weighed[T]]) -> str:
    """Why one of several that are called the same is not proven, or "" when it stands out."""
    by_site = [other for other in same if other.evidence.web in _SAME_SITE]
    if by_site:
        if one.evidence.web not in _SAME_SITE:
            return "another account has the same website"
        by_both = [other for other in by_site if other.evidence.name.kind in (*_AGREE, Kind.DRESSED)]
        if len(by_site) == 1 or (len(by_both) == 1 and one is by_both[0]):
            return ""
        return "several accounts have this website"
    first, second, *_ = sorted(same, key=_nearness, reverse=True)
    if one is first and _nearness(first)[0] > _nearness(second)[0]:
        return ""
    if one is first and first.likely > second.likely + _CLEARLY:
        return ""
    return "several accounts answer to this name"


def _nearness[T](one: Weighed[T]) -> tuple[int, float]:
    """Of several likely ones: which bears the very name, and then which is likeliest."""
    kind = one.evidence.name.kind
    return 2 if kind is Kind.EQUAL else 1 if kind in _AGREE else 0, one.likely


def _judge[T](claim: Party, one: Weighed[T]) -> None:
    """Sets the band and the score by the evidence."""
    evidence, likely = one.evidence, one.likely
    one.band, one.score, one.rival = Band.DIFFERENT, 0.0, ""
    if evidence.web is Web.HOST:
        one.band, one.score = _judge_same_site(evidence)
    elif evidence.web is Web.DOMAIN:
        one.band, one.score = _judge_same_domain(evidence)
    elif (likely >= weights.limit(weights.SAME_FROM) or _same_words(evidence)) and _proves(evidence):
        one.band, one.score = Band.SAME, SAME_FROM + likely / 11
    elif _set_apart(evidence) and likely < _HARDLY:
        one.band, one.score = Band.RELATED, _RELATED_FROM + likely / 2
    elif _namesake(evidence) or (likely >= weights.limit(weights.SHOWN_FROM) and _bears_on(one)):
        one.band, one.score = Band.POSSIBLE, POSSIBLE_FROM + likely * 0.39
    if one.band is Band.SAME and not _would_meet(claim, one.party):
        one.band, one.score = Band.POSSIBLE, SAME_FROM - 0.01


def _judge_same_site(evidence: Evidence) -> tuple[Band, float]:
    """One site is proof unless the names set two of its users apart (Acme East, Acme West)."""
    apart = evidence.name.clash and evidence.name.shared >= _TELLING
    if apart or (evidence.place_clash and evidence.place is Place.OTHER):
        return Band.POSSIBLE, 0.85
    return Band.SAME, 0.95 + evidence.name.score / 20


def _judge_same_domain(evidence: Evidence) -> tuple[Band, float]:
    """Hosts of two departments under one domain (a university, a ministry): the names decide."""
    if evidence.name.kind in (*_AGREE, Kind.DRESSED) and not evidence.name.clash:
        return Band.SAME, 0.90 + evidence.name.score / 20
    return Band.POSSIBLE, 0.65 + evidence.name.score / 5


def _proves(evidence: Evidence) -> bool:
    """Does nothing speak against it, and is it more than one word or some initials that speak for it?"""
    name = evidence.name
    if _speaks_against(evidence) or name.kind is Kind.INITIALS:
        return False
    if name.shared < _TELLING and _least_words(evidence) < 2:
        return False
    if evidence.web is Web.LABEL and name.kind not in _AGREE:
        return False
    if evidence.named or evidence.called.spelt:
        return True
    if name.kind is Kind.ARM or _one_is_an_arm(evidence):
        return False
    if _differ(evidence) and name.kind is not Kind.SPELLING:
        return False
    # One word is enough in one country only.
    agree = name.kind in (*_AGREE, Kind.DRESSED) and name.shared >= _TELLING
    return evidence.place is Place.SAME or (
        _least_words(evidence) > 1 and (agree or name.shared >= _TWO_WORDS)
    )


def _speaks_against(evidence: Evidence) -> bool:
    """Something that alone keeps a name from being proof."""
    return (
        evidence.name.clash
        or evidence.place_clash
        or evidence.legal_clash
        or evidence.place is Place.OTHER
        or evidence.web is Web.OTHER
    )


def _set_apart(evidence: Evidence) -> bool:
    """One name, and words that set two of its bearers apart: a number, a direction, a country, an arm."""
    name = evidence.name
    if name.shared < _TELLING:
        return False
    return name.clash or evidence.place_clash or name.kind is Kind.ARM or _one_is_an_arm(evidence)


def _bears_on[T](one: Weighed[T]) -> bool:
    """Is there enough to bother a person with? A general word in common is not, nor a namesake elsewhere."""
    evidence, told = one.evidence, one.features
    if evidence.place is Place.OTHER and evidence.web is Web.OTHER:
        return False
    if evidence.name.shared >= _TELLING or evidence.name.kind is Kind.INITIALS or evidence.named:
        return True
    site = any(told[name] for name in _SITE_HINTS)
    letters = told["start_length"] >= _FOUR_LETTERS or told["whole"] or told["sound"]
    return bool(site or letters or told["cover_less"] >= _HALF)


def _namesake(evidence: Evidence) -> bool:
    """The very name, be it in another country: somebody may have erred, unless one word and two sites."""
    name = evidence.name
    if name.kind not in _AGREE or name.clash or evidence.place_clash:
        return False
    elsewhere, sites = evidence.place is Place.OTHER, evidence.web is Web.OTHER
    if name.shared >= _TWO_WORDS or not elsewhere:
        return True
    return name.shared >= _TELLING and not sites


def _same_words(evidence: Evidence) -> bool:
    """The very name of two telling words or more: proof when nothing speaks against it."""
    exact = evidence.name.kind in (Kind.EQUAL, Kind.REORDERED)
    return exact and evidence.name.shared >= _TWO_WORDS and evidence.sure


def _whole(evidence: Evidence) -> bool:
    """Whole names agree, or one's site is called as the other is."""
    return evidence.name.kind in (*_AGREE, Kind.DRESSED) or bool(evidence.named) or evidence.called.spelt


def _differ(evidence: Evidence) -> bool:
    """Each has a word the other has not, and it is not an abbreviation: two lines of business, often."""
    mine, theirs = words_apart(evidence.left, evidence.right)
    return len(mine) > (paired := abbreviated(mine, theirs)) and len(theirs) > paired


def _one_is_an_arm(evidence: Evidence) -> bool:
    """The words that only one has name a part of a company: its foundation, its leasing."""
    mine, theirs = words_apart(evidence.left, evidence.right)
    return any(is_arm(word) for word in mine + theirs)


def _least_words(evidence: Evidence) -> int:
    return min(len(evidence.left.tokens), len(evidence.right.tokens))


_AGREEMENT = {
    Kind.EQUAL: "same name",
    Kind.REORDERED: "same words in the name",
    Kind.SPELLING: "name spelt almost alike",
    Kind.DRESSED: "same name but for a general word",
    Kind.EXTENDED: "same name but for what it does",
    Kind.ARM: "one may be a part of the other",
    Kind.CONTAINED: "one name is part of the other",
    Kind.PARTIAL: "names partly alike",
    Kind.INITIALS: "one name is the initials of the other",
}


def _answer[T](one: Weighed[T]) -> Match:
    if one.band is Band.DIFFERENT:
        return Match(one.band, round(min(one.likely, POSSIBLE_FROM - 0.01), 3), ())
    reasons = (*_reasons_for(one.evidence), *_reasons_against(one.evidence))
    if one.rival:
        reasons += (one.rival,)
    elif one.band is Band.SAME and one.features["alone"] and not _whole(one.evidence):
        reasons += ("no other account bears this name",) if one.evidence.web not in _SAME_SITE else ()
    return Match(one.band, round(min(one.score, 1.0), 3), reasons, one.band is Band.POSSIBLE and one.faint)


def _reasons_for(evidence: Evidence) -> list[str]:
    reasons: list[str] = []
    name = evidence.name
    if evidence.web is Web.HOST:
        reasons.append(f"same website {evidence.site}")
    elif evidence.web is Web.DOMAIN:
        reasons.append(f"same domain {evidence.site}, different departments")
    elif evidence.web is Web.LABEL:
        reasons.append(f"websites of one name ({evidence.site})")
    if evidence.named and evidence.web not in _SAME_SITE:
        reasons.append(f"the website {evidence.named} is called as the other is")
    if name.kind in _AGREEMENT and (name.kind is not Kind.PARTIAL or name.shared >= _TELLING):
        exact = name.kind in (Kind.EQUAL, Kind.REORDERED, Kind.INITIALS)
        said = _AGREEMENT[name.kind] + ("" if exact else f" ({name.score:.2f})")
        reasons.append(f"{said}: known as {evidence.known_as}" if evidence.known_as else said)
    if evidence.place is Place.SAME:
        reasons.append(f"same country ({country_name(evidence.country)})")
    return reasons


def _reasons_against(evidence: Evidence) -> list[str]:
    reasons: list[str] = []
    if evidence.name.clash:
        reasons.append("but a number or a direction in the names differs")
    if evidence.place_clash:
        reasons.append("but the names mention different countries")
    if evidence.legal_clash:
        reasons.append("but the legal forms differ")
    if evidence.web is Web.OTHER:
        reasons.append(f"but the websites differ ({evidence.site})")
    if evidence.place is Place.OTHER:
        reasons.append("but the countries differ")
    if evidence.place is Place.UNKNOWN:
        reasons.append("the country of one is not given")
    return reasons
