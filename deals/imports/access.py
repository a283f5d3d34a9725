"""Who may see an imported file."""

from deals.models import Import
from partners.access import one_of


def access_import(public_id: str) -> Import:
    """One file of the program. Raises ``NotFound``; partner people see none."""
    return one_of(Import.objects.all(), public_id, "There is no such file.")
