"""Whose an opportunity is: sourced, influenced or neither, and whether a claim came late (R126, R127)."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Q

from deals.models import Account, Opportunity, OpportunityState, Registration, Source, Touch
from deals.rules.attribution import Attribution, attribution
from deals.selectors.calendar import day_of
from partners.models import Program


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


def came_late(
    registration: Registration,
    account: Account,
    *,
    program: Program,
    notice_days: int,
    worked_first: bool = False,
) -> bool:
    """Whether our own sale came shortly before the claim, or our own opportunity was there first (R126).

    ``worked_first``: a ruling found that the partner's work began before our open opportunity.
    """
    if registration.claimed_at is None:
        return False
    claimed = day_of(registration.claimed_at, program.timezone)
    late = Q(state=OpportunityState.WON, closed_on__gte=claimed - timedelta(days=notice_days))
    if not worked_first:
        late |= Q(state=OpportunityState.OPEN)
    there = Q(opened_on__lt=claimed) | Q(opened_on=claimed, created_at__lt=registration.claimed_at)
    return Opportunity.objects.filter(
        there,
        late,
        Q(offering__isnull=True) | Q(offering_id=registration.offering_id),
        account=account,
        source=Source.DIRECT,
        removed_at__isnull=True,
    ).exists()
