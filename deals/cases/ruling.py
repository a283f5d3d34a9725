"""Rulings: a person decides on what stands against a claim, with grounds and a sentence for each side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from deals.accounts.known_names import learn_name
from deals.accounts.lookup import matching_accounts
from deals.accounts.merging import merge_accounts
from deals.accounts.services import create_account, hold_identity
from deals.cases.credit import MOVED, WHOLE, count_for_partner, set_share
from deals.cases.decision import (
    NEW_ACCOUNT,
    Decision,
    Grounds,
    account_choices,
    checked,
    comp_effects,
    rivals_protected,
)
from deals.cases.rules.grouping import stands_alone
from deals.cases.selectors.case_facts import standing_ruling, suggestion_for
from deals.common.guards import check_authority, check_move, locked, refusals_in_words
from deals.common.notify import notify_incumbents, record_and_notify
from deals.models import Account, Conflict, Registration, Ruling
from deals.registrations.approve import approve, close_as_duplicate, decline
from deals.registrations.revocation import revoke
from deals.rules.lifecycle import LATER_KINDS, ConflictKind, Move, Outcome, Severity, State
from deals.screening.screen import open_conflicts, screen
from deals.screening.selectors.standing import party_claimed
from partners.core import clock
from partners.core.actor import Actor, Role
from partners.core.errors import Clash, NotAllowed, Stale
from partners.models import Charter, Program
from partners.selectors import charter_in_force, program_in_force
from partners.services.ledger import record

# What our side did that counts for a partner who is upheld. An opportunity that was there before the claim
# stays ours beside theirs unless its credit is shared.
_COUNTED: dict[Outcome, frozenset[ConflictKind]] = {
    Outcome.UPHOLD_PARTNER: MOVED,
    Outcome.SHARE: MOVED | {ConflictKind.OPEN_OPPORTUNITY},
}
# A merge settles who the customer is. What was put before a person for another cause stays before them.
_NOT_MERGED = LATER_KINDS | {ConflictKind.APPEAL, ConflictKind.CHANGE}

OWN_RULING = "You gave the ruling that this appeal is against. Somebody else decides on it."

__all__ = ["NEW_ACCOUNT", "OWN_RULING", "Decision", "account_choices", "rule"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What is ruled on together, with what every step needs. ``apart``: the registration stays as it is."""

    actor: Actor
    row: Registration
    conflicts: Sequence[Conflict]
    apart: bool
    program: Program
    charter: Charter
    expected_version: int | None


def rule(
    *,
    actor: Actor,
    registration: Registration,
    decision: Decision,
    conflict: Conflict | None = None,
    expected_version: int | None = None,
) -> Ruling:
    """Decide on what stands against a registration: all that is weighed together, or none of it.

    A claim, an appeal or a change in review is approved or declined. What came up under a registration that
    stands leaves it as it is and says whose the deal is. ``conflict`` is one of those ruled on; by default it
    is what keeps the registration in review, or else whatever is open. Raises ``NotAllowed`` when the charter
    gives the authority to another role, ``Clash`` when there is nothing to rule on or another registration
    holds the account, ``FieldErrors`` without grounds, ``Stale``.
    """
    with refusals_in_words(), transaction.atomic():
        row = _held(registration, decision)
        case = _case_of(actor, row, conflict, decision, expected_version)
        check_authority(actor, case.conflicts, case.charter)
        first = _appealed(actor, row, case.conflicts)
        grounds = checked(decision, row, case.conflicts, apart=case.apart)
        suggested = suggestion_for(row, case.conflicts, case.program).outcome
        _take_back_protections(case, decision, grounds)
        moment = clock.now()
        ruling = _write(case, decision, grounds, moment, suggested or "", first)
        _close(case, ruling)
        # Whom a revocation told is not told twice.
        revoked = {rival.pk for rival in rivals_protected(case.conflicts)} if decision.revoke else set()
        notify_incumbents(
            actor=actor, conflicts=case.conflicts, sentence=grounds.incumbent_sentence, but=revoked
        )
        if decision.outcome == Outcome.MERGE:
            _settle_merge(case, decision, grounds, ruling)
        elif case.apart:
            _settle_apart(case, decision, grounds)
        else:
            _settle_review(case, decision, grounds, moment)
        return ruling


