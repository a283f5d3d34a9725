"""Opportunities that come from claims, and how any opportunity ends."""

from datetime import date
from decimal import Decimal
from typing import Any

from deals.models import Account, Opportunity, OpportunityState, Registration, Source, StageChange
from deals.rules.lifecycle import Move, State
from deals.rules.money import convert
from deals.services.moves import check_move
from deals.services.protections import end_protection
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, NotAllowed, NotFound, RuleBroken
from partners.models import Program
from partners.rules.roles import may
from partners.selectors import program_in_force
from partners.services.ledger import mark_cells, record

SOURCED_STAGE = "Registered"
_ENDINGS = {
    OpportunityState.WON: (Move.WIN, State.WON),
    OpportunityState.LOST: (Move.LOSE, State.LOST),
}


def open_sourced_opportunity(
    *, actor: Actor, registration: Registration, account: Account, program: Program
) -> Opportunity:
    """The opportunity that an approved registration becomes: sourced by its partner, counted from today."""
    today = clock.today(program.timezone)
    amount = registration.amount or Decimal(0)
    converted = convert(amount, registration.currency, program.currency, today)
    rated: dict[str, Any] = (
        {"program_amount": converted.amount, "rate": converted.rate, "rate_on": converted.rate_on}
        if converted
        else {"program_amount": None}
    )
    opportunity = Opportunity.objects.create(
        program_id=actor.program_id,
        account=account,
        name=registration.customer_name,
        offering_id=registration.offering_id,
        stage=SOURCED_STAGE,
        amount=amount,
        currency=registration.currency,
        **rated,
        opened_on=today,
        closes_on=registration.expected_close,
        source=Source.SOURCED,
        partner_id=registration.partner_id,
    )
    StageChange.objects.create(
        program_id=actor.program_id,
        opportunity=opportunity,
        on=today,
        state=opportunity.state,
        stage=opportunity.stage,
        program_amount=opportunity.program_amount,
    )
    return opportunity


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
    program = program_in_force()
    today = clock.today(program.timezone)
    day = closed_on or today
    registration, row = _locked(opportunity)
    if row.state != OpportunityState.OPEN:
        raise Clash("closed", f"This opportunity is closed already ({row.get_state_display().lower()}).")
    if day > today or day < row.opened_on:
        raise RuleBroken(
            "closed_on", "The closing day lies between the day it was opened and today.", field="closed_on"
        )
    _close(row, state=state, day=day, stage=stage or state.label, expected_version=expected_version)
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
    if registration is not None and registration.state == State.APPROVED:
        _end_registration(actor, registration, state)
    mark_cells(actor.program_id, [(row.partner_id, row.opened_on), (row.partner_id, day)])
    return row


def drop_opportunity(*, actor: Actor, opportunity_id: int, program: Program) -> None:
    """Close as lost what a withdrawn claim had opened, if it is still open. The claim is the caller's."""
    row = Opportunity.objects.select_for_update(no_key=True).get(pk=opportunity_id)
    if row.state != OpportunityState.OPEN:
        return
    day = max(clock.today(program.timezone), row.opened_on)
    _close(row, state=OpportunityState.LOST, day=day, stage="Withdrawn")
    record(
        "opportunity.lost",
        row,
        actor=actor,
        old={"state": OpportunityState.OPEN},
        new={"state": OpportunityState.LOST, "closed_on": day, "stage": "Withdrawn"},
        partner_id=row.partner_id,
    )
    mark_cells(actor.program_id, [(row.partner_id, row.opened_on), (row.partner_id, day)])


def _locked(opportunity: Opportunity) -> tuple[Registration | None, Opportunity]:
    """The registration behind an opportunity, and the opportunity, locked in the order of every act."""
    registration = (
        Registration.objects.select_for_update(no_key=True).filter(opportunity_id=opportunity.pk).first()
    )
    rows = Opportunity.objects.select_for_update(no_key=True, of=("self",)).select_related("account")
    try:
        return registration, rows.get(pk=opportunity.pk)
    except Opportunity.DoesNotExist as error:
        raise NotFound from error


def _close(
    row: Opportunity, *, state: OpportunityState, day: date, stage: str, expected_version: int | None = None
) -> None:
    row.state, row.closed_on, row.stage = state, day, stage[:80]
    row.save_fields("state", "closed_on", "stage", expected_version=expected_version)
    StageChange.objects.create(
        program_id=row.program_id,
        opportunity=row,
        on=day,
        state=state,
        stage=row.stage,
        program_amount=row.program_amount,
    )


def _end_registration(actor: Actor, registration: Registration, state: OpportunityState) -> None:
    """Won or lost passes on to the registration behind the opportunity."""
    move, target = _ENDINGS[state]
    check_move(registration, move, actor)
    registration.state = target
    registration.save_fields("state")
    end_protection(registration)
    record(
        f"registration.{target}",
        registration,
        actor=actor,
        old={"state": State.APPROVED},
        new={"state": target},
        partner_id=registration.partner_id,
    )
