"""The program itself: when it works."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from partners.api.base import Gate, ProgramViewSet
from partners.kit.shapes import RowSerializer, words
from partners.models import Program
from partners.selectors import program_in_force
from partners.services.hours import change_hours


class ProgramSerializer(RowSerializer[Program]):
    """The program. Times of day are local to its time zone; no clock runs on its holidays."""

    holidays = serializers.ListField(child=serializers.DateField(), read_only=True)

    class Meta:
        model = Program
        fields = words(
            "id slug name vendor currency timezone workday_start workday_end holidays launched_on version"
        )


class HoursInput(serializers.Serializer[Any]):
    """What to change about the working hours; deadlines that run keep their time."""

    timezone = serializers.CharField(max_length=60, help_text="Such as Europe/Berlin.")
    workday_start = serializers.TimeField()
    workday_end = serializers.TimeField()
    holidays = serializers.ListField(
        child=serializers.DateField(), max_length=400, help_text="All of them: days left out are removed."
    )


@extend_schema_view(
    retrieve=extend_schema(summary="Read the program", responses=ProgramSerializer),
    partial_update=extend_schema(
        summary="Change working hours and holidays",
        request=HoursInput(partial=True),
        responses=ProgramSerializer,
    ),
)
class ProgramInForce(ProgramViewSet):
    """The program one is in."""

    gates: ClassVar[dict[str, Gate]] = {"retrieve": "program.view", "partial_update": "program.edit"}
    versioned = ("partial_update",)

    def retrieve(self, request: Request) -> Response:
        return self.one(program_in_force(), ProgramSerializer)

    def partial_update(self, request: Request) -> Response:
        expected = self.expected_version(program_in_force())
        terms = self.read(HoursInput, partial=True)
        changed = change_hours(actor=self.actor, expected_version=expected, **terms)
        return self.one(changed, ProgramSerializer)
