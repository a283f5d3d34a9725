"""Merging accounts that turned out to be one, and taking a merge back.

Whatever pointed at the merged account points at the kept one afterwards, and the kept one is found by the
names, websites and CRM ids of both. What moved is on record, so a mistake can be undone row by row.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models, transaction
from psycopg.types.range import TimestamptzRange

from deals.accounts.services import rebuild_keys_of
from deals.common.guards import refusals_in_words
from deals.models import (
    Account,
    AccountKey,
    AccountMerge,
    Opportunity,
    OpportunityState,
    Protection,
    Registration,
    Ruling,
)
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, NotFound, RuleBroken
from partners.services.ledger import record
from partners.services.rights import require

# Names, websites and ids the kept account takes over: its list ← the merged account's own value and list.
_LISTS = {
    "other_names": "name",
    "other_domains": "domain",
    "other_ids": "external_id",
}
_TEXTS = ("external_id", "website", "domain", "country", "segment", "vertical", "owner_name")
_BLANKS = (*_TEXTS, "owner_id", "parent_id")
_FLAGS = ("is_customer", "is_named")


def merge_accounts(
    *,
    actor: Actor,
    kept: Account,
    merged: Account,
    ruling: Ruling | None = None,
    expected_version: int | None = None,
) -> AccountMerge:
    """Make two accounts one: everything of ``merged`` moves to ``kept``.

    ``expected_version`` is the version of ``merged`` that was seen. Raises ``NotAllowed``, ``NotFound``,
    ``Stale``, ``RuleBroken`` for an account and itself, and ``Clash`` when one of them is gone already or
    both are protected for the same offering.
    """
    if ruling is None:
        require(actor, "accounts.edit")
    if kept.pk == merged.pk:
        raise RuleBroken("same_account", "Choose another account; this is the one you have.", field="into")
    with refusals_in_words(), transaction.atomic():
        moment = clock.now()
        keep, gone = _locked(kept, merged)
        protections = _move_protections(keep, gone, moment)
        was_parent = keep.parent_id == gone.pk
        moved = {name: _repoint(relation, gone, keep) for name, relation in _relations()}
        merge = AccountMerge(
            program_id=actor.program_id,
            kept=keep,
            merged=gone,
            ruling=ruling,
            moved={name: ids for name, ids in moved.items() if ids},
            protections=protections,
            added=_take_over(keep, gone),
            before={"external_id": gone.external_id, "was_parent": was_parent},
            merged_at=moment,
            merged_by=actor.name[:120],
        )
        # The CRM's id leads to the kept account from now on, so a later file does not bring this one back.
        gone.external_id, gone.removed_at, gone.merged_into = "", moment, keep
        gone.save_fields("external_id", "removed_at", "merged_into", expected_version=expected_version)
        keep.save_fields(*_LISTS, *_BLANKS, *_FLAGS)
        merge.save(force_insert=True)
        rebuild_keys_of(keep, gone)
        _told("account.merged", merge, actor)
    return merge


def undo_merge(*, actor: Actor, merge: AccountMerge) -> Account:
    """Take a merge back: what moved returns, unless somebody has moved it on. Gives the account that is back.

    What came to the kept account after the merge stays there. Raises ``NotAllowed``, ``NotFound``, ``Clash``
    when it is undone already, or when the kept account has itself been merged since.
    """
    require(actor, "accounts.edit")
    with refusals_in_words(), transaction.atomic():
        row = AccountMerge.objects.select_for_update(no_key=True).filter(pk=merge.pk).first()
        if row is None:
            raise NotFound("There is no such merge.")
        if row.undone_at is not None:
            raise Clash("undone", "This merge has been undone already.")
        _hold_claims([row.kept_id, row.merged_id])
        accounts = _hold([row.kept_id, row.merged_id])
        keep, back = accounts[row.kept_id], accounts[row.merged_id]
        if keep.removed_at is not None:
            raise Clash(
                "kept_is_gone", f"{keep.name} has been removed or merged since. Undo that first, then this."
            )
        for name, relation in _relations():
            _put_back(relation, row.moved.get(name, []), keep, back)
        for pk, began in row.protections.items():
            _return_protection(int(pk), began, keep, back)
        _give_back(keep, row.added)
        if row.before["was_parent"] and keep.parent_id is None:
            keep.parent_id = back.pk
        keep.save_fields(*_LISTS, *_BLANKS, *_FLAGS)
        back.external_id, back.removed_at, back.merged_into = row.before["external_id"], None, None
        back.save_fields("external_id", "removed_at", "merged_into")
        rebuild_keys_of(keep, back)
        row.undone_at, row.undone_by = clock.now(), actor.name[:120]
        row.save(update_fields=["undone_at", "undone_by"])
        _told("account.unmerged", row, actor)
    return back


def _hold_claims(accounts: Iterable[int]) -> None:
    """Lock the claims on the accounts, as every act locks a claim before its account."""
    rows = Registration.objects.filter(account__in=list(accounts)).select_for_update(no_key=True)
    list(rows.order_by("pk").values_list("pk", flat=True))


def _hold(accounts: Iterable[int]) -> dict[int, Account]:
    rows = Account.objects.filter(pk__in=list(accounts)).select_for_update(no_key=True).order_by("pk")
    return {row.pk: row for row in rows}


def _locked(kept: Account, merged: Account) -> tuple[Account, Account]:
    _hold_claims([kept.pk, merged.pk])
    rows = _hold([kept.pk, merged.pk])
    if len(rows) < 2:
        raise NotFound("There is no such account.")
    for row in rows.values():
        if row.removed_at is not None:
            raise Clash("account_gone", f"{row.name} has been removed or merged already.")
    return rows[kept.pk], rows[merged.pk]


def _relations() -> list[tuple[str, models.ForeignKey[Any, Any]]]:
    """Every column that points at an account, by table and name, the special ones left out.

    New tables come along by themselves: a merge that forgets one would lose rows.
    """
    special: set[type[models.Model]] = {AccountKey, AccountMerge, Protection}
    found = []
    for relation in Account._meta.get_fields(include_hidden=True):
        field = getattr(relation, "field", None)
        if not (relation.auto_created and isinstance(field, models.ForeignKey)) or field.model in special:
            continue
        if field.name != "merged_into":
            found.append((f"{field.model._meta.label_lower}.{field.name}", field))
    return sorted(found, key=lambda pair: pair[0])


def _repoint(field: models.ForeignKey[Any, Any], source: Account, target: Account) -> list[int]:
    rows = field.model._default_manager.filter(**{field.name: source})
    if field.model is Account:
        rows = rows.exclude(pk=target.pk)  # a parent that takes its child in does not become its own parent
    ids = sorted(rows.values_list("pk", flat=True))
    if ids:
        field.model._default_manager.filter(pk__in=ids).update(**{field.name: target})
    return ids


def _put_back(field: models.ForeignKey[Any, Any], ids: list[int], keep: Account, back: Account) -> None:
    if ids:
        rows = field.model._default_manager.filter(pk__in=ids, **{field.name: keep})
        rows.update(**{field.name: back})


def _move_protections(keep: Account, gone: Account, moment: datetime) -> dict[str, str]:
    """Protections that still run hold the kept account from now on; those that are over stay where they were.

    Two cannot hold one account: people decide which, before the accounts become one.
    """
    rows = Protection.objects.filter(account=gone, period__endswith__gt=moment)
    live = list(rows.select_related("offering", "partner"))
    offerings = [row.offering_id for row in live]
    rival = (
        Protection.objects.filter(account=keep, offering__in=offerings, period__endswith__gt=moment)
        .select_related("partner", "offering")
        .first()
    )
    if rival is not None:
        other = next(row for row in live if row.offering_id == rival.offering_id)
        raise Clash(
            "both_protected",
            f"Both accounts are protected for {rival.offering.name}: {keep.name} for {rival.partner.name}, "
            f"{gone.name} for {other.partner.name}. Revoke one of the registrations first.",
        )
    began = {}
    for row in live:
        began[str(row.pk)] = row.period.lower.isoformat()
        row.account, row.period = (
            keep,
            TimestamptzRange(max(row.period.lower, moment), row.period.upper, "[)"),
        )
        row.save(update_fields=["account", "period"])
    return began


def _return_protection(pk: int, began: str, keep: Account, back: Account) -> None:
    row = Protection.objects.filter(pk=pk, account=keep).first()
    if row is not None:
        row.account = back
        row.period = TimestamptzRange(datetime.fromisoformat(began), row.period.upper, "[)")
        row.save(update_fields=["account", "period"])


def _take_over(keep: Account, gone: Account) -> dict[str, Any]:
    """Put what only ``gone`` knew into ``keep``; what that was, by field."""
    added: dict[str, Any] = {}
    if keep.parent_id == gone.pk:
        keep.parent_id = None
    for name in _BLANKS:
        value = getattr(gone, name)
        if value and not getattr(keep, name) and value != keep.pk:
            added[name] = value
            setattr(keep, name, value)
    for name, own in _LISTS.items():
        known = {getattr(keep, own), *getattr(keep, name), ""}
        new = [value for value in (getattr(gone, own), *getattr(gone, name)) if value not in known]
        new = list(dict.fromkeys(new))
        if new:
            added[name] = new
            setattr(keep, name, [*getattr(keep, name), *new])
    for name in _FLAGS:
        if getattr(gone, name) and not getattr(keep, name):
            added[name] = True
            setattr(keep, name, True)
    return added


def _give_back(keep: Account, added: dict[str, Any]) -> None:
    """Take out of ``keep`` what it got, where nobody has changed it since."""
    for name, value in added.items():
        if name in _LISTS:
            setattr(keep, name, [item for item in getattr(keep, name) if item not in value])
        elif name in _FLAGS:
            setattr(keep, name, name == "is_customer" and _bought(keep))
        elif getattr(keep, name) == value:
            setattr(keep, name, "" if name in _TEXTS else None)


def _bought(account: Account) -> bool:
    return Opportunity.objects.filter(account=account, state=OpportunityState.WON).exists()


def _told(verb: str, merge: AccountMerge, actor: Actor) -> None:
    """On the ledger of both accounts."""
    for account in (merge.kept, merge.merged):
        record(
            verb,
            account,
            actor=actor,
            new={
                "merge": merge.public_id,
                "kept": merge.kept.public_id,
                "merged": merge.merged.public_id,
                "moved": {name: len(ids) for name, ids in merge.moved.items()},
            },
        )
