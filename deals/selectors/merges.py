"""Reads for merging accounts. Staff only."""

from collections.abc import Sequence

from django.db.models import Q

from deals.models import Account, AccountMerge
from deals.selectors.accounts import accounts_found
from deals.selectors.matching import matching_accounts, party_of

_MOST = 20


def merge_choices(account: Account, q: str) -> list[tuple[Account, str]]:
    """Accounts that ``account`` may turn out to be, each with why it is offered.

    What ``q`` finds by name, website or id; without it what the matcher thinks alike.
    """
    if q:
        rows = accounts_found(q=q).exclude(pk=account.pk)[:_MOST]
        return [(row, "") for row in rows]
    found = [match for match in matching_accounts(party_of(account)) if match.account.pk != account.pk]
    return [(match.account, "; ".join(match.match.reasons)) for match in found]


def merges_of(account: Account) -> Sequence[AccountMerge]:
    """The merges that made the account what it is, and the one that took it in; newest first."""
    rows = AccountMerge.objects.filter(Q(kept=account) | Q(merged=account), undone_at__isnull=True)
    return list(rows.select_related("kept", "merged").order_by("-merged_at", "-pk"))
