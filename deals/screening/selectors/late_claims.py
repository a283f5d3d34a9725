"""Whether a claim came late (R126)."""

from datetime import timedelta

from django.db.models import Q

from deals.common.calendar import day_of
from deals.models import Account, Opportunity, OpportunityState, Registration, Source
from partners.models import Program


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
