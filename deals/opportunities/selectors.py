"""Reads of opportunities: the list, their stages, and whose each one is."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from deals.models import Opportunity, OpportunityState, Source, StageChange, Touch
from deals.rules.attribution import Attribution, attribution


def touches_of(opportunity: Opportunity) -> Sequence[Touch]:
    """What partners did on an opportunity, newest first; a partner's scope holds its own."""
    rows = Touch.objects.filter(opportunity_id=opportunity.pk, removed_at__isnull=True)
    return list(rows.select_related("partner").order_by("-on", "-pk")[:200])


def attribution_of(opportunity: Opportunity, touches: Sequence[Touch] | None = None) -> Attribution:
    """What a partner's part in an opportunity is called. ``touches`` saves reading them again."""
    touches = touches_of(opportunity) if touches is None else touches
    return attribution(
        is_sourced=opportunity.source == Source.SOURCED,
        touched_on=[touch.on for touch in touches],
        closed_on=opportunity.closed_on,
    )


SORTS = {
    "name": ("name", "pk"),
    "-name": ("-name", "-pk"),
    "amount": ("program_amount", "pk"),
    "-amount": ("-program_amount", "-pk"),
    "opened": ("opened_on", "pk"),
    "-opened": ("-opened_on", "-pk"),
    "closes": ("closes_on", "pk"),
    "-closes": ("-closes_on", "-pk"),
    "partner": ("partner__name", "pk"),
    "-partner": ("-partner__name", "-pk"),
}


def opportunities_found(
    *, q: str = "", state: str = "", source: str = "", partner: str = "", sort: str = ""
) -> QuerySet[Opportunity]:
    """The opportunities of the scope (a partner's own, or all), without those the CRM removed.

    ``partner`` is a public id. An unknown ``sort`` means newest first.
    """
    rows = Opportunity.objects.filter(removed_at__isnull=True).select_related("partner", "offering")
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(owner_name__icontains=q) | Q(external_id=q))
    if state in OpportunityState:
        rows = rows.filter(state=state)
    if source in Source:
        rows = rows.filter(source=source)
    if partner:
        rows = rows.filter(partner__public_id=partner)
    return rows.order_by(*SORTS.get(sort, ("-opened_on", "-pk")))


def stages_of(opportunity: Opportunity) -> Sequence[StageChange]:
    """What an opportunity was and when, oldest first. Staff only."""
    return list(StageChange.objects.filter(opportunity=opportunity).order_by("on", "pk"))
