"""Which accounts a claim may be about: candidates by equality on keys, judged in Python.

The index lives in PostgreSQL; a web process holds no copy of the accounts.
"""

from dataclasses import dataclass

from django.db import connection

from deals.models import Account
from deals.rules.matching import WEIGHT, Band, Key, Match, Party, best_matches, keys_for
from partners.core.scope import current_program_id

# A key shared by more accounts than this ("bank") tells little; the right one shares others, too.
_PER_KEY = 200
_CANDIDATES = 40
_SHOWN = 5

_FIND = """
    SELECT found.account_id
    FROM unnest(%s::text[], %s::text[], %s::int[]) AS wanted (kind, value, weight)
    CROSS JOIN LATERAL (
        SELECT account_id FROM deals_accountkey
        WHERE program_id = %s AND kind = wanted.kind AND value = wanted.value
        LIMIT %s
    ) AS found
    GROUP BY found.account_id
    ORDER BY sum(wanted.weight) DESC, found.account_id
    LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Matched:
    """An account a claim is, or may be, about."""

    account: Account
    match: Match

    @property
    def is_same(self) -> bool:
        """Whether it is acted upon without asking a person."""
        return self.match.band is Band.SAME


def party_of(account: Account) -> Party:
    """An account as the matcher reads it."""
    sites = tuple(site for site in (account.website or account.domain, *account.other_domains) if site)
    return Party(
        name=account.name, websites=sites, country=account.country, other_names=tuple(account.other_names)
    )


def candidate_ids(keys: set[Key]) -> list[int]:
    """Ids of the accounts that share the most telling keys, best first."""
    if not keys:
        return []
    wanted = sorted(keys)
    with connection.cursor() as cursor:
        cursor.execute(
            _FIND,
            [
                [key.kind.value for key in wanted],
                [key.value for key in wanted],
                [WEIGHT[key.kind] for key in wanted],
                current_program_id(),
                _PER_KEY,
                _CANDIDATES,
            ],
        )
        return [row[0] for row in cursor.fetchall()]


def matching_accounts(party: Party) -> list[Matched]:
    """The accounts that are or may be ``party``, best first, at most five; none the CRM removed."""
    ids = candidate_ids(keys_for(party.name, party.websites, party.country, party.other_names))
    if not ids:
        return []
    accounts = Account.objects.filter(pk__in=ids, removed_at__isnull=True)
    pairs = [(account, party_of(account)) for account in accounts]
    return [Matched(account, match) for account, match in best_matches(party, pairs, limit=_SHOWN)]
