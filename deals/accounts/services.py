"""Accounts: made, found by their keys, and kept from being made twice."""

import hashlib
from collections.abc import Iterator, Sequence

from django.db import connection, transaction

from deals.matching.domains import registrable_domain
from deals.matching.keys import Key, identity_keys, keys_for
from deals.models import Account, AccountKey
from partners.core.actor import Actor
from partners.core.reading import Question, answers
from partners.core.scope import current_program_id
from partners.core.writing import add


def hold_identity(name: str, website: str, country: str) -> None:
    """Wait until nobody else is deciding whether this customer is new, until the transaction ends."""
    answers(identity_held(name, website, country))


def identity_held(name: str, website: str, country: str) -> Question:
    """The statement of ``hold_identity``, for whoever has more to ask after it in the same round trip.

    Advisory locks on the keys that two spellings of one customer share, in the order of their numbers so
    that two submissions with several keys in common never wait for each other in a circle. The program's own
    lock comes first and is shared, so that only ``hold_new_customers`` waits for everybody.
    """
    program = current_program_id()
    numbers = sorted({_lock_number(program, key) for key in identity_keys(name, website, country)})
    return (
        "SELECT pg_advisory_xact_lock_shared(%s) UNION ALL"
        " SELECT pg_advisory_xact_lock(number) FROM unnest(%s::bigint[]) AS number",
        [_lock_number(program, ""), numbers],
    )


def hold_new_customers() -> None:
    """Wait for every claim that is deciding whether its customer is new, and let none begin until the end.

    For loads that make accounts: taken as late as can be, and before any account is locked.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_lock_number(current_program_id(), "")])


def _lock_number(program_id: int, key: str) -> int:
    digest = hashlib.blake2b(f"account:{program_id}:{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def create_account(*, actor: Actor, name: str, website: str = "", country: str = "") -> Account:
    """A new account with its keys. The caller holds the identity and has found that there is none."""
    account = Account(
        program_id=actor.program_id,
        name=name,
        website=website,
        domain=registrable_domain(website) or "",
        country=country,
    )
    add(account)
    add(*_rows_of(account))
    return account


def store_keys(account: Account) -> None:
    """Write the keys of an account that has none yet."""
    store_keys_of([account])


def store_keys_of(accounts: Sequence[Account]) -> None:
    """Write the keys of accounts that have none yet."""
    AccountKey.objects.bulk_create(row for account in accounts for row in _rows_of(account))


def rebuild_keys_of(*accounts: Account) -> None:
    """Write the keys of accounts again; those that were removed have none."""
    AccountKey.objects.filter(account__in=accounts).delete()
    store_keys_of([account for account in accounts if account.removed_at is None])


def rebuild_keys(*, batch: int = 1000) -> int:
    """Write the keys of every account of the scope's program again, ``batch`` accounts to a transaction.

    For a database whose keys another version wrote. Returns the number of accounts. May be stopped and
    started again, and run while people work: an account is found by its old keys until it has the new ones.
    """
    done, last = 0, 0
    while True:
        with transaction.atomic():
            rows = Account.objects.filter(pk__gt=last).order_by("pk").select_for_update(no_key=True)
            accounts = list(rows[:batch])
            if not accounts:
                return done
            AccountKey.objects.filter(account__in=accounts).delete()
            store_keys_of(accounts)
        done, last = done + len(accounts), accounts[-1].pk


def _rows_of(account: Account) -> Iterator[AccountKey]:
    for key in sorted(_keys_of(account)):
        yield AccountKey(program_id=account.program_id, account=account, kind=key.kind.value, value=key.value)


def _keys_of(account: Account) -> set[Key]:
    sites = [site for site in (account.website or account.domain, *account.other_domains) if site]
    return keys_for(account.name, sites, account.country, account.other_names)
