"""The acts on a registration after its submission, under ``registrations/<id>/<verb>/``."""

from collections.abc import Callable
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from deals.common.bodies import described
from deals.models import Registration
from deals.registrations.api.registrations import WRITERS, registration_rows
from deals.registrations.api.shapes import ClaimInput, RegistrationSerializer
from deals.registrations.appeal import APPEAL_LENGTH, appeal
from deals.registrations.change import change_registration, register_again, withdraw_change
from deals.registrations.content import claim_of
from deals.registrations.extensions import ask_extension, decide_extension
from deals.registrations.keepalive import report_progress
from deals.registrations.returns import QUESTION_LENGTH, answer, ask_for_information
from deals.registrations.revocation import revoke
from deals.rules.claims import Claim
from deals.rules.lengths import NOTE_LENGTH, SENTENCE_LENGTH, TEXT_LENGTH
from deals.rules.lifecycle import REVOKING, Reason
from deals.rules.reviews import ASKABLE
from partners.api.base import Gate, ProgramViewSet
from partners.kit.shapes import Nothing

RULERS: Gate = "conflicts.rule"


class QuestionInput(serializers.Serializer[Any]):
    """What we ask the partner, and which fields of the claim open up for the answer."""

    question = serializers.CharField(max_length=QUESTION_LENGTH, help_text="The partner reads this.")
    fields = serializers.ListField(  # type: ignore[assignment]
        child=serializers.ChoiceField(choices=list(ASKABLE.items())), max_length=len(ASKABLE)
    )


class AppealInput(serializers.Serializer[Any]):
    """Why the answer should be another."""

    text = serializers.CharField(max_length=APPEAL_LENGTH)


class ProgressInput(serializers.Serializer[Any]):
    """How the deal stands."""

    text = serializers.CharField(max_length=TEXT_LENGTH)


class ExtensionInput(serializers.Serializer[Any]):
    """What is still to come."""

    note = serializers.CharField(max_length=TEXT_LENGTH)


class ExtensionDecision(serializers.Serializer[Any]):
    """Whether the extension is granted, and what the partner reads."""

    granted = serializers.BooleanField()
    sentence = serializers.CharField(max_length=SENTENCE_LENGTH)


class RevocationInput(serializers.Serializer[Any]):
    """Why an approval is taken back: for the partner, and for the record."""

    reason = serializers.ChoiceField(choices=[(r.value, r.label) for r in Reason if r in REVOKING])
    sentence = serializers.CharField(max_length=SENTENCE_LENGTH, help_text="What the partner reads.")
    note = serializers.CharField(max_length=NOTE_LENGTH, help_text="Why, for the record. Staff only.")


def _act(summary: str, body: Any, status: int = 200) -> Any:
    return extend_schema(summary=summary, request=body, responses={status: RegistrationSerializer})


@extend_schema_view(
    ask=_act("Return a claim for information", QuestionInput),
    answer=_act("Answer what was asked", ClaimInput(partial=True)),
    appeal=_act("Appeal a decision", AppealInput),
    report=_act("Report progress on a protected deal", ProgressInput),
    ask_extension=_act("Ask for an extension", ExtensionInput),
    extend=_act("Decide on an extension", ExtensionDecision),
    change=_act("Change an approved registration", ClaimInput(partial=True)),
    take_back=_act("Take back a change under review", Nothing),
    revoke=_act("Revoke an approval", RevocationInput),
    again=_act("Register an ended claim again, as a draft", Nothing, 201),
)
class RegistrationLife(ProgramViewSet):
    """What happens to a claim between its submission and its end."""

    gates: ClassVar[dict[str, Gate]] = {
        "ask": RULERS,
        "answer": WRITERS,
        "appeal": WRITERS,
        "report": WRITERS,
        "ask_extension": WRITERS,
        "extend": RULERS,
        "change": WRITERS,
        "take_back": WRITERS,
        "revoke": RULERS,
        "again": WRITERS,
    }
    versioned = tuple(act for act in gates if act != "again")

    def _row(self, public_id: str) -> Registration:
        return self.found(registration_rows(self.actor), public_id)

    def _done(
        self, public_id: str, service: Callable[..., Registration], shape: type[serializers.Serializer[Any]]
    ) -> Response:
        row = self._row(public_id)
        version = self.expected_version(row)
        values = self.read(shape)
        service(actor=self.actor, registration=row, expected_version=version, **values)
        return self.one(self._row(public_id), RegistrationSerializer)

    def _claimed(self, public_id: str, service: Callable[..., Registration]) -> Response:
        """An act whose body is the part of the claim that is now otherwise."""
        row = self._row(public_id)
        version = self.expected_version(row)
        claim = described(Claim, self.read(ClaimInput, partial=True), claim_of(row))
        service(actor=self.actor, registration=row, claim=claim, expected_version=version)
        return self.one(self._row(public_id), RegistrationSerializer)

    def ask(self, request: Request, public_id: str) -> Response:
        return self._done(public_id, ask_for_information, QuestionInput)

    def answer(self, request: Request, public_id: str) -> Response:
        return self._claimed(public_id, answer)

    def appeal(self, request: Request, public_id: str) -> Response:
        return self._done(public_id, appeal, AppealInput)

    def report(self, request: Request, public_id: str) -> Response:
        return self._done(public_id, report_progress, ProgressInput)

    def ask_extension(self, request: Request, public_id: str) -> Response:
        return self._done(public_id, ask_extension, ExtensionInput)

    def extend(self, request: Request, public_id: str) -> Response:
        return self._done(public_id, decide_extension, ExtensionDecision)

    def change(self, request: Request, public_id: str) -> Response:
        return self._claimed(public_id, change_registration)

    def take_back(self, request: Request, public_id: str) -> Response:
        return self._done(public_id, withdraw_change, Nothing)

    def revoke(self, request: Request, public_id: str) -> Response:
        row = self._row(public_id)
        version = self.expected_version(row)
        values = self.read(RevocationInput)
        reason = Reason(values.pop("reason"))
        revoke(actor=self.actor, registration=row, reason=reason, expected_version=version, **values)
        return self.one(self._row(public_id), RegistrationSerializer)

    def again(self, request: Request, public_id: str) -> Response:
        row = register_again(actor=self.actor, registration=self._row(public_id))
        return self.one(self._row(row.public_id), RegistrationSerializer, status=201)
