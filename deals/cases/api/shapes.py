"""What the API says and takes about conflicts, cases, rulings and statements. Staff only."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from deals.cases.correction import Correction
from deals.cases.decision import Decision
from deals.cases.rules.suggestion import Basis, basis_of
from deals.cases.selectors.case import Incumbent
from deals.cases.statements import QUESTION_LENGTH, TEXT_LENGTH
from deals.models import CompEffect, Conflict, Ruling, Statement
from deals.rules.lifecycle import REVOKING, Outcome, Reason
from partners.kit.shapes import NamedSerializer, RowSerializer, words

REVOKE_GROUNDS = [(reason.value, str(reason.label)) for reason in Reason if reason in REVOKING]


class TermsInput(serializers.Serializer[Any]):
    """What a ruling and its correction both say."""

    outcome = serializers.ChoiceField(choices=Outcome.choices)
    reason = serializers.ChoiceField(choices=Reason.choices)
    note = serializers.CharField(max_length=4000, help_text="Why, for the record. Staff only.")
    sentence = serializers.CharField(max_length=1000, help_text="What the partner reads.")
    incumbent_sentence = serializers.CharField(
        max_length=1000,
        required=False,
        allow_blank=True,
        help_text="What the other side reads; left out, another partner is told nothing.",
    )
    partner_share = serializers.IntegerField(
        min_value=1,
        max_value=99,
        required=False,
        allow_null=True,
        help_text="With `share`: the partner's part in percent.",
    )


class RulingInput(TermsInput):
    """A decision. ``account``: id of one of the accounts found, ``new``, or nothing when it is certain."""

    account = serializers.CharField(max_length=20, required=False, allow_blank=True)
    merge = serializers.CharField(
        max_length=20, required=False, allow_blank=True, help_text="With `merge`: the account that goes."
    )
    comp_rep = serializers.ChoiceField(choices=CompEffect.choices, required=False, allow_null=True)
    comp_partner = serializers.ChoiceField(choices=CompEffect.choices, required=False, allow_null=True)
    revoke = serializers.ChoiceField(
        choices=REVOKE_GROUNDS,
        required=False,
        allow_null=True,
        help_text="The ground on which the rival's protection in the way is taken back with it.",
    )


def _effect(value: str | None) -> CompEffect | None:
    return CompEffect(value) if value else None


def decision_made(values: dict[str, Any]) -> Decision:
    """The decision a body makes."""
    return Decision(
        outcome=Outcome(values["outcome"]),
        reason=Reason(values["reason"]),
        note=values["note"],
        sentence=values["sentence"],
        incumbent_sentence=values.get("incumbent_sentence", ""),
        account=values.get("account", ""),
        merge=values.get("merge", ""),
        partner_share=values.get("partner_share"),
        comp_rep=_effect(values.get("comp_rep")),
        comp_partner=_effect(values.get("comp_partner")),
        revoke=Reason(values["revoke"]) if values.get("revoke") else None,
    )


class CorrectionInput(TermsInput):
    """What a ruling should have said. ``note`` is what was wrong."""

    comp_rep = serializers.ChoiceField(choices=CompEffect.choices)
    comp_partner = serializers.ChoiceField(choices=CompEffect.choices)


def correction_made(values: dict[str, Any]) -> Correction:
    """The correction a body makes."""
    return Correction(
        outcome=Outcome(values["outcome"]),
        reason=Reason(values["reason"]),
        note=values["note"],
        sentence=values["sentence"],
        incumbent_sentence=values.get("incumbent_sentence", ""),
        partner_share=values.get("partner_share"),
        comp_rep=CompEffect(values["comp_rep"]),
        comp_partner=CompEffect(values["comp_partner"]),
    )


class RulingSerializer(RowSerializer[Ruling]):
    """A decision on record. ``basis``: by rule, by exception, or the rules left it open."""

    basis = serializers.SerializerMethodField()
    appeal_of = serializers.CharField(source="appeal_of.public_id", default=None, read_only=True)
    corrects = serializers.CharField(source="corrects.public_id", default=None, read_only=True)

    class Meta:
        model = Ruling
        fields = words(
            "id outcome reason suggested basis partner_share comp_rep comp_partner note sentence"
            " incumbent_sentence appeal_of corrects decided_at decided_by_name authority charter_number"
        )

    @extend_schema_field(serializers.ChoiceField(choices=Basis.choices))
    def get_basis(self, row: Ruling) -> str:
        return basis_of(row.suggested, row.outcome).value


class EvidenceSerializer(serializers.Serializer[Any]):
    """One row of evidence."""

    fact = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    kind = serializers.CharField()
    id = serializers.CharField(allow_blank=True)


class ConflictSerializer(RowSerializer[Conflict]):
    """Two interests that meet on one account. Staff only."""

    registration = serializers.CharField(source="registration.public_id", read_only=True)
    partner = NamedSerializer(source="registration.partner", read_only=True)
    account = NamedSerializer(read_only=True, allow_null=True)
    rival_registration = serializers.CharField(
        source="rival_registration.public_id", default=None, read_only=True
    )
    rival_opportunity = serializers.CharField(
        source="rival_opportunity.public_id", default=None, read_only=True
    )
    evidence = EvidenceSerializer(many=True, read_only=True)
    ruling = RulingSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Conflict
        fields = words(
            "id registration partner account kind severity rule evidence rival_registration"
            " rival_opportunity score raised_by opened_at due_at escalated_at missed_at closed_at"
            " ruling"
        )


class HappeningSerializer(serializers.Serializer[Any]):
    """One entry of the timeline of a case. ``at`` null: no time on record. ``dated``: only the day counts."""

    what = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    dated = serializers.BooleanField()
    who = serializers.CharField(allow_blank=True)
    side = serializers.CharField(allow_blank=True, help_text="`partner`, `incumbent`, or neither.")
    detail = serializers.CharField(allow_blank=True)
    kind = serializers.CharField(allow_blank=True)
    id = serializers.CharField(allow_blank=True)


class ClaimantSerializer(serializers.Serializer[Any]):
    """A party the claim meets."""

    name = serializers.CharField()
    kinds = serializers.SerializerMethodField()
    severity = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    owner = serializers.CharField(allow_blank=True)
    registration = serializers.CharField(source="registration.public_id", default=None)
    opportunity = serializers.CharField(source="opportunity.public_id", default=None, allow_null=True)
    rules = serializers.ListField(child=serializers.CharField())
    did = HappeningSerializer(many=True)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_kinds(self, party: Incumbent) -> list[str]:
        return [conflict.kind for conflict in party.conflicts]


class SuggestionSerializer(serializers.Serializer[Any]):
    """What the rules suggest; both null where they leave it open."""

    outcome = serializers.ChoiceField(choices=Outcome.choices, allow_null=True)
    reason = serializers.ChoiceField(choices=Reason.choices, allow_null=True)
    why = serializers.CharField()


class PrecedentSerializer(serializers.Serializer[Any]):
    """A past ruling on a case like this one, and what the two have in common."""

    conflict = serializers.CharField(source="conflict.public_id")
    customer = serializers.CharField(source="conflict.registration.customer_name")
    alike = serializers.ListField(child=serializers.CharField())
    ruling = RulingSerializer()


class StatementSerializer(RowSerializer[Statement]):
    """Somebody's word on a case, or that they were asked for it."""

    class Meta:
        model = Statement
        fields = words("id name email question asked_by asked_at sent_at expires_at revoked_at text given_at")


