"""Metrics: what each number means, what it comes to, and its cells partner by partner."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from partners.api import query
from partners.api.base import Gate, ProgramView
from partners.api.pages import CursorPages
from partners.core.errors import NotFound, RuleBroken
from partners.models import Intent, Partner
from partners.selectors import closed_through
from prm.models import MetricCell
from prm.rules.metrics import METRICS, Evidence, Grain, Metric, MetricKind, Unit
from prm.rules.periods import USUAL, Period, last_months, read_month
from prm.selectors import cells
from prm.selectors.rows import Question, rows_behind, sum_of
from prm.services.cells import running_month

LONGEST = 60
_PARAMETERS = [
    OpenApiParameter("from", str, description="First month, such as 2026-01; eleven months before to."),
    OpenApiParameter("to", str, description="Last month; the running one unless said otherwise."),
    OpenApiParameter("partner", str, description="Id of a partner; all partners unless said otherwise."),
    OpenApiParameter("intent", str, enum=Intent.values),
]


class MetricSerializer(serializers.Serializer[Any]):
    """A defined number and what it comes to in the period. A level is read at the end of its last month."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # shadows Field.label, which is not used
    kind = serializers.CharField(help_text=f"One of: {', '.join(MetricKind.values)}.")
    unit = serializers.ChoiceField(Unit.choices)
    grain = serializers.ChoiceField(Grain.choices)
    evidence = serializers.ChoiceField(Evidence.choices)
    formula = serializers.CharField()
    first_valid = serializers.DateField(allow_null=True)
    value = serializers.DecimalField(max_digits=20, decimal_places=2)


class CellSerializer(serializers.Serializer[Any]):
    """One month of one partner. Months of zero are left out."""

    month = serializers.CharField(help_text="Such as 2026-11.")
    value = serializers.DecimalField(max_digits=20, decimal_places=2)
    as_of = serializers.DateTimeField(help_text="When it was computed.")


class PartnerCells(serializers.Serializer[Any]):
    """The cells of one partner."""

    partner = serializers.CharField(help_text="Id of the partner.")
    name = serializers.CharField()
    cells = CellSerializer(many=True)


class Metrics(serializers.Serializer[Any]):
    """All metrics of a period."""

    first = serializers.CharField(help_text="First month.")
    last = serializers.CharField(help_text="Last month.")
    currency = serializers.CharField()
    as_of = serializers.DateTimeField(help_text="All changes up to then are counted.")
    waiting = serializers.IntegerField(help_text="Changes since then that are being counted.")
    closed_through = serializers.CharField(
        allow_null=True, help_text="Last closed month: its figures and all before are final."
    )
    results = MetricSerializer(many=True)


class MetricWithCells(MetricSerializer):
    """One metric with its cells, a page of partners at a time."""

    next = serializers.CharField(allow_null=True, help_text="Address of the next page; null on the last.")
    results = PartnerCells(many=True)


class MetricsBase(ProgramView):
    """Reading which figures are asked for."""

    gates: ClassVar[dict[str, Gate]] = {"get": "pipeline.view"}

    def _month(self, request: Request, name: str) -> date | None:
        text = query.text(request, name)
        month = read_month(text)
        if text and month is None:
            raise RuleBroken("invalid", f"{name} is a month such as 2026-11.", field=name)
        return month

    def asked(self, request: Request, metric: Metric) -> Question:
        """The question of the query string. Raises ``RuleBroken`` and ``NotFound``."""
        program = self.place.program
        last = self._month(request, "to") or running_month(program)
        first = self._month(request, "from") or last_months(USUAL, last).first
        period = Period(first=first, last=last)
        if not 1 <= period.length <= LONGEST:
            raise RuleBroken("invalid", f"from comes before to, by at most {LONGEST} months.", field="from")
        public_id = query.text(request, "partner")
        partner = self.found(Partner.objects.all(), public_id) if public_id else None
        return Question(
            metric=metric,
            period=period,
            zone=ZoneInfo(program.timezone),
            partner=partner,
            intent=query.choice(request, "intent", Intent.values),
        )

    def figure(self, metric: Metric, value: Decimal) -> dict[str, Any]:
        """A metric as the serializer reads it."""
        names = ("key", "label", "kind", "unit", "grain", "evidence", "formula", "first_valid")
        return {name: getattr(metric, name) for name in names} | {"value": value}


