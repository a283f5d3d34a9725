"""What the API says and takes about deals. Every field is named; ids are public ids.

A partner's people get the same shapes with what is the vendor's own business left null.
"""

from typing import Any, cast

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from deals.models import Account, Opportunity, Protection, Registration
from deals.rules.claims import NAME_LENGTH, NOTE_LENGTH
from deals.rules.lifecycle import State
from deals.rules.possible import Terms, appeal_until, open_moves, progress_due
from deals.selectors.registrations import facts_of, terms_in_force
from partners.access import Place
from partners.core import clock


def _place(field: serializers.Field[Any, Any, Any, Any]) -> Place:
    return cast(Place, field.context["view"].place)


def _terms(serializer: serializers.BaseSerializer[Any], row: Registration) -> Terms:
    """The charter's terms: read once for an answer, or as they came with a row just submitted."""
    view = serializer.context["view"]
    if not hasattr(view, "terms"):
        view.terms = getattr(row, "terms", None) or terms_in_force()
    return cast(Terms, view.terms)


def _moment(value: Any) -> str | None:
    return None if value is None else serializers.DateTimeField().to_representation(value)


class NamedSerializer(serializers.Serializer[Any]):
    """Something else, by id and name."""

    id = serializers.CharField(source="public_id")
    name = serializers.CharField()


class _StaffOnly[M](serializers.ModelSerializer[Any]):
    """Fields in ``staff_only`` are null for partner people."""

    staff_only: tuple[str, ...] = ()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        told: dict[str, Any] = super().to_representation(instance)
        if _place(self).actor.is_partner:
            told.update(dict.fromkeys(self.staff_only))
        return told


class IdForStaff(serializers.CharField):
    """The id of a row that partner people do not see: in their scope it is not even asked for."""

    def __init__(self, row: str) -> None:
        super().__init__(source=f"{row}.public_id", default=None, allow_null=True, read_only=True)

    def get_attribute(self, instance: Any) -> Any:
        return None if _place(self).actor.is_partner else super().get_attribute(instance)


class RegistrationSerializer(serializers.ModelSerializer[Registration]):
    """A partner's claim. ``account`` and ``opportunity`` are null for partner people."""

    id = serializers.CharField(source="public_id", read_only=True)
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
        fields = [
            "id",
            "partner",
            "state",
            "customer_name",
            "website",
            "country",
            "offering",
            "amount",
            "currency",
            "expected_close",
            "note",
            "benefit",
            "submitted_by",
            "claimed_at",
            "decision_due_at",
            "decided_at",
            "reason",
            "sentence",
            "duplicate_of",
            "again_of",
            "reviewed_for",
            "question",
            "asked_fields",
            "asked_at",
            "answer_due_at",
            "appealed_at",
            "appeal_until",
            "protected_until",
            "progress_at",
            "progress_due_at",
            "extension_asked_at",
            "extension_note",
            "extensions",
            "moves",
            "account",
            "opportunity",
            "version",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_protected_until(self, row: Registration) -> str | None:
        protection: Protection | None = getattr(row, "protection", None)
        return _moment(protection and protection.period.upper)

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_appeal_until(self, row: Registration) -> str | None:
        if row.state not in (State.DECLINED, State.REVOKED):
            return None
        return _moment(appeal_until(facts_of(row), _terms(self, row)))

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_progress_due_at(self, row: Registration) -> str | None:
        return _moment(progress_due(facts_of(row), _terms(self, row)))

    def get_moves(self, row: Registration) -> list[str]:
        role = _place(self).actor.role
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


class Nothing(serializers.Serializer[Any]):
    """An act that takes no body."""


class AccountSerializer(serializers.ModelSerializer[Account]):
    """An end customer as the vendor knows it. Staff only."""

    id = serializers.CharField(source="public_id", read_only=True)
    merged_into = serializers.SlugRelatedField(slug_field="public_id", read_only=True)  # type: ignore[var-annotated]

    class Meta:
        model = Account
        fields = [
            "id",
            "name",
            "other_names",
            "website",
            "domain",
            "other_domains",
            "country",
            "segment",
            "owner_name",
            "is_customer",
            "is_named",
            "external_id",
            "other_ids",
            "vertical",
            "merged_into",
            "removed_at",
            "version",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class OpportunitySerializer(_StaffOnly[Opportunity]):
    """A possible sale. Partner people see their own, without what is the vendor's own business."""

    staff_only: tuple[str, ...] = (
        "stage",
        "owner_name",
        "external_id",
        "program_amount",
        "rate",
        "rate_on",
    )

    id = serializers.CharField(source="public_id", read_only=True)
    account = IdForStaff("account")
    offering = NamedSerializer(read_only=True, allow_null=True)
    partner = NamedSerializer(read_only=True, allow_null=True)
    stage = serializers.CharField(read_only=True, allow_null=True)
    owner_name = serializers.CharField(read_only=True, allow_null=True)
    external_id = serializers.CharField(read_only=True, allow_null=True)
    rate = serializers.DecimalField(max_digits=18, decimal_places=8, read_only=True, allow_null=True)

    class Meta:
        model = Opportunity
        fields = [
            "id",
            "name",
            "account",
            "offering",
            "state",
            "stage",
            "amount",
            "currency",
            "program_amount",
            "rate",
            "rate_on",
            "opened_on",
            "closes_on",
            "closed_on",
            "owner_name",
            "source",
            "partner",
            "external_id",
            "version",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class ClosingInput(serializers.Serializer[Any]):
    """How an opportunity ended, and on which day (today when left out)."""

    closed_on = serializers.DateField(required=False)