def _held(registration: Registration, decision: Decision) -> Registration:
    """The registration, locked together with those whose protection is taken back, in the order of ids."""
    if decision.revoke is not None:
        rivals = Conflict.objects.filter(
            registration=registration, closed_at__isnull=True, kind=ConflictKind.PROTECTED
        ).values_list("rival_registration_id", flat=True)
        ids = [registration.pk, *(pk for pk in rivals if pk is not None)]
        list(Registration.objects.filter(pk__in=ids).select_for_update(no_key=True).order_by("pk"))
    return locked(registration)


def _case_of(
    actor: Actor,
    row: Registration,
    conflict: Conflict | None,
    decision: Decision,
    expected_version: int | None,
) -> _Case:
    """What is open and ruled on together. Raises ``NotAllowed``, ``Clash``, ``Stale``."""
    rows = Conflict.objects.filter(registration=row, closed_at__isnull=True).order_by("pk")
    found = list(
        rows.select_related(
            "account", "rival_registration__partner", "rival_registration__protection", "rival_opportunity"
        )
    )
    later = [item for item in found if stands_alone(item.kind, row.state, row.reviewed_for)]
    if conflict is not None:
        apart = stands_alone(conflict.kind, row.state, row.reviewed_for)
    else:
        apart = bool(later) and row.state != State.IN_REVIEW
    if not apart:
        if row.state == State.NEEDS_INFO:
            raise Clash("waits", "The partner was asked for information. Wait for the answer.")
        check_move(row, Move.DECLINE if decision.outcome == Outcome.UPHOLD_INCUMBENT else Move.APPROVE, actor)
    elif not later:
        raise Clash("ruled", "Nothing of this waits for a ruling any more.")
    elif expected_version is not None and expected_version != row.version:
        raise Stale
    return _Case(
        actor=actor,
        row=row,
        conflicts=later if apart else [item for item in found if item not in later],
        apart=apart,
        program=program_in_force(),
        charter=charter_in_force(),
        expected_version=expected_version,
    )


def _appealed(actor: Actor, row: Registration, conflicts: Sequence[Conflict]) -> Ruling | None:
    """The ruling an appeal is against. Who gave it does not decide on the appeal, the leader excepted."""
    if not any(conflict.kind == ConflictKind.APPEAL for conflict in conflicts):
        return None
    first = standing_ruling(row)
    if first and first.decided_by_id == actor.user_id and actor.role is not Role.LEADER:
        raise NotAllowed(OWN_RULING, code="own_ruling")
    return first


def _take_back_protections(case: _Case, decision: Decision, grounds: Grounds) -> None:
    """End the protections in the way, before the partner's own begins: the database takes only one."""
    if decision.revoke is None:
        return
    for rival in rivals_protected(case.conflicts):
        if rival.state == State.APPROVED:
            revoke(
                actor=case.actor,
                registration=rival,
                reason=decision.revoke,
                sentence=grounds.incumbent_sentence,
                note=grounds.note,
            )


def _close(case: _Case, ruling: Ruling) -> None:
    """Close what was ruled on, by the ruling."""
    merged = ruling.outcome == Outcome.MERGE
    ruled = [found for found in case.conflicts if not (merged and found.kind in _NOT_MERGED)]
    for found in ruled:
        found.closed_at, found.ruling = ruling.decided_at, ruling
    Conflict.objects.bulk_update(ruled, ["closed_at", "ruling"])


def _settle_review(case: _Case, decision: Decision, grounds: Grounds, moment: datetime) -> None:
    """Approve or decline what was in review."""
    row = case.row
    if decision.outcome == Outcome.UPHOLD_INCUMBENT:
        row.account = grounds.account or row.account
        decline(
            actor=case.actor,
            registration=row,
            reason=decision.reason,
            sentence=grounds.sentence,
            program=case.program,
            moment=moment,
            expected_version=case.expected_version,
        )
        return
    if grounds.account:
        account = _kept(grounds.account)
        learn_name(actor=case.actor, account=account, name=row.customer_name)
    else:
        account = _new_account(case.actor, row, case.conflicts)
    _approve(case, decision, grounds, account, moment)
    share = decision.partner_share or WHOLE
    set_share(actor=case.actor, registration=row, share=share)
    counted = _COUNTED.get(decision.outcome, frozenset())
    moved = [item for item in case.conflicts if item.kind in counted]
    if moved:
        count_for_partner(actor=case.actor, registration=row, conflicts=moved, share=share)