class MetricsView(MetricsBase):
    """Every metric, in the order a report shows them: sourced pipeline first, participation last."""

    @extend_schema(
        operation_id="metrics_list",
        summary="List metrics with their figures",
        parameters=_PARAMETERS,
        responses=Metrics,
    )
    def get(self, request: Request) -> Response:
        question = self.asked(request, METRICS["sourced_pipeline"])
        partner_id = question.partner.pk if question.partner else None
        figures = cells.totals(question.period, intent=question.intent, partner_id=partner_id)
        for key, metric in METRICS.items():
            if metric.grain is Grain.DISTINCT:
                figures[key] = _distinct(question, metric)
        fresh, closed = cells.freshness(), closed_through()
        body = {
            "first": f"{question.period.first:%Y-%m}",
            "last": f"{question.period.last:%Y-%m}",
            "currency": self.place.program.currency,
            "as_of": fresh.as_of,
            "waiting": fresh.waiting,
            "closed_through": f"{closed:%Y-%m}" if closed else None,
            "results": [self.figure(metric, figures[key]) for key, metric in METRICS.items()],
        }
        return Response(Metrics(body).data)


def _distinct(question: Question, metric: Metric) -> Decimal:
    """A number of different ones is counted over the period, because its months cannot be summed."""
    same = Question(
        metric=metric,
        period=question.period,
        zone=question.zone,
        partner=question.partner,
        intent=question.intent,
    )
    return sum_of(rows_behind(same))


class MetricView(MetricsBase):
    """One metric, partner by partner and month by month."""

    @extend_schema(
        operation_id="metric_retrieve",
        summary="Read a metric with its cells",
        parameters=[
            *_PARAMETERS,
            OpenApiParameter("cursor", str, description="From the previous page's next."),
            OpenApiParameter("limit", int, description="Partners on a page, 1 to 200; 50 unless said."),
        ],
        responses=MetricWithCells,
    )
    def get(self, request: Request, key: str) -> Response:
        if key not in METRICS:
            raise NotFound(f"There is no metric of that name. They are: {', '.join(METRICS)}.")
        metric = METRICS[key]
        question = self.asked(request, metric)
        partner_id = question.partner.pk if question.partner else None
        if metric.grain is Grain.DISTINCT:
            value = _distinct(question, metric)
        else:
            value = cells.totals(question.period, intent=question.intent, partner_id=partner_id)[key]
        partners = Partner.objects.all()
        if question.partner is not None:
            partners = partners.filter(pk=question.partner.pk)
        if question.intent:
            partners = partners.filter(intent=question.intent)
        pages = CursorPages()
        shown = pages.paginate_queryset(partners, request, self)
        page = pages.get_paginated_response(self._cells(metric, question.period, shown)).data
        return Response(MetricWithCells(self.figure(metric, value) | dict(page)).data)

    def _cells(self, metric: Metric, period: Period, shown: list[Partner]) -> list[dict[str, Any]]:
        found: dict[int, list[MetricCell]] = {partner.pk: [] for partner in shown}
        rows = MetricCell.objects.filter(
            partner_id__in=list(found), metric=metric.key, month__gte=period.first, month__lte=period.last
        )
        for cell in rows.order_by("month"):
            if cell.partner_id is not None:
                found[cell.partner_id].append(cell)
        return [
            {
                "partner": partner.public_id,
                "name": partner.name,
                "cells": [
                    {"month": f"{cell.month:%Y-%m}", "value": cell.value, "as_of": cell.as_of}
                    for cell in found[partner.pk]
                ],
            }
            for partner in shown
        ]
