"""What is due, by deadline: what the Today page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Window

from deals.cases.access import conflicts_for
from deals.cases.selectors.queue import as_case, cases_found
from deals.leads.selectors.leads import leads_waiting
from deals.models import Protection, Registration
from deals.rules.lifecycle import LATER_KINDS, State
from partners.access import Place
from partners.core import clock
from partners.models import Charter, Seat
from plans.selectors import overdue_promises, plans_due
from prm.selectors.reviews import reviews_due

SHOWN = 8
LOOK_AHEAD = 14  # days in which check-ins and the end of protections are announced


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that is due, on a day or at an instant (UTC). ``name`` and ``id`` say where it is done."""

    title: str
    detail: str
    due: date | datetime | None
    name: str
    id: str
    yours: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Things of one kind, the most pressing first. ``more`` were left out; all are at ``all_at``."""

    key: str
    title: str
    hint: str
    nothing: str
    items: Sequence[Item]
    more: int
    all_at: str


def _section(
    key: str,
    title: str,
    hint: str,
    nothing: str,
    items: Sequence[Item],
    all_at: str,
    *,
    number: int | None = None,
) -> Section:
    """``number``: how many there are, where ``items`` are only the first of them."""
    return Section(
        key=key,
        title=title,
        hint=hint,
        nothing=nothing,
        items=items[:SHOWN],
        more=max(0, (len(items) if number is None else number) - SHOWN),
        all_at=all_at,
    )


def _promises(place: Place, today: date) -> Section:
    items = [
        Item(
            title=promise.what,
            detail=f"{promise.partner.name}, promised by {promise.owner_name}",
            due=promise.due_on,
            name="plans:plan",
            id=promise.plan.public_id,
        )
        for promise in overdue_promises(place.actor, today)
    ]
    return _section(
        "promises",
        "Overdue commitments (ours)",
        "What we owe a partner comes before what a partner owes us.",
        "Nothing we promised a partner is overdue.",
        items,
        "plans:list",
    )


def _leads() -> Section:
    given, to_place = leads_waiting()
    items = [
        Item(
            title=lead.customer_name,
            detail=f"Given by {lead.opened_to.name}, who waits for our answer" if lead.opened_to else "",
            due=lead.due_at,
            name="deals:lead",
            id=lead.public_id,
        )
        for lead in given
    ] + [
        Item(
            title=lead.customer_name,
            detail="Our lead, with no partner: offer it",
            due=None,
            name="deals:lead",
            id=lead.public_id,
        )
        for lead in to_place
    ]
    return _section(
        "leads",
        "Leads awaiting our reply",
        "A partner that gave us a buyer was told when an answer comes; ours go to nobody by themselves.",
        "",
        items,
        "deals:leads",
    )


@dataclass(frozen=True, slots=True)
class _Open:
    """Keys of the registrations that wait for a ruling: late or nearly, in time, and paused; by deadline.
    ``due`` is the deadline of each (UTC)."""

    pressing: list[int]
    waiting: list[int]
    paused: list[int]
    due: dict[int, datetime]


def _open_cases(seat: Seat) -> _Open:
    """The open cases a seat may see, without what stands in them: there may be many, and few are shown."""
    told = conflicts_for(seat).filter(closed_at__isnull=True).order_by("due_at", "registration_id")
    found: dict[int, tuple[bool, bool]] = {}
    first_due: dict[int, datetime] = {}
    now = clock.now()
    for pk, due, escalated, kind, state in told.values_list(
        "registration_id", "due_at", "escalated_at", "kind", "registration__state"
    ):
        near, stopped = found.get(pk, (False, state == State.NEEDS_INFO))
        near = near or due <= now or escalated is not None
        found[pk] = near, stopped and kind not in LATER_KINDS
        first_due.setdefault(pk, due)
    return _Open(
        pressing=[pk for pk, (near, stopped) in found.items() if near and not stopped],
        waiting=[pk for pk, (near, stopped) in found.items() if not (near or stopped)],
        paused=[pk for pk, (_, stopped) in found.items() if stopped],
        due=first_due,
    )


def _decisions(place: Place, charter: Charter) -> tuple[Section, Section]:
    """Decisions that are late or about to be, and those that have time; the latter with what is paused."""
    cases = _open_cases(place.seat)
    ahead = [*cases.waiting, *cases.paused]
    shown = [*cases.pressing[:SHOWN], *ahead[:SHOWN]]
    items: dict[int, Item] = {}
    found: Any = cases_found(place.seat).filter(pk__in=shown)
    for registration in found:
        case = as_case(registration, charter, registration.told)
        kinds = sorted({conflict.get_kind_display() for conflict in case.conflicts})
        stopped = registration.pk in cases.paused
        asked = "waits for the partner's answer; " if stopped else ""
        items[registration.pk] = Item(
            title=registration.customer_name,
            detail=f"{registration.partner.name}: {asked}{', '.join(kinds).lower()}",
            due=None if stopped else case.due_at,
            name="deals:conflict",
            id=case.first.public_id,
            yours=case.may_rule(place.actor),
        )
    return (
        _section(
            "pressing",
            "Answers that are late, or nearly",
            "The partner was told when an answer comes. The longest overdue first.",
            "",
            [items[pk] for pk in cases.pressing[:SHOWN]],
            "deals:conflicts",
            number=len(cases.pressing),
        ),
        _section(
            "conflicts",
            "Deals awaiting decision",
            "While a partner is asked for something, its clock stands still.",
            "No claim is waiting. A clean one is approved at once, with nobody in the way.",
            [items[pk] for pk in ahead[:SHOWN]],
            "deals:conflicts",
            number=len(ahead),
        ),
    )


def _extensions() -> Section:
    asked = Registration.objects.filter(state=State.APPROVED, extension_asked_at__isnull=False)
    nearest = asked.select_related("partner", "protection").order_by("protection__period__endswith", "pk")
    items = [
        Item(
            title=row.customer_name,
            detail=f"{row.partner.name} asks for more time: {row.extension_note[:120]}",
            due=row.protection.period.upper,
            name="deals:registration",
            id=row.public_id,
        )
        for row in nearest
    ]
    return _section(
        "extensions",
        "Extensions that wait for our answer",
        "The protection does not end while the answer is ours.",
        "",
        items,
        "deals:registrations",
    )


def _plans(place: Place, today: date) -> tuple[Section, Section]:
    """Next contacts, and plans without a signature."""
    due = plans_due(place.actor, today + timedelta(days=LOOK_AHEAD))
    contacts = [
        Item(
            title=plan.partner.name,
            detail="Check-in on the joint plan",
            due=plan.next_check_in_on,
            name="plans:plan",
            id=plan.public_id,
        )
        for plan in due.contacts
    ]
    unsigned = [
        Item(
            title=plan.partner.name,
            detail="Proposed, and not yet agreed by both sides",
            due=None,
            name="plans:plan",
            id=plan.public_id,
        )
        for plan in due.unsigned
    ]
    return (
        _section(
            "check-ins",
            "Upcoming check-ins",
            "Over, or in the next two weeks.",
            "No check-in is due in the next two weeks.",
            contacts,
            "plans:list",
        ),
        _section(
            "signatures",
            "Plans waiting for a signature",
            "The longest waiting first.",
            "",
            unsigned,
            "plans:list",
        ),
    )


def _protections() -> Section:
    now = clock.now()
    ending = (
        Protection.objects.filter(
            period__endswith__gt=now,
            period__endswith__lte=now + timedelta(days=LOOK_AHEAD),
            registration__state=State.APPROVED,
        )
        .select_related("registration", "partner")
        .order_by("period__endswith", "pk")
        .annotate(number=Window(Count("pk")))
    )
    first = list(ending[:SHOWN])
    items = [
        Item(
            title=protection.registration.customer_name,
            detail=f"{protection.partner.name}; protection ends",
            due=protection.period.upper,
            name="deals:registration",
            id=protection.registration.public_id,
        )
        for protection in first
    ]
    return _section(
        "protections",
        "Protections that end soon",
        "Ask how the deal stands before the claim lapses.",
        "No protection ends in the next two weeks.",
        items,
        "deals:registrations",
        number=first[0].number if first else 0,
    )


def _reviews(today: date) -> Section:
    items = [
        Item(
            title=review.partner.name,
            detail=f"{review.get_decision_display()}, decided by {review.decided_by}",
            due=review.ask_again_on,
            name="prm:review",
            id=review.partner.public_id,
        )
        for review in reviews_due(today)
    ]
    return _section(
        "reviews",
        "Partner reviews due",
        "The day that was set for it has come.",
        "",
        items,
        "prm:reviews",
    )


def due_today(place: Place, charter: Charter) -> list[Section]:
    """The sections this person's role works with: decisions that are late before all, then what we owe, what
    others wait for, and what is coming."""
    today = clock.today(place.program.timezone)
    decides, plans, registers = map(place.can, ("conflicts.view", "plans.edit", "registrations.view"))
    pressing, waiting = _decisions(place, charter) if decides else (None, None)
    contacts, signatures = _plans(place, today) if plans else (None, None)
    sections = [
        pressing,
        _promises(place, today) if plans else None,
        _leads() if place.can("leads.view") else None,
        _extensions() if registers else None,
        waiting,
        contacts,
        _protections() if registers else None,
        signatures,
        _reviews(today) if place.can("reviews.view") else None,
    ]
    return [section for section in sections if section is not None]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a sponsor reads about promises and rulings: how many, and how late."""

    waiting: int
    late: int
    oldest_due: datetime | None
    promises: int


def standing(place: Place) -> Standing:
    """Counts without a list, for those who read and do not act."""
    cases, now = _open_cases(place.seat), clock.now()
    due = sorted(cases.due[pk] for pk in (*cases.pressing, *cases.waiting))
    return Standing(
        waiting=len(due),
        late=sum(moment < now for moment in due),
        oldest_due=due[0] if due else None,
        promises=len(overdue_promises(place.actor, clock.today(place.program.timezone))),
    )
