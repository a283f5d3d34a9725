"""What the Pipeline page shows: figures of the period, the two charts' data, and the partners one by one."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from partners.models import Intent, Partner, PartnerStatus
from partners.selectors import charter_in_force
from prm.models import MetricCell
from prm.rules.charts import MonthFigures, Spot
from prm.rules.effort import Effort
from prm.rules.periods import Period
from prm.rules.quarters import Quarter, quarter_of
from prm.rules.shares import Share
from prm.selectors.cells import ZERO, Figures, figure_filter, series
from prm.selectors.effort import effort_of

COLUMNS = (
    "sourced_pipeline",
    "sourced_opened",
    "sourced_won",
    "sourced_count",
    "registrations_submitted",
    "registrations_approved",
    "activities_work",
    "minutes",
    "participation",
)
LONG_ENOUGH = 6  # months after signing from which on work without pipeline is asked about (R4)


@dataclass(frozen=True, slots=True)
class Line:
    """One partner with its figures of the period."""

    partner: Partner
    figures: Figures
    months: int  # of the period, since it signed
    hourly_cost: Decimal | None = None

    @property
    def marquee(self) -> bool:
        """Counted apart: such a partner lends its name and is not expected to bring pipeline (R20)."""
        return self.partner.intent == Intent.MARQUEE

    @property
    def brought(self) -> Decimal:
        """Sourced pipeline open at the end of the period, and what was won in it."""
        return max(self.figures["sourced_pipeline"] + self.figures["sourced_won"], ZERO)

    @property
    def work_per_month(self) -> Decimal:
        """Work activities a month, over the months since it signed."""
        return self.figures["activities_work"] / self.months

    @property
    def quarter(self) -> Quarter:
        """Its place on the map."""
        return quarter_of(self.work_per_month, self.brought)

    @property
    def effort(self) -> Effort:
        """Our minutes, set against what it brought (R17)."""
        return effort_of(self.figures, self.hourly_cost)

    @property
    def spot(self) -> Spot:
        """What the map draws."""
        return Spot(self.partner.name, self.partner.public_id, self.work_per_month, self.brought)


def _months_in(period: Period, signed_on: date | None) -> int:
    if signed_on is None or signed_on <= period.first:
        return period.length
    return max(1, Period(first=signed_on.replace(day=1), last=period.last).length)


def partner_lines(period: Period, *, intent: str = "", search: str = "") -> list[Line]:
    """Partners with an agreement, or with figures, by name. Three queries, however many there are."""
    hourly_cost = charter_in_force().hourly_cost
    cells = MetricCell.objects.filter(partner_id__isnull=False, metric__in=COLUMNS, month__lte=period.last)
    sums = {key: Sum("value", filter=figure_filter(key, period)) for key in COLUMNS}
    found: dict[int, Any] = {row["partner_id"]: row for row in cells.values("partner_id").annotate(**sums)}
    partners = Partner.objects.filter(Q(status=PartnerStatus.ACTIVE) | Q(pk__in=list(found))).order_by(
        "name", "pk"
    )
    if intent:
        partners = partners.filter(intent=intent)
    if search:
        partners = partners.filter(name__icontains=search)
    return [
        Line(
            partner=partner,
            figures={key: found.get(partner.pk, {}).get(key) or ZERO for key in COLUMNS},
            months=_months_in(period, partner.signed_on),
            hourly_cost=hourly_cost,
        )
        for partner in partners
    ]


def sort_lines(lines: list[Line], sort: str) -> list[Line]:
    """In the order asked for; sourced pipeline, largest first, when nothing sensible was asked."""
    key, descending = sort.removeprefix("-"), sort.startswith("-")
    if key == "name":
        return sorted(lines, key=lambda line: line.partner.name.casefold(), reverse=descending)
    if key == "quarter":
        order = list(Quarter)
        return sorted(lines, key=lambda line: order.index(line.quarter), reverse=descending)
    if key not in COLUMNS:
        key, descending = "sourced_pipeline", True
    return sorted(lines, key=lambda line: line.figures[key], reverse=descending)


def months_of(period: Period, *, intent: str = "") -> list[MonthFigures]:
    """The chart over time."""
    keys = ("sourced_pipeline", "activities_work", "participation")
    return [
        MonthFigures(
            month=month.first,
            pipeline=month.values["sourced_pipeline"],
            work=month.values["activities_work"],
            participation=month.values["participation"],
        )
        for month in series(period, keys, intent=intent)
    ]


@dataclass(frozen=True, slots=True)
class Conversion:
    """Shares of the period, each with what it stands on."""

    approved: Share
    won: Share
    active: Share


def conversion(figures: Figures, lines: list[Line]) -> Conversion:
    """Approved of decided, won of closed, and partners that brought anything, marquee partners left out
    (R20)."""
    approved, declined = figures["registrations_approved"], figures["registrations_declined"]
    won, lost = max(figures["sourced_won_count"], ZERO), max(figures["sourced_lost_count"], ZERO)
    counted = [line for line in lines if not line.marquee]
    return Conversion(
        approved=Share(int(approved), int(approved + declined), "decided claims"),
        won=Share(int(won), int(won + lost), "closed deals"),
        active=Share(sum(line.brought > 0 for line in counted), len(counted), "partners"),
    )


def busy_for_long(lines: list[Line], period: Period) -> list[Line]:
    """Partners we have worked with for half a year or more, and nothing sourced came of it (R4)."""
    return [
        line
        for line in lines
        if not line.marquee
        and line.quarter is Quarter.BUSY
        and line.partner.signed_on is not None
        and Period(first=line.partner.signed_on.replace(day=1), last=period.last).length > LONG_ENOUGH
    ]
