"""Registrations: listed, read, made, submitted and withdrawn."""

from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from deals.common.bodies import described
from deals.common.guards import MET
from deals.common.shapes import OF_PARTNER, SEARCH
from deals.models import Registration
from deals.registrations.api.shapes import ClaimInput, RegistrationInput, RegistrationSerializer
from deals.registrations.content import claim_of
from deals.registrations.selectors import GROUPS, registrations_found
from deals.registrations.submit import edit_draft, register, save_draft, submit_registration, withdraw
from deals.rules.claims import Claim
from deals.rules.lifecycle import State
from partners.api import query
from partners.api.base import Gate, ProgramViewSet
from partners.api.named import partner_named
from partners.core.actor import Actor
from partners.kit.shapes import Nothing

READERS: Gate = ("registrations.view", "portal.view")
WRITERS: Gate = ("registrations.register", "portal.register")


def registration_rows(actor: Actor, **filters: str) -> QuerySet[Registration]:
    """The registrations a caller may see, with what their shape reads."""
    rows = registrations_found(actor, **filters).select_related("duplicate_of", "again_of")
    return rows if actor.is_partner else rows.select_related("account", "opportunity")


@extend_schema_view(
    list=extend_schema(
        summary="List registrations",
        responses=RegistrationSerializer(many=True),
        parameters=[SEARCH, OF_PARTNER, OpenApiParameter("state", str, enum=[*State.values, *GROUPS])],
    ),
    retrieve=extend_schema(summary="Read a registration", responses=RegistrationSerializer),
    create=extend_schema(
        summary="Register a deal", request=RegistrationInput, responses={201: RegistrationSerializer}
    ),
    partial_update=extend_schema(
        summary="Change a draft", request=ClaimInput(partial=True), responses=RegistrationSerializer
    ),
    submit=extend_schema(summary="Submit a draft", request=Nothing, responses=RegistrationSerializer),
    withdraw=extend_schema(summary="Withdraw a claim", request=Nothing, responses=RegistrationSerializer),
)
class Registrations(ProgramViewSet):
    """Claims of partners: a partner's people see and make their own, staff see and decide all."""

    gates: ClassVar[dict[str, Gate]] = {
        "list": READERS,
        "retrieve": READERS,
        "create": WRITERS,
        "partial_update": WRITERS,
        "submit": WRITERS,
        "withdraw": WRITERS,
    }
    versioned = ("partial_update", "submit", "withdraw")

    def _row(self, public_id: str) -> Registration:
        return self.found(registration_rows(self.actor), public_id)

    def list(self, request: Request) -> Response:
        rows = registration_rows(
            self.actor,
            q=query.text(request, "q"),
            state=query.choice(request, "state", [*State.values, *GROUPS]),
            partner=query.text(request, "partner"),
        )
        return self.page(rows, RegistrationSerializer)

    def retrieve(self, request: Request, public_id: str) -> Response:
        return self.one(self._row(public_id), RegistrationSerializer)

    def create(self, request: Request) -> Response:
        values = self.read(RegistrationInput)
        draft, partner = values.pop("draft"), values.pop("partner", None)
        partner_id = None if partner is None else partner_named(partner).pk
        claim = described(Claim, values)

        def made() -> Response:
            actor, seat = self.actor, self.place.seat
            row = (
                save_draft(actor=actor, claim=claim, partner_id=partner_id, seat=seat)
                if draft
                # A refusal rolls the whole request back.
                else register(actor=actor, claim=claim, partner_id=partner_id, seat=seat, savepoint=False)
            )
            return self.one(row, RegistrationSerializer, status=201)

        return self.once_more(made, MET)

    def partial_update(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        version = self.expected_version(row)
        claim = described(Claim, self.read(ClaimInput, partial=True), claim_of(row))
        edit_draft(actor=self.actor, registration=row, claim=claim, expected_version=version)
        return self.one(self._row(public_id), RegistrationSerializer)

    def submit(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        submit_registration(actor=self.actor, registration=row, expected_version=self.expected_version(row))
        return self.one(self._row(public_id), RegistrationSerializer)

    def withdraw(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        withdraw(actor=self.actor, registration=row, expected_version=self.expected_version(row))
        return self.one(self._row(public_id), RegistrationSerializer)
