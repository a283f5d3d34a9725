"""Promises and readiness steps."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from partners.api import query
from partners.api.base import Gate, ProgramViewSet
from partners.api.named import named
from plans.access import visible_commitments, visible_milestones, visible_plans
from plans.api.resources import OF_PARTNER, OF_PLAN, READERS
from plans.api.shapes import (
    CommitmentChange,
    CommitmentInput,
    CommitmentSerializer,
    MilestoneChange,
    MilestoneInput,
    MilestoneSerializer,
    NoteInput,
    ProofInput,
    ReasonInput,
)
from plans.models import Commitment, Milestone, Plan
from plans.rules.lifecycle import CommitmentState, MilestoneState, Side
from plans.services.commitments import (
    add_commitment,
    break_commitment,
    change_commitment,
    drop_commitment,
    keep_commitment,
)
from plans.services.milestones import add_milestone, change_milestone, drop_milestone, prove_milestone

SETTLERS: Gate = ("plans.edit", "portal.plan")


class _Parts(ProgramViewSet):
    """What promises and steps share."""

    def plan_named(self, public_id: str) -> Plan:
        """The plan a body names. Raises ``RuleBroken``, since the address itself was right."""
        return named(visible_plans(self.actor), public_id, "plan")

    def asked(self, rows: QuerySet[Any], request: Request) -> QuerySet[Any]:
        """The rows of the plan and partner the query string names."""
        for name in ("plan", "partner"):
            if public_id := query.text(request, name):
                rows = rows.filter(**{f"{name}__public_id": public_id})
        return rows


@extend_schema_view(
    list=extend_schema(
        summary="List promises",
        responses=CommitmentSerializer(many=True),
        parameters=[
            OF_PLAN,
            OF_PARTNER,
            OpenApiParameter("side", str, enum=Side.values),
            OpenApiParameter("state", str, enum=CommitmentState.values),
        ],
    ),
    retrieve=extend_schema(summary="Read a promise", responses=CommitmentSerializer),
    create=extend_schema(
        summary="Make a promise", request=CommitmentInput, responses={201: CommitmentSerializer}
    ),
    partial_update=extend_schema(
        summary="Change a promise", request=CommitmentChange(partial=True), responses=CommitmentSerializer
    ),
)
class Commitments(_Parts):
    """Dated promises of both sides. A partner's people settle their own."""

    gates: ClassVar[dict[str, Gate]] = {
        "list": READERS,
        "retrieve": READERS,
        "create": "plans.edit",
        "partial_update": "plans.edit",
        "keep": SETTLERS,
        "break_": SETTLERS,
        "drop": "plans.edit",
    }
    versioned = ("partial_update", "keep", "break_", "drop")

    def _row(self, public_id: str) -> Commitment:
        return self.found(visible_commitments(self.actor), public_id)

    def list(self, request: Request) -> Response:
        rows = self.asked(visible_commitments(self.actor), request)
        if side := query.choice(request, "side", Side.values):
            rows = rows.filter(side=side)
        if state := query.choice(request, "state", CommitmentState.values):
            rows = rows.filter(state=state)
        return self.page(rows, CommitmentSerializer)

    def retrieve(self, request: Request, public_id: str) -> Response:
        return self.one(self._row(public_id), CommitmentSerializer)

    def create(self, request: Request) -> Response:
        values = self.read(CommitmentInput)
        plan, side = self.plan_named(values.pop("plan")), Side(values.pop("side"))
        row = add_commitment(actor=self.actor, plan=plan, side=side, **values)
        return self.one(row, CommitmentSerializer, status=201)

    def partial_update(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        version = self.expected_version(row)
        before = {"what": row.what, "owner_name": row.owner_name, "due_on": row.due_on}
        values: dict[str, Any] = before | self.read(CommitmentChange, partial=True)
        change_commitment(actor=self.actor, commitment=row, expected_version=version or row.version, **values)
        return self.one(self._row(public_id), CommitmentSerializer)

    @extend_schema(summary="Note as kept", request=NoteInput, responses=CommitmentSerializer)
    def keep(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        version = self.expected_version(row)
        note = self.read(NoteInput).get("note", "")
        keep_commitment(actor=self.actor, commitment=row, note=note, expected_version=version)
        return self.one(self._row(public_id), CommitmentSerializer)

    @extend_schema(summary="Note as broken", request=ReasonInput, responses=CommitmentSerializer)
    def break_(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        version = self.expected_version(row)
        reason = self.read(ReasonInput)["reason"]
        break_commitment(actor=self.actor, commitment=row, reason=reason, expected_version=version)
        return self.one(self._row(public_id), CommitmentSerializer)

    @extend_schema(summary="Take back", request=ReasonInput, responses=CommitmentSerializer)
    def drop(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        version = self.expected_version(row)
        reason = self.read(ReasonInput)["reason"]
        drop_commitment(actor=self.actor, commitment=row, reason=reason, expected_version=version)
        return self.one(self._row(public_id), CommitmentSerializer)


@extend_schema_view(
    list=extend_schema(
        summary="List readiness steps",
        responses=MilestoneSerializer(many=True),
        parameters=[OF_PLAN, OF_PARTNER, OpenApiParameter("state", str, enum=MilestoneState.values)],
    ),
    retrieve=extend_schema(summary="Read a readiness step", responses=MilestoneSerializer),
    create=extend_schema(
        summary="Add a readiness step", request=MilestoneInput, responses={201: MilestoneSerializer}
    ),
    partial_update=extend_schema(
        summary="Change a readiness step",
        request=MilestoneChange(partial=True),
        responses=MilestoneSerializer,
    ),
)
class Milestones(_Parts):
    """Readiness steps and what proves them."""

    gates: ClassVar[dict[str, Gate]] = {
        "list": READERS,
        "retrieve": READERS,
        "create": "plans.edit",
        "partial_update": "plans.edit",
        "prove": "plans.edit",
        "drop": "plans.edit",
    }
    versioned = ("partial_update", "prove", "drop")

    def _row(self, public_id: str) -> Milestone:
        return self.found(visible_milestones(self.actor), public_id)

    def list(self, request: Request) -> Response:
        rows = self.asked(visible_milestones(self.actor), request)
        if state := query.choice(request, "state", MilestoneState.values):
            rows = rows.filter(state=state)
        return self.page(rows, MilestoneSerializer)

    def retrieve(self, request: Request, public_id: str) -> Response:
        return self.one(self._row(public_id), MilestoneSerializer)

    def create(self, request: Request) -> Response:
        values = self.read(MilestoneInput)
        plan = self.plan_named(values.pop("plan"))
        return self.one(add_milestone(actor=self.actor, plan=plan, **values), MilestoneSerializer, status=201)

    def partial_update(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        version = self.expected_version(row)
        values = {"name": row.name, "proves": row.proves} | self.read(MilestoneChange, partial=True)
        change_milestone(actor=self.actor, milestone=row, expected_version=version or row.version, **values)
        return self.one(self._row(public_id), MilestoneSerializer)

    @extend_schema(summary="Prove a step", request=ProofInput, responses=MilestoneSerializer)
    def prove(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        version = self.expected_version(row)
        prove_milestone(actor=self.actor, milestone=row, expected_version=version, **self.read(ProofInput))
        return self.one(self._row(public_id), MilestoneSerializer)

    @extend_schema(summary="Take a step out", request=ReasonInput, responses=MilestoneSerializer)
    def drop(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        version = self.expected_version(row)
        reason = self.read(ReasonInput)["reason"]
        drop_milestone(actor=self.actor, milestone=row, reason=reason, expected_version=version)
        return self.one(self._row(public_id), MilestoneSerializer)
