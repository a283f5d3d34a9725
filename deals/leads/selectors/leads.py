"""Reads of leads and their offers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Sum

from deals.leads.access import leads_for, offers_for
from deals.models import Lead, LeadOffer
from deals.rules.leads import Direction, LeadState, OfferState
from partners.access import Place
from partners.core import clock
from partners.core.actor import Actor
from partners.models import Charter, LedgerEntry, Partner

SORTS = {
    "customer": ("customer_name", "pk"),
    "-customer": ("-customer_name", "-pk"),
    "received": ("received_on", "pk"),
    "-received": ("-received_on", "-pk"),
    "amount": ("amount", "pk"),
    "-amount": ("-amount", "-pk"),
    "due": ("due_at", "pk"),
    "-due": ("-due_at", "-pk"),
}
OFFER_SORTS = {"due": ("due_at", "pk"), "-due": ("-due_at", "-pk"), "offered": ("offered_at", "pk")}
_OPEN = (LeadState.WAITING, LeadState.OFFERED)


def leads_found(
    actor: Actor, *, q: str = "", direction: str = "", state: str = "", partner: str = "", sort: str = ""
) -> QuerySet[Lead]:
    """The leads an actor may see, searched and filtered; an unknown ``sort`` means newest first.

    ``state`` may also be ``open`` (waiting or offered). ``partner`` is the public id of the partner that gave
    or accepted it, or to which it is offered now.
    """
    rows = leads_for(actor)
    if q:
        rows = rows.filter(Q(customer_name__icontains=q) | Q(website__icontains=q) | Q(public_id=q.lower()))
    if direction in Direction:
        rows = rows.filter(direction=direction)
    if state == "open":
        rows = rows.filter(state__in=_OPEN)
    elif state in LeadState:
        rows = rows.filter(state=state)
    if partner:
        offered = LeadOffer.objects.filter(partner__public_id=partner, state=OfferState.OFFERED)
        rows = rows.filter(Q(opened_to__public_id=partner) | Q(pk__in=offered.values("lead_id")))
    return rows.order_by(*SORTS.get(sort, ("-pk",)))


def offers_found(
    actor: Actor, *, lead: str = "", state: str = "", partner: str = "", sort: str = ""
) -> QuerySet[LeadOffer]:
    """The offers an actor may see; ``lead`` and ``partner`` are public ids. Newest first unless sorted."""
    rows = offers_for(actor)
    if lead:
        rows = rows.filter(lead__public_id=lead)
    if state in OfferState:
        rows = rows.filter(state=state)
    if partner:
        rows = rows.filter(partner__public_id=partner)
    return rows.order_by(*OFFER_SORTS.get(sort, ("-pk",)))


def offers_of(lead: Lead) -> Sequence[LeadOffer]:
    """Every offer of a lead, newest first. Staff only: partners see their own offers alone."""
    return list(LeadOffer.objects.filter(lead=lead).select_related("partner").order_by("-pk"))


def live_offers(leads: Sequence[Lead]) -> dict[int, LeadOffer]:
    """The offers that wait for an answer, by lead id. Staff only."""
    rows = LeadOffer.objects.filter(lead__in=leads, state=OfferState.OFFERED).select_related("partner")
    return {row.lead_id: row for row in rows}


def lead_behind(offer: LeadOffer) -> Lead | None:
    """The lead of an offer as far as the scope may see it: a partner sees the one it accepted, or None."""
    return Lead.objects.select_related("offering").filter(pk=offer.lead_id).first()


def lead_history(lead: Lead, offers: Sequence[LeadOffer]) -> Sequence[LedgerEntry]:
    """What happened to a lead and its offers, oldest first. Staff only."""
    ids = [offer.public_id for offer in offers]
    rows = LedgerEntry.objects.filter(
        Q(subject="lead", subject_id=lead.public_id) | Q(subject="leadoffer", subject_id__in=ids)
    ).exclude(verb="lead.offered")  # said by lead.routed, with the partner's name
    return list(rows.order_by("at", "pk"))


def any_leads() -> bool:
    """Whether anything was ever routed to, or given by, the partner of the scope."""
    either = Q(Exists(LeadOffer.objects.all())) | Q(Exists(Lead.objects.all()))
    return Partner.objects.filter(either).exists()


@dataclass(frozen=True, slots=True, kw_only=True)
class OneWay:
    """Leads in one direction: how many, how many were taken, refused, and wait; the amount in all of them in
    ``currencies`` (code → sum), and since when the oldest waits."""

    count: int
    accepted: int
    refused: int
    waiting: int
    overdue: int
    amounts: dict[str, Decimal]
    oldest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """What we and the partner ``name`` gave each other (R30)."""

    name: str
    to_them: OneWay
    to_us: OneWay

    @property
    def any(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.to_them.count or self.to_us.count)


def leads_between(partner: Partner, *, moment: datetime, since: date | None = None) -> Between:
    """Leads both ways between us and a partner, from ``since`` on (by the day received); two queries.

    To them count the leads offered, each once however often, and an offer taken back before it was answered
    does not. Staff only.
    """
    offers = LeadOffer.objects.filter(partner=partner).exclude(state=OfferState.WITHDRAWN)
    given = Lead.objects.filter(opened_to=partner, direction=Direction.GIVEN)
    if since:
        offers, given = offers.filter(lead__received_on__gte=since), given.filter(received_on__gte=since)
    no = [OfferState.DECLINED, OfferState.EXPIRED]
    later = offers.filter(lead=OuterRef("lead"), pk__gt=OuterRef("pk"))
    out = (
        offers.order_by("lead__currency")
        .values(currency=F("lead__currency"))
        .annotate(
            count=Count("lead", distinct=True),
            accepted=Count("pk", filter=Q(state=OfferState.ACCEPTED)),
            refused=Count("lead", filter=Q(state__in=no), distinct=True),
            waiting=Count("pk", filter=Q(state=OfferState.OFFERED)),
            overdue=Count("pk", filter=Q(state=OfferState.OFFERED, due_at__lte=moment)),
            amount=Sum("lead__amount", filter=~Exists(later)),
            oldest=Min("offered_at", filter=Q(state=OfferState.OFFERED)),
        )
    )
    back = (
        given.order_by("currency")
        .values("currency")
        .annotate(
            count=Count("pk"),
            accepted=Count("pk", filter=Q(state=LeadState.ACCEPTED)),
            refused=Count("pk", filter=Q(state=LeadState.DECLINED)),
            waiting=Count("pk", filter=Q(state=LeadState.WAITING)),
            overdue=Count("pk", filter=Q(state=LeadState.WAITING, due_at__lte=moment)),
            amount=Sum("amount"),
            oldest=Min("created_at", filter=Q(state=LeadState.WAITING)),
        )
    )
    return Between(name=partner.name, to_them=_one_way(out), to_us=_one_way(back))


def _one_way(sums: Iterable[Any]) -> OneWay:
    """One direction out of its sums by currency."""
    by_currency = list(sums)
    counts = ("count", "accepted", "refused", "waiting", "overdue")
    return OneWay(
        **{name: sum(row[name] for row in by_currency) for name in counts},
        amounts={row["currency"]: row["amount"] for row in by_currency if row["amount"] is not None},
        oldest=min((row["oldest"] for row in by_currency if row["oldest"]), default=None),
    )


def partner_panel(_place: Place, partner: Partner, _charter: Charter) -> Between:
    """What a partner's page shows of leads."""
    return leads_between(partner, moment=clock.now())


def leads_waiting() -> tuple[list[Lead], list[Lead]]:
    """Leads partners gave us that wait for our answer, the most pressing first; and our own that are with no
    partner, the longest waiting first. Staff only."""
    rows = Lead.objects.filter(state=LeadState.WAITING).select_related("opened_to")
    found = list(rows.order_by("due_at", "received_on", "pk"))  # ours have no ``due_at``
    given = [row for row in found if row.direction == Direction.GIVEN]
    return given, [row for row in found if row.direction == Direction.ROUTED]
