"""Who may see which leads and offers."""

from django.db.models import OuterRef, QuerySet, Subquery

from deals.models import Lead, LeadOffer
from partners.access import one_of
from partners.core.actor import Actor


def leads_for(_actor: Actor) -> QuerySet[Lead]:
    """The leads of the scope: for a partner those it gave and those it accepted, for staff all."""
    return Lead.objects.select_related("opened_to", "offering")


def access_lead(actor: Actor, public_id: str) -> Lead:
    """One lead the actor may see. Raises ``NotFound``."""
    return one_of(leads_for(actor), public_id, "There is no such lead.")


def offers_for(actor: Actor) -> QuerySet[LeadOffer]:
    """The offers of the scope: a partner's own, without the leads behind them, or all of them for staff.

    ``opened_id`` is the public id of the lead where the scope may see it: None for a partner that has not
    accepted.
    """
    opened = Lead.objects.filter(pk=OuterRef("lead_id")).values("public_id")
    rows = LeadOffer.objects.select_related("partner", "offering").annotate(opened_id=Subquery(opened))
    return rows if actor.is_partner else rows.select_related("lead")


def access_offer(actor: Actor, public_id: str) -> LeadOffer:
    """One offer the actor may see. Raises ``NotFound``."""
    return one_of(offers_for(actor), public_id, "There is no such offer.")
