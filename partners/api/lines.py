"""Competing products of partners."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from partners.api import query
from partners.api.base import Gate, ProgramViewSet
from partners.api.named import partner_named
from partners.kit.shapes import RowSerializer, words
from partners.models import CompetingLine
from partners.rules.lines import YesNoUnknown
from partners.services.lines import add_line, change_line, remove_line


class LineSerializer(RowSerializer[CompetingLine]):
    """A product a partner sells that competes with ours."""

    partner = serializers.CharField(source="partner.public_id", read_only=True)

    class Meta:
        model = CompetingLine
        fields = words("id partner product vendor higher_margin exclusive version created_at updated_at")


class LineChange(serializers.Serializer[Any]):
    """What can be changed about a line."""

    product = serializers.CharField(max_length=120)
    vendor = serializers.CharField(max_length=120, required=False, allow_blank=True)
    higher_margin = serializers.ChoiceField(
        choices=YesNoUnknown.choices, required=False, help_text="Is its margin higher than ours?"
    )
    exclusive = serializers.ChoiceField(
        choices=YesNoUnknown.choices, required=False, help_text="Is the partner bound to it exclusively?"
    )


class LineInput(LineChange):
    """A line to add; ``partner`` is an id."""

    partner = serializers.CharField(max_length=20)


@extend_schema_view(
    list=extend_schema(
        summary="List competing products",
        responses=LineSerializer(many=True),
        parameters=[OpenApiParameter("partner", str, description="Id of a partner.")],
    ),
    retrieve=extend_schema(summary="Read a competing product", responses=LineSerializer),
    create=extend_schema(
        summary="Add a competing product", request=LineInput, responses={201: LineSerializer}
    ),
    partial_update=extend_schema(
        summary="Change a competing product", request=LineChange(partial=True), responses=LineSerializer
    ),
    destroy=extend_schema(summary="Take a competing product off the list", responses={204: None}),
)
class CompetingLines(ProgramViewSet):
    """What partners sell besides ours."""

    gates: ClassVar[dict[str, Gate]] = {
        "list": "partners.view",
        "retrieve": "partners.view",
        "create": "partners.edit",
        "partial_update": "partners.edit",
        "destroy": "partners.edit",
    }
    versioned = ("partial_update", "destroy")

    def _rows(self) -> Any:
        return CompetingLine.objects.select_related("partner")

    def list(self, request: Request) -> Response:
        partner = query.text(request, "partner")
        rows = self._rows().filter(partner__public_id=partner) if partner else self._rows()
        return self.page(rows, LineSerializer)

    def retrieve(self, request: Request, public_id: str) -> Response:
        return self.one(self.found(self._rows(), public_id), LineSerializer)

    def create(self, request: Request) -> Response:
        values = self.read(LineInput)
        partner = partner_named(values.pop("partner"))
        return self.one(add_line(actor=self.actor, partner=partner, **values), LineSerializer, status=201)

    def partial_update(self, request: Request, public_id: str) -> Response:
        line = self.found(self._rows(), public_id)
        changed = change_line(
            actor=self.actor,
            public_id=line.public_id,
            expected_version=self.expected_version(line),
            **self.read(LineChange, partial=True),
        )
        return self.one(changed, LineSerializer)

    def destroy(self, request: Request, public_id: str) -> Response:
        line = self.found(self._rows(), public_id)
        version = self.expected_version(line)
        remove_line(actor=self.actor, public_id=line.public_id, expected_version=version)
        return Response(status=204)
