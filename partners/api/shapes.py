"""What the API says and takes on this floor. Every field is named; ids are public ids."""

from typing import Any

from rest_framework import serializers

from partners.kit.shapes import RowSerializer, words
from partners.models import Activity, Charter, Intent, Offering, Partner, PartnerStatus, Seat
from partners.rules.activities import ActivityKind, nature_of
from partners.services.charters import TERMS


def _words(said: str, *, longest: int = 80) -> serializers.ListField:
    """A short list of words that leads are routed by."""
    word = serializers.CharField(max_length=longest)
    return serializers.ListField(child=word, max_length=40, required=False, help_text=said)


class PartnerSerializer(RowSerializer[Partner]):
    """A partner organisation. ``signed_on`` starts its ramp."""

    manager = serializers.CharField(source="manager.public_id", default=None, read_only=True)

    class Meta:
        model = Partner
        fields = words(
            "id name slug intent status website country signed_on manager goals external_id countries"
            " verticals segments functions lead_capacity version created_at updated_at"
        )


class PartnerInput(serializers.Serializer[Any]):
    """What can be written about a partner; ``manager`` is the id of a seat."""

    name = serializers.CharField(max_length=200)
    intent = serializers.ChoiceField(choices=Intent.choices, required=False)
    status = serializers.ChoiceField(choices=PartnerStatus.choices, required=False)
    website = serializers.CharField(max_length=255, required=False, allow_blank=True)
    country = serializers.CharField(
        max_length=2, required=False, allow_blank=True, help_text="Two letters, ISO 3166."
    )
    signed_on = serializers.DateField(required=False, allow_null=True)
    manager = serializers.CharField(max_length=20, required=False, allow_null=True)
    goals = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    external_id = serializers.CharField(max_length=60, required=False, allow_blank=True)
    countries = _words("Where it works, two letters each; empty: anywhere.", longest=2)
    verticals = _words("Fields it knows.")
    segments = _words("Segments it serves.")
    functions = _words("Buyers it knows, such as IT.")
    lead_capacity = serializers.IntegerField(
        min_value=0, max_value=100, required=False, help_text="Leads it can work on at once; 0: send none."
    )


class ActivitySerializer(RowSerializer[Activity]):
    """Something that happened. ``nature`` says whether it was work or mere participation."""

    partner = serializers.CharField(source="partner.public_id", read_only=True)
    nature = serializers.SerializerMethodField()

    class Meta:
        model = Activity
        fields = words("id partner kind nature happened_on minutes note logged_by external_id created_at")

    def get_nature(self, activity: Activity) -> str:
        """Work or participation."""
        return nature_of(ActivityKind(activity.kind)).value


class SeatSerializer(RowSerializer[Seat]):
    """A person's place in the program."""

    name = serializers.CharField(source="user.name", read_only=True)
    email = serializers.CharField(source="user.email", read_only=True)
    partner = serializers.CharField(source="partner.public_id", default=None, read_only=True)

    class Meta:
        model = Seat
        fields = words("id name email role partner created_at")


class OfferingSerializer(RowSerializer[Offering]):
    """What is sold."""

    class Meta:
        model = Offering
        fields = words("id name other_names active")


class CharterSerializer(RowSerializer[Charter]):
    """The charter in force. Rates are percentages of a deal; ``hourly_cost`` is in the program's currency."""

    authority = serializers.DictField(
        child=serializers.CharField(), read_only=True, help_text="Conflict kind to the role that rules on it."
    )

    class Meta:
        model = Charter
        fields = ["id", "number", *TERMS, "signed_by", "signed_at"]


class CharterInput(serializers.ModelSerializer[Charter]):
    """Terms to change; those left out stay. ``number`` is the version that was read."""

    number = serializers.IntegerField(min_value=1, max_value=100_000)
    authority = serializers.DictField(child=serializers.CharField(max_length=20), required=False)

    class Meta:
        model = Charter
        fields = ["number", *TERMS]
