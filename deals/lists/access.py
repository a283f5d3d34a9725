"""Who may see a checked list."""

from deals.models import ListCheck
from partners.access import one_of


def access_list(public_id: str) -> ListCheck:
    """One checked list of the program. Raises ``NotFound``; partner people see none."""
    return one_of(ListCheck.objects.all(), public_id, "There is no such list.")
