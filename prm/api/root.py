"""The front of the API: which programs, who am I, and what there is not."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from partners.access import Holder, live_seats
from partners.api.base import ApiView
from partners.core.actor import Role
from partners.models import Seat
from partners.rules.roles import PERMISSIONS, may


class ProgramLink(serializers.Serializer[dict[str, Any]]):
    """A program the caller has a seat in."""

    id = serializers.CharField()
    slug = serializers.CharField()
    name = serializers.CharField()
    role = serializers.CharField()
    url = serializers.CharField(help_text="Where the program's resources begin.")


class OwnSeat(ProgramLink):
    """A seat of the caller, with what it allows."""

    seat = serializers.CharField(help_text="Id of the seat.")
    currency = serializers.CharField()
    timezone = serializers.CharField()
    permissions = serializers.ListField(child=serializers.CharField())


class Root(serializers.Serializer[dict[str, Any]]):
    """The front page."""

    programs = ProgramLink(many=True)
    me = serializers.CharField()
    schema = serializers.CharField()


class Me(serializers.Serializer[dict[str, Any]]):
    """The caller."""

    name = serializers.CharField()
    email = serializers.CharField()
    seats = OwnSeat(many=True)


def _seats(request: Request) -> list[Seat]:
    """The caller's seats; a token sees only the one it acts as."""
    seats = live_seats(request.user)  # type: ignore[arg-type]
    held = request.auth.seat.pk if isinstance(request.auth, Holder) else None
    return [seat for seat in seats if held in (None, seat.pk)]


def _link(request: Request, seat: Seat) -> dict[str, Any]:
    address = reverse("api:partners", kwargs={"program": seat.program.slug}).removesuffix("partners/")
    return {
        "id": seat.program.public_id,
        "slug": seat.program.slug,
        "name": seat.program.name,
        "role": seat.role,
        "url": request.build_absolute_uri(address),
    }


class RootView(ApiView):
    """Where a program starts reading."""

    @extend_schema(summary="List programs", operation_id="root", responses=Root)
    def get(self, request: Request) -> Response:
        return Response(
            {
                "programs": [_link(request, seat) for seat in _seats(request)],
                "me": request.build_absolute_uri(reverse("api:me")),
                "schema": request.build_absolute_uri(reverse("api:schema")),
            }
        )


class MeView(ApiView):
    """Who the token or session stands for."""

    @extend_schema(summary="Who am I", operation_id="me", responses=Me)
    def get(self, request: Request) -> Response:
        seats = [
            {
                **_link(request, seat),
                "seat": seat.public_id,
                "currency": seat.program.currency,
                "timezone": seat.program.timezone,
                "permissions": sorted(name for name in PERMISSIONS if may(Role(seat.role), name)),
            }
            for seat in _seats(request)
        ]
        return Response({"name": self.person.name, "email": self.person.email, "seats": seats})


class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1, for anybody: it says how to ask and shows no data."""

    permission_classes = (AllowAny,)
    authentication_classes = ()


class Unknown(ApiView):
    """Any other address: a problem, where Django would draw a page."""

    permission_classes = (AllowAny,)
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404
