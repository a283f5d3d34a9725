"""Our minutes with a partner, set against what it brought (R17)."""

from dataclasses import dataclass
from decimal import Decimal

from partners.access import Place
from partners.core import clock
from partners.models import Charter, Partner
from prm.rules.effort import Effort
from prm.rules.periods import USUAL, Period, last_months
from prm.selectors.cells import Figures, totals


def effort_of(figures: Figures, hourly_cost: Decimal | None) -> Effort:
    """The effort in a period's figures of one partner; the cost is the charter's, in program currency."""
    return Effort(
        minutes=figures["minutes"],
        hourly_cost=hourly_cost,
        pipeline=figures["sourced_pipeline"],
        won=figures["sourced_won"],
    )


@dataclass(frozen=True, slots=True)
class PartnerEffort:
    """What the partner's page shows: the usual period, and whether pipeline is expected at all (R20)."""

    effort: Effort
    period: Period
    marquee: bool


def partner_effort(place: Place, partner: Partner, charter: Charter) -> PartnerEffort:
    """The effort of the last twelve months with one partner."""
    period = last_months(USUAL, clock.today(place.program.timezone).replace(day=1))
    effort = effort_of(totals(period, partner_id=partner.pk), charter.hourly_cost)
    return PartnerEffort(effort=effort, period=period, marquee=partner.intent == "marquee")
