"""One's own notices."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from partners.api.base import Gate, ProgramViewSet
from partners.kit.shapes import RowSerializer, words
from partners.models import Notice
from partners.rules.notices import NoticeKind
from partners.selectors import notices_of
from partners.services.notices import mark_read, mute


class NoticeSerializer(RowSerializer[Notice]):
    """Something the caller was told. ``about`` is the id of what it is about."""

    about = serializers.CharField(source="page_id", read_only=True)

    class Meta:
        model = Notice
        fields = words("id kind subject body about created_at sent_at read_at")


class MuteInput(serializers.Serializer[Any]):
    """A kind of notice, and whether its mail is switched off."""

    kind = serializers.ChoiceField(choices=NoticeKind.choices)
    muted = serializers.BooleanField()


class Muted(serializers.Serializer[Any]):
    """The kinds whose mail is switched off."""

    muted = serializers.ListField(child=serializers.CharField())


class ReadNotices(serializers.Serializer[Any]):
    """How many notices were new."""

    read = serializers.IntegerField()


@extend_schema_view(
    list=extend_schema(summary="List your notices", responses=NoticeSerializer(many=True)),
    read_all=extend_schema(summary="Mark your notices as read", request=None, responses=ReadNotices),
    mute=extend_schema(summary="Switch the mail of a kind off or on", request=MuteInput, responses=Muted),
)
class Notices(ProgramViewSet):
    """What the caller was told."""

    gates: ClassVar[dict[str, Gate]] = {
        "list": "notices.own",
        "read_all": "notices.own",
        "mute": "notices.own",
    }

    def list(self, request: Request) -> Response:
        return self.page(notices_of(self.place.seat), NoticeSerializer)

    def read_all(self, request: Request) -> Response:
        return Response({"read": mark_read(seat=self.place.seat)})

    def mute(self, request: Request) -> Response:
        return Response({"muted": mute(seat=self.place.seat, **self.read(MuteInput)).muted})
