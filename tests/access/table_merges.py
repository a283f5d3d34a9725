"""Who may make two accounts one, and say what else one is called."""

from typing import Any

from deals.accounts.merging import merge_accounts
from deals.models import Account, AccountMerge
from tests.access.rows import Row, api, staff_page
from tests.deals.making import account
from tests.support.cast import Cast

MERGERS = ("leader", "ops")


def _twice(cast: Cast) -> tuple[Account, Account]:
    rows = list(Account.objects.filter(name__startswith="Corvane").order_by("name"))
    if rows:
        return rows[0], rows[1]
    return account(cast, "Corvane Holding"), account(cast, "Corvane Materials")


def one(cast: Cast) -> dict[str, Any]:
    return {"public_id": _twice(cast)[1].public_id}


def into(cast: Cast) -> dict[str, Any]:
    return {"into": _twice(cast)[0].public_id, "version": _twice(cast)[1].version}


def named(cast: Cast) -> dict[str, Any]:
    return {"into": _twice(cast)[0].public_id}


def merged(cast: Cast) -> dict[str, Any]:
    kept, gone = _twice(cast)
    if not AccountMerge.objects.filter(undone_at__isnull=True).exists():
        merge_accounts(actor=cast.actor("ops"), kept=kept, merged=gone)
    return {"public_id": gone.public_id}


def typed(cast: Cast) -> dict[str, Any]:
    return {"other_names": "Corvane Stoffe", "other_domains": "corvane-stoffe.de", "version": ""}


def listed(cast: Cast) -> dict[str, Any]:
    return {"other_names": ["Corvane Stoffe"], "other_domains": ["corvane-stoffe.de"]}


ROWS = [
    Row("deals:names", "GET", staff_page(MERGERS), one),
    Row("deals:names", "POST", staff_page(MERGERS, 302), one, typed),
    Row("api:account-names", "POST", api(MERGERS), one, listed),
    Row("deals:merge", "GET", staff_page(MERGERS), one),
    Row("deals:merge", "POST", staff_page(MERGERS, 302), one, into),
    Row("deals:unmerge", "POST", staff_page(MERGERS, 302), merged),
    Row("api:account-merge", "POST", api(MERGERS), one, named),
    Row("api:account-unmerge", "POST", api(MERGERS), merged),
]
