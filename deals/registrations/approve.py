"""What an approval brings about, whether nothing stood against the claim or a person ruled for it."""

from datetime import datetime

from deals.common.guards import save_registration
from deals.common.notify import record_and_notify
from deals.models import Account, Opportunity, OpportunityState, Registration
from deals.opportunities.services import continue_opportunity, open_sourced_opportunity, take_over_opportunity
from deals.registrations.content import clear_question, content_of, progress_due_again, undo_change
from deals.registrations.outcome import end_registration
from deals.registrations.protect import protect, protect_again
from deals.rules.lifecycle import Reason, Review, State, shown_reason
from deals.rules.sentences import SENTENCES
from deals.screening.late_claims import check_for_late_claim, fulfil_if_late, source_of
from partners.core import clock
from partners.core.actor import Actor
from partners.models import Charter, Program
from partners.services.ledger import mark_cells


def approve(
    *,
    actor: Actor,
    registration: Registration,
    account: Account,
    reason: Reason,
    sentence: str,
    program: Program,
    charter: Charter,
    moment: datetime,
    expected_version: int | None = None,
    no_opportunity_yet: bool = False,
) -> None:
    """Protect the account, open the sourced opportunity and save the decision, all or nothing.

    What was approved before (its change was reviewed, or its revocation appealed) keeps its opportunity and
    its protection row, both brought up to date. A deal its partner had open there when an earlier claim
    expired goes on; ``no_opportunity_yet`` saves looking for one on the account. The caller has
    locked the registration, checked the move, and puts the database's refusal into words when another
    registration holds the account and offering.
    """
    old = {"state": registration.state}
    registration.account = account
    again = registration.opportunity_id is not None
    if not again and not no_opportunity_yet:
        take_over_opportunity(actor=actor, registration=registration, account=account)
    registration.opportunity = _deal_of(actor, registration, account, reason, program, charter)
    before, registration.approved_as = registration.approved_as, {}
    save_decision(
        registration, State.APPROVED, reason, sentence, moment=moment, expected_version=expected_version
    )
    days = charter.protection_days
    protection = (
        protect_again(registration=registration, account=account, before=before, days=days, moment=moment)
        if again
        else protect(registration=registration, account=account, days=days, moment=moment)
    )
    record_and_notify(
        "registration.approved",
        registration,
        actor=actor,
        old=old,
        new={"state": State.APPROVED, "reason": registration.reason, "until": protection.period.upper},
        sentence=sentence,
    )
    check_for_late_claim(actor=actor, registration=registration, account=account, reason=reason)
    if registration.opportunity.state == OpportunityState.WON:
        _win_at_once(actor, registration, registration.opportunity, program)
    mark_registration(registration, program=program)


def _win_at_once(
    actor: Actor, registration: Registration, opportunity: Opportunity, program: Program
) -> None:
    """The CRM had the deal won while its claim was revoked, and the revocation fell."""
    by = Actor.system(program_id=actor.program_id, name="Import", door=actor.door)
    won_on = opportunity.closed_on or clock.today(program.timezone)
    late = fulfil_if_late(
        actor=by, registration=registration, opportunity=opportunity, won_on=won_on, program=program
    )
    end_registration(actor=by, registration=registration, state=OpportunityState.WON, more=late)


def _deal_of(
    actor: Actor,
    registration: Registration,
    account: Account,
    reason: Reason,
    program: Program,
    charter: Charter,
) -> Opportunity:
    """The opportunity the registration has already, brought up to date, or a new one."""
    if registration.opportunity_id is not None:
        return continue_opportunity(actor=actor, registration=registration, account=account, program=program)
    source = source_of(registration, account, reason, program=program, charter=charter)
    return open_sourced_opportunity(
        actor=actor, registration=registration, account=account, program=program, source=source
    )


def save_decision(
    registration: Registration,
    state: State,
    reason: Reason,
    sentence: str,
    *,
    moment: datetime,
    expected_version: int | None = None,
    also: tuple[str, ...] = (),
) -> None:
    """Save what its partner reads of a decision, and everything the submission or ruling set before it."""
    no_longer = (*clear_question(registration), *progress_due_again(registration))
    registration.state = state
    registration.reason = shown_reason(reason)
    registration.sentence = sentence
    registration.decided_at = moment
    save_registration(
        registration,
        "state",
        "reason",
        "sentence",
        "decided_at",
        "claimed_at",
        "decision_due_at",
        "benefit",
        "account_id",
        "opportunity",
        "duplicate_of",
        "approved_as",
        *no_longer,
        *also,
        expected_version=expected_version,
    )


def decline(
    *,
    actor: Actor,
    registration: Registration,
    reason: Reason,
    sentence: str,
    program: Program,
    moment: datetime,
    expected_version: int | None = None,
) -> None:
    """Save a no and tell the partner. A change that is refused leaves the registration approved as it was.

    The caller has locked the registration, checked the move and closes the conflicts.
    """
    old, refused = {"state": registration.state}, registration.reviewed_for == Review.CHANGE
    asked = content_of(registration)
    undone = undo_change(registration)
    state = State.APPROVED if refused else State.DECLINED
    reason = Reason.CHANGE_REFUSED if refused else reason
    save_decision(
        registration,
        state,
        reason,
        sentence,
        moment=moment,
        expected_version=expected_version,
        also=undone,
    )
    record_and_notify(
        "registration.change_refused" if refused else "registration.declined",
        registration,
        actor=actor,
        old=old | (asked if refused else {}),
        new={"state": state, "reason": registration.reason} | (content_of(registration) if refused else {}),
        sentence=sentence,
    )
    mark_registration(registration, program=program)


def close_as_duplicate(
    *,
    actor: Actor,
    registration: Registration,
    first: Registration,
    program: Program,
    moment: datetime,
    expected_version: int | None = None,
) -> None:
    """Close a claim whose partner has a live one for the same deal already. The caller has locked it."""
    old = {"state": registration.state}
    registration.duplicate_of = first
    sentence = SENTENCES[Reason.SAME_PARTNER]
    save_decision(
        registration,
        State.DUPLICATE,
        Reason.SAME_PARTNER,
        sentence,
        moment=moment,
        expected_version=expected_version,
    )
    record_and_notify(
        "registration.duplicate",
        registration,
        actor=actor,
        old=old,
        new={"state": State.DUPLICATE, "first": first.public_id},
        sentence=sentence,
    )
    mark_registration(registration, program=program)


def mark_registration(registration: Registration, *, program: Program) -> None:
    """Say which month cells a change of this registration touches: its claim, its decision, today."""
    moments = [moment for moment in (registration.claimed_at, registration.decided_at) if moment is not None]
    days = [clock.today(program.timezone), *(moment.date() for moment in moments)]
    mark_cells(registration.program_id, [(registration.partner_id, day) for day in days])
