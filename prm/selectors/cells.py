"""Figures, read from the cells. Every function reads the program in force and asks a fixed number of
queries."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Min, Q, Sum

from partners.core import clock
from partners.models import CellMark
from prm.models import MetricCell, RebuildRun
from prm.rules.metrics import METRICS, Grain
from prm.rules.periods import Period

ZERO = Decimal(0)
Figures = dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class Freshness:
    """``as_of``: up to when all changes are counted. ``waiting``: changes since then that are being
    counted."""

    as_of: datetime
    waiting: int


def freshness() -> Freshness:
    """The cells are right as of now, or as of the oldest change that still waits."""
    marks = CellMark.objects.aggregate(oldest=Min("marked_at"))
    waiting = CellMark.objects.count() if marks["oldest"] else 0
    return Freshness(as_of=marks["oldest"] or clock.now(), waiting=waiting)


def last_rebuild() -> RebuildRun | None:
    """The newest proof of the cells."""
    return RebuildRun.objects.select_related("program").order_by("-started_at", "-pk").first()


def figure_filter(key: str, period: Period) -> Q:
    """The cells of a metric's figure for a period: the last month of a level, all months of a flow."""
    months = (
        {"month": period.last}
        if METRICS[key].grain is Grain.LEVEL
        else {"month__gte": period.first, "month__lte": period.last}
    )
    return Q(metric=key, **months)


def totals(period: Period, *, intent: str = "", partner_id: int | None = None) -> Figures:
    """Every summable metric for a period, over all partners, those of one intent, or one. One query."""
    cells = MetricCell.objects.all()
    if partner_id is not None:
        cells = cells.filter(partner_id=partner_id)
    if intent:
        # Direct figures stay beside those of every intent, for comparison.
        cells = cells.filter(Q(partner__intent=intent) | Q(partner_id__isnull=True))
    sums = cells.aggregate(
        **{
            key: Sum("value", filter=figure_filter(key, period))
            for key, metric in METRICS.items()
            if metric.grain is not Grain.DISTINCT
        }
    )
    return {key: value or ZERO for key, value in sums.items()}


@dataclass(slots=True)
class Month:
    """One month of the series, with the metrics asked for."""

    first: date
    values: Figures = field(default_factory=dict)


def series(period: Period, keys: tuple[str, ...], *, intent: str = "") -> list[Month]:
    """Month by month, all partners together, every month of the period present. One query."""
    cells = MetricCell.objects.filter(metric__in=keys, month__gte=period.first, month__lte=period.last)
    if intent:
        cells = cells.filter(partner__intent=intent)
    found = {
        (month, metric): total
        for month, metric, total in cells.values_list("month", "metric").annotate(total=Sum("value"))
    }
    return [
        Month(first=month, values={key: found.get((month, key), ZERO) for key in keys})
        for month in period.months()
    ]
