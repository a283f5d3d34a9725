"""Accounts in the API, and making two of them one. Staff only."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from deals.accounts.known_names import set_known_names
from deals.accounts.merging import merge_accounts, undo_merge
from deals.accounts.selectors import FLAGS, accounts_found
from deals.common.shapes import Nothing
from deals.models import Account, AccountMerge
from partners.api import query
from partners.api.base import Gate, ProgramViewSet
from partners.api.named import named
from partners.core.errors import NotFound


class AccountSerializer(serializers.ModelSerializer[Account]):
    """An end customer as the vendor knows it. Staff only."""

    id = serializers.CharField(source="public_id", read_only=True)
    merged_into = serializers.SlugRelatedField(slug_field="public_id", read_only=True)  # type: ignore[var-annotated]

    class Meta:
        model = Account
        fields = [
            "id",
            "name",
            "other_names",
            "website",
            "domain",
            "other_domains",
            "country",
            "segment",
            "owner_name",
            "is_customer",
            "is_named",
            "external_id",
            "other_ids",
            "vertical",
            "merged_into",
            "removed_at",
            "version",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


_Q = OpenApiParameter("q", str, description="Part of a name or website, or a whole id.")


class MergeInput(serializers.Serializer[Any]):
    """The account that stays."""

    into = serializers.CharField(max_length=20, help_text="Id of the account that stays.")


class NamesInput(serializers.Serializer[Any]):
    """What an account is known by beside its name and website; what is not listed is known no more."""

    other_names = serializers.ListField(child=serializers.CharField(max_length=1000), max_length=100)
    other_domains = serializers.ListField(child=serializers.CharField(max_length=1000), max_length=100)


@extend_schema_view(
    list=extend_schema(
        summary="List accounts",
        responses=AccountSerializer(many=True),
        parameters=[_Q, OpenApiParameter("flag", str, enum=list(FLAGS))],
    ),
    retrieve=extend_schema(summary="Read an account", responses=AccountSerializer),
    merge=extend_schema(
        summary="Merge an account into another; answers with the one that stays",
        request=MergeInput,
        responses=AccountSerializer,
    ),
    names=extend_schema(
        summary="Say what else a customer is called and where else it is found",
        request=NamesInput,
        responses=AccountSerializer,
    ),
    unmerge=extend_schema(
        summary="Take the merge of an account back", request=Nothing, responses=AccountSerializer
    ),
)
class Accounts(ProgramViewSet):
    """End customers. They come from the CRM, or from a claim that was approved."""

    gates: ClassVar[dict[str, Gate]] = {
        "list": "accounts.view",
        "retrieve": "accounts.view",
        "merge": "accounts.edit",
        "unmerge": "accounts.edit",
        "names": "accounts.edit",
    }
    versioned = ("merge", "unmerge", "names")

    def list(self, request: Request) -> Response:
        rows = accounts_found(q=query.text(request, "q"), flag=query.choice(request, "flag", FLAGS))
        return self.page(rows, AccountSerializer)

    def retrieve(self, request: Request, public_id: str) -> Response:
        return self.one(self.found(_every(), public_id), AccountSerializer)

    def merge(self, request: Request, public_id: str) -> Response:
        row = self.found(_every(), public_id)
        version = self.expected_version(row)
        into = named(Account.objects.all(), self.read(MergeInput)["into"], "into", "account")
        merge_accounts(actor=self.actor, kept=into, merged=row, expected_version=version)
        return self.one(self.found(_every(), into.public_id), AccountSerializer)

    def names(self, request: Request, public_id: str) -> Response:
        row = self.found(_every(), public_id)
        version, said = self.expected_version(row), self.read(NamesInput)
        set_known_names(
            actor=self.actor,
            account=row,
            names=said["other_names"],
            websites=said["other_domains"],
            expected_version=version,
        )
        return self.one(self.found(_every(), public_id), AccountSerializer)

    def unmerge(self, request: Request, public_id: str) -> Response:
        row = self.found(_every(), public_id)
        self.expected_version(row)
        merge = AccountMerge.objects.filter(merged=row, undone_at__isnull=True).first()
        if merge is None:
            raise NotFound("This account is not merged into another.")
        undo_merge(actor=self.actor, merge=merge)
        return self.one(self.found(_every(), public_id), AccountSerializer)


def _every() -> QuerySet[Account]:
    """Every account, those merged into another as well: their ids stay good."""
    return Account.objects.select_related("merged_into")
