"""Reads of the ground floor."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, IntegerField, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce

from partners.core.actor import STAFF_ROLES
from partners.core.scope import current_program_id, whole_program
from partners.models import (
    Activity,
    ApiToken,
    Charter,
    ClosedMonth,
    Invitation,
    Notice,
    Offering,
    Partner,
    Program,
    Seat,
)

_STAFF = sorted(role.value for role in STAFF_ROLES)
PARTNER_SORTS: Mapping[str, str] = {
    "name": "name",
    "signed": "signed_on",
    "people": "people",
    "last": "last_contact",
}
ACTIVITY_SORTS: Mapping[str, str] = {"day": "happened_on", "minutes": "minutes", "partner": "partner__name"}


@dataclass(frozen=True, slots=True)
class Promise:
    """What a partner gains by registering, and what they may rely on. Days of decision are business days."""

    benefit: str
    decision_days: int
    protection_days: int


def program_in_force() -> Program:
    """The program of the scope."""
    return Program.objects.get(pk=current_program_id())


def charter_in_force() -> Charter:
    """The newest charter of the program of the scope; every program has at least number 1."""
    return Charter.objects.order_by("-number")[0]


def charter_history() -> list[Charter]:
    """All versions, newest first."""
    return list(Charter.objects.order_by("-number"))


def promise_in_force() -> Promise:
    """The part of the charter that is addressed to partners; works in a partner's scope too."""
    with whole_program("the charter's promise to partners is for partners to read"):
        charter = charter_in_force()
    return Promise(charter.benefit, charter.decision_days, charter.protection_days)


def closed_through() -> date | None:
    """First day of the last closed month; its figures and those of all months before it are final (R128)."""
    newest: date | None = ClosedMonth.objects.aggregate(newest=Max("month"))["newest"]
    return newest


def notices_of(seat: Seat) -> QuerySet[Notice]:
    """What a person was told, newest first."""
    return Notice.objects.filter(seat=seat).order_by("-created_at", "-pk")


def unread_notices(seat: Seat) -> int:
    """How many of a person's notices are new."""
    return Notice.objects.filter(seat=seat, read_at__isnull=True).count()


def open_offerings() -> list[Offering]:
    """What can be registered for, by name."""
    return list(Offering.objects.filter(active=True).order_by("name"))


def _order(sort: str, sorts: Mapping[str, str], default: str) -> list[OrderBy]:
    """``?sort=-name`` as an ordering that ends with the key; anything unknown is the default."""
    name = sort.removeprefix("-")
    if name not in sorts:
        return _order(default, sorts, default)
    if sort.startswith("-"):
        return [F(sorts[name]).desc(nulls_last=True), F("pk").desc()]
    return [F(sorts[name]).asc(nulls_last=True), F("pk").asc()]


def partners_found(
    *, q: str = "", intent: str = "", status: str = "", manager: str = ""
) -> QuerySet[Partner]:
    """Partners by part of name or website, or external id; ``manager`` is a seat's public id or ``none``."""
    rows = Partner.objects.select_related("manager__user")
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(website__icontains=q) | Q(external_id__iexact=q))
    if intent:
        rows = rows.filter(intent=intent)
    if status:
        rows = rows.filter(status=status)
    if manager:
        rows = rows.filter(manager=None) if manager == "none" else rows.filter(manager__public_id=manager)
    return rows.order_by("name", "pk")


def with_contact(rows: QuerySet[Partner], *, sort: str = "") -> QuerySet[Partner]:
    """Adds ``people`` (live seats) and ``last_contact`` (the newest activity's day), sorted as asked."""
    seats = Seat.objects.filter(partner=OuterRef("pk"), ended_at__isnull=True).order_by()
    activities = Activity.objects.filter(partner=OuterRef("pk")).order_by()
    people = seats.values("partner").annotate(n=Count("*")).values("n")
    last = activities.values("partner").annotate(day=Max("happened_on")).values("day")
    rows = rows.annotate(
        people=Coalesce(Subquery(people, output_field=IntegerField()), 0), last_contact=Subquery(last)
    )
    return rows.order_by(*_order(sort, PARTNER_SORTS, "name"))


def staff_seats() -> list[Seat]:
    """Live seats of the vendor's own people, by name."""
    rows = Seat.objects.filter(ended_at__isnull=True, role__in=_STAFF).select_related("user")
    return list(rows.order_by("user__name", "user__email", "pk"))


def seats_found(*, q: str = "", role: str = "", partner: str = "") -> QuerySet[Seat]:
    """Live seats by name or e-mail, role, and partner (a public id, or ``none`` for staff)."""
    rows = Seat.objects.filter(ended_at__isnull=True).select_related("user", "partner")
    if q:
        rows = rows.filter(Q(user__name__icontains=q) | Q(user__email__icontains=q))
    if role:
        rows = rows.filter(role=role)
    if partner:
        rows = rows.filter(partner=None) if partner == "none" else rows.filter(partner__public_id=partner)
    return rows.order_by("user__name", "user__email", "pk")


def open_invitations() -> list[Invitation]:
    """Invitations neither accepted nor revoked, newest first; expired ones too, so they can be sent again."""
    rows = Invitation.objects.filter(accepted_at__isnull=True, revoked_at__isnull=True)
    return list(rows.select_related("partner").order_by("-created_at", "-pk"))


def live_tokens(seat: Seat) -> list[ApiToken]:
    """The seat's own tokens that still work, newest first."""
    return list(ApiToken.objects.filter(seat=seat, revoked_at__isnull=True).order_by("-pk"))


def activities_found(
    *,
    q: str = "",
    partner: str = "",
    kind: str = "",
    since: date | None = None,
    until: date | None = None,
    sort: str = "",
) -> QuerySet[Activity]:
    """Activities by note or logger, partner (public id), kind, and days (both inclusive); newest first."""
    rows = Activity.objects.select_related("partner")
    if q:
        rows = rows.filter(Q(note__icontains=q) | Q(logged_by__icontains=q) | Q(partner__name__icontains=q))
    if partner:
        rows = rows.filter(partner__public_id=partner)
    if kind:
        rows = rows.filter(kind=kind)
    if since:
        rows = rows.filter(happened_on__gte=since)
    if until:
        rows = rows.filter(happened_on__lte=until)
    return rows.order_by(*_order(sort, ACTIVITY_SORTS, "-day"))
