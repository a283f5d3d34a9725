"""The rows behind a number. Their values sum to the cell, by the same definition (``prm.rules.metrics``)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    Case,
    DateField,
    DecimalField,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Round

from deals.models import Conflict, Opportunity, Registration, StageChange
from partners.models import Activity, Partner, Seat
from partners.rules.activities import ActivityKind, Nature, nature_of
from plans.models import Commitment
from prm.rules.metrics import Metric
from prm.rules.periods import Period, shift

_MONEY: Any = DecimalField(max_digits=20, decimal_places=2)
_NOTHING = Value(Decimal(0), output_field=_MONEY)
_ONE = Value(1, output_field=IntegerField())
_PARTICIPATION = [kind for kind in ActivityKind if nature_of(kind) is Nature.PARTICIPATION]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which number: a metric in a period, of all partners, those of one intent, or one."""

    metric: Metric
    period: Period
    zone: ZoneInfo
    partner: Partner | None = None
    intent: str = ""

    def of(self, rows: Any, path: str = "partner") -> Any:
        """Only the rows of the partners asked for."""
        if self.partner is not None:
            return rows.filter(**{path: self.partner})
        return rows.filter(**{f"{path}__intent": self.intent}) if self.intent else rows

    def instants(self) -> tuple[datetime, datetime]:
        """When the period begins and when the next one does, in the program's time zone."""
        after = shift(self.period.last, 1)
        return (
            datetime.combine(self.period.first, time.min, self.zone),
            datetime.combine(after, time.min, self.zone),
        )


def _as_on(day: date | OuterRef | Func, *, strictly: bool = False) -> QuerySet[StageChange]:
    """What the outer opportunity was on a day (or the day before it), as the first row."""
    bound = {"on__lt" if strictly else "on__lte": day}
    return StageChange.objects.filter(opportunity=OuterRef("pk"), **bound).order_by("-on", "-pk")


def _credited(rows: QuerySet[StageChange], source: str) -> Any:
    """The amount on the day; of a sourced deal whose credit a ruling shared, the partner's part."""
    amount = Subquery(rows.values("program_amount")[:1])
    if source != "sourced":
        return amount
    part = Round(F("partner_share") * Subquery(rows.values("program_amount")[:1]) / Value(100), 2)
    return Case(When(partner_share=100, then=amount), default=part, output_field=_MONEY)


def _amount_if(state: str, when: str) -> Case:
    """The amount the opportunity had then, if it was in that state."""
    return Case(
        When(**{f"state_{when}": state}, then=Coalesce(F(f"amount_{when}"), _NOTHING)),
        default=_NOTHING,
        output_field=_MONEY,
    )


def _number_if(state: str, when: str) -> Case:
    return Case(When(**{f"state_{when}": state}, then=1), default=0, output_field=IntegerField())


def _opportunities(question: Question, source: str) -> Any:
    """Opportunities of a source with what they were before the period and at its end."""
    before, end = question.period.first - timedelta(days=1), question.period.end
    rows = Opportunity.objects.filter(source=source, removed_at__isnull=True).select_related(
        "partner", "account"
    )
    if source == "sourced":
        rows = question.of(rows)
    return rows.annotate(
        state_end=Subquery(_as_on(end).values("state")[:1]),
        amount_end=_credited(_as_on(end), source),
        state_before=Subquery(_as_on(before).values("state")[:1]),
        amount_before=_credited(_as_on(before), source),
    )


def _pipeline(question: Question) -> Any:
    source = "direct" if question.metric.key == "direct_pipeline" else "sourced"
    rows = _opportunities(question, source).filter(state_end="open")
    return rows.annotate(value=_amount_if("open", "end"), day=F("opened_on")).order_by("-value", "pk")


def _closed(question: Question) -> Any:
    rows = _opportunities(question, "sourced")
    value = {
        "sourced_won": _amount_if("won", "end") - _amount_if("won", "before"),
        "sourced_won_count": _number_if("won", "end") - _number_if("won", "before"),
        "sourced_lost_count": _number_if("lost", "end") - _number_if("lost", "before"),
    }[question.metric.key]
    return rows.annotate(value=value, day=F("closed_on")).exclude(value=0).order_by("-day", "pk")


class _NextMonth(Func):
    """The first day of the month after a day."""

    template = "(date_trunc('month', %(expressions)s::timestamp) + interval '1 month')::date"
    output_field = DateField()


