"""What the API says and takes about plans. Every field is named; ids are public ids."""

from typing import Any

from rest_framework import serializers

from partners.kit.shapes import StaffOnlySerializer, place_of, words
from plans.models import CheckIn, Commitment, Milestone, Plan
from plans.rules.cadence import LONGEST, SHORTEST
from plans.rules.lifecycle import PlanMove, Quota, Side, State, moves_for
from plans.rules.words import LIMITS


class PlanPartnerSerializer(serializers.Serializer[Any]):
    """With whom."""

    id = serializers.CharField(source="public_id")
    name = serializers.CharField()


class AimSerializer(serializers.Serializer[Any]):
    """A pipeline aim, in the program's currency."""

    amount = serializers.DecimalField(source="aim_amount", max_digits=16, decimal_places=2)
    currency = serializers.CharField(source="aim_currency")
    by = serializers.DateField(source="aim_by")


class PlanSerializer(StaffOnlySerializer[Plan]):
    """A joint plan. ``edition`` counts changes of its terms; it is what one agrees to.

    ``retires_quota`` is the vendor's own note and null for partner people.
    """

    staff_only = ("retires_quota",)

    partner = PlanPartnerSerializer(read_only=True)
    aim = serializers.SerializerMethodField()
    moves = serializers.SerializerMethodField(help_text="What the caller may do with it now.")

    class Meta:
        model = Plan
        fields = words(
            "id partner state edition purpose why_call_us retires_quota starts_on check_in_days"
            " next_check_in_on ready_on aim proposed_at signed_by_us signed_by_us_at signed_by_them"
            " signed_by_them_at agreed_at closed_at closing_note moves version created_at updated_at"
        )

    def get_aim(self, plan: Plan) -> AimSerializer(allow_null=True):  # type: ignore[valid-type]
        return AimSerializer(plan).data if plan.aim_amount is not None else None

    def get_moves(self, plan: Plan) -> list[PlanMove]:
        return [move.value for move in moves_for(State(plan.state), place_of(self).actor.role)]  # type: ignore[misc]


class _Part(serializers.ModelSerializer[Any]):
    id = serializers.CharField(source="public_id", read_only=True)
    plan = serializers.CharField(source="plan.public_id", read_only=True)
    partner = serializers.CharField(source="partner.public_id", read_only=True)


class CommitmentSerializer(_Part):
    """A dated promise of one side (``us`` is the vendor)."""

    class Meta:
        model = Commitment
        fields = [
            "id", "plan", "partner", "side", "what", "owner_name", "due_on", "state", "settled_on",
            "settled_by", "reason", "version", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class MilestoneSerializer(_Part):
    """A readiness step and what proves it."""

    class Meta:
        model = Milestone
        fields = [
            "id", "plan", "partner", "position", "name", "proves", "state", "proof", "proof_link",
            "proven_on", "proven_by", "reason", "version", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class CheckInSerializer(_Part):
    """A conversation about a plan."""

    class Meta:
        model = CheckIn
        fields = [
            "id", "plan", "partner", "held_on", "said", "agreed", "purpose", "purpose_confirmed", "next_on",
            "logged_by", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


def _text(name: str, **options: Any) -> serializers.CharField:
    return serializers.CharField(max_length=LIMITS[name], **options)


class Nothing(serializers.Serializer[Any]):
    """An act that needs no words."""


class TermsInput(serializers.Serializer[Any]):
    """The terms. What is left out stays; ``aim`` null takes the aim out."""

    class AimInput(serializers.Serializer[Any]):
        """How much, by when; only once every readiness step is proven."""

        amount = serializers.DecimalField(max_digits=16, decimal_places=2)
        by = serializers.DateField()

    purpose = _text("purpose", required=False, allow_blank=True)
    why_call_us = _text("why_call_us", required=False, allow_blank=True)
    retires_quota = serializers.ChoiceField(choices=Quota.choices, required=False)
    starts_on = serializers.DateField(required=False)
    check_in_days = serializers.IntegerField(min_value=SHORTEST, max_value=LONGEST, required=False)
    aim = AimInput(required=False, allow_null=True)


class PlanInput(serializers.Serializer[Any]):
    """A plan to begin; ``partner`` is a partner's id."""

    partner = serializers.CharField(max_length=20)
    purpose = _text("purpose", required=False, allow_blank=True)
    why_call_us = _text("why_call_us", required=False, allow_blank=True)
    retires_quota = serializers.ChoiceField(choices=Quota.choices, required=False)
    starts_on = serializers.DateField(required=False)
    check_in_days = serializers.IntegerField(min_value=SHORTEST, max_value=LONGEST, required=False)


class AgreeInput(serializers.Serializer[Any]):
    """The edition that was read."""

    edition = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class ReasonInput(serializers.Serializer[Any]):
    """Why."""

    reason = _text("reason")


class NoteInput(serializers.Serializer[Any]):
    """A word about it, if any."""

    note = _text("reason", required=False, allow_blank=True)


class CommitmentChange(serializers.Serializer[Any]):
    """A promise's words, name and day."""

    what = _text("what")
    owner_name = _text("owner_name")
    due_on = serializers.DateField()


class CommitmentInput(CommitmentChange):
    """A promise to make on a plan."""

    plan = serializers.CharField(max_length=20)
    side = serializers.ChoiceField(choices=Side.choices)


class MilestoneChange(serializers.Serializer[Any]):
    """A step's words."""

    name = _text("name")
    proves = _text("proves")


class MilestoneInput(MilestoneChange):
    """A step to add to a plan."""

    plan = serializers.CharField(max_length=20)


class ProofInput(serializers.Serializer[Any]):
    """What was seen, in words or by a link; ``proven_on`` is today unless said otherwise."""

    proof = _text("proof", required=False, allow_blank=True)
    proof_link = _text("proof_link", required=False, allow_blank=True)
    proven_on = serializers.DateField(required=False)


class CheckInInput(serializers.Serializer[Any]):
    """A conversation; without ``next_on`` the plan's rhythm decides."""

    held_on = serializers.DateField()
    said = _text("said")
    agreed = _text("agreed", required=False, allow_blank=True)
    purpose_confirmed = serializers.BooleanField()
    next_on = serializers.DateField(required=False)
