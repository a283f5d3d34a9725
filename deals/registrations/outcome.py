"""How a registration ends with its opportunity, and is opened again when the CRM says so."""

from datetime import date, datetime
from functools import partial

from deals.common.guards import check_move
from deals.common.notify import record_and_notify
from deals.models import Conflict, Opportunity, OpportunityState, Registration, Source
from deals.opportunities.services import locked_opportunity, mark_closed
from deals.opportunities.source import source_in_words
from deals.registrations.access import standing_beside
from deals.registrations.content import clear_question, undo_change
from deals.registrations.protect import end_protection, resume_protection
from deals.rules.lifecycle import LIVE, MOVES, Move, State
from deals.rules.sentences import ENDED, OPEN_AGAIN, WITHOUT_ITS_CLAIM
from deals.screening.late_claims import fulfil_if_late
from deals.screening.under_claim import watch
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, NotAllowed, RuleBroken
from partners.models import Program
from partners.rules.roles import may
from partners.selectors import program_in_force
from partners.services.ledger import mark_cells, record

_ENDINGS = {
    OpportunityState.WON: (Move.WIN, State.WON),
    OpportunityState.LOST: (Move.LOSE, State.LOST),
}


def close_opportunity(
    *,
    actor: Actor,
    opportunity: Opportunity,
    state: OpportunityState,
    closed_on: date | None = None,
    stage: str = "",
    expected_version: int | None = None,
) -> Opportunity:
    """Close an open opportunity as won or lost; the registration behind it ends with it if it stands.

    ``closed_on`` is a day in the program's time zone, today when left out. Raises ``NotAllowed``,
    ``NotFound``, ``Clash`` when it is closed already, ``RuleBroken`` for a day that cannot be, ``Stale``.
    """
    if not may(actor.role, "opportunities.edit"):
        raise NotAllowed
    if state not in _ENDINGS:
        raise RuleBroken("state", "An opportunity is closed as won or as lost.", field="state")
    program, late = program_in_force(), ""
    today = clock.today(program.timezone)
    day = closed_on or today
    registration, row = locked_opportunity(opportunity)
    if row.state != OpportunityState.OPEN:
        raise Clash("closed", f"This opportunity is closed already ({row.get_state_display().lower()}).")
    if day > today or day < row.opened_on:
        raise RuleBroken(
            "closed_on", "The closing day lies between the day it was opened and today.", field="closed_on"
        )
    mark_closed(row, state=state, day=day, stage=stage or state.label, expected_version=expected_version)
    record(
        f"opportunity.{state}",
        row,
        actor=actor,
        old={"state": OpportunityState.OPEN},
        new={"state": state, "closed_on": day, "amount": row.program_amount},
        partner_id=row.partner_id,
    )
    if state == OpportunityState.WON and row.account is not None and not row.account.is_customer:
        row.account.is_customer = True
        row.account.save_fields("is_customer")
    if registration is not None and state == OpportunityState.WON:
        late = fulfil_if_late(
            actor=actor, registration=registration, opportunity=row, won_on=day, program=program
        )
    if state == OpportunityState.WON:
        watch(actor=actor, opportunities=[row.pk])  # while the protection is what it was
    if registration is not None:
        end_registration(actor=actor, registration=registration, state=state, more=late)
    mark_cells(actor.program_id, [(row.partner_id, row.opened_on), (row.partner_id, day)])
    return row


def end_registration(
    *, actor: Actor, registration: Registration, state: OpportunityState, more: str = ""
) -> None:
    """Pass won or lost on to the locked registration behind an opportunity, if it still stands.

    One whose change is being reviewed ends as it was approved, and what stood open against it is closed.
    ``more`` is what the partner reads besides.
    """
    move, target = _ENDINGS[state]
    if State(registration.state) not in MOVES[move].sources:
        return
    check_move(registration, move, actor)
    old = {"state": registration.state}
    undone = {*undo_change(registration), *clear_question(registration), "approved_as"}
    registration.state = target
    # The CRM may open the deal again: then its partner has the days that were left.
    if (until := end_protection(registration)) is not None and old["state"] in LIVE:
        registration.approved_as = {"until": until.isoformat()}
    registration.save_fields("state", *undone)
    if old["state"] in (State.IN_REVIEW, State.NEEDS_INFO):
        Conflict.objects.filter(registration=registration, closed_at__isnull=True).update(
            closed_at=clock.now()
        )
    record_and_notify(
        f"registration.{target}",
        registration,
        actor=actor,
        old=old,
        new={"state": target},
        sentence=f"{ENDED[target]} {more}".strip(),
    )


def end_otherwise(
    *, actor: Actor, registration: Registration, opportunity: Opportunity, state: OpportunityState, day: date
) -> None:
    """Pass on that what was lost is won after all, or the other way round. Both rows are locked."""
    program, by, late = program_in_force(), _by(actor), ""
    if state == OpportunityState.WON:
        late = fulfil_if_late(
            actor=by, registration=registration, opportunity=opportunity, won_on=day, program=program
        )
    end_registration(actor=by, registration=registration, state=state, more=late)
    _mark(registration, opportunity, program)


def reopen(*, actor: Actor, registration: Registration, opportunity: Opportunity) -> None:
    """Go on with a registration whose deal is open again. Both rows are locked.

    It is protected for what was left, from now on; when nothing was, or somebody else registered the customer
    meanwhile, it has expired, and may be registered again.
    """
    by, program, moment = _by(actor), program_in_force(), clock.now()
    check_move(registration, Move.REOPEN, by)
    old, kept = {"state": registration.state}, registration.approved_as.get("until")
    until = datetime.fromisoformat(kept) if kept else moment
    beside = standing_beside(partial(getattr, registration)).exists()
    held = until > moment and not beside and resume_protection(registration, until, moment)
    registration.state = State.APPROVED if held else State.EXPIRED
    registration.approved_as = {}
    registration.save_fields("state", "approved_as")
    record_and_notify(
        "registration.reopened",
        registration,
        actor=by,
        old=old,
        new={"state": registration.state} | ({"until": until} if held else {}),
        sentence=OPEN_AGAIN[held],
    )
    _mark(registration, opportunity, program)


def continue_without_claim(*, actor: Actor, registration: Registration, opportunity: Opportunity) -> None:
    """Make a deal our own that goes on after its claim was taken back, revoked or declined. Both are locked.

    Sourced takes an approved registration (R127). A revocation that falls on appeal gives the deal back, so
    what it counted as is kept on the claim.
    """
    by, program = _by(actor), program_in_force()
    was, in_words = opportunity.source, source_in_words(opportunity)
    _mark(registration, opportunity, program)
    if registration.approved_as:
        registration.approved_as |= {"source": was}
        registration.save_fields("approved_as")
    opportunity.source, opportunity.partner = Source.DIRECT, None
    opportunity.save_fields("source", "partner")
    record(
        "opportunity.source_changed",
        opportunity,
        actor=by,
        old={"source": in_words},
        new={"source": source_in_words(opportunity), "reason": WITHOUT_ITS_CLAIM},
    )
    _mark(registration, opportunity, program)


def _by(actor: Actor) -> Actor:
    """Whoever brought the file, as the job it is: no person makes these moves by hand."""
    return Actor.system(program_id=actor.program_id, name=actor.name, door=actor.door)


def _mark(registration: Registration, opportunity: Opportunity, program: Program) -> None:
    days = [opportunity.opened_on, clock.today(program.timezone)]
    mark_cells(registration.program_id, [(opportunity.partner_id, day) for day in days])