def _opened(question: Question) -> Any:
    began = StageChange.objects.filter(opportunity=OuterRef("pk")).order_by("on", "pk").values("on")[:1]
    rows = Opportunity.objects.filter(source="sourced", removed_at__isnull=True)
    rows = question.of(rows).select_related("partner", "account").annotate(day=Subquery(began))
    rows = rows.filter(day__gte=question.period.first, day__lte=question.period.end)
    if question.metric.key == "sourced_count":
        return rows.annotate(value=_ONE).order_by("-day", "pk")
    by_then = _credited(_as_on(_NextMonth(OuterRef("day")), strictly=True), "sourced")
    return rows.annotate(value=Coalesce(by_then, _NOTHING, output_field=_MONEY)).order_by("-day", "pk")


def _claims(question: Question, field: str) -> Any:
    start, end = question.instants()
    rows = Registration.objects.filter(
        **{f"{field}__gte": start, f"{field}__lt": end}, claimed_at__isnull=False
    ).exclude(state="duplicate")
    return (
        question.of(rows).select_related("partner").annotate(day=F(field), value=_ONE).order_by("-day", "pk")
    )


def _registrations(question: Question) -> Any:
    if question.metric.key == "registrations_submitted":
        return _claims(question, "claimed_at")
    if question.metric.key == "registrations_declined":
        return _claims(question, "decided_at").filter(state="declined", protection__isnull=True)
    # What was approved once counts in the month it was, whatever was decided on it afterwards.
    return _claims(question, "protection__created_at")


def _sellers(question: Question) -> Any:
    # A seat is at one partner for good. By the partner its claims are found; there is no index by seller.
    mine = {"seller": OuterRef("pk"), "partner": OuterRef("partner")}
    claims = _claims(question, "claimed_at").filter(**mine).order_by("claimed_at")
    rows = Seat.objects.select_related("partner", "user").annotate(
        day=Subquery(claims.values("claimed_at")[:1]), value=_ONE
    )
    return question.of(rows).filter(day__isnull=False).order_by("user__name", "pk")


def _conflicts(question: Question) -> Any:
    start, end = question.instants()
    rows = Conflict.objects.filter(opened_at__gte=start, opened_at__lt=end).exclude(severity="note")
    rows = question.of(rows, "registration__partner").select_related("registration__partner")
    return rows.annotate(day=F("opened_at"), value=_ONE).order_by("-day", "pk")


def _activities(question: Question) -> Any:
    rows = Activity.objects.filter(
        happened_on__gte=question.period.first, happened_on__lte=question.period.end
    ).select_related("partner")
    rows = question.of(rows).annotate(day=F("happened_on"))
    if question.metric.key == "minutes":
        rows = rows.filter(minutes__gt=0).annotate(value=F("minutes"))
    elif question.metric.key == "participation":
        rows = rows.filter(kind__in=_PARTICIPATION).annotate(value=_ONE)
    else:
        rows = rows.exclude(kind__in=_PARTICIPATION).annotate(value=_ONE)
    return rows.order_by("-day", "pk")


def _commitments(question: Question) -> Any:
    state = question.metric.key.removeprefix("commitments_")
    rows = Commitment.objects.filter(
        side="us",
        state=state,
        settled_on__gte=question.period.first,
        settled_on__lte=question.period.end,
    ).select_related("partner", "plan")
    return question.of(rows).annotate(day=F("settled_on"), value=_ONE).order_by("-day", "pk")


_READERS: dict[str, Callable[[Question], Any]] = {
    "sourced_pipeline": _pipeline,
    "direct_pipeline": _pipeline,
    "sourced_opened": _opened,
    "sourced_count": _opened,
    "sourced_won": _closed,
    "sourced_won_count": _closed,
    "sourced_lost_count": _closed,
    "registrations_submitted": _registrations,
    "registrations_approved": _registrations,
    "registrations_declined": _registrations,
    "sellers_active": _sellers,
    "conflicts_opened": _conflicts,
    "activities_work": _activities,
    "minutes": _activities,
    "participation": _activities,
    "commitments_kept": _commitments,
    "commitments_broken": _commitments,
}


def rows_behind(question: Question) -> QuerySet[Any]:
    """The rows, each with ``value`` (its share of the number) and ``day``."""
    rows: QuerySet[Any] = _READERS[question.metric.key](question)
    return rows


def sum_of(rows: QuerySet[Any]) -> Decimal:
    """What the rows come to."""
    return Decimal(rows.aggregate(total=Sum("value"))["total"] or 0)


def sellers_in(period: Period, zone: ZoneInfo, *, intent: str = "") -> int:
    """Different partner sellers who made a claim in the period (R27)."""
    start = datetime.combine(period.first, time.min, zone)
    end = datetime.combine(shift(period.last, 1), time.min, zone)
    claims = Registration.objects.filter(
        Q(claimed_at__gte=start, claimed_at__lt=end, seller__isnull=False)
    ).exclude(state="duplicate")
    if intent:
        claims = claims.filter(partner__intent=intent)
    return claims.values("seller").distinct().count()
