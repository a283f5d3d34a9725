"""What is known about a pair of customers before anyone judges: names, websites, countries compared. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from deals.rules import tables
from deals.rules.domains import Site
from deals.rules.keys import code_of, sites_of, squash_label
from deals.rules.names import NameKey, name_key
from deals.rules.similarity import NOTHING_ALIKE, Kind, Likeness, likeness

_MIN_LABEL = 4


class Place(StrEnum):
    """How the countries stand to each other."""

    SAME = "same"
    OTHER = "other"
    UNKNOWN = "unknown"


class Web(StrEnum):
    """How the websites stand to each other, and to the names."""

    HOST = "host"  # the same site
    DOMAIN = "domain"  # hosts of different departments under one domain
    LABEL = "label"  # acme.com and acme.de
    OTHER = "other"
    UNKNOWN = "unknown"  # one of the two gives no site of its own


@dataclass(frozen=True, slots=True)
class Party:
    """A customer as somebody wrote it down. ``websites`` may hold e-mail addresses; ``country`` any
    spelling.
    """

    name: str
    websites: tuple[str, ...] = ()
    country: str = ""
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The comparison of a claim with a candidate, of all their names the best pair.

    ``words``: how many words the shorter of the two names has; ``known_as``: the candidate's other name
    that agreed, if it was not the main one; ``sure``: false when the agreeing name may have been a remark;
    ``site``: the site in common, or the two that differ; ``named``: one's site is called as the other is
    (``acmeenergy.com``, "Acme Energy"); ``legal_clash``: their legal forms are of different kinds;
    ``place_clash``: the names mention different countries.
    """

    name: Likeness
    words: int
    known_as: str
    sure: bool
    web: Web
    site: str
    named: str
    place: Place
    country: str
    legal_clash: bool
    place_clash: bool


def gather(claim: Party, candidate: Party) -> Evidence:
    """Compares everything two parties tell."""
    claim_sites, candidate_sites = sites_of(claim.websites), sites_of(candidate.websites)
    web, site = _compare_sites(claim_sites, candidate_sites)
    claim_code, candidate_code = code_of(claim.country), code_of(candidate.country)
    left, right, alike, known_as = _best_names(claim, candidate)
    return Evidence(
        name=alike,
        words=min(len(left.tokens), len(right.tokens)),
        known_as=known_as,
        sure=left.sure and right.sure,
        web=web,
        site=site,
        named=_named(claim, candidate_sites) or _named(candidate, claim_sites),
        place=_compare_places(claim_code, candidate_code),
        country=claim_code if claim_code == candidate_code else "",
        legal_clash=bool(left.legal and right.legal and not left.legal & right.legal),
        place_clash=_places_clash(left, right, claim_code, candidate_code),
    )


def _best_names(claim: Party, candidate: Party) -> tuple[NameKey, NameKey, Likeness, str]:
    """The two names that agree best, how well, and the candidate's other name if it was one."""
    main_left, main_right = name_key(claim.name), name_key(candidate.name)
    best = (main_left, main_right, NOTHING_ALIKE, "")
    best_rank = -1.0
    for text in (candidate.name, *candidate.other_names):
        for right in name_key(text).forms:
            for mine in (claim.name, *claim.other_names):
                for left in name_key(mine).forms:
                    alike = likeness(left, right)
                    # An unsure name counts a little less, so that the sure one wins a tie.
                    rank = alike.score - (0 if left.sure and right.sure else 0.05)
                    if rank > best_rank:
                        known_as = (
                            text if text != candidate.name else right.core if right is not main_right else ""
                        )
                        best, best_rank = (left, right, alike, known_as), rank
    return best


def _compare_sites(claim: list[Site], candidate: list[Site]) -> tuple[Web, str]:
    """The closest relation between any two sites, and the site (or both) to name it by."""
    if not claim or not candidate:
        return Web.UNKNOWN, ""
    found, where = Web.OTHER, f"{claim[0].domain}, {candidate[0].domain}"
    for mine in claim:
        for theirs in candidate:
            if mine.host == theirs.host:
                return Web.HOST, mine.host
            if mine.domain == theirs.domain:
                found, where = Web.DOMAIN, mine.domain
            elif found is Web.OTHER and mine.label == theirs.label and len(mine.label) >= _MIN_LABEL:
                found, where = Web.LABEL, f"{mine.domain}, {theirs.domain}"
    return found, where


def _compare_places(left: str, right: str) -> Place:
    if not left or not right:
        return Place.UNKNOWN
    return Place.SAME if left == right else Place.OTHER


def _places_clash(left: NameKey, right: NameKey, left_code: str, right_code: str) -> bool:
    """Each name says a place the other does not, or one says a country in which the other is not."""
    if left.places and right.places:
        return bool(left.places - right.places and right.places - left.places)
    if left.places:
        return _is_elsewhere(right_code, left.places)
    return _is_elsewhere(left_code, right.places)


def _is_elsewhere(code: str, places: frozenset[str]) -> bool:
    """Countries are mentioned, and the one with this code is not among them."""
    mentioned = {place for place in places if place.isupper()}
    return bool(code and mentioned) and code not in mentioned


def _named(party: Party, sites: list[Site]) -> str:
    """The site among ``sites`` (the other party's) whose label is this party's name as one word, or "".

    The whole name counts, not its telling words alone: that the other's site is called as the other itself
    says nothing. A department's host does not count either.
    """
    roots = [site for site in sites if site.is_root]
    if not roots:
        return ""
    spellings: set[str] = set()
    for text in (party.name, *party.other_names):
        for form in name_key(text).forms:
            spellings.update(
                word for word in (form.squash, form.full.replace(" ", "")) if len(word) >= _MIN_LABEL
            )
    for site in roots:
        label = squash_label(site.label)
        if label in spellings or _without_dressing(label) & spellings:
            return site.domain
    return ""


def _without_dressing(label: str) -> set[str]:
    """The label without what is put around a name to get a free domain."""
    found = {label.removeprefix(word) for word in tables.words("label_before") if label.startswith(word)}
    found |= {label.removesuffix(word) for word in tables.words("label_after") if label.endswith(word)}
    return {word for word in found if len(word) >= _MIN_LABEL}


__all__ = ["Evidence", "Kind", "Party", "Place", "Web", "gather"]
