"""Opportunities in the API: read, opened, closed, their source, and partners' touches."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from deals.common.bodies import offering_in, partner_in
from deals.common.shapes import OF_PARTNER, SEARCH, IdForStaff, NamedSerializer, Nothing, StaffOnlySerializer
from deals.models import Account, Opportunity, OpportunityState, Source, Touch
from deals.opportunities.access import access_touch
from deals.opportunities.selectors import attribution_of, opportunities_found
from deals.opportunities.source import REASON_LENGTH, Deal, change_source, open_opportunity
from deals.opportunities.touches import NOTE_LENGTH, log_touch, remove_touch
from deals.registrations.outcome import close_opportunity
from deals.rules.attribution import TouchKind
from deals.rules.claims import NAME_LENGTH
from partners.api import query
from partners.api.base import Gate, ProgramViewSet
from partners.api.named import named


class OpportunitySerializer(StaffOnlySerializer[Opportunity]):
    """A possible sale. Partner people see their own, without what is the vendor's own business."""

    staff_only: tuple[str, ...] = (
        "stage",
        "owner_name",
        "external_id",
        "program_amount",
        "rate",
        "rate_on",
    )

    id = serializers.CharField(source="public_id", read_only=True)
    account = IdForStaff("account")
    offering = NamedSerializer(read_only=True, allow_null=True)
    partner = NamedSerializer(read_only=True, allow_null=True)
    stage = serializers.CharField(read_only=True, allow_null=True)
    owner_name = serializers.CharField(read_only=True, allow_null=True)
    external_id = serializers.CharField(read_only=True, allow_null=True)
    rate = serializers.DecimalField(max_digits=18, decimal_places=8, read_only=True, allow_null=True)

    class Meta:
        model = Opportunity
        fields = [
            "id",
            "name",
            "account",
            "offering",
            "state",
            "stage",
            "amount",
            "currency",
            "program_amount",
            "rate",
            "rate_on",
            "opened_on",
            "closes_on",
            "closed_on",
            "owner_name",
            "source",
            "partner",
            "external_id",
            "version",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class ClosingInput(serializers.Serializer[Any]):
    """How an opportunity ended, and on which day (today when left out)."""

    closed_on = serializers.DateField(required=False)


class OneOpportunitySerializer(OpportunitySerializer):
    """An opportunity with what a partner's part in it is called."""

    staff_only: tuple[str, ...] = (*OpportunitySerializer.staff_only, "partner_share")

    partner_share = serializers.IntegerField(read_only=True, allow_null=True)
    attribution = serializers.SerializerMethodField(help_text="sourced, influenced or neither; never two.")

    class Meta(OpportunitySerializer.Meta):
        fields = [*OpportunitySerializer.Meta.fields, "partner_share", "attribution"]
        read_only_fields = fields

    def get_attribution(self, row: Opportunity) -> str:
        return attribution_of(row).value


class OpeningInput(serializers.Serializer[Any]):
    """A direct opportunity to open."""

    account = serializers.CharField(max_length=20, help_text="Id of an account.")
    name = serializers.CharField(max_length=NAME_LENGTH)
    offering = serializers.CharField(max_length=20, required=False, allow_null=True)
    amount = serializers.DecimalField(
        max_digits=16, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    currency = serializers.CharField(max_length=3, required=False, allow_blank=True)
    closes_on = serializers.DateField(required=False, allow_null=True)
    stage = serializers.CharField(max_length=80, required=False, allow_blank=True)


class SourceInput(serializers.Serializer[Any]):
    """Whose an opportunity is. Every change has a reason."""

    source = serializers.ChoiceField(choices=Source.choices)  # type: ignore[assignment] # the field's name
    partner = serializers.CharField(
        max_length=20, required=False, allow_null=True, help_text="Id of a partner; none for direct."
    )
    reason = serializers.CharField(max_length=REASON_LENGTH)


class TouchSerializer(serializers.ModelSerializer[Touch]):
    """A dated act of a partner on an opportunity."""

    id = serializers.CharField(source="public_id", read_only=True)
    partner = NamedSerializer(read_only=True)

    class Meta:
        model = Touch
        fields = ["id", "partner", "on", "kind", "note", "logged_by", "removed_at", "created_at"]
        read_only_fields = fields


class TouchInput(serializers.Serializer[Any]):
    """What a partner did. Staff name the partner."""

    on = serializers.DateField()
    kind = serializers.ChoiceField(choices=TouchKind.choices)
    note = serializers.CharField(max_length=NOTE_LENGTH, required=False, allow_blank=True)
    partner = serializers.CharField(max_length=20, required=False, help_text="For staff: id of the partner.")


@extend_schema_view(
    list=extend_schema(
        summary="List opportunities",
        responses=OpportunitySerializer(many=True),
        parameters=[
            SEARCH,
            OF_PARTNER,
            OpenApiParameter("state", str, enum=OpportunityState.values),
            OpenApiParameter("source", str, enum=Source.values),
        ],
    ),
    retrieve=extend_schema(summary="Read an opportunity", responses=OpportunitySerializer),
    win=extend_schema(
        summary="Close an opportunity as won", request=ClosingInput, responses=OpportunitySerializer
    ),
    lose=extend_schema(
        summary="Close an opportunity as lost", request=ClosingInput, responses=OpportunitySerializer
    ),
)
class Opportunities(ProgramViewSet):
    """Possible sales: all of them for staff, a partner's own for its people."""

    gates: ClassVar[dict[str, Gate]] = {
        "list": ("opportunities.view", "portal.view"),
        "retrieve": ("opportunities.view", "portal.view"),
        "win": "opportunities.edit",
        "lose": "opportunities.edit",
    }
    versioned: ClassVar[tuple[str, ...]] = ("win", "lose")

    def _rows(self, **filters: str) -> QuerySet[Opportunity]:
        rows = opportunities_found(**filters)
        return rows if self.actor.is_partner else rows.select_related("account")

    def list(self, request: Request) -> Response:
        rows = self._rows(
            q=query.text(request, "q"),
            state=query.choice(request, "state", OpportunityState.values),
            source=query.choice(request, "source", Source.values),
            partner=query.text(request, "partner"),
        )
        return self.page(rows, OpportunitySerializer)

    def retrieve(self, request: Request, public_id: str) -> Response:
        return self.one(self.found(self._rows(), public_id), OpportunitySerializer)

    def win(self, request: Request, public_id: str) -> Response:
        return self._close(public_id, OpportunityState.WON)

    def lose(self, request: Request, public_id: str) -> Response:
        return self._close(public_id, OpportunityState.LOST)

    def _close(self, public_id: str, state: OpportunityState) -> Response:
        row = self.found(self._rows(), public_id)
        version = self.expected_version(row)
        closed_on = self.read(ClosingInput).get("closed_on")
        close_opportunity(
            actor=self.actor, opportunity=row, state=state, closed_on=closed_on, expected_version=version
        )
        return self.one(self.found(self._rows(), public_id), OpportunitySerializer)


@extend_schema_view(
    retrieve=extend_schema(summary="Read an opportunity", responses=OneOpportunitySerializer),
    create=extend_schema(
        summary="Open a direct opportunity", request=OpeningInput, responses={201: OneOpportunitySerializer}
    ),
    change_source=extend_schema(
        summary="Change the source of an opportunity", request=SourceInput, responses=OneOpportunitySerializer
    ),
    touches=extend_schema(
        summary="List what partners did on an opportunity", responses=TouchSerializer(many=True)
    ),
    touch=extend_schema(
        summary="Put on record what a partner did", request=TouchInput, responses={201: TouchSerializer}
    ),
)
class OpportunityDealings(Opportunities):
    """Opportunities as our own side opens and changes them, and what partners did on them."""

    gates: ClassVar[dict[str, Gate]] = {
        **Opportunities.gates,
        "create": "opportunities.open",
        "change_source": "opportunities.edit",
        "touches": ("opportunities.view", "portal.view"),
        "touch": ("touches.log", "portal.register"),
    }
    versioned: ClassVar[tuple[str, ...]] = (*Opportunities.versioned, "change_source")

    def retrieve(self, request: Request, public_id: str) -> Response:
        return self.one(self.found(self._rows(), public_id), OneOpportunitySerializer)

    def create(self, request: Request) -> Response:
        values = self.read(OpeningInput)
        account = named(Account.objects.all(), values["account"], "account")
        deal = Deal(
            name=values["name"],
            account=account,
            offering=offering_in(values),
            amount=values.get("amount"),
            currency=values.get("currency", ""),
            closes_on=values.get("closes_on"),
            stage=values.get("stage", ""),
        )
        row = open_opportunity(actor=self.actor, deal=deal)
        return self.one(self.found(self._rows(), row.public_id), OneOpportunitySerializer, status=201)

    def change_source(self, request: Request, public_id: str) -> Response:
        row = self.found(self._rows(), public_id)
        version = self.expected_version(row)
        values = self.read(SourceInput)
        change_source(
            actor=self.actor,
            opportunity=row,
            source=Source(values["source"]),
            partner=partner_in(values),
            reason=values["reason"],
            expected_version=version,
        )
        return self.one(self.found(self._rows(), public_id), OneOpportunitySerializer)

    def touches(self, request: Request, public_id: str) -> Response:
        row = self.found(self._rows(), public_id)
        rows = Touch.objects.filter(opportunity=row).select_related("partner")
        return self.page(rows, TouchSerializer)

    def touch(self, request: Request, public_id: str) -> Response:
        row = self.found(self._rows(), public_id)
        values = self.read(TouchInput)
        touch = log_touch(
            actor=self.actor,
            opportunity=row,
            on=values["on"],
            kind=TouchKind(values["kind"]),
            note=values.get("note", ""),
            partner=None if self.actor.is_partner else partner_in(values),
        )
        return self.one(touch, TouchSerializer, status=201)


@extend_schema_view(
    remove=extend_schema(summary="Take back what never happened", request=Nothing, responses=TouchSerializer),
)
class Touches(ProgramViewSet):
    """What partners did, once it is on record."""

    gates: ClassVar[dict[str, Gate]] = {"remove": ("touches.log", "portal.register")}

    def remove(self, request: Request, public_id: str) -> Response:
        return self.one(remove_touch(actor=self.actor, touch=access_touch(public_id)), TouchSerializer)
