"""Short ways to make leads and offers in tests, through the services people use."""

from decimal import Decimal
from typing import Any

from deals.leads.offers import accept_offer, decline_offer, offer_lead
from deals.leads.services import create_lead, give_lead
from deals.models import Lead, LeadOffer
from deals.rules.leads import Buyer
from partners.core.scope import program_scope
from partners.models import Partner
from tests.support.cast import Cast


def buyer(**changes: Any) -> Buyer:
    """A buyer nobody knows, whose need names nobody."""
    values: dict[str, Any] = {
        "customer_name": "Quillmark Robotics GmbH",
        "website": "quillmark-robotics.com",
        "country": "DE",
        "vertical": "Manufacturing",
        "segment": "Mid-market",
        "function": "Operations",
        "contact_name": "Vera Ostendorf",
        "contact_email": "vera@quillmark-robotics.com",
        "contact_phone": "+49 30 1234567",
        "need": "Wants to replace a planning tool this quarter.",
        "details": "Spoke with Vera twice; she decides.",
        "amount": Decimal("60000.00"),
    }
    return Buyer(**(values | changes))


def lead(cast: Cast, **changes: Any) -> Lead:
    """A lead of ours, with nobody."""
    with program_scope(cast.program.pk):
        return create_lead(actor=cast.actor("manager"), buyer=buyer(**changes))


def offered(cast: Cast, row: Lead, partner: Partner | None = None) -> LeadOffer:
    """The lead offered to a partner (Alder, unless said otherwise)."""
    with program_scope(cast.program.pk):
        chosen = (partner or cast.alder).pk
        return offer_lead(actor=cast.actor("manager"), lead=row, partner_id=chosen)


def accepted(cast: Cast, offer: LeadOffer, who: str = "alder_seller") -> LeadOffer:
    """The offer taken by a partner's person, in that partner's own scope, as the portal does it."""
    actor = cast.actor(who)
    with program_scope(cast.program.pk, partner_id=actor.partner_id):
        return accept_offer(actor=actor, offer=offer)


def declined(cast: Cast, offer: LeadOffer, who: str = "alder_seller", reason: str = "field") -> LeadOffer:
    """The offer left by a partner's person, in its own scope."""
    actor = cast.actor(who)
    with program_scope(cast.program.pk, partner_id=actor.partner_id):
        return decline_offer(actor=actor, offer=offer, reason=reason)


def given(cast: Cast, who: str = "alder_seller", **changes: Any) -> Lead:
    """A lead a partner's person gave us, in its own scope."""
    actor = cast.actor(who)
    with program_scope(cast.program.pk, partner_id=actor.partner_id):
        return give_lead(actor=actor, buyer=buyer(**changes))
