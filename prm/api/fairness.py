"""How fair the program is to its partners, as figures."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from deals.registrations.rules.benefits import BenefitAnswer
from deals.rules.lifecycle import ConflictKind
from partners.api import query
from partners.api.base import Gate, ProgramView
from prm.rules.fairness import measured
from prm.rules.periods import CHOICES, read_period
from prm.selectors.fairness import benefits_in, open_and_late, rulings_in, watched_only
from prm.services.cells import running_month


class ShareSerializer(serializers.Serializer[Any]):
    """``part`` of ``whole``; ``value``, ``low`` and ``high`` (95 %) are null when too few to tell."""

    part = serializers.IntegerField()
    whole = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        said = instance.value, instance.low, instance.high
        value, low, high = (round(number, 4) for number in said) if instance.known else (None, None, None)
        return {"part": instance.part, "whole": instance.whole, "value": value, "low": low, "high": high}


class SidesSerializer(serializers.Serializer[Any]):
    """Rulings by whom they were for."""

    partner = serializers.IntegerField()
    incumbent = serializers.IntegerField()
    shared = serializers.IntegerField()
    no_conflict = serializers.IntegerField()


class BasesSerializer(serializers.Serializer[Any]):
    """Rulings by how they stand to what the rules suggested."""

    rule = serializers.IntegerField()
    exception = serializers.IntegerField()
    open = serializers.IntegerField(help_text="The rules left it to the person.")


class KindSerializer(serializers.Serializer[Any]):
    """Rulings on one kind of conflict; one on two kinds counts in both."""

    kind = serializers.ChoiceField(ConflictKind.choices)
    sides = SidesSerializer()


class RepSerializer(serializers.Serializer[Any]):
    """Contested rulings with one direct rep on the other side, by name."""

    name = serializers.CharField()
    for_partner = ShareSerializer()


class OverrideSerializer(serializers.Serializer[Any]):
    """Whether the partner team can decide for a partner against the vendor's own sales."""

    answer = serializers.CharField(source="headline")
    share = ShareSerializer()
    between_reps = serializers.CharField(source="range")
    reps = serializers.SerializerMethodField()

    @extend_schema_field(RepSerializer(many=True))
    def get_reps(self, row: Any) -> list[dict[str, Any]]:
        return [dict(RepSerializer({"name": name, "for_partner": share}).data) for name, share in row.reps]


class WatchedSerializer(serializers.Serializer[Any]):
    """A partner whose deals seem to be watched only."""

    partner = serializers.CharField(source="public_id")
    name = serializers.CharField(source="partner")
    approved = serializers.IntegerField()
    came = serializers.IntegerField()


class AnswersSerializer(serializers.Serializer[Any]):
    """Approved deals by how it stands with the promised benefit."""

    delivered = serializers.IntegerField()
    not_delivered = serializers.IntegerField()
    unknown = serializers.IntegerField()
    disputed = serializers.IntegerField()


class FairnessSerializer(serializers.Serializer[Any]):
    """The figures of the Fairness page."""

    first = serializers.CharField(help_text="First month.")
    last = serializers.CharField(help_text="Last month.")
    rulings = serializers.IntegerField()
    in_time = ShareSerializer()
    open_and_late = serializers.IntegerField()
    median_working_hours = serializers.FloatField(source="hours", allow_null=True)
    sides = SidesSerializer()
    bases = BasesSerializer()
    by_rule = ShareSerializer()
    kinds = KindSerializer(many=True)
    override = OverrideSerializer()
    appeals_overturned = ShareSerializer(source="appeals")
    corrected = serializers.IntegerField()
    benefits = AnswersSerializer()
    benefits_delivered = ShareSerializer()
    watched_only = WatchedSerializer(many=True)


class FairnessView(ProgramView):
    """Rulings, promised benefits and what makes one ask, over the last months."""

    gates: ClassVar[dict[str, Gate]] = {"get": "fairness.view"}

    @extend_schema(
        operation_id="fairness_retrieve",
        summary="Read how fair the program is to its partners",
        parameters=[OpenApiParameter("period", str, enum=[str(count) for count, _ in CHOICES])],
        responses=FairnessSerializer,
    )
    def get(self, request: Request) -> Response:
        program = self.place.program
        allowed = [str(count) for count, _ in CHOICES]
        period = read_period(query.choice(request, "period", allowed), running_month(program))
        figures = measured(rulings_in(period, program))
        counted = benefits_in(period, program)
        names = ("rulings", "in_time", "hours", "sides", "bases", "by_rule", "kinds", "override")
        body = {name: getattr(figures, name) for name in (*names, "appeals", "corrected")}
        body |= {
            "first": f"{period.first:%Y-%m}",
            "last": f"{period.last:%Y-%m}",
            "open_and_late": open_and_late(),
            "benefits": {answer.value: counted.answers[answer] for answer in BenefitAnswer},
            "benefits_delivered": counted.delivered,
            "watched_only": watched_only(program),
        }
        return Response(FairnessSerializer(body).data)
