"""Partners, activities, people, offerings and the charter."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from partners.acts.activities import LOG_ACTIVITY, REMOVE_ACTIVITY
from partners.api import query
from partners.api.base import Gate, ProgramViewSet
from partners.api.shapes import (
    ActivitySerializer,
    CharterInput,
    CharterSerializer,
    OfferingSerializer,
    PartnerInput,
    PartnerSerializer,
    SeatSerializer,
)
from partners.core.actor import Role
from partners.core.errors import RuleBroken
from partners.kit.resource import OF_PARTNER, Filter, Resource
from partners.models import Activity, Intent, Offering, Partner, PartnerStatus
from partners.rules.activities import ActivityKind
from partners.selectors import activities_found, charter_in_force, partners_found, seats_found
from partners.services.charters import sign_charter
from partners.services.partners import change_partner, create_partner

ROLES = [role.value for role in Role if role is not Role.SYSTEM]


@extend_schema_view(
    list=extend_schema(
        summary="List partners",
        responses=PartnerSerializer(many=True),
        parameters=[
            OpenApiParameter("q", str, description="Part of the name or website, or the whole external id."),
            OpenApiParameter("intent", str, enum=Intent.values),
            OpenApiParameter("status", str, enum=PartnerStatus.values),
            OpenApiParameter("manager", str, description="Id of a seat, or none."),
        ],
    ),
    retrieve=extend_schema(summary="Read a partner", responses=PartnerSerializer),
    create=extend_schema(
        summary="Take on a partner", request=PartnerInput, responses={201: PartnerSerializer}
    ),
    partial_update=extend_schema(
        summary="Change a partner", request=PartnerInput(partial=True), responses=PartnerSerializer
    ),
)
class Partners(ProgramViewSet):
    """Partner organisations of the program."""

    gates: ClassVar[dict[str, Gate]] = {
        "list": "partners.view",
        "retrieve": "partners.view",
        "create": "partners.edit",
        "partial_update": "partners.edit",
    }
    versioned = ("partial_update",)

    def list(self, request: Request) -> Response:
        rows = partners_found(
            q=query.text(request, "q"),
            intent=query.choice(request, "intent", Intent.values),
            status=query.choice(request, "status", PartnerStatus.values),
            manager=query.text(request, "manager"),
        )
        return self.page(rows, PartnerSerializer)

    def retrieve(self, request: Request, public_id: str) -> Response:
        return self.one(self.found(partners_found(), public_id), PartnerSerializer)

    def create(self, request: Request) -> Response:
        partner = create_partner(actor=self.actor, **self.read(PartnerInput))
        return self.one(partner, PartnerSerializer, status=201)

    def partial_update(self, request: Request, public_id: str) -> Response:
        partner = self.found(Partner.objects.all(), public_id)
        changed = change_partner(
            actor=self.actor,
            public_id=public_id,
            expected_version=self.expected_version(partner),
            **self.read(PartnerInput, partial=True),
        )
        return self.one(changed, PartnerSerializer)


class Activities(Resource):
    """What happened with partners, and the minutes it took."""

    plural, one_name, many, a = "activities", "activity", "activities", "an activity"
    reads = "activities.view"
    shape = ActivitySerializer
    filters = (
        OF_PARTNER,
        Filter("kind", among=ActivityKind.values),
        Filter("since", is_day=True, said="From this day on."),
    )
    making, removing = LOG_ACTIVITY, REMOVE_ACTIVITY

    def rows(self, **filters: Any) -> QuerySet[Activity]:
        return activities_found(**filters)


class People(ProgramViewSet):
    """Seats: who is in the program, and as what. A partner's people see their own side."""

    gates: ClassVar[dict[str, Gate]] = {"list": ("people.view", "portal.view")}

    @extend_schema(
        summary="List people",
        responses=SeatSerializer(many=True),
        parameters=[
            OpenApiParameter("role", str, enum=ROLES),
            OpenApiParameter("partner", str, description="Id of a partner, or none for staff."),
        ],
    )
    def list(self, request: Request) -> Response:
        rows = seats_found(role=query.choice(request, "role", ROLES), partner=query.text(request, "partner"))
        return self.page(rows, SeatSerializer)


class Offerings(ProgramViewSet):
    """What is sold."""

    gates: ClassVar[dict[str, Gate]] = {"list": ("program.view", "portal.view")}

    @extend_schema(summary="List offerings", responses=OfferingSerializer(many=True))
    def list(self, request: Request) -> Response:
        return self.page(Offering.objects.all(), OfferingSerializer)


class CharterInForce(ProgramViewSet):
    """What was agreed at the start."""

    gates: ClassVar[dict[str, Gate]] = {"retrieve": "program.view", "create": "program.edit"}

    @extend_schema(
        summary="Sign a new version of the charter",
        request=CharterInput(partial=True),
        responses={201: CharterSerializer},
    )
    def create(self, request: Request) -> Response:
        terms = self.read(CharterInput, partial=True)
        if "number" not in terms:
            raise RuleBroken("invalid", "Say which version you read.", field="number")
        signed = sign_charter(actor=self.actor, expected_number=terms.pop("number"), **terms)
        return self.one(signed, CharterSerializer, status=201)

    @extend_schema(summary="Read the charter in force", responses=CharterSerializer)
    def retrieve(self, request: Request) -> Response:
        return self.one(charter_in_force(), CharterSerializer)
