"""Closed months."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from partners.api.base import Gate, ProgramViewSet
from partners.core.errors import RuleBroken
from partners.kit.shapes import RowSerializer, words
from partners.models import ClosedMonth
from prm.rules.periods import read_month
from prm.services.closing import close_month


class ClosedMonthSerializer(RowSerializer[ClosedMonth]):
    """A month whose figures, and those of all months before it, are final."""

    month = serializers.SerializerMethodField(help_text="Such as 2026-05.")

    class Meta:
        model = ClosedMonth
        fields = words("id month closed_at closed_by")

    def get_month(self, row: ClosedMonth) -> str:
        """Year and month."""
        return f"{row.month:%Y-%m}"


class MonthInput(serializers.Serializer[Any]):
    """A month that is over."""

    month = serializers.CharField(max_length=7, help_text="Such as 2026-05.")


@extend_schema_view(
    list=extend_schema(summary="List closed months", responses=ClosedMonthSerializer(many=True)),
    create=extend_schema(summary="Close a month", request=MonthInput, responses={201: ClosedMonthSerializer}),
)
class ClosedMonths(ProgramViewSet):
    """Months whose figures are final."""

    gates: ClassVar[dict[str, Gate]] = {"list": "pipeline.view", "create": "months.close"}

    def list(self, request: Request) -> Response:
        return self.page(ClosedMonth.objects.all(), ClosedMonthSerializer)

    def create(self, request: Request) -> Response:
        month = read_month(self.read(MonthInput)["month"])
        if month is None:
            raise RuleBroken("invalid", "A month is written such as 2026-05.", field="month")
        return self.one(close_month(actor=self.actor, month=month), ClosedMonthSerializer, status=201)
