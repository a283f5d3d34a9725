"""Same customer or not: from names, websites and country, with the reasons in words. Pure.

Three bands. *Same* is acted upon, so it needs proof: the customer's own website, or a telling name that
nothing speaks against. *Possible* is shown to a person. *Different* is not shown. Free mail and shared
hosts prove nothing; neither does one common word.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from deals.rules.countries import country_name
from deals.rules.evidence import Evidence, Party, Place, Web, gather
from deals.rules.keys import WEIGHT, Key, KeyKind, identity_keys, keys_for
from deals.rules.similarity import Kind, Likeness

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
]

# Scores order candidates within and across bands: same is 0.90 and more, possible 0.50 to 0.89.
SAME_FROM = 0.90
POSSIBLE_FROM = 0.50
_TELLING = 0.8  # weight of shared words from which a name can speak for itself: one brand of three letters
_TWO_WORDS = 1.6
_AGREE = (Kind.EQUAL, Kind.REORDERED, Kind.SPELLING)
_WITHIN = (Kind.DRESSED, Kind.EXTENDED, Kind.ARM, Kind.CONTAINED)
_BORNE_FROM = 0.6  # how much of a name a candidate must share to count as bearing it
_SAME_SITE = (Web.HOST, Web.DOMAIN)
# How near names that agree only in part must be to be shown.
_SHOWN_FROM = {Kind.PARTIAL: 0.75, Kind.CONTAINED: 0.55, Kind.EXTENDED: 0.7, Kind.ARM: 0.7, Kind.DRESSED: 0.6}


class Band(StrEnum):
    """How sure the answer is."""

    SAME = "same"
    POSSIBLE = "possible"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Match:
    """The answer: a band, a score from 0 to 1 to order by, and the reasons for a person to read."""

    band: Band
    score: float
    reasons: tuple[str, ...]


def compare(claim: Party, candidate: Party) -> Match:
    """Says whether ``claim`` and ``candidate`` are the same customer, and why, without a look at any
    other.
    """
    return _match(gather(claim, candidate))


def best_matches[T](
    claim: Party, candidates: Iterable[tuple[T, Party]], limit: int = 5
) -> list[tuple[T, Match]]:
    """The candidates that are or may be the claimed customer, best first, at most ``limit``.

    ``candidates`` pairs whatever the caller wants back (an id, a row) with its party; hand over all that
    share an index entry, because they are also judged beside each other:

    - several are called the same: the one that shares the website stands, of several that share it the one
      that bears the name too, and the others become possible; where none stands out, all do;
    - nothing is called the same and a single candidate bears the name but for what it does ("Majestic Wine",
      "Majestic"): there is nobody else it could be.
    """
    found: list[tuple[T, Match, Evidence]] = []
    bearers = 0
    for item, party in candidates:
        evidence = gather(claim, party)
        bearers += _bears(evidence.name)
        match = _match(evidence)
        if match.band is not Band.DIFFERENT:
            found.append((item, match, evidence))
    same = [evidence for _, match, evidence in found if match.band is Band.SAME]
    judged = [(item, _beside(match, evidence, same, bearers)) for item, match, evidence in found]
    judged.sort(key=lambda pair: -pair[1].score)
    return judged[:limit]


def _beside(match: Match, evidence: Evidence, same: list[Evidence], bearers: int) -> Match:
    """The match in view of all the others that are called the same."""
    rival = _rival(evidence, same) if match.band is Band.SAME and len(same) > 1 else ""
    if rival:
        score = min(match.score, SAME_FROM - 0.01)
        return replace(match, band=Band.POSSIBLE, score=score, reasons=(*match.reasons, rival))
    alone = not same and bearers == 1 and evidence.name.kind is Kind.EXTENDED and evidence.sure
    if (
        alone
        and evidence.name.shared >= _TELLING
        and evidence.place is Place.SAME
        and not _speaks_against(evidence)
    ):
        return replace(
            match,
            band=Band.SAME,
            score=SAME_FROM,
            reasons=(*match.reasons, "no other account bears this name"),
        )
    return match


def _rival(evidence: Evidence, same: list[Evidence]) -> str:
    """Why one of several that are called the same is not proven, or "" when it stands out."""
    by_site = [other for other in same if other.web in _SAME_SITE]
    if not by_site:
        return "several accounts answer to this name"
    if evidence.web not in _SAME_SITE:
        return "another account has the same website"
    by_both = [other for other in by_site if other.name.kind in (*_AGREE, Kind.DRESSED)]
    if len(by_site) == 1 or (len(by_both) == 1 and evidence is by_both[0]):
        return ""
    return "several accounts have this website"


def _bears(name: Likeness) -> bool:
    """Does the candidate bear the claimed name, in whole or in good part, wherever it is?"""
    if name.kind in (*_AGREE, *_WITHIN):
        return name.shared >= _TELLING
    return name.kind is Kind.PARTIAL and name.shared >= _TELLING and name.score >= _BORNE_FROM


def _match(evidence: Evidence) -> Match:
    band, score = _judge(evidence)
    return Match(band, round(score, 3), () if band is Band.DIFFERENT and not score else _reasons(evidence))


def _judge(evidence: Evidence) -> tuple[Band, float]:
    """Band and score of the evidence."""
    if evidence.web is Web.HOST:
        return _judge_same_site(evidence)
    if evidence.web is Web.DOMAIN:
        return _judge_same_domain(evidence)
    if not _worth_showing(evidence):
        return Band.DIFFERENT, 0.0
    score = _score_by_name(evidence)
    if score < POSSIBLE_FROM:
        return Band.DIFFERENT, score
    if _speaks_against(evidence) or not _proves(evidence):
        return Band.POSSIBLE, min(score, SAME_FROM - 0.01)
    return Band.SAME, max(score, SAME_FROM)


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


def _worth_showing(evidence: Evidence) -> bool:
    """Is there enough in the names to bother a person with?"""
    name, web = evidence.name, evidence.web
    elsewhere = evidence.place is Place.OTHER
    if evidence.named and not (elsewhere and web is Web.OTHER):
        return True
    if name.kind is Kind.INITIALS:
        return evidence.place is Place.SAME and web is Web.UNKNOWN
    if name.kind in _AGREE:
        # One word alone in another country: a namesake if the sites differ too, else somebody may have erred.
        return (
            not elsewhere or name.shared >= _TWO_WORDS or (name.shared >= _TELLING and web is not Web.OTHER)
        )
    if elsewhere or evidence.place_clash or name.shared < _TELLING:
        return False
    if web is Web.OTHER and name.shared < _TWO_WORDS:
        return False
    return name.score >= _SHOWN_FROM.get(name.kind, 1.1)


def _score_by_name(evidence: Evidence) -> float:
    """The likeness of the names after country, sites and legal forms had their say. 0 to 1."""
    score = evidence.name.score
    if evidence.named:
        score = max(score + 0.05, 0.8)
    elif evidence.web is Web.LABEL:
        score += 0.05
    if evidence.web is Web.OTHER:
        score -= 0.12
    if evidence.place is Place.OTHER:
        score -= 0.2
    elif evidence.place is Place.SAME:
        score += 0.02
    if evidence.legal_clash or evidence.place_clash:
        score -= 0.08
    if evidence.name.clash:
        score -= 0.2
    if not evidence.sure:
        score -= 0.05
    return min(max(score, 0.0), 0.99)


def _speaks_against(evidence: Evidence) -> bool:
    """Something that alone keeps a name from being proof."""
    return (
        evidence.name.clash
        or evidence.place_clash
        or evidence.legal_clash
        or evidence.place is Place.OTHER
        or evidence.web is Web.OTHER
    )


def _proves(evidence: Evidence) -> bool:
    """Nothing speaks against it: does the name say enough to act upon?"""
    name, here = evidence.name, evidence.place is Place.SAME
    if evidence.named and (evidence.web is Web.UNKNOWN or name.kind in _AGREE):
        # The site of the one is called as the other is: news only where the other gives no site of its own.
        return here or (name.kind in _AGREE and name.shared >= _TELLING)
    if evidence.web is Web.LABEL and name.kind in _AGREE:
        return here
    if not evidence.sure:
        return False
    if name.kind in (Kind.EQUAL, Kind.REORDERED):
        return name.shared >= _TWO_WORDS or (here and (name.shared >= _TELLING or evidence.words > 1))
    if name.kind is Kind.SPELLING:
        return here and name.shared >= _TWO_WORDS
    return here and name.kind is Kind.DRESSED and name.shared >= _TELLING


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


def _reasons(evidence: Evidence) -> tuple[str, ...]:
    """The evidence in words, what speaks for it first."""
    return (*_reasons_for(evidence), *_reasons_against(evidence))


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
