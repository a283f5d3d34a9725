"""Reads of registrations: the list, the page, and what a partner's home shows."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from deals.access import registrations_for
from deals.models import Conflict, Protection, Registration, Ruling
from deals.rules.lifecycle import LIVE, Review, State
from deals.rules.possible import Facts, Terms
from deals.rules.protection import days_left
from partners.core import clock
from partners.core.actor import Actor
from partners.core.scope import whole_program
from partners.models import Charter, LedgerEntry
from partners.selectors import charter_in_force

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
    with whole_program("the terms of a claim's life are for both sides to read"):
        return terms_of(charter_in_force())


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
        protected=(protection.period.lower, protection.period.upper) if protection else None,
    )


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
