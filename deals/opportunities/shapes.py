"""What the API says of opportunities and of what partners did on them."""

from rest_framework import serializers

from deals.models import Opportunity, Touch
from deals.opportunities.selectors import attribution_of
from partners.kit.shapes import IdForStaff, NamedSerializer, RowSerializer, StaffOnlySerializer, words


class OpportunitySerializer(StaffOnlySerializer[Opportunity]):
    """A possible sale. Partner people see their own, without what is the vendor's own business."""

    staff_only: tuple[str, ...] = ("stage", "owner_name", "external_id", "program_amount", "rate", "rate_on")

    account = IdForStaff("account")
    offering = NamedSerializer(read_only=True, allow_null=True)
    partner = NamedSerializer(read_only=True, allow_null=True)
    stage = serializers.CharField(read_only=True, allow_null=True)
    owner_name = serializers.CharField(read_only=True, allow_null=True)
    external_id = serializers.CharField(read_only=True, allow_null=True)
    rate = serializers.DecimalField(max_digits=18, decimal_places=8, read_only=True, allow_null=True)

    class Meta:
        model = Opportunity
        fields = words(
            "id name account offering state stage amount currency program_amount rate rate_on opened_on"
            " closes_on closed_on owner_name source partner external_id version created_at updated_at"
        )


class OneOpportunitySerializer(OpportunitySerializer):
    """An opportunity with what a partner's part in it is called."""

    staff_only = (*OpportunitySerializer.staff_only, "partner_share")

    partner_share = serializers.IntegerField(read_only=True, allow_null=True)
    attribution = serializers.SerializerMethodField(help_text="sourced, influenced or neither; never two.")

    class Meta(OpportunitySerializer.Meta):
        fields = [*OpportunitySerializer.Meta.fields, "partner_share", "attribution"]

    def get_attribution(self, row: Opportunity) -> str:
        return attribution_of(row).value


class TouchSerializer(RowSerializer[Touch]):
    """A dated act of a partner on an opportunity."""

    partner = NamedSerializer(read_only=True)

    class Meta:
        model = Touch
        fields = words("id partner on kind note logged_by removed_at created_at")
