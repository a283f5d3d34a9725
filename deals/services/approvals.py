"""What an approval brings about, whether nothing stood against the claim or a person ruled for it."""

from datetime import datetime

from deals.models import Account, Registration
from deals.rules.lifecycle import Reason, State, shown_reason
from deals.services.moves import keep
from deals.services.opportunities import open_sourced_opportunity
from deals.services.protections import protect
from partners.core import clock
from partners.core.actor import Actor
from partners.models import Charter, Program
from partners.services.ledger import mark_cells, record


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
) -> None:
    """Protect the account, open the sourced opportunity and save the decision, all or nothing.

    The caller has locked the registration, checked the move, and puts the database's refusal into words when
    another registration holds the account and offering.
    """
    old = {"state": registration.state}
    registration.account = account
    registration.opportunity = open_sourced_opportunity(
        actor=actor, registration=registration, account=account, program=program
    )
    save_decision(
        registration, State.APPROVED, reason, sentence, moment=moment, expected_version=expected_version
    )
    protection = protect(
        registration=registration, account=account, days=charter.protection_days, moment=moment
    )
    record(
        "registration.approved",
        registration,
        actor=actor,
        old=old,
        new={"state": State.APPROVED, "reason": registration.reason, "until": protection.period.upper},
        partner_id=registration.partner_id,
        sentence=sentence,
    )
    mark_registration(registration, program=program)


def save_decision(
    registration: Registration,
    state: State,
    reason: Reason,
    sentence: str,
    *,
    moment: datetime,
    expected_version: int | None = None,
) -> None:
    """Save what its partner reads of a decision, and everything the submission or ruling set before it."""
    registration.state = state
    registration.reason = shown_reason(reason)
    registration.sentence = sentence
    registration.decided_at = moment
    keep(
        registration,
        "state",
        "reason",
        "sentence",
        "decided_at",
        "claimed_at",
        "decision_due_at",
        "benefit",
        "account",
        "opportunity",
        "duplicate_of",
        expected_version=expected_version,
    )


def mark_registration(registration: Registration, *, program: Program) -> None:
    """Say which month cells a change of this registration touches: those of its claim and of today."""
    days = [clock.today(program.timezone)]
    if registration.claimed_at is not None:
        days.append(registration.claimed_at.date())
    mark_cells(registration.program_id, [(registration.partner_id, day) for day in days])
