"""Which accounts a claim may be about: candidates by equality on keys, judged in Python."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from deals.accounts.selectors import accounts_found
from deals.matching.evidence import Party
from deals.matching.keys import CANDIDATES, COUNTED, LEAST_OF_BEST, PER_KEY, WEIGHT, Key, KeyKind, lookup_keys
from deals.matching.match import Band, Match, best_matches
from deals.models import Account
from partners.core.reading import Question, answers
from partners.core.scope import current_program_id

_SHOWN = 5

# The statement is a function of the database (migration 0014), which plans it once in a connection.
FIND = """
    SELECT id, sharers, parent_id, name, website, domain, other_domains, country, other_names
    FROM prm_candidates(%s, %s, %s, %s, %s, %s, %s, %s)
"""
_KINDS = "".join(kind.value for kind in KeyKind)
_WEIGHTS = f"{{{','.join(str(WEIGHT[kind]) for kind in KeyKind)}}}"
_COUNTED = "".join(sorted(kind.value for kind in COUNTED))


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that shares entries with a claim, as the matcher reads it.

    ``sharers``: how many accounts bear the rarest word it shares.
    """

    pk: int
    sharers: int
    parent_id: int | None
    party: Party


type Judged = list[tuple[Candidate, Match]]


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
    return _party(
        account.name,
        account.website or account.domain,
        account.other_domains,
        account.country,
        account.other_names,
    )


def _party(
    name: str, site: str, more_sites: Iterable[str], country: str, other_names: Iterable[str]
) -> Party:
    sites = tuple(one for one in (site, *more_sites) if one)
    return Party(name=name, websites=sites, country=country, other_names=tuple(other_names))


def wanted(keys: Iterable[Key]) -> dict[str, Any]:
    """The values of `FIND` for some entries, in the scope's program; by name, and in the function's order."""
    return {
        "program": current_program_id(),
        # One text, because the driver takes half a millisecond to quote lists of fifty.
        "entries": "\n".join(sorted(key.kind.value + key.value for key in keys)),
        "kinds": _KINDS,
        "weights": _WEIGHTS,
        "counted": _COUNTED,
        "per_key": PER_KEY,
        "candidates": CANDIDATES,
        "share": LEAST_OF_BEST,
    }


def candidates(keys: set[Key], *, after: Question | None = None) -> list[Candidate]:
    """The accounts that share the most telling entries, best first; none the CRM removed.

    ``after`` is a statement to be done before they are looked up, in the same round trip.
    """
    if not (keys or after):
        return []
    find = (FIND, list(wanted(keys).values()))
    return [
        Candidate(pk, sharers, parent, _party(name, website or domain, domains, country, names))
        for pk, sharers, parent, name, website, domain, domains, country, names in answers(
            *([after] if after else []), find
        )[-1]
    ]


def matches_of(party: Party, *, after: Question | None = None) -> dict[int, Match]:
    """By account id what a claim is stopped for: the same or possible, at most five, the best first.

    Without what is so unlikely that nobody should be stopped for it. ``after`` as in ``candidates``.
    """
    judged = [(found, match) for found, match in _judged(party, after=after) if match.stops]
    return {found.pk: match for found, match in _without_family(judged)[:_SHOWN]}


def matching_accounts(party: Party, *, related: bool = False) -> list[Matched]:
    """The accounts that are or may be ``party``, best first, at most five, for a person to read.

    ``related=True`` adds parts and sisters: what the names set apart, and parents and daughters of the
    account that is the same.
    """
    judged = _judged(party)
    if related:
        return _with_family(_loaded(judged))[:_SHOWN]
    return _loaded(_without_family(judged)[:_SHOWN])


def related_accounts(party: Party) -> list[Matched]:
    """Parts, sisters, parents and daughters of a customer, at most five: to be shown, never in the way."""
    found = _with_family(_loaded(_judged(party)))
    return [one for one in found if one.match.band is Band.RELATED or one.match.part][:_SHOWN]


def _judged(party: Party, *, after: Question | None = None) -> Judged:
    """Every candidate that is not different, best first."""
    keys = lookup_keys(party.name, party.websites, party.country, party.other_names)
    found = candidates(keys, after=after)
    by_id = {one.pk: one for one in found}
    matches = best_matches(
        party,
        [(one.pk, one.party) for one in found],
        limit=CANDIDATES,
        sharers={one.pk: one.sharers for one in found},
    )
    return [(by_id[pk], match) for pk, match in matches]


def _loaded(judged: Judged) -> list[Matched]:
    """With the accounts themselves."""
    accounts = Account.objects.in_bulk([found.pk for found, _ in judged]) if judged else {}
    return [Matched(accounts[found.pk], match) for found, match in judged if found.pk in accounts]


def _without_family(judged: Judged) -> Judged:
    """No related accounts, nor parents and daughters of the one that is the same."""
    same = {found.pk for found, match in judged if match.band is Band.SAME}
    over = {found.parent_id for found, match in judged if match.band is Band.SAME}
    return [
        (found, match)
        for found, match in judged
        if match.band is not Band.RELATED
        and (match.band is Band.SAME or not (found.pk in over or found.parent_id in same))
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
