"""Several registrations in one call, each answered on its own."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from deals.common.bodies import described
from deals.models import Registration
from deals.registrations.api.registrations import WRITERS
from deals.registrations.api.shapes import ClaimInput, RegistrationSerializer
from deals.registrations.rules.several import MAX_ROWS
from deals.registrations.several import register_several
from deals.rules.claims import Claim
from partners.api.base import Gate, ProgramViewSet
from partners.api.named import partner_named
from partners.api.problems import ProblemSerializer, as_problem
from partners.core.errors import DomainError, RuleBroken


class SeveralInput(serializers.Serializer[Any]):
    """Deals to register, in the order in which they are to be claimed. Staff name the partner."""

    rows = serializers.ListField(child=serializers.DictField(), min_length=1, max_length=MAX_ROWS)
    partner = serializers.CharField(max_length=20, required=False, help_text="For staff: id of the partner.")


class RowAnswer(serializers.Serializer[Any]):
    """What became of one row: ``status`` 201 with the registration, or that of a refusal with its problem."""

    row = serializers.IntegerField(help_text="Place in the list, from 1.")
    status = serializers.IntegerField()
    registration = RegistrationSerializer(allow_null=True)
    problem = ProblemSerializer(allow_null=True)


class SeveralAnswer(serializers.Serializer[Any]):
    """One answer for each row, in their order."""

    registered = serializers.IntegerField()
    refused = serializers.IntegerField()
    rows = RowAnswer(many=True)


@extend_schema_view(
    create=extend_schema(
        summary="Register several deals", request=SeveralInput, responses={207: SeveralAnswer}
    )
)
class SeveralRegistrations(ProgramViewSet):
    """Deals registered one by one in one call; a row that is refused takes no other with it."""

    gates: ClassVar[dict[str, Gate]] = {"create": WRITERS}

    def create(self, request: Request) -> Response:
        values = self.read(SeveralInput)
        answers: dict[int, Registration | Exception] = {}
        claims: dict[int, Claim] = {}
        for number, row in enumerate(values["rows"], start=1):
            try:
                claims[number] = described(Claim, self.read_one(row, ClaimInput))
            except (DomainError, ValidationError) as refusal:
                answers[number] = refusal
        partner_id = self._partner(values.get("partner"))
        answers |= register_several(actor=self.actor, claims=claims, partner_id=partner_id)
        rows = [self._told(number, answer) for number, answer in sorted(answers.items())]
        done = sum(row["status"] == 201 for row in rows)
        return Response({"registered": done, "refused": len(rows) - done, "rows": rows}, status=207)

    def _partner(self, public_id: str | None) -> int | None:
        if public_id is None:
            if not self.actor.is_partner:
                raise RuleBroken("partner", "For which partner are these registrations?", field="partner")
            return None
        return partner_named(public_id).pk

    def _told(self, number: int, answer: Registration | Exception) -> dict[str, Any]:
        if isinstance(answer, Registration):
            told = self.told(RegistrationSerializer, answer)
            return {"row": number, "status": 201, "registration": told, "problem": None}
        problem = as_problem(answer, {})
        if problem is None:
            raise answer
        return {"row": number, "status": problem.status_code, "registration": None, "problem": problem.data}
