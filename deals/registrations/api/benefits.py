"""Word on promised benefits, under ``registrations/<id>/benefit/``."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from deals.models import Registration
from deals.registrations.api.registrations import READERS, WRITERS, registration_rows
from deals.registrations.benefits import NOTE_LENGTH, confirm_benefit
from deals.registrations.rules.benefits import BenefitAnswer
from deals.registrations.selectors import benefit_of
from partners.api.base import Gate, ProgramViewSet
from partners.core.errors import NotFound


class BenefitInput(serializers.Serializer[Any]):
    """One side's word: the caller's side is the one that is kept."""

    delivered = serializers.BooleanField()
    on = serializers.DateField(
        required=False, allow_null=True, help_text="Day of our delivery; today unless said. Staff only."
    )
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=NOTE_LENGTH, help_text="Needed for a no. Both read it."
    )


class OurWord(serializers.Serializer[Any]):
    """What the vendor says."""

    delivered = serializers.BooleanField(allow_null=True)
    on = serializers.DateField(allow_null=True)
    note = serializers.CharField()
    by = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)


class PartnerWord(serializers.Serializer[Any]):
    """What the partner says."""

    delivered = serializers.BooleanField(allow_null=True)
    note = serializers.CharField()
    by = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)


class BenefitSerializer(serializers.Serializer[Any]):
    """What was promised for an approved deal, and what each side says of it."""

    registration = serializers.CharField()
    promise = serializers.CharField()
    answer = serializers.ChoiceField(BenefitAnswer.choices)
    ours = OurWord()
    partners = PartnerWord()


def benefit_body(row: Registration) -> dict[str, Any]:
    """The benefit of a registration as the serializer reads it. Raises ``NotFound`` when none is owed."""
    found = benefit_of(row)
    if found is None:
        raise NotFound("No benefit is owed for this registration.")
    word = found.word
    return {
        "registration": row.public_id,
        "promise": found.promise,
        "answer": found.answer,
        "ours": {
            "delivered": word and word.delivered,
            "on": word and word.delivered_on,
            "note": word.note if word else "",
            "by": word.said_by if word else "",
            "at": word and word.said_at,
        },
        "partners": {
            "delivered": word and word.received,
            "note": word.partner_note if word else "",
            "by": word.partner_said_by if word else "",
            "at": word and word.partner_said_at,
        },
    }


@extend_schema_view(
    retrieve=extend_schema(summary="Read the benefit of an approved deal", responses=BenefitSerializer),
    say=extend_schema(
        summary="Say whether the promised benefit was delivered",
        request=BenefitInput,
        responses=BenefitSerializer,
    ),
)
class Benefits(ProgramViewSet):
    """Each side's word on the benefit promised for one registration."""

    gates: ClassVar[dict[str, Gate]] = {"retrieve": READERS, "say": WRITERS}

    def _row(self, public_id: str) -> Registration:
        return self.found(registration_rows(self.actor).select_related("benefit_delivery"), public_id)

    def retrieve(self, request: Request, public_id: str) -> Response:
        return Response(BenefitSerializer(benefit_body(self._row(public_id))).data)

    def say(self, request: Request, public_id: str) -> Response:
        values = self.read(BenefitInput)
        confirm_benefit(actor=self.actor, registration=self._row(public_id), **values)
        return Response(BenefitSerializer(benefit_body(self._row(public_id))).data)
