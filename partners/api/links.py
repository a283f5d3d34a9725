"""Personal links of partner people."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from partners.api.base import Gate, ProgramViewSet
from partners.core.errors import NotFound
from partners.kit.shapes import RowSerializer, words
from partners.models import PersonalLink, Seat
from partners.selectors import link_of, seats_found
from partners.services.links import address_of, end_link, make_link, require_right_to_link


class PersonalLinkSerializer(RowSerializer[PersonalLink]):
    """A personal link, without its address: that is told once, when it is made."""

    person = serializers.CharField(source="seat.public_id", read_only=True, help_text="Id of the seat.")

    class Meta:
        model = PersonalLink
        fields = words("id person made_by created_at last_used_at")


class MadeLinkSerializer(PersonalLinkSerializer):
    """A link just made, with its address."""

    url = serializers.CharField(read_only=True, help_text="Told now and never again.")

    class Meta(PersonalLinkSerializer.Meta):
        fields = [*PersonalLinkSerializer.Meta.fields, "url"]
        read_only_fields = fields


@extend_schema_view(
    retrieve=extend_schema(summary="Read a person's link", responses=PersonalLinkSerializer),
    create=extend_schema(
        summary="Make a person's link; the one before ends",
        request=None,
        responses={201: MadeLinkSerializer},
    ),
    destroy=extend_schema(summary="End a person's link", responses={204: None}),
)
class PersonalLinks(ProgramViewSet):
    """By its link a partner's person registers deals without signing in."""

    gates: ClassVar[dict[str, Gate]] = {
        "retrieve": "links.make",
        "create": "links.make",
        "destroy": "links.make",
    }

    def _answer_once(self, request: Request, key: str) -> None:
        """An answer that holds a secret is kept nowhere: the second request replaces the first link."""

    def _seat(self, public_id: str) -> Seat:
        seat = self.found(seats_found(), public_id)
        require_right_to_link(self.actor, seat)
        return seat

    def retrieve(self, request: Request, public_id: str) -> Response:
        link = link_of(self._seat(public_id))
        if link is None:
            raise NotFound("This person has no link.")
        return self.one(link, PersonalLinkSerializer)

    def create(self, request: Request, public_id: str) -> Response:
        link, secret = make_link(actor=self.actor, public_id=self._seat(public_id).public_id)
        link.url = address_of(secret, site=request.build_absolute_uri("/").rstrip("/"))  # type: ignore[attr-defined]
        return self.one(link, MadeLinkSerializer, status=201)

    def destroy(self, request: Request, public_id: str) -> Response:
        end_link(actor=self.actor, public_id=self._seat(public_id).public_id)
        return Response(status=204)
