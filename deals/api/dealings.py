"""What our own side does, by API: deals opened, sources changed, touches, written choices, rules, flags."""

from datetime import date, timedelta
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from deals.access import access_account, access_choice, access_raisable, access_rule, access_touch
from deals.api.case_shapes import ConflictSerializer
from deals.api.dealing_shapes import (
    ChoiceInput,
    ChoiceSerializer,
    OneOpportunitySerializer,
    OpeningInput,
    RaisingInput,
    RuleInput,
    RuleSerializer,
    SignalsSerializer,
    SourceInput,
    TouchInput,
    TouchSerializer,
)
from deals.api.resources import Opportunities
from deals.api.shapes import Nothing
from deals.models import Account, CustomerChoice, EngagementRule, Source, Touch
from deals.rules.attribution import TouchKind
from deals.rules.engagement import Stance
from deals.selectors.calendar import day_began
from deals.selectors.engagement import rules_listed
from deals.selectors.vigilance import immune_signals
from deals.services.choices import end_choice, record_choice
from deals.services.engagement import Terms, add_rule, change_rule
from deals.services.raising import raise_conflict
from deals.services.sources import Deal, change_source, open_opportunity
from deals.services.touches import log_touch, remove_touch
from partners.api import query
from partners.api.base import Gate, ProgramViewSet
from partners.api.named import named, offering_named, partner_named
from partners.core import clock
from partners.models import Offering, Partner


def _partner(values: dict[str, Any]) -> Partner | None:
    """The partner a body names, if it names one."""
    public_id = values.get("partner")
    return None if public_id is None else partner_named(public_id)


def _offering(values: dict[str, Any]) -> Offering | None:
    public_id = values.get("offering")
    return None if public_id is None else offering_named(public_id)


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
            offering=_offering(values),
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
            partner=_partner(values),
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
            partner=None if self.actor.is_partner else _partner(values),
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
            partner=_partner(values),
            offering=_offering(values),
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
        chosen["partner"] = _partner(values)
    return Terms(**chosen | {"stance": Stance(chosen["stance"])})


def _terms_of(row: EngagementRule) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Terms.__dataclass_fields__}


@extend_schema_view(
    raise_conflict=extend_schema(
        summary="Flag a conflict by hand", request=RaisingInput, responses={201: ConflictSerializer}
    ),
)
class Flags(ProgramViewSet):
    """What people see about a claim and the rules do not. A direct rep flags claims on their own accounts."""

    gates: ClassVar[dict[str, Gate]] = {"raise_conflict": "conflicts.raise"}

    def raise_conflict(self, request: Request, public_id: str) -> Response:
        row = access_raisable(self.place.seat, public_id)
        values = self.read(RaisingInput)
        conflict = raise_conflict(
            actor=self.actor, registration=row, kind=values["kind"], text=values["text"]
        )
        return self.one(conflict, ConflictSerializer, status=201)


@extend_schema_view(
    list=extend_schema(
        summary="List what our own side did under partners' claims",
        responses=SignalsSerializer(many=True),
        parameters=[OpenApiParameter("since", date, description="A day; 90 days ago when left out.")],
    ),
)
class OurSide(ProgramViewSet):
    """Warnings per person of ours: opened under a claim, source changed, closed without the partner."""

    gates: ClassVar[dict[str, Gate]] = {"list": "conflicts.view"}

    def list(self, request: Request) -> Response:
        day = query.day(request, "since")
        zone = self.place.program.timezone
        since = day_began(day, zone) if day else clock.now() - timedelta(days=90)
        people = immune_signals(self.place.seat, since=since)
        return Response(SignalsSerializer(people, many=True).data)
