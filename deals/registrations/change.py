"""A claim that goes on: changed after approval (R125), with that taken back, or registered again."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from deals.common.calendar import workweek
from deals.common.guards import check_move, check_possible, locked, refusals_in_words
from deals.common.notify import ask_to_decide
from deals.models import Conflict, Opportunity, OpportunityState, Registration
from deals.registrations.access import standing_beside
from deals.registrations.approve import mark_registration
from deals.registrations.content import (
    CONTENT,
    approved_content,
    claim_of,
    clear_question,
    content_of,
    fill,
    progress_due_again,
    undo_change,
)
from deals.registrations.submit import save_draft
from deals.rules.claims import Claim
from deals.rules.clock import deadline
from deals.rules.lifecycle import LATER_KINDS, ConflictKind, Move, Reason, Review, Severity, State
from deals.rules.reviews import CHANGE_RULE, SCREENED, WEIGHTY, differing, in_words
from deals.rules.sentences import SENTENCES
from deals.screening.screen import open_conflicts, screen
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash
from partners.core.scope import whole_program
from partners.models import Program
from partners.selectors import charter_in_force, open_offerings, program_in_force
from partners.services.ledger import record

_WAITS = "A person looks at the change and answers by the time given. Until then we hold what was approved."


def change_registration(
    *, actor: Actor, registration: Registration, claim: Claim, expected_version: int | None = None
) -> Registration:
    """Change an approved registration. Another customer, offering or amount is reviewed before it counts.

    ``claim`` is the whole new content. Meanwhile the protection stays on what was approved; the review's time
    is given back when the change is accepted. Nothing changed is nothing done. Raises ``NotAllowed``,
    ``Clash`` (not approved, protection over, a second live claim), ``FieldErrors``, ``Stale``.
    """
    program = program_in_force()
    with refusals_in_words(), transaction.atomic():
        row = locked(registration)
        check_move(row, Move.CHANGE, actor)
        with whole_program("what may still be changed is in the charter"):
            check_possible(row, Move.CHANGE, actor, charter_in_force())
        before, approved = content_of(row), approved_content(row)
        fill(row, claim, program, complete=True)
        changed = differing(before, content_of(row))
        if changed & WEIGHTY:
            row.approved_as = approved
            with whole_program("a change is screened against rivals' claims like a new one"):
                _put_to_review(actor, row, before, program, expected_version)
        elif changed:
            row.save_fields(*CONTENT, expected_version=expected_version)
            _carry_over(row)
            _record_change(actor, row, before, changed)
        return row


def _record_change(
    actor: Actor, row: Registration, before: dict[str, Any], changed: set[str], sentence: str = ""
) -> None:
    after = content_of(row)
    record(
        "registration.changed",
        row,
        actor=actor,
        old={name: before[name] for name in changed},
        new={name: after[name] for name in changed} | {"state": row.state},
        partner_id=row.partner_id,
        sentence=". ".join([*in_words(before, after), *([sentence] if sentence else [])]),
    )


def _carry_over(row: Registration) -> None:
    """The expected close goes on to the opportunity, unless the CRM keeps that."""
    opportunity = (
        Opportunity.objects.select_for_update(no_key=True).filter(pk=row.opportunity_id or 0).first()
    )
    if opportunity and opportunity.state == OpportunityState.OPEN and not opportunity.external_id:
        opportunity.closes_on = row.expected_close
        opportunity.save_fields("closes_on")


def _put_to_review(
    actor: Actor, row: Registration, before: dict[str, Any], program: Program, version: int | None
) -> None:
    """Put the change before a person, with what stands against it."""
    moment, changed, charter = clock.now(), differing(before, content_of(row)), charter_in_force()
    due = deadline(moment, charter.decision_days, workweek(program))
    findings = []
    if changed & SCREENED:  # another amount says nothing new about the account
        screening = screen(row, program=program, moment=moment)
        if (first := screening.duplicate_of) is not None:
            raise Clash("duplicate", SENTENCES[Reason.SAME_PARTNER], extra={"registration": first.public_id})
        row.account, findings = screening.account, screening.findings
    row.state, row.reviewed_for, row.decision_due_at = State.IN_REVIEW, Review.CHANGE, due
    row.approved_as = row.approved_as | {"changed_at": moment.isoformat()}
    fields = ("state", "reviewed_for", "decision_due_at", "approved_as", "account", *CONTENT)
    row.save_fields(*fields, expected_version=version)
    _record_change(actor, row, before, changed, _WAITS)
    system = Actor.system(program_id=actor.program_id, name="Screening", door=actor.door)
    opened = [_open_change(system, row, in_words(before, content_of(row)), moment, due)]
    if findings:
        opened += open_conflicts(
            actor=system, registration=row, findings=findings, opened_at=moment, due_at=due
        )
    why = "a change to decide on"
    ask_to_decide(actor=actor, registration=row, conflicts=opened, charter=charter, why=why)
    mark_registration(row, program=program)


def _open_change(
    actor: Actor, row: Registration, changes: list[str], moment: datetime, due: datetime
) -> Conflict:
    conflict = Conflict.objects.create(
        program_id=row.program_id,
        registration=row,
        account_id=row.account_id or row.protection.account_id,
        kind=ConflictKind.CHANGE,
        severity=Severity.REVIEW,
        rule=CHANGE_RULE,
        evidence=[
            {"fact": change, "at": moment.isoformat(), "kind": "registration", "id": row.public_id}
            for change in changes
        ],
        opened_at=moment,
        due_at=due,
    )
    new = {"kind": conflict.kind, "severity": conflict.severity, "registration": row.public_id}
    record("conflict.opened", conflict, actor=actor, sentence=str(conflict.get_kind_display()), new=new)
    return conflict


def withdraw_change(
    *, actor: Actor, registration: Registration, expected_version: int | None = None
) -> Registration:
    """Take back a change under review: what was approved stands, as if no change had been asked for.

    Nobody has to look at it any more, asked for information or not; what was noticed about the approved deal
    itself stays open. Raises ``NotAllowed``, ``Clash`` when no change is under review, ``Stale``.
    """
    with transaction.atomic():
        row = locked(registration)
        check_move(row, Move.TAKE_BACK, actor)
        with whole_program("who looks at a change, and at what, partners never see"):
            check_possible(row, Move.TAKE_BACK, actor, charter_in_force())
            moment, old = clock.now(), {"state": row.state, **content_of(row)}
            undone = (*undo_change(row), *clear_question(row), *progress_due_again(row))
            row.state = State.APPROVED
            row.save_fields("state", *undone, expected_version=expected_version)
            waiting = Conflict.objects.filter(registration=row, closed_at__isnull=True)
            waiting.exclude(kind__in=LATER_KINDS).update(closed_at=moment)
            new = {"state": row.state, **content_of(row)}
            changed = differing(old, new)
            record(
                "registration.change_taken_back",
                row,
                actor=actor,
                old={name: old[name] for name in changed},
                new={name: new[name] for name in changed},
                partner_id=row.partner_id,
                sentence="What was approved stands as it was.",
            )
            mark_registration(row, program=program_in_force())
        return row


def register_again(*, actor: Actor, registration: Registration) -> Registration:
    """A new draft with what an ended claim said; its claim time will be that of its own submission.

    Asked twice, it is the same draft. Raises ``NotAllowed``, ``Clash`` while the claim, or another one on the
    same customer, stands, and as ``save_draft`` does.
    """
    with transaction.atomic():
        row = locked(registration)
        check_move(row, Move.AGAIN, actor)
        if row.account_id and (standing := standing_beside(partial(getattr, row)).first()):
            told = {"registration": standing.public_id}
            raise Clash("registered_again", SENTENCES[Reason.SAME_PARTNER], extra=told)
        drafts = Registration.objects.filter(again_of=row, state=State.DRAFT).order_by("pk")
        # What a partner's person drafts is not for staff to see.
        begun = (drafts if actor.is_partner else drafts.filter(seller__isnull=True)).first()
        if begun is not None:
            return begun
        claim, today = claim_of(row), clock.today(program_in_force().timezone)
        if claim.expected_close and claim.expected_close < today:
            claim = replace(claim, expected_close=None)
        offerings = open_offerings()
        if offerings and row.offering_id not in {offering.pk for offering in offerings}:
            claim = replace(claim, offering_id=offerings[0].pk)
        draft = save_draft(actor=actor, claim=claim, partner_id=row.partner_id)
        draft.again_of = row
        draft.save_fields("again_of")
        return draft
