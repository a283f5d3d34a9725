"""Requests to become a partner: the queue, and the three answers."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from partners.acts.requests import ACCEPT, DECLINE, LATER, LOG_REQUEST
from partners.core import clock
from partners.kit.resource import Filter, Resource
from partners.kit.shapes import RowSerializer, words
from partners.models import PartnerRequest
from partners.rules.requests import RequestState
from partners.selectors import look_alikes, requests_found


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

    @extend_schema_field(LookAlikeSerializer(many=True))
    def get_look_alikes(self, request: PartnerRequest) -> list[dict[str, Any]]:
        """Partners and undecided requests of the same domain or name."""
        found = look_alikes([request])[request.pk]
        return [dict(LookAlikeSerializer(other).data) for other in found]


_STATES = ["waiting", *RequestState.values]


class PartnerRequests(Resource):
    """Organisations that ask to be partners."""

    plural, one_name, many, a = "partner-requests", "partner-request", "partner requests", "a partner request"
    reads = "requests.view"
    shape, one_shape = PartnerRequestSerializer, OneRequestSerializer
    filters = (
        Filter("q", said="Part of the organisation, website or contact."),
        Filter("state", among=_STATES, said="waiting: open, or its day has come."),
    )
    making = LOG_REQUEST
    acts = (ACCEPT, DECLINE, LATER)

    def listed(self, **filters: Any) -> QuerySet[PartnerRequest]:
        return requests_found(today=clock.today(self.place.program.timezone), **filters)

    def rows(self, **_filters: Any) -> QuerySet[PartnerRequest]:
        return PartnerRequest.objects.select_related("partner")
