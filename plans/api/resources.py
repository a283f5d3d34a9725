"""Plans and check-ins."""

from typing import ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from partners.api import query
from partners.api.base import Gate, ProgramViewSet
from partners.api.named import partner_named
from plans.access import visible_check_ins, visible_plans
from plans.api.shapes import (
    AgreeInput,
    CheckInInput,
    CheckInSerializer,
    Nothing,
    PlanInput,
    PlanSerializer,
    ReasonInput,
    TermsInput,
)
from plans.models import Plan
from plans.rules.lifecycle import Quota, State
from plans.services.checkins import log_check_in
from plans.services.plans import Aim, agree_to_plan, change_plan, close_plan, draft_plan, propose_plan

READERS: Gate = ("plans.view", "portal.plan")
OF_PARTNER = OpenApiParameter("partner", str, description="Id of a partner.")
OF_PLAN = OpenApiParameter("plan", str, description="Id of a plan.")


@extend_schema_view(
    list=extend_schema(
        summary="List plans",
        responses=PlanSerializer(many=True),
        parameters=[OF_PARTNER, OpenApiParameter("state", str, enum=State.values)],
    ),
    retrieve=extend_schema(summary="Read a plan", responses=PlanSerializer),
    create=extend_schema(summary="Create plan", request=PlanInput, responses={201: PlanSerializer}),
    partial_update=extend_schema(
        summary="Change the terms", request=TermsInput(partial=True), responses=PlanSerializer
    ),
)
class Plans(ProgramViewSet):
    """Joint plans: all for staff, one's own once proposed for a partner's people."""

    gates: ClassVar[dict[str, Gate]] = {
        "list": READERS,
        "retrieve": READERS,
        "create": "plans.edit",
        "partial_update": "plans.edit",
        "propose": "plans.edit",
        "agree": ("plans.edit", "portal.agree"),
        "close": "plans.edit",
        "check_in": "plans.edit",
    }
    versioned = ("partial_update", "propose", "agree", "close")

    def _row(self, public_id: str) -> Plan:
        return self.found(visible_plans(self.actor), public_id)

    def list(self, request: Request) -> Response:
        rows = visible_plans(self.actor)
        if partner := query.text(request, "partner"):
            rows = rows.filter(partner__public_id=partner)
        if state := query.choice(request, "state", State.values):
            rows = rows.filter(state=state)
        return self.page(rows, PlanSerializer)

    def retrieve(self, request: Request, public_id: str) -> Response:
        return self.one(self._row(public_id), PlanSerializer)

    def create(self, request: Request) -> Response:
        values = self.read(PlanInput)
        partner = partner_named(values.pop("partner"))
        if "retires_quota" in values:
            values["retires_quota"] = Quota(values["retires_quota"])
        plan = draft_plan(actor=self.actor, partner=partner, **values)
        return self.one(plan, PlanSerializer, status=201)

    def partial_update(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        version = self.expected_version(row)
        values = self.read(TermsInput, partial=True)
        aim = Aim(row.aim_amount, row.aim_by) if row.aim_amount is not None and row.aim_by else None
        if "aim" in values:
            said = values["aim"]
            aim = Aim(said["amount"], said["by"]) if said else None
        change_plan(
            actor=self.actor,
            plan=row,
            purpose=values.get("purpose", row.purpose),
            why_call_us=values.get("why_call_us", row.why_call_us),
            retires_quota=Quota(values.get("retires_quota", row.retires_quota)),
            starts_on=values.get("starts_on", row.starts_on),
            check_in_days=values.get("check_in_days", row.check_in_days),
            aim=aim,
            # Fields left out keep what was read here, so the row must still be the one that was read.
            expected_version=version or row.version,
        )
        return self.one(self._row(public_id), PlanSerializer)

    @extend_schema(summary="Propose a draft", request=Nothing, responses=PlanSerializer)
    def propose(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        self.read(Nothing)
        propose_plan(actor=self.actor, plan=row, expected_version=self.expected_version(row))
        return self.one(self._row(public_id), PlanSerializer)

    @extend_schema(summary="Agree for one's own side", request=AgreeInput, responses=PlanSerializer)
    def agree(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        self.expected_version(row)
        agree_to_plan(actor=self.actor, plan=row, edition=self.read(AgreeInput)["edition"])
        return self.one(self._row(public_id), PlanSerializer)

    @extend_schema(summary="Close a plan", request=ReasonInput, responses=PlanSerializer)
    def close(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        version = self.expected_version(row)
        close_plan(
            actor=self.actor, plan=row, note=self.read(ReasonInput)["reason"], expected_version=version
        )
        return self.one(self._row(public_id), PlanSerializer)

    @extend_schema(summary="Log a check-in", request=CheckInInput, responses={201: CheckInSerializer})
    def check_in(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        check_in = log_check_in(actor=self.actor, plan=row, **self.read(CheckInInput))
        return self.one(check_in, CheckInSerializer, status=201)


@extend_schema_view(
    list=extend_schema(
        summary="List check-ins", responses=CheckInSerializer(many=True), parameters=[OF_PLAN, OF_PARTNER]
    ),
    retrieve=extend_schema(summary="Read a check-in", responses=CheckInSerializer),
)
class CheckIns(ProgramViewSet):
    """Conversations about plans. They are logged with ``plans/{id}/check-in/``."""

    gates: ClassVar[dict[str, Gate]] = {"list": READERS, "retrieve": READERS}

    def list(self, request: Request) -> Response:
        rows = visible_check_ins(self.actor)
        if plan := query.text(request, "plan"):
            rows = rows.filter(plan__public_id=plan)
        if partner := query.text(request, "partner"):
            rows = rows.filter(partner__public_id=partner)
        return self.page(rows, CheckInSerializer)

    def retrieve(self, request: Request, public_id: str) -> Response:
        return self.one(self.found(visible_check_ins(self.actor), public_id), CheckInSerializer)
