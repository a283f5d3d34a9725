"""Conflicts as cases: read, ruled on, corrected, and what people say about them. Staff only."""

from typing import ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from deals.cases.access import access_ruling, conflicts_for
from deals.cases.api.shapes import (
    CaseSerializer,
    ConflictSerializer,
    CorrectionInput,
    QuestionToInput,
    RulingInput,
    RulingSerializer,
    StatementInput,
    StatementSerializer,
    correction_made,
    decision_made,
)
from deals.cases.correction import correct_ruling
from deals.cases.ruling import rule
from deals.cases.selectors.case import (
    incumbents_of,
    ledger_of,
    precedents,
    rulings_on,
    statements_of,
    timeline_of,
    work_of_partner,
)
from deals.cases.selectors.case_facts import suggestion_for
from deals.cases.selectors.queue import Case, case_of
from deals.cases.statements import ask_statement, give_statement, revoke_statement
from deals.models import Conflict
from deals.registrations.api.registrations import registration_rows
from deals.registrations.api.shapes import RegistrationSerializer
from deals.rules.lifecycle import ConflictKind
from partners.api import query
from partners.api.base import Gate, ProgramViewSet
from partners.kit.shapes import Nothing
from partners.selectors import charter_in_force

READERS: Gate = "conflicts.view"
RULERS: Gate = "conflicts.rule"


@extend_schema_view(
    list=extend_schema(
        summary="List conflicts",
        responses=ConflictSerializer(many=True),
        parameters=[
            OpenApiParameter("kind", str, enum=ConflictKind.values),
            OpenApiParameter("state", str, enum=["open", "closed"]),
        ],
    ),
    retrieve=extend_schema(summary="Read a conflict", responses=ConflictSerializer),
    case=extend_schema(summary="Read the case of a conflict", responses=CaseSerializer),
    rule=extend_schema(
        summary="Rule on the case of a conflict", request=RulingInput, responses=RulingSerializer
    ),
    correct=extend_schema(summary="Correct a ruling", request=CorrectionInput, responses=RulingSerializer),
    statements=extend_schema(
        summary="List the statements on a case", responses=StatementSerializer(many=True)
    ),
    say=extend_schema(
        summary="Put one's own word on record",
        request=StatementInput,
        responses={201: StatementSerializer},
    ),
    ask=extend_schema(
        summary="Ask somebody for a statement", request=QuestionToInput, responses={201: StatementSerializer}
    ),
    revoke_statement=extend_schema(
        summary="Take a question back", request=Nothing, responses=StatementSerializer
    ),
)
class Conflicts(ProgramViewSet):
    """What stands against claims. A direct rep sees those on their own accounts."""

    gates: ClassVar[dict[str, Gate]] = {
        "list": READERS,
        "retrieve": READERS,
        "case": READERS,
        "statements": READERS,
        "say": READERS,
        "rule": RULERS,
        "correct": RULERS,
        "ask": RULERS,
        "revoke_statement": RULERS,
    }

    unpaged = ("statements",)
    versioned = ("rule",)

    def _row(self, public_id: str) -> Conflict:
        return self.found(conflicts_for(self.place.seat), public_id)

    def list(self, request: Request) -> Response:
        rows = conflicts_for(self.place.seat).select_related("ruling__appeal_of", "ruling__corrects")
        if kind := query.choice(request, "kind", ConflictKind.values):
            rows = rows.filter(kind=kind)
        if state := query.choice(request, "state", ["open", "closed"]):
            rows = rows.filter(closed_at__isnull=state == "open")
        return self.page(rows, ConflictSerializer)

    def retrieve(self, request: Request, public_id: str) -> Response:
        return self.one(self._row(public_id), ConflictSerializer)

    def case(self, request: Request, public_id: str) -> Response:
        case = case_of(self.place.seat, self._row(public_id), charter_in_force())
        return Response(CaseSerializer(self._told(case), context={"view": self}).data)

    def _told(self, case: Case) -> dict[str, object]:
        """Everything the page of the case shows."""
        row, program = case.registration, self.place.program
        statements, work = statements_of(row), work_of_partner(case, program)
        happened, undated = timeline_of(
            case, work=work, statements=statements, ledger=ledger_of(case, statements)
        )
        rulings = [[*ruled.corrections, ruled.first] for ruled in rulings_on(row)]
        return {
            "registration": row.public_id,
            "conflicts": case.conflicts,
            "due_at": case.due_at,
            "paused": case.is_paused,
            "rulers": [role.value for role in case.rulers],
            "may_rule": case.is_open and not case.is_paused and case.may_rule(self.actor),
            "suggestion": suggestion_for(row, case.conflicts, program) if case.is_open else None,
            "work": work,
            "incumbents": incumbents_of(case, program),
            "timeline": happened,
            "undated": undated,
            "statements": statements,
            "rulings": [ruling for chain in rulings for ruling in chain],
            "similar": precedents(self.place.seat, case),
        }

    def rule(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        version = self.expected_version(row.registration)
        ruling = rule(
            actor=self.actor,
            registration=row.registration,
            decision=decision_made(self.read(RulingInput)),
            conflict=row,
            expected_version=version,
        )
        return self.one(ruling, RulingSerializer)

    def correct(self, request: Request, public_id: str, ruling_id: str) -> Response:
        ruling = access_ruling(self._row(public_id).registration, ruling_id[:20])
        correction = correction_made(self.read(CorrectionInput))
        return self.one(
            correct_ruling(actor=self.actor, ruling=ruling, correction=correction), RulingSerializer
        )

    def statements(self, request: Request, public_id: str) -> Response:
        rows = statements_of(self._row(public_id).registration)
        return Response(StatementSerializer(rows, many=True, context={"view": self}).data)

    def say(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        text = self.read(StatementInput)["text"]
        given = give_statement(actor=self.actor, registration=row.registration, text=text)
        return self.one(given, StatementSerializer, status=201)

    def ask(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        values = self.read(QuestionToInput)
        return self.one(
            ask_statement(actor=self.actor, registration=row.registration, **values),
            StatementSerializer,
            status=201,
        )

    def revoke_statement(self, request: Request, public_id: str, statement_id: str) -> Response:
        row = self._row(public_id)
        taken = revoke_statement(actor=self.actor, registration=row.registration, public_id=statement_id[:20])
        return self.one(taken, StatementSerializer)


@extend_schema_view(
    rule=extend_schema(
        summary="Rule on a claim in review", request=RulingInput, responses=RegistrationSerializer
    ),
)
class ClaimRulings(ProgramViewSet):
    """Claims of partners, ruled on by whom the charter names."""

    gates: ClassVar[dict[str, Gate]] = {"rule": "conflicts.rule"}
    versioned = ("rule",)

    def rule(self, request: Request, public_id: str) -> Response:
        row = self.found(registration_rows(self.actor), public_id)
        version = self.expected_version(row)
        decision = decision_made(self.read(RulingInput))
        rule(actor=self.actor, registration=row, decision=decision, expected_version=version)
        return self.one(self.found(registration_rows(self.actor), public_id), RegistrationSerializer)
