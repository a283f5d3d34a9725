"""What the API says and takes about what our own side does. Every field is named; ids are public ids."""

from typing import Any

from rest_framework import serializers

from deals.api.shapes import NamedSerializer, OpportunitySerializer
from deals.models import CustomerChoice, EngagementRule, Opportunity, Source, Touch
from deals.rules.attribution import TouchKind
from deals.rules.claims import NAME_LENGTH
from deals.rules.engagement import Stance
from deals.rules.lifecycle import ConflictKind
from deals.selectors.attribution import attribution_of
from deals.services.choices import PROOF_LENGTH
from deals.services.raising import RAISABLE, TEXT_LENGTH
from deals.services.sources import REASON_LENGTH
from deals.services.touches import NOTE_LENGTH


class OneOpportunitySerializer(OpportunitySerializer):
    """An opportunity with what a partner's part in it is called."""

    staff_only: tuple[str, ...] = (*OpportunitySerializer.staff_only, "partner_share")

    partner_share = serializers.IntegerField(read_only=True, allow_null=True)
    attribution = serializers.SerializerMethodField(help_text="sourced, influenced or neither; never two.")

    class Meta(OpportunitySerializer.Meta):
        fields = [*OpportunitySerializer.Meta.fields, "partner_share", "attribution"]
        read_only_fields = fields

    def get_attribution(self, row: Opportunity) -> str:
        return attribution_of(row).value


class OpeningInput(serializers.Serializer[Any]):
    """A direct opportunity to open."""

    account = serializers.CharField(max_length=20, help_text="Id of an account.")
    name = serializers.CharField(max_length=NAME_LENGTH)
    offering = serializers.CharField(max_length=20, required=False, allow_null=True)
    amount = serializers.DecimalField(
        max_digits=16, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    currency = serializers.CharField(max_length=3, required=False, allow_blank=True)
    closes_on = serializers.DateField(required=False, allow_null=True)
    stage = serializers.CharField(max_length=80, required=False, allow_blank=True)


class SourceInput(serializers.Serializer[Any]):
    """Whose an opportunity is. Every change has a reason."""

    source = serializers.ChoiceField(choices=Source.choices)  # type: ignore[assignment] # the field's name
    partner = serializers.CharField(
        max_length=20, required=False, allow_null=True, help_text="Id of a partner; none for direct."
    )
    reason = serializers.CharField(max_length=REASON_LENGTH)


class TouchSerializer(serializers.ModelSerializer[Touch]):
    """A dated act of a partner on an opportunity."""

    id = serializers.CharField(source="public_id", read_only=True)
    partner = NamedSerializer(read_only=True)

    class Meta:
        model = Touch
        fields = ["id", "partner", "on", "kind", "note", "logged_by", "removed_at", "created_at"]
        read_only_fields = fields


class TouchInput(serializers.Serializer[Any]):
    """What a partner did. Staff name the partner."""

    on = serializers.DateField()
    kind = serializers.ChoiceField(choices=TouchKind.choices)
    note = serializers.CharField(max_length=NOTE_LENGTH, required=False, allow_blank=True)
    partner = serializers.CharField(max_length=20, required=False, help_text="For staff: id of the partner.")


class ChoiceSerializer(serializers.ModelSerializer[CustomerChoice]):
    """A customer's written choice. ``partner`` null: the vendor; ``offering`` null: whatever they buy."""

    id = serializers.CharField(source="public_id", read_only=True)
    account = NamedSerializer(read_only=True)
    partner = NamedSerializer(read_only=True, allow_null=True)
    offering = NamedSerializer(read_only=True, allow_null=True)

    class Meta:
        model = CustomerChoice
        fields = [
            "id",
            "account",
            "partner",
            "offering",
            "chosen_on",
            "proof",
            "recorded_by",
            "ended_at",
            "created_at",
        ]
        read_only_fields = fields


class ChoiceInput(serializers.Serializer[Any]):
    """A written choice. ``partner`` must be said; null means the vendor."""

    partner = serializers.CharField(max_length=20, allow_null=True)
    offering = serializers.CharField(max_length=20, required=False, allow_null=True)
    chosen_on = serializers.DateField()
    proof = serializers.CharField(max_length=PROOF_LENGTH)


class RuleSerializer(serializers.ModelSerializer[EngagementRule]):
    """A rule of engagement. An empty list means any."""

    id = serializers.CharField(source="public_id", read_only=True)
    partner = NamedSerializer(read_only=True, allow_null=True)

    class Meta:
        model = EngagementRule
        fields = [
            "id",
            "name",
            "stance",
            "partner",
            "countries",
            "verticals",
            "segments",
            "text",
            "active",
            "version",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


def _words() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=80), required=False, max_length=300, help_text="Empty: any."
    )


class RuleInput(serializers.Serializer[Any]):
    """A rule to make or change."""

    name = serializers.CharField(max_length=120)
    stance = serializers.ChoiceField(choices=Stance.choices)
    partner = serializers.CharField(max_length=20, required=False, allow_null=True)
    countries = _words()
    verticals = _words()
    segments = _words()
    text = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    active = serializers.BooleanField(required=False)


class RaisingInput(serializers.Serializer[Any]):
    """What somebody saw about a claim. The partner is told nothing of it."""

    kind = serializers.ChoiceField(choices=[(kind.value, kind.label) for kind in RAISABLE])
    text = serializers.CharField(max_length=TEXT_LENGTH)

    def validate_kind(self, value: str) -> ConflictKind:
        """The kind as the services know it."""
        return ConflictKind(value)


class SignalsSerializer(serializers.Serializer[Any]):
    """What one person of ours is named in under partners' claims."""

    who = serializers.CharField()
    opened = serializers.IntegerField(help_text="Opportunities opened under a claim.")
    changed = serializers.IntegerField(help_text="Sources changed.")
    closed = serializers.IntegerField(help_text="Deals closed without the partner.")
    repeats = serializers.BooleanField()
    conflicts = serializers.SerializerMethodField()

    def get_conflicts(self, row: Any) -> list[str]:
        return [conflict.public_id for conflict in row.conflicts]
