"""What is known about a pair of customers before anyone judges: names, websites, countries compared. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from deals.matching import vocabulary
from deals.matching.domains import Site
from deals.matching.keys import code_of, initials_of, sites_of, squash_label, undressed
from deals.matching.names import NameKey, name_key
from deals.matching.similarity import NOTHING_ALIKE, Likeness, NameKind, likeness

_MIN_LABEL = 4
_SHORTEST_LABEL = 3
_LONG_LABEL = 10


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


class Called(NamedTuple):
    """How near the label of a site comes to the names of the other party, at best.

    ``spelt``: the name is the whole domain ("Acme.io"); ``begins``: the label begins with the telling words,
    ``holds``: has them in it; ``begins_name``: the name begins with the label; ``initials``: the label is
    short for the name; ``every_word``: each of the first words begins somewhere in the label.
    """

    ratio: float = 0.0
    spelt: bool = False
    begins: bool = False
    holds: bool = False
    begins_name: bool = False
    initials: bool = False
    every_word: bool = False

    def __or__(self, other: "Called") -> "Called":
        return Called(
            max(self.ratio, other.ratio),
            self.spelt or other.spelt,
            self.begins or other.begins,
            self.holds or other.holds,
            self.begins_name or other.begins_name,
            self.initials or other.initials,
            self.every_word or other.every_word,
        )


class Reading(NamedTuple):
    """A party as read once: its names with the text each came from, its own sites, its country's code."""

    names: tuple[tuple[NameKey, str], ...]
    sites: tuple[Site, ...]
    code: str


class Evidence(NamedTuple):
    """The comparison of a claim with a candidate, of all their names the best pair.

    ``left`` and ``right``: the two names that agree best; ``known_as``: the candidate's other name that
    agreed, if it was not the main one; ``site``: the site in common, or the two that differ; ``named``: one's
    site is called as the other is (``acmeenergy.com``, "Acme Energy"); ``called``: how near one's site comes
    to the other's names; ``legal_clash``: their legal forms are of different kinds; ``place_clash``: the
    names mention different countries.
    """

    name: Likeness
    left: NameKey
    right: NameKey
    known_as: str
    web: Web
    site: str
    named: str
    called: Called
    place: Place
    country: str
    legal_clash: bool
    place_clash: bool

    @property
    def sure(self) -> bool:
        """False when one of the two names may have been a remark."""
        return self.left.sure and self.right.sure


@lru_cache(maxsize=8_192)
def read(party: Party) -> Reading:
    """Reads everything a party tells."""
    code, texts = code_of(party.country), (party.name, *party.other_names)
    names = tuple((form, text) for text in texts for form in name_key(text, code).forms)
    return Reading(names, tuple(sites_of(party.websites)), code)


def gather(claim: Party, candidate: Party) -> Evidence:
    """Compares everything two parties tell."""
    mine, theirs = read(claim), read(candidate)
    web, site = _compare_sites(mine.sites, theirs.sites)
    left, right, alike, known_as = _best_names(mine, theirs, candidate.name)
    renamed = alike.kind is NameKind.EQUAL and (_goes_by(mine, theirs, right) or _goes_by(theirs, mine, left))
    if web is Web.OTHER and renamed:
        web, site = Web.UNKNOWN, ""
    return Evidence(
        name=alike,
        left=left,
        right=right,
        known_as=known_as,
        web=web,
        site=site,
        named=_named(mine, theirs.sites) or _named(theirs, mine.sites),
        called=_called(mine, theirs.sites) | _called(theirs, mine.sites),
        place=_compare_places(mine.code, theirs.code),
        country=mine.code if mine.code == theirs.code else "",
        legal_clash=bool(left.legal and right.legal and not left.legal & right.legal),
        place_clash=_places_clash(left, right, mine.code, theirs.code) or _mentions_differ(mine, theirs),
    )


