"""Reads of the ground floor."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, IntegerField, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce, Lower

from partners.core.actor import STAFF_ROLES
from partners.core.reading import answers, fetch, question, rows_of
from partners.core.scope import current_program_id, whole_program
from partners.models import (
    Activity,
    ApiToken,
    Charter,
    ClosedMonth,
    CompetingLine,
    Invitation,
    Notice,
    Offering,
    Partner,
    PartnerRequest,
    PersonalLink,
    Program,
    Seat,
)
from partners.rules.compensation import Flag, neutrality
from partners.rules.lines import Line, YesNoUnknown, warnings
from partners.rules.organisations import domain_of
from partners.rules.requests import UNDECIDED, RequestState

_STAFF = sorted(role.value for role in STAFF_ROLES)
PARTNER_SORTS: Mapping[str, str] = {
    "name": "name",
    "signed": "signed_on",
    "people": "people",
    "last": "last_contact",
}
_MAY_BE_EMPTY = ("signed_on", "last_contact")
REQUEST_SORTS: Mapping[str, str] = {"received": "received_on", "name": "organisation"}
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


_NEWEST = "ORDER BY number DESC LIMIT 1"
_OPEN = "AND active ORDER BY name"


def charter_in_force() -> Charter:
    """The newest charter of the program of the scope; every program has at least number 1."""
    return fetch(Charter, _NEWEST)[0]


def charter_and_offerings() -> tuple[Charter, list[Offering]]:
    """``charter_in_force`` and ``open_offerings`` in one round trip."""
    charters, offerings = answers(question(Charter, _NEWEST), question(Offering, _OPEN))
    return rows_of(Charter, charters)[0], rows_of(Offering, offerings)


def pay_flag(charter: Charter, today: date) -> Flag | None:
    """What the charter's pay plan for direct reps makes one ask on that day (R57)."""
    return neutrality(
        redesigned_on=charter.comp_redesigned_on,
        rate_direct=charter.comp_rate_direct,
        rate_partner=charter.comp_rate_partner,
        today=today,
    )


def charter_history() -> list[Charter]:
    """All versions, newest first."""
    return list(Charter.objects.order_by("-number"))


def promise_in_force() -> Promise:
    """The part of the charter that is addressed to partners; works in a partner's scope too."""
    with whole_program("the charter's promise to partners is for partners to read"):
        return promise_of(charter_in_force())


def promise_of(charter: Charter) -> Promise:
    """What a charter promises to partners."""
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
    return fetch(Offering, _OPEN)


def _order(sort: str, sorts: Mapping[str, str], default: str) -> list[OrderBy]:
    """``?sort=-name`` as an ordering that ends with the key; anything unknown is the default."""
    name = sort.removeprefix("-")
    if name not in sorts:
        return _order(default, sorts, default)
    # Said only where something may be empty: an index gives its order without it, and not with it.
    last = True if sorts[name] in _MAY_BE_EMPTY else None
    if sort.startswith("-"):
        return [F(sorts[name]).desc(nulls_last=last), F("pk").desc()]
    return [F(sorts[name]).asc(nulls_last=last), F("pk").asc()]


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


def link_of(seat: Seat) -> PersonalLink | None:
    """The seat's personal link, if it has one that was not ended."""
    return PersonalLink.objects.filter(seat=seat, revoked_at__isnull=True).first()


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
        # Read first: of a sub-query beside other words PostgreSQL expects half of all rows, and walks them.
        named = list(Partner.objects.filter(name__icontains=q).values_list("pk", flat=True))
        rows = rows.filter(Q(note__icontains=q) | Q(logged_by__icontains=q) | Q(partner__in=named))
    if partner:
        rows = rows.filter(partner__public_id=partner)
    if kind:
        rows = rows.filter(kind=kind)
    if since:
        rows = rows.filter(happened_on__gte=since)
    if until:
        rows = rows.filter(happened_on__lte=until)
    return rows.order_by(*_order(sort, ACTIVITY_SORTS, "-day"))


def lines_of(partner: Partner) -> list[CompetingLine]:
    """What else the partner sells that competes with ours, by name."""
    return list(CompetingLine.objects.filter(partner=partner).order_by("product", "vendor", "pk"))


def competing_warnings(partner: Partner) -> list[str]:
    """What in its line card pulls the partner's sellers away from ours, a sentence each."""
    return warnings(
        Line(line.product, line.vendor, YesNoUnknown(line.higher_margin), YesNoUnknown(line.exclusive))
        for line in lines_of(partner)
    )


def _waiting(today: date) -> Q:
    return Q(state=RequestState.OPEN) | Q(state=RequestState.LATER, ask_again_on__lte=today)


def requests_waiting(today: date) -> int:
    """How many requests to become a partner wait for a decision on that day."""
    return PartnerRequest.objects.filter(_waiting(today)).count()


def requests_found(*, today: date, q: str = "", state: str = "", sort: str = "") -> QuerySet[PartnerRequest]:
    """Requests by part of the organisation, website or contact, and state; the longest waiting first.

    ``state`` may also be ``waiting``: open, or put off to a day that has come.
    """
    rows = PartnerRequest.objects.select_related("partner")
    if q:
        rows = rows.filter(
            Q(organisation__icontains=q)
            | Q(website__icontains=q)
            | Q(contact__icontains=q)
            | Q(email__iexact=q)
        )
    if state == "waiting":
        rows = rows.filter(_waiting(today))
    elif state:
        rows = rows.filter(state=state)
    return rows.order_by(*_order(sort, REQUEST_SORTS, "received"))


@dataclass(frozen=True, slots=True)
class LookAlike:
    """What a request may be the same organisation as: a partner, or another request that is not decided."""

    kind: str  # "partner" or "request"
    id: str
    name: str
    why: str


def look_alikes(requests: Iterable[PartnerRequest]) -> dict[int, list[LookAlike]]:
    """Per request (by key): who has the same domain or the same name. Two queries, however many there are."""
    wanted = list(requests)
    names = {request.organisation.lower() for request in wanted}
    domains = {request.domain for request in wanted if request.domain}
    near = Q(key__in=names)
    for domain in sorted(domains):
        near |= Q(website__icontains=domain)
    partners = [
        (partner, domain_of(partner.website))
        for partner in Partner.objects.annotate(key=Lower("name")).filter(near).order_by("name", "pk")
    ]
    rows = PartnerRequest.objects.annotate(key=Lower("organisation")).filter(state__in=UNDECIDED)
    others = list(rows.filter(Q(key__in=names) | Q(domain__in=domains)).order_by("received_on", "pk"))
    found: dict[int, list[LookAlike]] = {}
    for request in wanted:
        alike = [
            LookAlike("partner", partner.public_id, partner.name, why)
            for partner, domain in partners
            if partner.pk != request.partner_id and (why := _same(request, partner.name, domain))
        ]
        alike += [
            LookAlike("request", other.public_id, other.organisation, why)
            for other in others
            if other.pk != request.pk and (why := _same(request, other.organisation, other.domain))
        ]
        found[request.pk] = alike
    return found


def _same(request: PartnerRequest, name: str, domain: str) -> str:
    if request.domain and request.domain == domain:
        return f"same website, {domain}"
    return "same name" if request.organisation.lower() == name.lower() else ""
