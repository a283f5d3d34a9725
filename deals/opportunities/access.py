"""Who may see an opportunity, and what partners did on it."""

from deals.models import Opportunity, Touch
from partners.access import one_of


def access_opportunity(public_id: str) -> Opportunity:
    """One opportunity of the scope. Raises ``NotFound``."""
    rows = Opportunity.objects.select_related("partner", "offering")
    return one_of(rows, public_id, "There is no such opportunity.")


def access_touch(public_id: str) -> Touch:
    """One act of a partner; its people see their own. Raises ``NotFound``."""
    rows = Touch.objects.select_related("opportunity", "partner")
    return one_of(rows, public_id, "There is no such entry.")
