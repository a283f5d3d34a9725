"""The other names and websites an account is found by, kept by hand."""

from collections.abc import Sequence

from django.db import transaction

from deals.accounts.rules import MOST, known_by
from deals.accounts.services import hold_new_customers, rebuild_keys_of
from deals.common.guards import refusals_in_words
from deals.matching.names import name_key
from deals.models import Account
from partners.core.actor import Actor
from partners.core.errors import Clash, FieldErrors, NotFound
from partners.services.ledger import record
from partners.services.rights import require


def set_known_names(
    *,
    actor: Actor,
    account: Account,
    names: Sequence[str],
    websites: Sequence[str],
    expected_version: int | None = None,
) -> Account:
    """Keep these, and only these, as what the account is known by beside its name and website.

    A claim under any of them finds the account from now on; one that is being screened at this moment is
    waited for. Raises ``NotAllowed``, ``NotFound``, ``Clash`` for an account that was merged or removed,
    ``FieldErrors`` for a text that is no name or no website of its own, ``Stale``.
    """
    require(actor, "accounts.edit")
    with refusals_in_words(), transaction.atomic():
        hold_new_customers()
        row = Account.objects.select_for_update(no_key=True).filter(pk=account.pk).first()
        if row is None:
            raise NotFound("There is no such account.")
        if row.removed_at is not None:
            raise Clash("account_gone", f"{row.name} has been removed or merged already.")
        known = known_by(row.name, row.domain, names, websites)
        if known.problems:
            raise FieldErrors(known.problems)
        _keep(actor, row, known.names, known.domains, expected_version)
    return row


def learn_name(*, actor: Actor, account: Account, name: str) -> None:
    """Keep the name under which a claim was ruled to be about this account, so that the next one finds it.

    The caller has locked the account and may rule. Does nothing for a name it is known by, as names are read,
    or when it has as many as are kept.
    """
    known = {name_key(one).squash for one in (account.name, *account.other_names)}
    if name_key(name).squash in known or len(account.other_names) >= MOST:
        return
    _keep(actor, account, [*account.other_names, name], account.other_domains)


def _keep(
    actor: Actor, account: Account, names: list[str], domains: list[str], expected_version: int | None = None
) -> None:
    """Write what a locked account is known by, and its keys and the ledger where that is something new."""
    old = {"other_names": account.other_names, "other_domains": account.other_domains}
    new = {"other_names": names, "other_domains": domains}
    account.other_names, account.other_domains = names, domains
    account.save_fields(*new, expected_version=expected_version)
    if new != old:
        rebuild_keys_of(account)
        record("account.known_as", account, actor=actor, old=old, new=new)
