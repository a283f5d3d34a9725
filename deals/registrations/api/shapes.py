"""What the API says and takes about registrations."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from deals.common.claim_facts import facts_of, terms_in_force
from deals.common.shapes import moment
from deals.models import Protection, Registration
from deals.rules.claims import NAME_LENGTH, NOTE_LENGTH
from deals.rules.lifecycle import State
from deals.rules.possible import ClaimTerms, appeal_until, open_moves, progress_due
from partners.core import clock
from partners.kit.shapes import IdForStaff, NamedSerializer, RowSerializer, place_of, words


def _terms(serializer: serializers.BaseSerializer[Any], row: Registration) -> ClaimTerms:
    """The charter's terms: read once for an answer, or as they came with a row just submitted."""
    view = serializer.context["view"]
    if not hasattr(view, "terms"):
        view.terms = getattr(row, "terms", None) or terms_in_force()
    return cast(ClaimTerms, view.terms)


class RegistrationSerializer(RowSerializer[Registration]):
    """A partner's claim. ``account`` and ``opportunity`` are null for partner people."""

    partner = NamedSerializer(read_only=True)
    offering = NamedSerializer(read_only=True)
    duplicate_of = serializers.CharField(source="duplicate_of.public_id", default=None, read_only=True)
    again_of = serializers.CharField(source="again_of.public_id", default=None, read_only=True)
    protected_until = serializers.SerializerMethodField()
    appeal_until = serializers.SerializerMethodField(help_text="Until when a no can be appealed, if it can.")
    progress_due_at = serializers.SerializerMethodField(help_text="When we next need word on the deal.")
    moves = serializers.SerializerMethodField(help_text="What the caller may do with it now.")
    account = IdForStaff("account")
    opportunity = IdForStaff("opportunity")

    class Meta:
        model = Registration
        fields = words(
            "id partner state customer_name website country offering amount currency expected_close"
            " note benefit submitted_by claimed_at decision_due_at decided_at reason sentence"
            " duplicate_of again_of reviewed_for question asked_fields asked_at answer_due_at"
            " appealed_at appeal_until protected_until progress_at progress_due_at extension_asked_at"
            " extension_note extensions moves account opportunity version created_at updated_at"
        )

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_protected_until(self, row: Registration) -> str | None:
        protection: Protection | None = getattr(row, "protection", None)
        return moment(protection and protection.period.upper)

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_appeal_until(self, row: Registration) -> str | None:
        if row.state not in (State.DECLINED, State.REVOKED):
            return None
        return moment(appeal_until(facts_of(row), _terms(self, row)))

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_progress_due_at(self, row: Registration) -> str | None:
        return moment(progress_due(facts_of(row), _terms(self, row)))

    def get_moves(self, row: Registration) -> list[str]:
        role = place_of(self).actor.role
        found = open_moves(facts_of(row), role, _terms(self, row), clock.now())
        return [move.value for move in found]


class ClaimInput(serializers.Serializer[Any]):
    """What is claimed. Complete unless ``draft``; ``offering`` is asked for when the program has several."""

    customer_name = serializers.CharField(max_length=NAME_LENGTH, required=False, allow_blank=True)
    website = serializers.CharField(max_length=NAME_LENGTH, required=False, allow_blank=True)
    country = serializers.CharField(
        max_length=60, required=False, allow_blank=True, help_text="ISO 3166 code or the country's name."
    )
    offering = serializers.CharField(max_length=20, required=False, allow_null=True)
    amount = serializers.DecimalField(
        max_digits=16, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    currency = serializers.CharField(
        max_length=3, required=False, allow_blank=True, help_text="ISO 4217; the program's when left out."
    )
    expected_close = serializers.DateField(required=False, allow_null=True)
    note = serializers.CharField(max_length=NOTE_LENGTH, required=False, allow_blank=True)


class RegistrationInput(ClaimInput):
    """A registration to make: submitted at once, or kept as a draft. Staff name the partner."""

    draft = serializers.BooleanField(required=False, default=False)
    partner = serializers.CharField(max_length=20, required=False, help_text="For staff: id of the partner.")
