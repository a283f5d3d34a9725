"""Who may see an account."""

from deals.models import Account
from partners.access import one_of


def access_account(public_id: str) -> Account:
    """One account of the program. Raises ``NotFound``; partner people see none."""
    return one_of(Account.objects.all(), public_id, "There is no such account.")
