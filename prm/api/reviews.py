"""Reviews of partners: whom one asks about, what was decided, deciding."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from partners.api import query
from partners.api.base import Gate, ProgramView, ProgramViewSet
from partners.core import clock
from partners.kit.shapes import RowSerializer, words
from partners.models import Intent
from prm.models import PartnerReview
from prm.rules.review import ReviewDecision
from prm.selectors.reviews import Asked, asked_about, reviews_found, with_rows
from prm.services.reviews import review_partner


class SignalSerializer(serializers.Serializer[Any]):
    """A question, and what was seen."""

    code = serializers.CharField()
    question = serializers.CharField()
    evidence = serializers.CharField()


class FactSerializer(serializers.Serializer[Any]):
    """A row behind a question; ``id`` is that of a deal or plan, "" for an activity."""

    what = serializers.CharField()
    day = serializers.DateField(allow_null=True)
    id = serializers.CharField(allow_blank=True)


class SignalWithRows(SignalSerializer):
    """A question with its newest rows."""

    rows = FactSerializer(many=True)


class ReviewSerializer(RowSerializer[PartnerReview]):
    """A decision, and what was on record that day."""

    partner = serializers.CharField(source="partner.public_id", read_only=True)
    signals = SignalSerializer(many=True, read_only=True)

    class Meta:
        model = PartnerReview
        fields = words(
            "id partner decision reasons ask_again_on intent_before intent_after signals decided_by"
            " decided_at"
        )


class AskedSerializer(serializers.Serializer[Any]):
    """A partner one asks about today; ``our_part`` is what we owe it, ``last`` the decision before."""

    partner = serializers.CharField(help_text="Id of the partner.")
    name = serializers.CharField()
    our_part = serializers.CharField(allow_blank=True)
    signals = SignalWithRows(many=True)
    last = ReviewSerializer(allow_null=True)


class AskedAbout(serializers.Serializer[Any]):
    """All partners one asks about today."""

    results = AskedSerializer(many=True)


class ReviewInput(serializers.Serializer[Any]):
    """A decision. ``seen`` is the id of the newest review you read ("" for none); a later one refuses it."""

    partner = serializers.CharField(max_length=20)
    decision = serializers.ChoiceField(choices=ReviewDecision.choices)
    reasons = serializers.CharField(max_length=4000)
    ask_again_on = serializers.DateField(
        required=False, allow_null=True, help_text="For all but exit: when one asks again."
    )
    intent = serializers.ChoiceField(
        choices=Intent.choices, required=False, allow_blank=True, help_text="For downgrade only."
    )
    seen = serializers.CharField(max_length=20, required=False, allow_blank=True, allow_null=True)


def _told(asked: Asked) -> dict[str, Any]:
    return {
        "partner": asked.partner.public_id,
        "name": asked.partner.name,
        "our_part": asked.our_part,
        "signals": [
            {
                "code": signal.code,
                "question": signal.question,
                "evidence": signal.evidence,
                "rows": [{"what": row.what, "day": row.day, "id": row.id} for row in rows],
            }
            for signal, rows in asked.evidence
        ],
        "last": asked.last,
    }


@extend_schema_view(
    list=extend_schema(
        summary="List reviews of partners",
        responses=ReviewSerializer(many=True),
        parameters=[OpenApiParameter("partner", str, description="Id of a partner.")],
    ),
    retrieve=extend_schema(summary="Read a review", responses=ReviewSerializer),
    create=extend_schema(
        summary="Decide on a partner", request=ReviewInput, responses={201: ReviewSerializer}
    ),
)
class Reviews(ProgramViewSet):
    """Decisions on partners. None is ever changed."""

    gates: ClassVar[dict[str, Gate]] = {
        "list": "reviews.view",
        "retrieve": "reviews.view",
        "create": "partners.edit",
    }

    def list(self, request: Request) -> Response:
        return self.page(reviews_found(partner=query.text(request, "partner")), ReviewSerializer)

    def retrieve(self, request: Request, public_id: str) -> Response:
        return self.one(self.found(reviews_found(), public_id), ReviewSerializer)

    def create(self, request: Request) -> Response:
        values = self.read(ReviewInput)
        review = review_partner(actor=self.actor, partner_id=values.pop("partner"), **values)
        return self.one(review, ReviewSerializer, status=201)


class ReviewsDue(ProgramView):
    """Whom one asks about today."""

    gates: ClassVar[dict[str, Gate]] = {"get": "reviews.view"}

    @extend_schema(
        operation_id="reviews_due",
        summary="List the partners one asks about today, with the evidence",
        responses=AskedAbout,
    )
    def get(self, request: Request) -> Response:
        today = clock.today(self.place.program.timezone)
        asked = with_rows(asked_about(today), today)
        for each in asked:
            if each.last is not None:
                each.last.partner = each.partner
        return Response(AskedAbout({"results": [_told(each) for each in asked]}).data)
