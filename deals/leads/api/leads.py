"""Leads both ways, and their offers to partners."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from deals.common.bodies import described
from deals.leads.api.shapes import (
    BuyerInput,
    CandidateSerializer,
    LeadAnswerInput,
    LeadCloseInput,
    LeadDeclineInput,
    LeadInput,
    LeadOfferSerializer,
    LeadSerializer,
    OfferInput,
)
from deals.leads.offers import accept_offer, decline_offer, offer_lead, withdraw_offer
from deals.leads.selectors.leads import leads_found, offers_found
from deals.leads.selectors.routing import account_of, accounts_like, candidates_for
from deals.leads.services import answer_lead, change_lead, close_lead, create_lead, give_lead
from deals.models import Lead, LeadOffer
from deals.rules.leads import Buyer, Direction, LeadState, OfferState
from partners.api import query
from partners.api.base import Gate, ProgramViewSet
from partners.api.named import partner_named
from partners.core.errors import RuleBroken
from partners.kit.shapes import Nothing

READERS: Gate = ("leads.view", "portal.leads")
WRITERS: Gate = ("leads.edit", "portal.leads")
_PARTNER = OpenApiParameter("partner", str, description="Id of a partner.")


@extend_schema_view(
    list=extend_schema(
        summary="List leads",
        responses=LeadSerializer(many=True),
        parameters=[
            OpenApiParameter("q", str, description="Part of a name or website, or a whole id."),
            _PARTNER,
            OpenApiParameter("direction", str, enum=Direction.values),
            OpenApiParameter("state", str, enum=[*LeadState.values, "open"]),
        ],
    ),
    retrieve=extend_schema(summary="Read a lead", responses=LeadSerializer),
    create=extend_schema(
        summary="Take down or give a lead", request=LeadInput, responses={201: LeadSerializer}
    ),
    partial_update=extend_schema(
        summary="Change a lead", request=BuyerInput(partial=True), responses=LeadSerializer
    ),
    candidates=extend_schema(
        summary="List who could take a lead", responses=CandidateSerializer(many=True), filters=False
    ),
    offer=extend_schema(summary="Offer a lead to a partner", request=OfferInput, responses=LeadSerializer),
    withdraw=extend_schema(summary="Take an offer back", request=Nothing, responses=LeadSerializer),
    answer=extend_schema(
        summary="Answer a lead a partner gave", request=LeadAnswerInput, responses=LeadSerializer
    ),
    close=extend_schema(summary="Give a lead up", request=LeadCloseInput, responses=LeadSerializer),
)
class Leads(ProgramViewSet):
    """Buyers handed over: all for staff; for a partner's people those they gave and those they accepted."""

    gates: ClassVar[dict[str, Gate]] = {
        "list": READERS,
        "retrieve": READERS,
        "create": WRITERS,
        "partial_update": "leads.edit",
        "candidates": "leads.view",
        "offer": "leads.edit",
        "withdraw": "leads.edit",
        "answer": "leads.edit",
        "close": "leads.edit",
    }
    versioned = ("partial_update", "answer", "close")
    unpaged = ("candidates",)

    def _rows(self, **filters: str) -> QuerySet[Lead]:
        rows = leads_found(self.actor, **filters)
        return rows if self.actor.is_partner else rows.select_related("account", "opportunity")

    def _row(self, public_id: str) -> Lead:
        return self.found(self._rows(), public_id)

    def list(self, request: Request) -> Response:
        rows = self._rows(
            q=query.text(request, "q"),
            direction=query.choice(request, "direction", Direction.values),
            state=query.choice(request, "state", [*LeadState.values, "open"]),
            partner=query.text(request, "partner"),
        )
        return self.page(rows, LeadSerializer)

    def retrieve(self, request: Request, public_id: str) -> Response:
        return self.one(self._row(public_id), LeadSerializer)

    def create(self, request: Request) -> Response:
        values = self.read(LeadInput)
        giver = values.pop("partner", None)
        if self.actor.is_partner and giver is not None:
            raise RuleBroken("partner", "A lead you give is your own partner's.", field="partner")
        buyer = described(Buyer, values)
        if self.actor.is_partner:
            row = give_lead(actor=self.actor, buyer=buyer)
        elif giver is not None:
            row = give_lead(actor=self.actor, buyer=buyer, partner_id=partner_named(giver).pk)
        else:
            row = create_lead(actor=self.actor, buyer=buyer)
        return self.one(self._row(row.public_id), LeadSerializer, status=201)

    def partial_update(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        version = self.expected_version(row)
        buyer = described(Buyer, self.read(BuyerInput, partial=True), row)
        change_lead(actor=self.actor, lead=row, buyer=buyer, expected_version=version)
        return self.one(self._row(public_id), LeadSerializer)

    def candidates(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        found: Any = candidates_for(row, account_of(row, accounts_like(row)))
        return Response(CandidateSerializer(found, many=True).data)

    def offer(self, request: Request, public_id: str) -> Response:
        chosen = self.read(OfferInput).get("partner")
        partner_id = partner_named(chosen).pk if chosen is not None else None
        offer_lead(actor=self.actor, lead=self._row(public_id), partner_id=partner_id)
        return self.one(self._row(public_id), LeadSerializer)

    def withdraw(self, request: Request, public_id: str) -> Response:
        withdraw_offer(actor=self.actor, lead=self._row(public_id))
        return self.one(self._row(public_id), LeadSerializer)

    def answer(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        version = self.expected_version(row)
        answer_lead(actor=self.actor, lead=row, expected_version=version, **self.read(LeadAnswerInput))
        return self.one(self._row(public_id), LeadSerializer)

    def close(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        version = self.expected_version(row)
        close_lead(actor=self.actor, lead=row, expected_version=version, **self.read(LeadCloseInput))
        return self.one(self._row(public_id), LeadSerializer)


@extend_schema_view(
    list=extend_schema(
        summary="List offers of leads",
        responses=LeadOfferSerializer(many=True),
        parameters=[
            _PARTNER,
            OpenApiParameter("lead", str, description="Id of a lead."),
            OpenApiParameter("state", str, enum=OfferState.values),
        ],
    ),
    retrieve=extend_schema(summary="Read an offer of a lead", responses=LeadOfferSerializer),
    accept=extend_schema(summary="Accept a lead", request=Nothing, responses=LeadOfferSerializer),
    decline=extend_schema(summary="Decline a lead", request=LeadDeclineInput, responses=LeadOfferSerializer),
)
class LeadOffers(ProgramViewSet):
    """Leads offered to partners: a partner's people see their own and answer; staff see all.

    When an accepted offer comes back as ``withdrawn``, the lead was no longer free.
    """

    gates: ClassVar[dict[str, Gate]] = {
        "list": READERS,
        "retrieve": READERS,
        "accept": WRITERS,
        "decline": WRITERS,
    }
    versioned = ("accept", "decline")

    def _row(self, public_id: str) -> LeadOffer:
        return self.found(offers_found(self.actor), public_id)

    def list(self, request: Request) -> Response:
        rows = offers_found(
            self.actor,
            lead=query.text(request, "lead"),
            state=query.choice(request, "state", OfferState.values),
            partner=query.text(request, "partner"),
        )
        return self.page(rows, LeadOfferSerializer)

    def retrieve(self, request: Request, public_id: str) -> Response:
        return self.one(self._row(public_id), LeadOfferSerializer)

    def accept(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        accept_offer(actor=self.actor, offer=row, expected_version=self.expected_version(row))
        return self.one(self._row(public_id), LeadOfferSerializer)

    def decline(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        version = self.expected_version(row)
        decline_offer(actor=self.actor, offer=row, expected_version=version, **self.read(LeadDeclineInput))
        return self.one(self._row(public_id), LeadOfferSerializer)