def _best_names(claim: Reading, candidate: Reading, main: str) -> tuple[NameKey, NameKey, Likeness, str]:
    """The two names that agree best, how well, and the candidate's other name if it was one."""
    main_right = candidate.names[0][0]
    best = (claim.names[0][0], main_right, NOTHING_ALIKE, "")
    best_rank = -1.0
    for right, text in candidate.names:
        for left, _ in claim.names:
            alike = likeness(left, right)
            # An unsure name counts a little less, so that the sure one wins a tie.
            rank = alike.score - (0 if left.sure and right.sure else 0.05)
            if rank > best_rank:
                known_as = text if text != main else right.core if right is not main_right else ""
                best, best_rank = (left, right, alike, known_as), rank
    return best


def _compare_sites(claim: tuple[Site, ...], candidate: tuple[Site, ...]) -> tuple[Web, str]:
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
            elif found is Web.OTHER and _one_label(mine.label, theirs.label):
                found, where = Web.LABEL, f"{mine.domain}, {theirs.domain}"
    return found, where


def _one_label(left: str, right: str) -> bool:
    """``acme.com`` and ``acme.de``; of long ones a letter may be missing or other."""
    shorter = min(len(left), len(right))
    if left == right:
        return shorter >= _MIN_LABEL
    return shorter >= _LONG_LABEL and OSA.distance(left, right, score_cutoff=1) == 1


def _goes_by(party: Reading, other: Reading, name: NameKey) -> bool:
    """The party's site is called by a name the other surely had or has beside its main one: what tells the
    sites apart is that the other was renamed.
    """
    if name is other.names[0][0] or not name.sure:
        return False
    return any(squash_label(site.label) == name.squash for site in party.sites)


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


def _mentions_differ(claim: Reading, candidate: Reading) -> bool:
    """Both whole names mention a country, and not the same one ("Acme (France)", "Acme (Japan)")."""
    left, right = claim.names[0][0].places, candidate.names[0][0].places
    return bool(left and right and not left & right)


def _named(party: Reading, sites: tuple[Site, ...]) -> str:
    """The site among ``sites`` (the other party's) whose label is this party's name as one word, or "".

    The whole name counts, not its telling words alone: that the other's site is called as the other itself
    says nothing. A department's host does not count either.
    """
    roots = [site for site in sites if site.is_root]
    if not roots:
        return ""
    spellings: set[str] = set()
    for form, _ in party.names:
        spellings.update(
            word for word in (form.squash, form.full.replace(" ", "")) if len(word) >= _MIN_LABEL
        )
    for site in roots:
        label = squash_label(site.label)
        if label in spellings or undressed(label) & spellings or site.domain.replace(".", "") in spellings:
            return site.domain
    return ""


def _called(party: Reading, sites: tuple[Site, ...]) -> Called:
    """How near the labels of ``sites`` (the other party's) come to this party's names."""
    found = Called()
    for site in sites:
        label, spelt = squash_label(site.label), site.domain.replace(".", "")
        if len(label) < _SHORTEST_LABEL:
            continue
        for form, _ in party.names:
            if form.squash:
                found |= _called_by(label, spelt, form)
    return found


def _called_by(label: str, spelt: str, form: NameKey) -> Called:
    told, full = "".join(form.telling), form.full.replace(" ", "")
    tells = vocabulary.weight(form.telling[0]) > vocabulary.PLACE
    return Called(
        ratio=max(fuzz.ratio(label, form.squash), fuzz.ratio(label, told)) / 100,
        spelt=spelt in (full, form.squash),
        begins=tells and len(told) >= _MIN_LABEL and label.startswith(told),
        holds=tells and len(told) > _MIN_LABEL and told in label,
        begins_name=tells and len(label) >= _MIN_LABEL and (form.squash + " " + full).startswith(label),
        initials=label in initials_of(form),
        every_word=len(form.tokens) > 1
        and all(word[:3] in label for word in form.full.split()[:3] if len(word) > 2),
    )


__all__ = ["Called", "Evidence", "NameKind", "Party", "Place", "Web", "gather", "read"]
