"""Conflicts flagged by hand and what our own side did, in the API. Staff only."""

from datetime import date, timedelta
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from deals.cases.access import access_raisable
from deals.cases.api.shapes import ConflictSerializer
from deals.cases.flags import FLAG_LENGTH, RAISABLE, raise_conflict
from deals.cases.selectors.our_side import immune_signals
from deals.common.calendar import day_began
from deals.rules.lifecycle import ConflictKind
from partners.api import query
from partners.api.base import Gate, ProgramViewSet
from partners.core import clock


class RaisingInput(serializers.Serializer[Any]):
    """What somebody saw about a claim. The partner is told nothing of it."""

    kind = serializers.ChoiceField(choices=[(kind.value, kind.label) for kind in RAISABLE])
    text = serializers.CharField(max_length=FLAG_LENGTH)

    def validate_kind(self, value: str) -> ConflictKind:
        """The kind as the services know it."""
        return ConflictKind(value)


class SignalsSerializer(serializers.Serializer[Any]):
    """What one person of ours is named in under partners' claims."""

    who = serializers.CharField()
    opened = serializers.IntegerField(help_text="Opportunities opened under a claim.")
    changed = serializers.IntegerField(help_text="Sources changed.")
    closed = serializers.IntegerField(help_text="Deals closed without the partner.")
    repeats = serializers.BooleanField()
    conflicts = serializers.SerializerMethodField()

    def get_conflicts(self, row: Any) -> list[str]:
        return [conflict.public_id for conflict in row.conflicts]


@extend_schema_view(
    raise_conflict=extend_schema(
        summary="Flag a conflict by hand", request=RaisingInput, responses={201: ConflictSerializer}
    ),
)
class Flags(ProgramViewSet):
    """What people see about a claim and the rules do not. A direct rep flags claims on their own accounts."""

    gates: ClassVar[dict[str, Gate]] = {"raise_conflict": "conflicts.raise"}

    def raise_conflict(self, request: Request, public_id: str) -> Response:
        row = access_raisable(self.place.seat, public_id)
        values = self.read(RaisingInput)
        conflict = raise_conflict(
            actor=self.actor, registration=row, kind=values["kind"], text=values["text"]
        )
        return self.one(conflict, ConflictSerializer, status=201)


@extend_schema_view(
    list=extend_schema(
        summary="List what our own side did under partners' claims",
        responses=SignalsSerializer(many=True),
        parameters=[OpenApiParameter("since", date, description="A day; 90 days ago when left out.")],
    ),
)
class OurSide(ProgramViewSet):
    """Warnings per person of ours: opened under a claim, source changed, closed without the partner."""

    gates: ClassVar[dict[str, Gate]] = {"list": "conflicts.view"}
    unpaged = ("list",)

    def list(self, request: Request) -> Response:
        day = query.day(request, "since")
        zone = self.place.program.timezone
        since = day_began(day, zone) if day else clock.now() - timedelta(days=90)
        people = immune_signals(self.place.seat, since=since)
        return Response(SignalsSerializer(people, many=True).data)
