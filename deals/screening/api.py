"""Customers' written choices and rules of engagement in the API."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from deals.accounts.access import access_account
from deals.common.bodies import offering_in, partner_in
from deals.common.shapes import NamedSerializer, Nothing
from deals.models import CustomerChoice, EngagementRule
from deals.rules.engagement import Stance
from deals.screening.access import access_choice, access_rule
from deals.screening.choices import PROOF_LENGTH, end_choice, record_choice
from deals.screening.engagement import Terms, add_rule, change_rule
from deals.screening.selectors.engagement import rules_listed
from partners.api.base import Gate, ProgramViewSet


class ChoiceSerializer(serializers.ModelSerializer[CustomerChoice]):
    """A customer's written choice. ``partner`` null: the vendor; ``offering`` null: whatever they buy."""

    id = serializers.CharField(source="public_id", read_only=True)
    account = NamedSerializer(read_only=True)
    partner = NamedSerializer(read_only=True, allow_null=True)
    offering = NamedSerializer(read_only=True, allow_null=True)

    class Meta:
        model = CustomerChoice
        fields = [
            "id",
            "account",
            "partner",
            "offering",
            "chosen_on",
            "proof",
            "recorded_by",
            "ended_at",
            "created_at",
        ]
        read_only_fields = fields


class ChoiceInput(serializers.Serializer[Any]):
    """A written choice. ``partner`` must be said; null means the vendor."""

    partner = serializers.CharField(max_length=20, allow_null=True)
    offering = serializers.CharField(max_length=20, required=False, allow_null=True)
    chosen_on = serializers.DateField()
    proof = serializers.CharField(max_length=PROOF_LENGTH)


class RuleSerializer(serializers.ModelSerializer[EngagementRule]):
    """A rule of engagement. An empty list means any."""

    id = serializers.CharField(source="public_id", read_only=True)
    partner = NamedSerializer(read_only=True, allow_null=True)

    class Meta:
        model = EngagementRule
        fields = [
            "id",
            "name",
            "stance",
            "partner",
            "countries",
            "verticals",
            "segments",
            "text",
            "active",
            "version",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


def _words() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=80), required=False, max_length=300, help_text="Empty: any."
    )


class RuleInput(serializers.Serializer[Any]):
    """A rule to make or change."""

    name = serializers.CharField(max_length=120)
    stance = serializers.ChoiceField(choices=Stance.choices)
    partner = serializers.CharField(max_length=20, required=False, allow_null=True)
    countries = _words()
    verticals = _words()
    segments = _words()
    text = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    active = serializers.BooleanField(required=False)


@extend_schema_view(
    on_account=extend_schema(
        summary="List what a customer chose in writing", responses=ChoiceSerializer(many=True)
    ),
    record=extend_schema(
        summary="Put a customer's written choice on record",
        request=ChoiceInput,
        responses={201: ChoiceSerializer},
    ),
    end=extend_schema(summary="A choice that no longer counts", request=Nothing, responses=ChoiceSerializer),
)
class Choices(ProgramViewSet):
    """Customers' written choices. Staff only."""

    gates: ClassVar[dict[str, Gate]] = {
        "on_account": "accounts.view",
        "record": "choices.record",
        "end": "choices.record",
    }

    def on_account(self, request: Request, public_id: str) -> Response:
        rows = CustomerChoice.objects.filter(account=access_account(public_id))
        return self.page(rows.select_related("account", "partner", "offering"), ChoiceSerializer)

    def record(self, request: Request, public_id: str) -> Response:
        values = self.read(ChoiceInput)
        choice = record_choice(
            actor=self.actor,
            account=access_account(public_id),
            partner=partner_in(values),
            offering=offering_in(values),
            chosen_on=values["chosen_on"],
            proof=values["proof"],
        )
        return self.one(access_choice(choice.public_id), ChoiceSerializer, status=201)

    def end(self, request: Request, public_id: str) -> Response:
        end_choice(actor=self.actor, choice=access_choice(public_id))
        return self.one(access_choice(public_id), ChoiceSerializer)


@extend_schema_view(
    list=extend_schema(summary="List the rules of engagement", responses=RuleSerializer(many=True)),
    retrieve=extend_schema(summary="Read a rule of engagement", responses=RuleSerializer),
    create=extend_schema(
        summary="Add a rule of engagement", request=RuleInput, responses={201: RuleSerializer}
    ),
    partial_update=extend_schema(
        summary="Change a rule of engagement", request=RuleInput(partial=True), responses=RuleSerializer
    ),
)
class EngagementRules(ProgramViewSet):
    """Who sells to which customers. Claims are screened by the rules in force."""

    gates: ClassVar[dict[str, Gate]] = {
        "list": "program.view",
        "retrieve": "program.view",
        "create": "program.edit",
        "partial_update": "program.edit",
    }
    versioned = ("partial_update",)

    def list(self, request: Request) -> Response:
        return self.page(rules_listed(), RuleSerializer)

    def retrieve(self, request: Request, public_id: str) -> Response:
        return self.one(access_rule(public_id), RuleSerializer)

    def create(self, request: Request) -> Response:
        row = add_rule(actor=self.actor, terms=_terms(self.read(RuleInput), {}))
        return self.one(row, RuleSerializer, status=201)

    def partial_update(self, request: Request, public_id: str) -> Response:
        row = access_rule(public_id)
        version = self.expected_version(row)
        terms = _terms(self.read(RuleInput, partial=True), _terms_of(row))
        change_rule(actor=self.actor, rule=row, terms=terms, expected_version=version)
        return self.one(access_rule(public_id), RuleSerializer)


def _terms(values: dict[str, Any], before: dict[str, Any]) -> Terms:
    """A rule from a body: its values over those it had."""
    chosen = before | values
    if "partner" in values:
        chosen["partner"] = partner_in(values)
    return Terms(**chosen | {"stance": Stance(chosen["stance"])})


def _terms_of(row: EngagementRule) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Terms.__dataclass_fields__}
