"""Rulings: a person decides on what stands against a claim, with grounds and a sentence for the partner."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from deals.access import may_rule, rulers_of
from deals.models import Account, Conflict, Registration, Ruling
from deals.rules.lifecycle import APPROVING, DECLINING, Move, Outcome, Reason
from deals.rules.sentences import named_in
from deals.selectors.matching import matching_accounts
from deals.selectors.standing import party_claimed
from deals.services.accounts import create_account, hold_identity
from deals.services.approvals import approve, decline
from deals.services.moves import check_move, locked, refusals_in_words
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, FieldErrors, NotAllowed
from partners.core.text import clean_text
from partners.models import Charter, Partner
from partners.selectors import charter_in_force, program_in_force
from partners.services.ledger import record

NEW_ACCOUNT = "new"
TEXT_LENGTH = 4000
_SENTENCE_LENGTH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decides. ``note`` is for staff, ``sentence`` for the partner.

    ``account`` is the public id of the account the claim is about, ``"new"`` for one nobody knew, or "" for
    the one that was certain already.
    """

    outcome: Outcome
    reason: Reason
    note: str
    sentence: str
    account: str = ""


def rule(
    *, actor: Actor, registration: Registration, decision: Decision, expected_version: int | None = None
) -> Ruling:
    """Decide on a registration in review: close its conflicts and approve or decline it, all or nothing.

    Raises ``NotAllowed`` when the charter gives the authority to another role, ``Clash`` when it is not in
    review or another registration holds the account, ``FieldErrors`` without grounds, ``Stale``.
    """
    with refusals_in_words(), transaction.atomic():
        row = locked(registration)
        move = Move.DECLINE if decision.outcome == Outcome.UPHOLD_INCUMBENT else Move.APPROVE
        check_move(row, move, actor)
        conflicts = list(Conflict.objects.filter(registration=row, closed_at__isnull=True).order_by("pk"))
        charter = charter_in_force()
        _check_authority(actor, conflicts, charter)
        note, sentence = clean_text(decision.note), clean_text(decision.sentence)
        account = _check(decision, note, sentence, row, conflicts)
        moment = clock.now()
        program = program_in_force()
        ruling = _write(actor, row, decision, note, sentence, charter, moment)
        for conflict in conflicts:
            conflict.closed_at, conflict.ruling = moment, ruling
        Conflict.objects.bulk_update(conflicts, ["closed_at", "ruling"])
        if move is Move.APPROVE:
            approve(
                actor=actor,
                registration=row,
                account=_held(account) if account else _new_account(actor, row, conflicts),
                reason=decision.reason,
                sentence=sentence,
                program=program,
                charter=charter,
                moment=moment,
                expected_version=expected_version,
            )
        else:
            row.account = account or row.account
            decline(
                actor=actor,
                registration=row,
                reason=decision.reason,
                sentence=sentence,
                program=program,
                moment=moment,
                expected_version=expected_version,
            )
        return ruling


def _check_authority(actor: Actor, conflicts: list[Conflict], charter: Charter) -> None:
    kinds = {conflict.kind for conflict in conflicts}
    if not may_rule(actor, kinds, charter):
        roles = " or ".join(role.label.lower() for role in rulers_of(kinds, charter))
        raise NotAllowed(f"By the charter, the {roles} rules on this.", code="no_authority")


def _check(
    decision: Decision, note: str, sentence: str, row: Registration, conflicts: list[Conflict]
) -> Account | None:
    """The account decided on (None: one to be made). Raises ``FieldErrors``."""
    errors: dict[str, list[str]] = {}
    approving = decision.outcome != Outcome.UPHOLD_INCUMBENT
    if decision.reason not in (APPROVING if approving else DECLINING):
        errors["reason"] = [
            f"“{decision.reason.label}” is no reason to {'approve' if approving else 'decline'}."
        ]
    for name, text, longest in (("note", note, TEXT_LENGTH), ("sentence", sentence, _SENTENCE_LENGTH)):
        if not text:
            errors[name] = ["Say why; a decision without grounds is not on record."]
        elif len(text) > longest:
            errors[name] = [f"At most {longest:,} characters; this has {len(text):,}."]
    others = list(Partner.objects.exclude(pk=row.partner_id).values_list("name", flat=True))
    rival = named_in(sentence, others, allowed=row.customer_name)
    if rival and "sentence" not in errors:
        errors["sentence"] = [f"The partner reads this and may not learn of {rival}. Leave the name out."]
    account, problem = _account_of(decision, row, conflicts, needed=approving)
    if problem:
        errors["account"] = [problem]
    if errors:
        raise FieldErrors(errors)
    return account


def account_choices(row: Registration, conflicts: list[Conflict]) -> list[Account]:
    """The accounts a claim may turn out to be about: the certain one, or those it was possibly."""
    ids = {conflict.account_id for conflict in conflicts} | {row.account_id}
    return list(Account.objects.filter(pk__in=[pk for pk in ids if pk is not None]).order_by("name", "pk"))


def _account_of(
    decision: Decision, row: Registration, conflicts: list[Conflict], *, needed: bool
) -> tuple[Account | None, str]:
    if decision.account == NEW_ACCOUNT:
        return None, ""
    if not decision.account:
        if row.account_id is None and needed:
            return None, "Is the customer one of these accounts, or a new one?"
        return (Account.objects.get(pk=row.account_id) if row.account_id else None), ""
    for account in account_choices(row, conflicts):
        if account.public_id == decision.account:
            return account, ""
    return None, "This is none of the accounts found for the claim."


def _held(account: Account) -> Account:
    """The account, locked: two approvals on it wait for each other here, as two checks of one exclusion
    constraint that each see the other's unfinished row would wait in a circle."""
    row = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    if row.removed_at is not None:
        raise Clash("account_gone", f"{row.name} has been merged or removed. Look at the case again.")
    return row


def _new_account(actor: Actor, row: Registration, conflicts: list[Conflict]) -> Account:
    """A new account from the claim, unless somebody made one for the same customer in the meantime."""
    hold_identity(row.customer_name, row.website, row.country)
    weighed = {conflict.account_id for conflict in conflicts} | {row.account_id}
    for found in matching_accounts(party_claimed(row)):
        if found.is_same and found.account.pk not in weighed:
            raise Clash(
                "account_exists",
                f"Since this claim came in, the account “{found.account.name}” was made for the customer. "
                "Decline this claim, or have it registered again so that it is weighed against that account.",
            )
    return create_account(actor=actor, name=row.customer_name, website=row.website, country=row.country)


def _write(
    actor: Actor,
    row: Registration,
    decision: Decision,
    note: str,
    sentence: str,
    charter: Charter,
    moment: datetime,
) -> Ruling:
    ruling = Ruling.objects.create(
        program_id=actor.program_id,
        registration=row,
        outcome=decision.outcome,
        reason=decision.reason,
        note=note,
        sentence=sentence,
        decided_at=moment,
        decided_by_id=actor.user_id,
        decided_by_name=actor.name[:120],
        authority=actor.role,
        charter_number=charter.number,
    )
    record(
        "ruling.given",
        ruling,
        actor=actor,
        new={
            "registration": row.public_id,
            "outcome": decision.outcome,
            "reason": decision.reason,
            "account": decision.account,
            "note": note,
            "charter": charter.number,
        },
    )
    return ruling
