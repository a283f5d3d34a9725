"""Requests to become a partner: the queue, and the three answers."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from partners.api import query
from partners.api.base import Gate, ProgramViewSet
from partners.api.shapes import PartnerSerializer
from partners.core import clock
from partners.kit.shapes import RowSerializer, words
from partners.models import Intent, PartnerRequest
from partners.rules.requests import DeclineReason, RequestState
from partners.selectors import look_alikes, requests_found
from partners.services.requests import accept_request, decline_request, log_request, postpone_request


class LookAlikeSerializer(serializers.Serializer[Any]):
    """Who it may be the same organisation as."""

    kind = serializers.ChoiceField(choices=["partner", "request"])
    id = serializers.CharField()
    name = serializers.CharField()
    why = serializers.CharField()


class PartnerRequestSerializer(RowSerializer[PartnerRequest]):
    """An organisation that asks to be a partner. ``sentence`` is what it was told."""

    partner = serializers.CharField(source="partner.public_id", default=None, read_only=True)

    class Meta:
        model = PartnerRequest
        fields = words(
            "id organisation website contact email intent why_them why_us received_on received_from"
            " state reason sentence ask_again_on decided_by decided_at partner version created_at"
            " updated_at"
        )


class OneRequestSerializer(PartnerRequestSerializer):
    """One request, with who it may be."""

    look_alikes = serializers.SerializerMethodField()

    class Meta(PartnerRequestSerializer.Meta):
        fields = [*PartnerRequestSerializer.Meta.fields, "look_alikes"]
        read_only_fields = fields

    @extend_schema_field(LookAlikeSerializer(many=True))
    def get_look_alikes(self, request: PartnerRequest) -> list[dict[str, Any]]:
        """Partners and undecided requests of the same domain or name."""
        found = look_alikes([request])[request.pk]
        return [dict(LookAlikeSerializer(other).data) for other in found]


class RequestInput(serializers.Serializer[Any]):
    """A request to log."""

    organisation = serializers.CharField(max_length=200)
    website = serializers.CharField(max_length=255, required=False, allow_blank=True)
    contact = serializers.CharField(max_length=120, required=False, allow_blank=True)
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True)
    intent = serializers.ChoiceField(choices=Intent.choices, required=False)
    why_them = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    why_us = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    received_on = serializers.DateField(required=False, help_text="Today, unless said otherwise.")
    received_from = serializers.CharField(max_length=120, required=False, allow_blank=True)


class AcceptInput(serializers.Serializer[Any]):
    """What they are told."""

    sentence = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class DeclineInput(serializers.Serializer[Any]):
    """Why, and what they are told."""

    reason = serializers.ChoiceField(choices=DeclineReason.choices)
    sentence = serializers.CharField(max_length=2000)


class LaterInput(serializers.Serializer[Any]):
    """When it is asked again."""

    ask_again_on = serializers.DateField()
    sentence = serializers.CharField(max_length=2000, required=False, allow_blank=True)


_STATES = ["waiting", *RequestState.values]


@extend_schema_view(
    list=extend_schema(
        summary="List partner requests",
        responses=PartnerRequestSerializer(many=True),
        parameters=[
            OpenApiParameter("q", str, description="Part of the organisation, website or contact."),
            OpenApiParameter("state", str, enum=_STATES, description="waiting: open, or its day has come."),
        ],
    ),
    retrieve=extend_schema(summary="Read a partner request", responses=OneRequestSerializer),
    create=extend_schema(
        summary="Log a partner request", request=RequestInput, responses={201: OneRequestSerializer}
    ),
    accept=extend_schema(
        summary="Accept a partner request", request=AcceptInput, responses={201: PartnerSerializer}
    ),
    decline=extend_schema(
        summary="Decline a partner request", request=DeclineInput, responses=OneRequestSerializer
    ),
    later=extend_schema(
        summary="Put off a partner request", request=LaterInput, responses=OneRequestSerializer
    ),
)
class PartnerRequests(ProgramViewSet):
    """Organisations that ask to be partners."""

    gates: ClassVar[dict[str, Gate]] = {
        "list": "requests.view",
        "retrieve": "requests.view",
        "create": "partners.edit",
        "accept": "partners.edit",
        "decline": "partners.edit",
        "later": "partners.edit",
    }
    versioned = ("accept", "decline", "later")

    def _seen(self, public_id: str) -> dict[str, Any]:
        """Which request is meant, at which version."""
        row = self.found(PartnerRequest.objects.all(), public_id)
        return {"public_id": row.public_id, "expected_version": self.expected_version(row)}

    def list(self, request: Request) -> Response:
        rows = requests_found(
            today=clock.today(self.place.program.timezone),
            q=query.text(request, "q"),
            state=query.choice(request, "state", _STATES),
        )
        return self.page(rows, PartnerRequestSerializer)

    def retrieve(self, request: Request, public_id: str) -> Response:
        rows = PartnerRequest.objects.select_related("partner")
        return self.one(self.found(rows, public_id), OneRequestSerializer)

    def create(self, request: Request) -> Response:
        made = log_request(actor=self.actor, **self.read(RequestInput))
        return self.one(made, OneRequestSerializer, status=201)

    def accept(self, request: Request, public_id: str) -> Response:
        seen = self._seen(public_id)
        partner = accept_request(actor=self.actor, **seen, **self.read(AcceptInput))
        return self.one(partner, PartnerSerializer, status=201)

    def decline(self, request: Request, public_id: str) -> Response:
        seen = self._seen(public_id)
        row = decline_request(actor=self.actor, **seen, **self.read(DeclineInput))
        return self.one(row, OneRequestSerializer)

    def later(self, request: Request, public_id: str) -> Response:
        seen = self._seen(public_id)
        row = postpone_request(actor=self.actor, **seen, **self.read(LaterInput))
        return self.one(row, OneRequestSerializer)
