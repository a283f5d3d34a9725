"""Reads of accounts. Staff only."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from deals.matching.keys import KeyKind
from deals.models import Account, AccountKey, AccountMerge, Opportunity, Registration

SORTS = {
    "name": ("name", "pk"),
    "-name": ("-name", "-pk"),
    "country": ("country", "name", "pk"),
    "-country": ("-country", "name", "pk"),
    "owner": ("owner_name", "name", "pk"),
    "-owner": ("-owner_name", "name", "pk"),
}
FLAGS = {
    "customer": Q(is_customer=True),
    "named": Q(is_named=True),
    "removed": Q(removed_at__isnull=False),
}
_MEANING = {
    KeyKind.DOMAIN: "Website",
    KeyKind.NAME: "Name",
    KeyKind.SOUND: "Sound",
    KeyKind.PAIR: "Pair of words",
    KeyKind.WORD: "Rare word",
    KeyKind.INITIALS: "Initials",
    KeyKind.HEAD: "Beginning",
    KeyKind.TAIL: "End",
}


def accounts_found(*, q: str = "", flag: str = "", sort: str = "") -> QuerySet[Account]:
    """Accounts by part of the name, website or owner, or by external id; removed ones only when asked for."""
    rows = Account.objects.select_related("merged_into")
    if q:
        rows = rows.filter(
            Q(name__icontains=q) | Q(website__icontains=q) | Q(owner_name__icontains=q) | Q(external_id=q)
        )
    rows = rows.filter(FLAGS[flag]) if flag in FLAGS else rows
    if flag != "removed":
        rows = rows.filter(removed_at__isnull=True)
    return rows.order_by(*SORTS.get(sort, SORTS["name"]))


def keys_explained(account: Account) -> Sequence[tuple[str, list[str]]]:
    """What an account is found by, in words, the most telling first."""
    found: dict[str, list[str]] = {}
    rows = AccountKey.objects.filter(account=account).order_by("kind", "value").values_list("kind", "value")
    for kind, value in rows:
        found.setdefault(kind, []).append(value)
    return [(meaning, found[kind.value]) for kind, meaning in _MEANING.items() if kind.value in found]


def opportunities_on(account: Account) -> Sequence[Opportunity]:
    """The opportunities on an account, open ones and newest first."""
    return list(
        Opportunity.objects.filter(account=account)
        .select_related("partner", "offering")
        .order_by("closed_on", "-opened_on", "-pk")[:200]
    )


def claims_on_account(account: Account) -> Sequence[Registration]:
    """The registrations that were found to be about an account, newest first."""
    return list(
        Registration.objects.filter(account=account)
        .select_related("partner", "offering")
        .order_by("-claimed_at", "-pk")[:200]
    )


def merges_of(account: Account) -> Sequence[AccountMerge]:
    """The merges that made the account what it is, and the one that took it in; newest first."""
    rows = AccountMerge.objects.filter(Q(kept=account) | Q(merged=account), undone_at__isnull=True)
    return list(rows.select_related("kept", "merged").order_by("-merged_at", "-pk"))
