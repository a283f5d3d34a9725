"""Reads of registrations: the list, the page, and what a partner's home shows."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db.models import F, Q, QuerySet
from django.utils.formats import date_format

from deals.access import registrations_for
from deals.models import Conflict, Protection, Registration, Ruling
from deals.rules.lifecycle import LIVE, Review, State
from deals.rules.possible import Facts, Terms
from deals.rules.protection import days_left
from deals.rules.reviews import ASKABLE, side_by_side
from partners.core import clock
from partners.core.actor import Actor
from partners.core.scope import whole_program
from partners.models import Charter, LedgerEntry, Offering
from partners.rules.countries import country_name
from partners.selectors import Promise, charter_in_force, promise_of

SORTS = {
    "customer": ("customer_name", "pk"),
    "-customer": ("-customer_name", "-pk"),
    "claimed": ("claimed_at", "pk"),
    "-claimed": ("-claimed_at", "-pk"),
    "amount": ("amount", "pk"),
    "-amount": ("-amount", "-pk"),
    "due": ("decision_due_at", "pk"),
    "-due": ("-decision_due_at", "-pk"),
    "partner": ("partner__name", "-pk"),
    "-partner": ("-partner__name", "-pk"),
}
NEWEST = "-pk"
# The day that what is under way waits for; a draft waits for none.
_DAYS = {
    State.NEEDS_INFO: "answer_due_at",
    State.IN_REVIEW: "decision_due_at",
    State.APPROVED: "protection__period__endswith",
    State.DRAFT: "created_at",
}
# What a list may be narrowed to besides one state: claims that stand, and those that wait for somebody.
GROUPS = {
    "live": Q(state__in=LIVE),
    "extension": Q(state=State.APPROVED, extension_asked_at__isnull=False),
}
GROUP_LABELS = [("live", "Live"), ("extension", "Extension asked for")]


def registrations_found(
    actor: Actor, *, q: str = "", state: str = "", partner: str = "", sort: str = ""
) -> QuerySet[Registration]:
    """The registrations an actor may see, searched and filtered; an unknown ``sort`` means newest first.

    ``state`` may also be one of ``GROUPS``. ``partner`` is a public id.
    """
    rows = registrations_for(actor).select_related("protection")
    if q:
        rows = rows.filter(Q(customer_name__icontains=q) | Q(website__icontains=q) | Q(public_id=q.lower()))
    if state in GROUPS:
        rows = rows.filter(GROUPS[state])
    elif state in State:
        rows = rows.filter(state=state)
    if partner:
        rows = rows.filter(partner__public_id=partner)
    return rows.order_by(*SORTS.get(sort, (NEWEST,)))


def in_hand(actor: Actor, *, limit: int) -> dict[State, list[Registration]]:
    """What is under way by its state, at most ``limit`` of each, read in one look: drafts with the newest
    first, everything else with the nearest day first."""
    parts = [
        registrations_found(actor, state=state)
        .annotate(day=F(day))
        .order_by(F("day").desc() if state == State.DRAFT else F("day").asc(), "pk")[:limit]
        for state, day in _DAYS.items()
    ]
    found: dict[State, list[Registration]] = {state: [] for state in _DAYS}
    for row in parts[0].union(*parts[1:], all=True):
        found[State(row.state)].append(row)
    for state, rows in found.items():
        rows.sort(key=_nearest, reverse=state == State.DRAFT)  # the parts come in their order, usually
    return found


def _nearest(row: Registration) -> tuple[bool, datetime, int]:
    day: datetime | None = row.day  # type: ignore[attr-defined]
    return day is None, day or row.created_at, row.pk


def protection_of(registration: Registration) -> Protection | None:
    """The protection an approval gave, whether it still runs or not."""
    return getattr(registration, "protection", None)


def protection_days_left(registration: Registration, moment: datetime | None = None) -> int:
    """Whole days of protection left, today counting; 0 without one."""
    protection = protection_of(registration)
    if protection is None or registration.state != State.APPROVED:
        return 0
    return days_left(protection.period.upper, moment or clock.now())


def terms_of(charter: Charter) -> Terms:
    """What a charter says of the life of a claim."""
    return Terms(
        appeal_days=charter.appeal_days,
        extension_days=charter.extension_days,
        extensions_by_rule=charter.extensions_by_rule,
        keepalive_days=charter.keepalive_days,
    )


def terms_in_force() -> Terms:
    """The terms of the program's charter; works in a partner's scope too."""
    return terms_and_promise()[0]


def terms_and_promise() -> tuple[Terms, Promise]:
    """The same with what partners are promised, for a page that shows both."""
    with whole_program("the terms of a claim's life are for both sides to read"):
        charter = charter_in_force()
    return terms_of(charter), promise_of(charter)


def facts_of(registration: Registration) -> Facts:
    """What a registration's row, and its protection, say of what can be done with it."""
    protection = protection_of(registration)
    return Facts(
        state=State(registration.state),
        reviewed_for=Review(registration.reviewed_for),
        decided_at=registration.decided_at,
        appealed_at=registration.appealed_at,
        progress_at=registration.progress_at,
        progress_asked_at=registration.progress_asked_at,
        extension_asked_at=registration.extension_asked_at,
        extensions=registration.extensions,
        has_deal=registration.opportunity_id is not None,
        # Rows that were not found by ``registrations_for`` do not say; who acts on one asks for itself.
        stands_again=bool(getattr(registration, "standing_id", None)),
        protected=(protection.period.lower, protection.period.upper) if protection else None,
    )


def change_asked(registration: Registration) -> list[tuple[str, str, str]]:
    """What a change under review is about: a field's name, what was approved, and what is asked for."""
    kept = registration.approved_as
    in_review = registration.state in (State.IN_REVIEW, State.NEEDS_INFO)
    if not (in_review and registration.reviewed_for == Review.CHANGE and kept):
        return []
    approved = {name: kept[name] for name in (*ASKABLE, "currency") if name in kept}
    asked = {name: getattr(registration, name) for name in approved}
    asked["offering"] = registration.offering_id
    approved["amount"] = None if kept["amount"] is None else Decimal(kept["amount"])
    approved["expected_close"] = kept["expected_close"] and date.fromisoformat(kept["expected_close"])
    if asked["offering"] != approved["offering"]:
        asked["offering"] = registration.offering.name
        approved["offering"] = Offering.objects.get(pk=approved["offering"]).name
    for content in (approved, asked):
        content["country"] = country_name(content["country"]) if content["country"] else ""
        content["expected_close"] = content["expected_close"] and date_format(
            content["expected_close"], "j M Y"
        )
    return side_by_side(approved, asked)


def history(registration: Registration) -> Sequence[LedgerEntry]:
    """What happened to a registration, oldest first; for partner people their own share of it."""
    return list(
        LedgerEntry.objects.filter(subject="registration", subject_id=registration.public_id).order_by(
            "at", "pk"
        )
    )


def conflicts_of(registration: Registration) -> Sequence[Conflict]:
    """What stood or stands against a registration, gravest first. Staff only."""
    return list(
        Conflict.objects.filter(registration=registration)
        .select_related("account", "ruling", "rival_registration__partner", "rival_opportunity__partner")
        .order_by("pk")
    )


def rulings_of(registration: Registration) -> Sequence[Ruling]:
    """The rulings on a registration, newest first. Staff only."""
    return list(Ruling.objects.filter(registration=registration).order_by("-decided_at", "-pk"))