class CaseSerializer(serializers.Serializer[Any]):
    """All that is ruled on together with a conflict, as the page of the case shows it."""

    registration = serializers.CharField()
    conflicts = ConflictSerializer(many=True)
    due_at = serializers.DateTimeField()
    paused = serializers.BooleanField(
        help_text="The partner was asked for something; the clock stands still."
    )
    rulers = serializers.ListField(child=serializers.CharField(), help_text="The roles that may rule.")
    may_rule = serializers.BooleanField(help_text="Whether the caller may.")
    suggestion = SuggestionSerializer(allow_null=True)
    work = HappeningSerializer(many=True, help_text="What the claiming partner did on the account.")
    incumbents = ClaimantSerializer(many=True)
    timeline = HappeningSerializer(many=True)
    undated = HappeningSerializer(many=True)
    statements = StatementSerializer(many=True)
    rulings = RulingSerializer(
        many=True, help_text="On the registration, corrections among them, newest first."
    )
    similar = PrecedentSerializer(many=True)


class QuestionToInput(serializers.Serializer[Any]):
    """Whom to ask for a statement, and what. They get a link that works once and needs no account."""

    name = serializers.CharField(max_length=120)
    email = serializers.CharField(max_length=254)
    question = serializers.CharField(max_length=QUESTION_LENGTH, help_text="It may name no partner.")


class StatementInput(serializers.Serializer[Any]):
    """One's own word on a case."""

    text = serializers.CharField(max_length=TEXT_LENGTH)
