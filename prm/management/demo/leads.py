"""Leads of the demo: routed and taken, declined, waiting, still to place; and two a partner gave."""

from decimal import Decimal
from typing import Any

from deals.leads.offers import accept_offer, decline_offer, offer_lead
from deals.leads.services import answer_lead, create_lead, give_lead
from deals.models import Lead, LeadOffer
from deals.rules.leads import Buyer
from partners.models import Partner
from partners.services.partners import change_partner
from prm.management.demo.timeline import Timeline

MANAGER = "manager@fernhill.example"
PELLWORM = "admin@pellworm.example"
TAKES = {
    "pellworm-it": (["DE", "DK"], ["Clinics", "Laboratories"], ["Group practices"], ["IT"], 4),
    "brightwater-digital": (["GB", "IE"], ["Clinics"], ["Hospitals"], ["Operations"], 3),
    "lindqvist-partner": (["SE", "NO", "DK", "FI"], ["Laboratories"], [], ["IT"], 2),
    "corso-sistemi": (["IT"], ["Clinics"], [], ["Finance"], 3),
    "osterwald": (["DE", "AT", "CH"], ["Clinics"], ["Hospitals"], ["Operations"], 2),
}


def _buyer(name: str, country: str, vertical: str, segment: str, need: str, amount: int) -> Buyer:
    ending = {"DE": "de", "GB": "co.uk"}[country]
    host = f"{name.lower().replace(' ', '-')}.{ending}"
    return Buyer(
        customer_name=name,
        website=host,
        country=country,
        vertical=vertical,
        segment=segment,
        function="IT",
        contact_name="Reception desk",
        contact_email=f"it@{host}",
        need=need,
        details="Filled in our form and asked to be called next week.",
        amount=Decimal(amount),
    )


def plan_leads(line: Timeline) -> None:
    """Put what partners take, and every lead, on the timeline."""
    for slug, (countries, verticals, segments, functions, capacity) in TAKES.items():
        values = {
            "countries": countries,
            "verticals": verticals,
            "segments": segments,
            "functions": functions,
            "lead_capacity": capacity,
        }
        line.on(line.back(75), lambda slug=slug, values=values: _takes(line, slug, values), hour=9)  # type: ignore[misc]
    tools = "Runs three sites with one paper calendar and wants scheduling before the summer."
    taken = _buyer("Hafenblick Praxis", "DE", "Clinics", "Group practices", tools, 32_000)
    line.on(line.back(60), lambda: _route(line, taken, accepts=True), hour=10)
    second = _buyer(
        "Marschland Labor", "DE", "Laboratories", "", "A laboratory that moves from spreadsheets.", 18_000
    )
    line.on(line.back(34), lambda: _route(line, second, accepts=False), hour=10)
    fresh = _buyer(
        "Nordstrand Kliniken", "DE", "Clinics", "Hospitals", "Two hospitals merge their booking.", 140_000
    )
    line.on(line.back(1), lambda: _offer(line, fresh), hour=9)
    free = _buyer(
        "Thornwick Surgery", "GB", "Clinics", "Hospitals", "Wants online booking for walk-ins.", 21_000
    )
    line.on(line.back(2), lambda: create_lead(actor=line.actor(MANAGER), buyer=free), hour=11)
    old = _buyer(
        "Friesentor Zentrum", "DE", "Clinics", "", "Asked us who could help with staff rotas.", 9_000
    )
    line.on(line.back(48), lambda: _given(line, old), hour=14)
    owed = _buyer(
        "Deichkrone Therapie", "DE", "Clinics", "", "A customer of ours who asks for scheduling.", 12_000
    )
    line.on(line.back(1), lambda: give_lead(actor=line.actor(PELLWORM), buyer=owed), hour=15)


def _takes(line: Timeline, slug: str, values: dict[str, Any]) -> None:
    public_id = line.partners[slug].public_id
    change_partner(actor=line.actor(MANAGER), public_id=public_id, **values)


def _offer(line: Timeline, buyer: Buyer) -> LeadOffer:
    lead: Lead = create_lead(actor=line.actor(MANAGER), buyer=buyer)
    pellworm = Partner.objects.get(slug="pellworm-it")
    return offer_lead(actor=line.actor(MANAGER), lead=lead, partner_id=pellworm.pk)


def _route(line: Timeline, buyer: Buyer, *, accepts: bool) -> None:
    offer = _offer(line, buyer)
    if accepts:
        accept_offer(actor=line.actor(PELLWORM), offer=offer)
    else:
        decline_offer(
            actor=line.actor(PELLWORM),
            offer=offer,
            reason="no_capacity",
            sentence="Everybody is on a project until next month.",
        )


def _given(line: Timeline, buyer: Buyer) -> None:
    lead = give_lead(actor=line.actor(PELLWORM), buyer=buyer)
    answer_lead(
        actor=line.actor(MANAGER), lead=lead, accept=True, sentence="Thank you. We call them tomorrow."
    )
