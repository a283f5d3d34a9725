"""Which accounts a claim may be about: candidates by equality on keys, judged in Python.

The index lives in PostgreSQL; a web process holds no copy of the accounts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q

from deals.models import Account
from deals.rules.keys import CANDIDATES, COUNTED, PER_KEY
from deals.rules.matching import WEIGHT, Band, Key, Match, Party, best_matches, lookup_keys
from partners.core.scope import current_program_id

_SHOWN = 5

# Every entry is read up to a limit, so that a word of ten thousand accounts costs no more than one of three
# hundred; what an account shares with the claim counts the less the more accounts share it.
FIND = """
    SELECT found.account_id, coalesce(min(found.many) FILTER (WHERE wanted.counted), %(per_key)s)
    FROM unnest(%(kinds)s::text[], %(values)s::text[], %(weights)s::int[], %(counted)s::boolean[])
        AS wanted (kind, value, weight, counted)
    CROSS JOIN LATERAL (
        SELECT account_id, count(*) OVER () AS many FROM (
            SELECT account_id FROM deals_accountkey
            WHERE program_id = %(program)s AND kind = wanted.kind AND value = wanted.value
            LIMIT %(per_key)s
        ) AS entries
    ) AS found
    GROUP BY found.account_id
    ORDER BY sum(wanted.weight / (1 + ln(found.many))) DESC, found.account_id
    LIMIT %(candidates)s
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


def wanted(keys: Iterable[Key]) -> dict[str, Any]:
    """The values of `FIND` for some entries, in the scope's program."""
    listed = sorted(keys)
    return {
        "kinds": [key.kind.value for key in listed],
        "values": [key.value for key in listed],
        "weights": [WEIGHT[key.kind] for key in listed],
        "counted": [key.kind in COUNTED for key in listed],
        "program": current_program_id(),
        "per_key": PER_KEY,
        "candidates": CANDIDATES,
    }


def candidate_ids(keys: set[Key]) -> dict[int, int]:
    """Ids of the accounts that share the most telling entries, best first, each with the number of accounts
    that bear the rarest word it shares.
    """
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(FIND, wanted(keys))
        return dict(cursor.fetchall())


def matching_accounts(party: Party, *, faint: bool = True, related: bool = False) -> list[Matched]:
    """The accounts that are or may be ``party``, best first, at most five; none the CRM removed.

    ``faint=False`` leaves out what is so unlikely that nobody should be stopped for it. ``related=True`` adds
    parts and sisters: what the names set apart, and parents and daughters of the account that is the same.
    """
    sharers = candidate_ids(lookup_keys(party.name, party.websites, party.country, party.other_names))
    if not sharers:
        return []
    accounts = {row.pk: row for row in Account.objects.filter(pk__in=sharers, removed_at__isnull=True)}
    pairs = [(pk, party_of(accounts[pk])) for pk in sharers if pk in accounts]
    matches = best_matches(party, pairs, limit=CANDIDATES, sharers=sharers)
    found = [Matched(accounts[pk], match) for pk, match in matches if faint or not match.faint]
    found = _with_family(found) if related else _without_family(found)
    return found[:_SHOWN]


def _without_family(found: list[Matched]) -> list[Matched]:
    """No related accounts, nor parents and daughters of the one that is the same."""
    same = {one.account.pk for one in found if one.is_same}
    over = {one.account.parent_id for one in found if one.is_same}
    return [
        one
        for one in found
        if one.match.band is not Band.RELATED
        and (one.is_same or not (one.account.pk in over or one.account.parent_id in same))
    ]


def _with_family(found: list[Matched]) -> list[Matched]:
    """The matches, then what is related to them by name or by the parent on record."""
    same = [one.account for one in found if one.is_same]
    family: dict[int, Matched] = {}
    if same:
        parents = [row.parent_id for row in same if row.parent_id]
        near = Account.objects.filter(
            Q(pk__in=parents) | Q(parent__in=same), removed_at__isnull=True
        ).exclude(pk__in=[row.pk for row in same])
        for row in near.order_by("name", "pk")[:_SHOWN]:
            child = next((one for one in same if one.parent_id == row.pk), None)
            whose = next(one for one in same if one.pk in (row.parent_id, child.pk if child else None))
            said = f"parent of {whose.name}" if child else f"belongs to {whose.name}"
            family[row.pk] = Matched(row, Match(Band.RELATED, 0.49, (said,)))
    kept = [one for one in found if one.account.pk not in family]
    return [one for one in kept if one.match.band is not Band.RELATED] + [
        *family.values(),
        *(one for one in kept if one.match.band is Band.RELATED),
    ]
