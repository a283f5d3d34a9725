"""Check a list, for software: companies in, accounts out."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from deals.lists.selectors import list_rows, lists_found
from deals.lists.services import check_companies, discard_list
from deals.matching.match import Band
from deals.models import ListCheck, ListRow
from partners.api import query
from partners.api.base import Gate, ProgramViewSet
from partners.core.errors import RuleBroken
from partners.kit.shapes import RowSerializer, words

_PAGE = 200


class CompanyInput(serializers.Serializer[Any]):
    """One company of a list; ``id`` is the caller's own, the row's number when left out."""

    id = serializers.CharField(max_length=120, required=False, allow_blank=True)
    name = serializers.CharField(max_length=255, allow_blank=True)
    website = serializers.CharField(max_length=255, required=False, allow_blank=True)
    country = serializers.CharField(max_length=60, required=False, allow_blank=True)


class ListInput(serializers.Serializer[Any]):
    """A list to check, at most 5,000 companies at a time."""

    name = serializers.CharField(max_length=255, required=False, allow_blank=True, default="By API")
    rows = serializers.ListField(child=CompanyInput(), min_length=1, max_length=5000)


class ListSerializer(RowSerializer[ListCheck]):
    """A list and how far it is: finished when ``finished_at`` is set."""

    name = serializers.CharField(source="file_name", read_only=True)

    class Meta:
        model = ListCheck
        fields = words("id name rows done same possible asked_by created_at finished_at")


class AnswerSerializer(serializers.Serializer[Any]):
    """An account a company is, may be, or is related to."""

    account = serializers.CharField(help_text="Id in the CRM, or ours where it has none.")
    name = serializers.CharField()
    band = serializers.ChoiceField(choices=[Band.SAME.value, Band.POSSIBLE.value, Band.RELATED.value])
    score = serializers.FloatField()
    reasons = serializers.CharField()


class ListRowSerializer(serializers.ModelSerializer[ListRow]):
    """A company of a list; ``answers`` is null until it was looked up."""

    id = serializers.CharField(source="query_id", read_only=True)
    answers = AnswerSerializer(many=True, read_only=True, allow_null=True)

    class Meta:
        model = ListRow
        fields = ["number", "id", "name", "website", "country", "band", "answers"]
        read_only_fields = fields


@extend_schema_view(
    list=extend_schema(summary="List checked lists", responses=ListSerializer(many=True)),
    create=extend_schema(summary="Check a list", request=ListInput, responses={201: ListSerializer}),
    retrieve=extend_schema(summary="Read a checked list", responses=ListSerializer),
    destroy=extend_schema(summary="Throw a checked list away", responses={204: None}),
    rows=extend_schema(
        summary="Read the answers of a checked list",
        responses=ListRowSerializer(many=True),
        parameters=[OpenApiParameter("band", str, enum=[band.value for band in Band])],
    ),
)
class Lists(ProgramViewSet):
    """Companies looked up among the accounts by a worker. Nothing else is changed."""

    gates: ClassVar[dict[str, Gate]] = dict.fromkeys(
        ("list", "create", "retrieve", "destroy", "rows"), "accounts.check"
    )

    def list(self, request: Request) -> Response:
        return self.page(lists_found(query.text(request, "q")), ListSerializer)

    def create(self, request: Request) -> Response:
        values = self.read(ListInput)
        check = check_companies(actor=self.actor, name=values["name"], rows=values["rows"])
        return self.one(check, ListSerializer, status=201)

    def retrieve(self, request: Request, public_id: str) -> Response:
        return self.one(self.found(lists_found(), public_id), ListSerializer)

    def destroy(self, request: Request, public_id: str) -> Response:
        discard_list(actor=self.actor, check=self.found(lists_found(), public_id))
        return Response(status=204)

    def rows(self, request: Request, public_id: str) -> Response:
        check = self.found(lists_found(), public_id)
        found = list_rows(check, band=query.choice(request, "band", [band.value for band in Band]))
        after = query.text(request, "cursor") or "0"
        if not (after.isascii() and after.isdigit() and len(after) < 10):
            raise RuleBroken("cursor", "This cursor leads nowhere. Start without one.", field="cursor")
        rows = list(found.filter(number__gt=int(after))[: _PAGE + 1])
        following = str(rows[_PAGE - 1].number) if len(rows) > _PAGE else None
        url = request.build_absolute_uri()
        return Response(
            {
                "next": replace_query_param(url, "cursor", following) if following else None,
                "results": ListRowSerializer(rows[:_PAGE], many=True).data,
            }
        )
