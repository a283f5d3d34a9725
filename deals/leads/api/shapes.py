"""What the API says and takes about leads. A partner reads a lead only when it gave or accepted it."""

from typing import Any

from rest_framework import serializers

from deals.leads.rules import Ranked
from deals.models import Lead, LeadOffer
from deals.rules.claims import NAME_LENGTH, NOTE_LENGTH
from deals.rules.leads import SENTENCE_LENGTH, AnswerReason, OfferReason
from partners.kit.shapes import IdForStaff, NamedSerializer, StaffOnlySerializer, words


class LeadSerializer(StaffOnlySerializer[Lead]):
    """A buyer handed over. ``partner`` is the one that gave or accepted it."""

    staff_only = ("created_at", "updated_at")

    partner = NamedSerializer(source="opened_to", read_only=True, allow_null=True)
    offering = NamedSerializer(read_only=True, allow_null=True)
    account = IdForStaff("account")
    opportunity = IdForStaff("opportunity")

    class Meta:
        model = Lead
        fields = words(
            "id direction state partner customer_name website country vertical segment function"
            " contact_name contact_email contact_phone need details offering amount currency"
            " received_on told_by due_at settled_at reason sentence account opportunity version"
            " created_at updated_at"
        )


class BuyerInput(serializers.Serializer[Any]):
    """What is said of a buyer. ``need`` is shown to a partner before it accepts and names nobody."""

    customer_name = serializers.CharField(max_length=NAME_LENGTH)
    website = serializers.CharField(max_length=NAME_LENGTH, required=False, allow_blank=True)
    country = serializers.CharField(
        max_length=60, required=False, allow_blank=True, help_text="ISO 3166 code or the country's name."
    )
    vertical = serializers.CharField(max_length=80, required=False, allow_blank=True)
    segment = serializers.CharField(max_length=80, required=False, allow_blank=True)
    function = serializers.CharField(
        max_length=80, required=False, allow_blank=True, help_text="Who buys there, such as IT."
    )
    contact_name = serializers.CharField(max_length=120, required=False, allow_blank=True)
    contact_email = serializers.CharField(max_length=254, required=False, allow_blank=True)
    contact_phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    need = serializers.CharField(max_length=NOTE_LENGTH)
    details = serializers.CharField(
        max_length=NOTE_LENGTH, required=False, allow_blank=True, help_text="Opens with the lead."
    )
    offering = serializers.CharField(max_length=20, required=False, allow_null=True)
    amount = serializers.DecimalField(
        max_digits=16, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    currency = serializers.CharField(
        max_length=3, required=False, allow_blank=True, help_text="ISO 4217; the program's when left out."
    )
    received_on = serializers.DateField(required=False, help_text="Today, unless said otherwise.")


class LeadInput(BuyerInput):
    """A lead to take down. With ``partner`` staff note what that partner gave; partner people always give."""

    partner = serializers.CharField(max_length=20, required=False, help_text="For staff: who gave it.")


class OfferInput(serializers.Serializer[Any]):
    """To whom a lead is offered; left out, the candidate that fits best."""

    partner = serializers.CharField(max_length=20, required=False)


class LeadAnswerInput(serializers.Serializer[Any]):
    """Our answer to a lead a partner gave. A no needs ``reason`` and ``sentence``."""

    accept = serializers.BooleanField()
    reason = serializers.ChoiceField(choices=AnswerReason.choices, required=False)
    sentence = serializers.CharField(
        max_length=SENTENCE_LENGTH, required=False, allow_blank=True, help_text="What the partner reads."
    )


class LeadCloseInput(serializers.Serializer[Any]):
    """Why a lead is given up; staff only."""

    sentence = serializers.CharField(max_length=SENTENCE_LENGTH)


class CandidateSerializer(serializers.Serializer[Ranked]):
    """A partner as a candidate for a lead. ``left_out`` says why it cannot have it, or is empty."""

    partner = serializers.CharField(source="candidate.public_id", read_only=True)
    name = serializers.CharField(source="candidate.name")
    reasons = serializers.ListField(child=serializers.CharField())
    left_out = serializers.CharField(allow_blank=True)


class LeadOfferSerializer(StaffOnlySerializer[LeadOffer]):
    """A lead offered to a partner: its open part. ``lead`` is null for the partner until it accepts."""

    staff_only = ("offered_by",)

    partner = NamedSerializer(read_only=True)
    offering = NamedSerializer(read_only=True, allow_null=True)
    lead = serializers.CharField(source="opened_id", read_only=True, allow_null=True)
    offered_by = serializers.CharField(read_only=True, allow_null=True)

    class Meta:
        model = LeadOffer
        fields = words(
            "id lead partner state country vertical segment function need size offering offered_at"
            " offered_by due_at answered_at answered_by reason sentence version"
        )


class LeadDeclineInput(serializers.Serializer[Any]):
    """Why a lead is not taken. ``other`` needs a sentence."""

    reason = serializers.ChoiceField(choices=OfferReason.choices)
    sentence = serializers.CharField(max_length=SENTENCE_LENGTH, required=False, allow_blank=True)
