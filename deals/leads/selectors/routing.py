"""What is known about partners when a lead is routed. Staff side only: this sees every partner's rows."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Max, Q

from deals.accounts.lookup import Matched, matching_accounts
from deals.leads.rules import Candidate, Ranked, Wanted, ranked
from deals.matching.evidence import Party
from deals.models import Account, Lead, LeadOffer, OpportunityState, Protection, Registration
from deals.rules.leads import ABOUT_THE_KIND, Direction, LeadState, OfferReason, OfferState
from deals.rules.lifecycle import State
from partners.core import clock
from partners.models import Partner, PartnerStatus


def party_led(lead: Lead) -> Party:
    """The buyer of a lead as the matcher reads it."""
    sites = (lead.website,) if lead.website else ()
    return Party(name=lead.customer_name, websites=sites, country=lead.country)


def accounts_like(lead: Lead) -> list[Matched]:
    """Known accounts the buyer is or may be, best first; the lead's own when it has one."""
    if lead.account_id is not None:
        return []
    return matching_accounts(party_led(lead))


def account_of(lead: Lead, alike: list[Matched]) -> Account | None:
    """The account the buyer certainly is, or None."""
    if lead.account is not None:
        return lead.account
    return next((found.account for found in alike if found.is_same), None)


def holders_of(account_id: int | None, offering_id: int | None) -> dict[int, str]:
    """Partners that hold the account now, by protection or by an undecided claim, with how, by partner id.

    Without an offering a hold for any of them counts.
    """
    if account_id is None:
        return {}
    same: dict[str, Any] = {"account_id": account_id}
    if offering_id is not None:
        same["offering_id"] = offering_id
    undecided = Registration.objects.filter(**same, state__in=[State.IN_REVIEW, State.NEEDS_INFO])
    held = dict.fromkeys(
        undecided.values_list("partner_id", flat=True), "Has a claim on this customer under review"
    )
    for row in Protection.objects.filter(**same, period__contains=clock.now()):
        held[row.partner_id] = f"Holds this customer until {row.period.upper:%-d %b %Y}"
    return held


def open_leads(partner_id: int | None = None) -> dict[int, int]:
    """How many leads each partner has at hand: offers waiting for it, and accepted ones still open."""
    offers = LeadOffer.objects.filter(state=OfferState.OFFERED)
    taken = Lead.objects.filter(
        direction=Direction.ROUTED, state=LeadState.ACCEPTED, opportunity__state=OpportunityState.OPEN
    )
    if partner_id is not None:
        offers, taken = offers.filter(partner_id=partner_id), taken.filter(opened_to_id=partner_id)
    counted = offers.values_list("partner_id").annotate(n=Count("pk"))
    counts: dict[int, int] = {}
    for key, number in counted.union(taken.values_list("opened_to_id").annotate(n=Count("pk")), all=True):
        if key is not None:
            counts[key] = counts.get(key, 0) + number
    return counts


def _answers(lead: Lead) -> Mapping[int, Mapping[str, Any]]:
    """What every partner answered before, to leads of this kind, and to this one."""
    kind = Q(lead__vertical__iexact=lead.vertical) if lead.vertical else Q(lead__country=lead.country)
    answered = [OfferState.ACCEPTED, OfferState.DECLINED, OfferState.EXPIRED]
    rows = LeadOffer.objects.values("partner_id").annotate(
        accepted=Count("pk", filter=Q(state=OfferState.ACCEPTED)),
        answered=Count("pk", filter=Q(state__in=answered)),
        declined_kind=Count("pk", filter=Q(reason__in=list(ABOUT_THE_KIND)) & kind & ~Q(lead=lead)),
        declined_here=Max("reason", filter=Q(lead=lead, state=OfferState.DECLINED)),
        lapsed_here=Count("pk", filter=Q(lead=lead, state=OfferState.EXPIRED)),
    )
    return {row["partner_id"]: row for row in rows}


def candidates_for(lead: Lead, account: Account | None) -> list[Ranked]:
    """All partners as candidates for a lead, best first; ``account`` is who the buyer certainly is, if known.

    Five queries, however many partners there are.
    """
    answers, load = _answers(lead), open_leads()
    held = holders_of(account.pk if account else None, lead.offering_id)
    candidates = []
    for partner in Partner.objects.order_by("pk"):
        before = answers.get(partner.pk, {})
        reason = before.get("declined_here")
        candidates.append(
            Candidate(
                partner_id=partner.pk,
                public_id=partner.public_id,
                name=partner.name,
                active=partner.status == PartnerStatus.ACTIVE,
                ended=partner.status == PartnerStatus.ENDED,
                countries=tuple(partner.countries),
                home=partner.country,
                verticals=tuple(partner.verticals),
                segments=tuple(partner.segments),
                functions=tuple(partner.functions),
                capacity=partner.lead_capacity,
                open_leads=load.get(partner.pk, 0),
                accepted=before.get("accepted", 0),
                answered=before.get("answered", 0),
                declined_kind=before.get("declined_kind", 0),
                declined_here=str(OfferReason(reason).label) if reason else "",
                lapsed_here=bool(before.get("lapsed_here", 0)),
                holds=held.get(partner.pk, ""),
            )
        )
    wanted = Wanted(
        country=lead.country, vertical=lead.vertical, segment=lead.segment, function=lead.function
    )
    return ranked(wanted, candidates)
