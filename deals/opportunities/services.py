"""Opportunities that come from claims: opened, taken over, carried on, dropped."""

from datetime import date
from decimal import Decimal
from typing import Any

from deals.models import Account, Opportunity, OpportunityState, Registration, Source, StageChange
from deals.rules.lifecycle import State
from deals.rules.money import convert
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import NotFound
from partners.core.writing import add
from partners.models import Program
from partners.services.ledger import mark_cells, record

SOURCED_STAGE = "Registered"


def open_sourced_opportunity(
    *,
    actor: Actor,
    registration: Registration,
    account: Account,
    program: Program,
    source: Source = Source.SOURCED,
) -> Opportunity:
    """The opportunity that an approved registration becomes, counted from today.

    Sourced by its partner; of a claim that came late (R126) routed to it.
    """
    today = clock.today(program.timezone)
    amount = registration.amount or Decimal(0)
    converted = convert(amount, registration.currency, program.currency, today)
    rated: dict[str, Any] = (
        {"program_amount": converted.amount, "rate": converted.rate, "rate_on": converted.rate_on}
        if converted
        else {"program_amount": None}
    )
    opportunity = Opportunity(
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
        source=source,
        partner_id=registration.partner_id,
    )
    add(opportunity)
    keep_stage(opportunity, today)
    return opportunity


def take_over_opportunity(*, actor: Actor, registration: Registration, account: Account) -> bool:
    """Let the registration go on with the open deal of a claim of its partner that expired; whether one was.

    The same sale is counted once, from the day it was first opened. A claim somebody else is working on at
    this moment keeps its deal.
    """
    earlier = (
        Registration.objects.filter(
            state=State.EXPIRED,
            partner_id=registration.partner_id,
            account=account,
            offering_id=registration.offering_id,
            opportunity__state=OpportunityState.OPEN,
            opportunity__partner_id=registration.partner_id,
            opportunity__removed_at__isnull=True,
        )
        .select_for_update(skip_locked=True, no_key=True, of=("self",))
        .order_by("-claimed_at", "pk")
        .first()
    )
    if earlier is None:
        return False
    registration.opportunity, earlier.opportunity = earlier.opportunity, None
    earlier.save_fields("opportunity")
    record(
        "registration.passed_on",
        earlier,
        actor=actor,
        new={"registration": registration.public_id},
        partner_id=earlier.partner_id,
        sentence="The deal goes on with your new registration.",
    )
    return True


def continue_opportunity(
    *, actor: Actor, registration: Registration, account: Account, program: Program
) -> Opportunity:
    """Bring the opportunity of an approved registration up to date, reopened if a revocation had closed it.

    It stays the same row, so its history shows when it was lost and when it came back. What the CRM keeps
    (a row with an external id) keeps the CRM's name and figures.
    """
    row = Opportunity.objects.select_for_update(no_key=True).get(pk=registration.opportunity_id or 0)
    old, owned_by = {"amount": row.amount, "state": row.state}, row.partner_id
    today = max(clock.today(program.timezone), row.opened_on)
    fields = ["account", "offering"]
    row.account, row.offering_id = account, registration.offering_id
    if row.state == OpportunityState.LOST:
        last = StageChange.objects.filter(opportunity=row, state=OpportunityState.OPEN).order_by("on", "pk")
        row.state, row.closed_on = OpportunityState.OPEN, None
        row.stage = getattr(last.last(), "stage", SOURCED_STAGE)
        fields += ["state", "closed_on", "stage"]
    if before := registration.approved_as.get("source"):  # our own while the claim was revoked
        row.source, row.partner_id = before, registration.partner_id
        fields += ["source", "partner"]
    if not row.external_id:
        row.name, row.closes_on = registration.customer_name, registration.expected_close
        fields += ["name", "closes_on", *_revalue(row, registration, program, today)]
    row.save_fields(*fields)
    if row.state != old["state"] or row.amount != old["amount"] or "program_amount" in fields:
        keep_stage(row, today)
    new = {"amount": row.amount, "state": row.state}
    record("opportunity.changed", row, actor=actor, old=old, new=new, partner_id=row.partner_id)
    days = [(owned_by, row.opened_on), (row.partner_id, row.opened_on), (row.partner_id, today)]
    mark_cells(actor.program_id, days)
    return row


def _revalue(row: Opportunity, registration: Registration, program: Program, day: date) -> list[str]:
    """Take over another amount at the day's rate; the names of the fields that changed."""
    amount = registration.amount or Decimal(0)
    if (amount, registration.currency) == (row.amount, row.currency):
        return []
    row.amount, row.currency = amount, registration.currency
    converted = convert(amount, registration.currency, program.currency, day)
    row.program_amount = converted.amount if converted else None
    if converted:
        row.rate, row.rate_on = converted.rate, converted.rate_on
    return ["amount", "currency", "program_amount", "rate", "rate_on"]


def drop_opportunity(
    *, actor: Actor, opportunity_id: int, program: Program, stage: str = "Withdrawn"
) -> None:
    """Close as lost what a withdrawn or revoked claim had opened. The claim is the caller's."""
    row = Opportunity.objects.select_for_update(no_key=True).get(pk=opportunity_id)
    if row.state != OpportunityState.OPEN:
        return
    day = max(clock.today(program.timezone), row.opened_on)
    mark_closed(row, state=OpportunityState.LOST, day=day, stage=stage)
    record(
        "opportunity.lost",
        row,
        actor=actor,
        old={"state": OpportunityState.OPEN},
        new={"state": OpportunityState.LOST, "closed_on": day, "stage": stage},
        partner_id=row.partner_id,
    )
    mark_cells(actor.program_id, [(row.partner_id, row.opened_on), (row.partner_id, day)])


def locked_opportunity(opportunity: Opportunity) -> tuple[Registration | None, Opportunity]:
    """The registration behind an opportunity, and the opportunity, locked in the order of every act."""
    registration = (
        Registration.objects.select_for_update(no_key=True).filter(opportunity_id=opportunity.pk).first()
    )
    rows = Opportunity.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "account", "partner"
    )
    try:
        return registration, rows.get(pk=opportunity.pk)
    except Opportunity.DoesNotExist as error:
        raise NotFound from error


def mark_closed(
    row: Opportunity, *, state: OpportunityState, day: date, stage: str, expected_version: int | None = None
) -> None:
    row.state, row.closed_on, row.stage = state, day, stage[:80]
    row.save_fields("state", "closed_on", "stage", expected_version=expected_version)
    keep_stage(row, day)


def keep_stage(row: Opportunity, day: date) -> None:
    stage = StageChange(
        program_id=row.program_id,
        opportunity=row,
        on=day,
        state=row.state,
        stage=row.stage,
        program_amount=row.program_amount,
    )
    add(stage)
