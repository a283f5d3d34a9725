"""Which partner a lead fits, and why, in words. Pure; the person who routes has the last word.

A partner that cannot take the lead is *left out* with the reason. The others are ordered by points, which are
only an order and are not shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from partners.rules.countries import country_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the lead is about. Empty means: not known."""

    country: str = ""
    vertical: str = ""
    segment: str = ""
    function: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A partner as far as leads go.

    ``open_leads`` are offers waiting for it and accepted ones still open. ``accepted`` of ``answered`` offers
    before were taken (one that ran out counts as answered). ``declined_kind`` counts its no to leads like
    this one for what they are. ``declined_here`` and ``lapsed_here`` are about this very lead. ``holds`` says
    how it holds the customer already, "" when it does not.
    """

    partner_id: int
    name: str
    active: bool = True
    ended: bool = False
    countries: tuple[str, ...] = ()
    home: str = ""
    verticals: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    capacity: int = 3
    open_leads: int = 0
    accepted: int = 0
    answered: int = 0
    declined_kind: int = 0
    declined_here: str = ""
    lapsed_here: bool = False
    holds: str = ""
    public_id: str = ""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its reasons. ``left_out`` says why it cannot have the lead, "" when it can."""

    candidate: Candidate
    points: int
    reasons: tuple[str, ...]
    left_out: str = ""


_FEW = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def _in_words(number: int) -> str:
    return _FEW[number] if number < len(_FEW) else str(number)


def left_out(candidate: Candidate, holders: Iterable[str]) -> str:
    """Why the candidate cannot have this lead, or "". ``holders`` are those that hold the customer."""
    others = [name for name in holders if name != candidate.name]
    if candidate.ended:
        return "The partnership has ended"
    if not candidate.active:
        return "No agreement is signed yet"
    if candidate.capacity == 0:
        return "Takes no leads"
    if candidate.declined_here:
        return f"Declined this lead: {candidate.declined_here.lower()}"
    if others:
        return f"{others[0]} holds this customer"
    if candidate.open_leads >= candidate.capacity:
        return f"Full: {candidate.open_leads} of {candidate.capacity} leads open"
    return ""


# Field → points when the partner's list holds it, and when the list holds only others; what is said then.
_FIT: Mapping[str, tuple[int, int, str, str]] = {
    "country": (40, -60, "Works in {}", "Does not name {} among its countries"),
    "vertical": (30, -15, "Knows {}", "Does not name {} among its fields"),
    "segment": (15, -10, "Serves {}", "Does not name {} among its segments"),
    "function": (15, -5, "Knows buyers in {}", "Does not name {} among its buyers"),
}
_LISTS = {"country": "countries", "vertical": "verticals", "segment": "segments", "function": "functions"}


def _fit(wanted: Wanted, candidate: Candidate) -> tuple[int, list[str]]:
    points = 0
    reasons: list[str] = []
    for name, (gained, lost, said, unsaid) in _FIT.items():
        value: str = getattr(wanted, name)
        known: Sequence[str] = getattr(candidate, _LISTS[name])
        if name == "country" and value and not known and candidate.home == value:
            points, reasons = points + 20, [*reasons, f"Is at home in {country_name(value)}"]
        if not value or not known:
            continue  # a partner that says nothing is neither better nor worse
        here = value.casefold() in {word.casefold() for word in known}
        shown = country_name(value) if name == "country" else value
        points += gained if here else lost
        reasons.append((said if here else unsaid).format(shown))
    return points, reasons


def _record(candidate: Candidate) -> tuple[int, list[str]]:
    """What its earlier answers say."""
    points, reasons = 0, []
    if candidate.capacity:
        points += 20 * (candidate.capacity - candidate.open_leads) // candidate.capacity
        reasons.append(f"{candidate.open_leads} of {candidate.capacity} leads open")
    if candidate.answered:
        points += round(10 * (2 * candidate.accepted / candidate.answered - 1))
        reasons.append(f"Took {candidate.accepted} of {candidate.answered} offered before")
    if candidate.declined_kind:
        points -= 15 * min(candidate.declined_kind, 3)
        reasons.append(f"Declined {_in_words(candidate.declined_kind)} of this kind")
    if candidate.lapsed_here:
        reasons.append("Let this lead run out before")
    return points, reasons


def _place(row: Ranked) -> tuple[bool, bool, int, str]:
    """Where a candidate stands: those left out last, before them who let this very lead run out."""
    return bool(row.left_out), row.candidate.lapsed_here, -row.points, row.candidate.name


def ranked(wanted: Wanted, candidates: Iterable[Candidate]) -> list[Ranked]:
    """The candidates, best first; those left out come last. Equals are ordered by name.

    Whoever holds the customer already comes first, and nobody else can have it.
    """
    everyone = list(candidates)
    holders = [candidate.name for candidate in everyone if candidate.holds]
    found = []
    for candidate in everyone:
        fit, why_fit = _fit(wanted, candidate)
        record, why_record = _record(candidate)
        held = [candidate.holds] if candidate.holds else []
        found.append(
            Ranked(
                candidate,
                fit + record + (200 if held else 0),
                (*held, *why_fit, *why_record),
                left_out(candidate, holders),
            )
        )
    return sorted(found, key=_place)
