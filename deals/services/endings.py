"""What the CRM says anew of a registered deal that had ended: open again, otherwise, or without its claim."""

from datetime import date, datetime
from functools import partial

from deals.access import standing_beside
from deals.models import Opportunity, OpportunityState, Registration, Source
from deals.rules.lifecycle import Move, State
from deals.rules.sentences import OPEN_AGAIN, WITHOUT_ITS_CLAIM
from deals.services.lateness import fulfil_if_late
from deals.services.moves import check_move
from deals.services.opportunities import end_registration
from deals.services.protections import resume_protection
from deals.services.sources import source_in_words
from deals.services.told import put_on_record
from partners.core import clock
from partners.core.actor import Actor
from partners.models import Program
from partners.selectors import program_in_force
from partners.services.ledger import mark_cells, record


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
    put_on_record(
        "registration.reopened",
        registration,
        actor=by,
        old=old,
        new={"state": registration.state} | ({"until": until} if held else {}),
        sentence=OPEN_AGAIN[held],
    )
    _mark(registration, opportunity, program)


def go_on_without(*, actor: Actor, registration: Registration, opportunity: Opportunity) -> None:
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
