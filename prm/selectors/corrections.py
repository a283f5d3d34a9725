"""What changed about closed months after they were closed: beside a number's rows, and as a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Min, Q

from prm.models import Correction, MetricCell
from prm.rules.metrics import METRICS, Grain, Metric
from prm.rules.periods import Period
from prm.selectors.rows import Question

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Why a number is not the sum of its rows: ``value`` is what it has more (or less) than they come to."""

    correction: Correction
    value: Decimal


def adjustments(question: Question) -> list[Adjustment]:
    """The corrections between the rows as they are and the number as it prints, newest first.

    A month prints as it was closed, so a change about it that was booked outside the period is taken out; one
    booked inside it about an earlier month comes on top. A level only knows the former.
    """
    period = question.period
    if question.metric.grain is Grain.DISTINCT:
        return []
    if question.metric.grain is Grain.LEVEL:
        wanted = Q(about__lte=period.last, booked__gt=period.last)
    else:
        about, booked = _within("about", period), _within("booked", period)
        wanted = (about & ~booked) | (booked & ~about)
    rows = Correction.objects.filter(wanted, metric=question.metric.key).select_related("partner")
    if question.metric.key != "direct_pipeline":
        rows = question.of(rows)
    return [
        Adjustment(row, row.value if row.booked <= period.last and row.about < period.first else -row.value)
        for row in rows.order_by("-made_at", "-pk")
    ]


def _within(field: str, period: Period) -> Q:
    return Q(**{f"{field}__gte": period.first, f"{field}__lte": period.last})


@dataclass(frozen=True, slots=True)
class SinceClose:
    """One correction as the Pipeline page lists it."""

    correction: Correction
    metric: Metric


def changes_since_close(booked_since: date, limit: int = _SHOWN) -> Sequence[SinceClose]:
    """The newest corrections booked from a month on, those of the program's own deals included."""
    rows = Correction.objects.filter(booked__gte=booked_since).select_related("partner")
    return [SinceClose(row, METRICS[row.metric]) for row in rows.order_by("-made_at", "-pk")[:limit]]


def first_month() -> date | None:
    """The first month with figures."""
    found: date | None = MetricCell.objects.aggregate(first=Min("month"))["first"]
    return found