def _approve(case: _Case, decision: Decision, grounds: Grounds, account: Account, moment: datetime) -> None:
    approve(
        actor=case.actor,
        registration=case.row,
        account=account,
        reason=decision.reason,
        sentence=grounds.sentence,
        program=case.program,
        charter=case.charter,
        moment=moment,
        expected_version=case.expected_version,
    )


def _settle_merge(case: _Case, decision: Decision, grounds: Grounds, ruling: Ruling) -> None:
    """Make two accounts one and weigh the claim again: it is approved, a duplicate, or stays in review."""
    row, kept, merged = case.row, grounds.account, grounds.merged
    if kept is None or merged is None:
        raise AssertionError("checked before")
    merge_accounts(actor=case.actor, kept=kept, merged=merged, ruling=ruling)
    row.account = _kept(kept)
    screening = screen(row, program=case.program, moment=ruling.decided_at)
    row.account = row.account or kept
    if screening.duplicate_of is not None:
        close_as_duplicate(
            actor=case.actor,
            registration=row,
            first=screening.duplicate_of,
            program=case.program,
            moment=ruling.decided_at,
            expected_version=case.expected_version,
        )
        return
    left = Conflict.objects.filter(registration=row, closed_at__isnull=True).exists()
    if not left and not screening.needs_a_person:
        _approve(case, decision, grounds, row.account, ruling.decided_at)
        return
    row.save_fields("account", expected_version=case.expected_version)
    open_conflicts(
        actor=Actor.system(program_id=case.actor.program_id, name="Screening", door=case.actor.door),
        registration=row,
        findings=[found for found in screening.findings if found.severity is not Severity.NOTE],
        opened_at=ruling.decided_at,
        due_at=row.decision_due_at or ruling.decided_at,
    )


def _settle_apart(case: _Case, decision: Decision, grounds: Grounds) -> None:
    """Say whose the deal is. A partner is told once something changed or was decided, not of false alarms."""
    row, share = case.row, decision.partner_share or WHOLE
    if decision.outcome in (Outcome.UPHOLD_PARTNER, Outcome.SHARE):
        count_for_partner(actor=case.actor, registration=row, conflicts=case.conflicts, share=share)
    if decision.outcome != Outcome.NOT_A_CONFLICT:
        record_and_notify(
            "registration.ruled",
            row,
            actor=case.actor,
            new={"outcome": decision.outcome, "partner_share": decision.partner_share},
            sentence=grounds.sentence,
        )


def _kept(account: Account) -> Account:
    """The account, locked: two approvals on it wait for each other here, as two checks of one exclusion
    constraint that each see the other's unfinished row would wait in a circle."""
    row = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    if row.removed_at is not None:
        raise Clash("account_gone", f"{row.name} has been merged or removed. Look at the case again.")
    return row


def _new_account(actor: Actor, row: Registration, conflicts: Sequence[Conflict]) -> Account:
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
    case: _Case,
    decision: Decision,
    grounds: Grounds,
    moment: datetime,
    suggested: str,
    first: Ruling | None,
) -> Ruling:
    actor, (rep, partner) = case.actor, comp_effects(decision.outcome, case.charter, case.program)
    ruling = Ruling.objects.create(
        program_id=actor.program_id,
        registration=case.row,
        outcome=decision.outcome,
        reason=decision.reason,
        note=grounds.note,
        sentence=grounds.sentence,
        incumbent_sentence=grounds.incumbent_sentence,
        suggested=suggested,
        partner_share=decision.partner_share,
        comp_rep=decision.comp_rep or rep,
        comp_partner=decision.comp_partner or partner,
        appeal_of=first,
        decided_at=moment,
        decided_by_id=actor.user_id,
        decided_by_name=actor.name[:120],
        authority=actor.role,
        charter_number=case.charter.number,
    )
    record(
        "ruling.given",
        ruling,
        actor=actor,
        new={
            "registration": case.row.public_id,
            "outcome": decision.outcome,
            "suggested": suggested,
            "reason": decision.reason,
            "account": decision.account,
            "partner_share": decision.partner_share,
            "comp_rep": ruling.comp_rep,
            "comp_partner": ruling.comp_partner,
            "revoked": decision.revoke,
            "choice": grounds.choice.public_id if grounds.choice else None,
            "note": grounds.note,
            "charter": case.charter.number,
        },
    )
    return ruling
