"""Who may see customers' choices and rules of engagement."""

from deals.models import CustomerChoice, EngagementRule
from partners.access import one_of


def access_choice(public_id: str) -> CustomerChoice:
    """One written choice of a customer. Raises ``NotFound``; partner people see none."""
    rows = CustomerChoice.objects.select_related("account", "partner", "offering")
    return one_of(rows, public_id, "There is no such choice.")


def access_rule(public_id: str) -> EngagementRule:
    """One rule of engagement. Raises ``NotFound``; partner people see none."""
    return one_of(EngagementRule.objects.select_related("partner"), public_id, "There is no such rule.")
