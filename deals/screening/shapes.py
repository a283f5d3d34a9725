"""What the API says of customers' written choices and of rules of engagement."""

from deals.models import CustomerChoice, EngagementRule
from partners.kit.shapes import NamedSerializer, RowSerializer, words


class ChoiceSerializer(RowSerializer[CustomerChoice]):
    """A customer's written choice. ``partner`` null: the vendor; ``offering`` null: whatever they buy."""

    account = NamedSerializer(read_only=True)
    partner = NamedSerializer(read_only=True, allow_null=True)
    offering = NamedSerializer(read_only=True, allow_null=True)

    class Meta:
        model = CustomerChoice
        fields = words("id account partner offering chosen_on proof recorded_by ended_at created_at")


class RuleSerializer(RowSerializer[EngagementRule]):
    """A rule of engagement. An empty list means any."""

    partner = NamedSerializer(read_only=True, allow_null=True)

    class Meta:
        model = EngagementRule
        fields = words(
            "id name stance partner countries verticals segments text active version created_at updated_at"
        )
