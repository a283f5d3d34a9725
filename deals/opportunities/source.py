"""Our own opportunities, and whose an opportunity is: every change of a source has a reason (R56)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from deals.common.guards import required_text
from deals.models import Account, Opportunity, Protection, Registration, Source, StageChange
from deals.opportunities.services import locked_opportunity
from deals.rules.claims import NAME_LENGTH
from deals.rules.money import LARGEST, convert, currency_codes
from deals.screening.selectors.late_claims import came_late
from deals.screening.under_claim import watch, watch_source
from partners.core import clock
from partners.core.actor import Actor, Role
from partners.core.errors import Clash, FieldErrors, NotFound, RuleBroken
from partners.core.text import clean_text
from partners.models import Offering, Partner, Program, Seat
from partners.selectors import charter_in_force, program_in_force
from partners.services.ledger import mark_cells, record
from partners.services.rights import require

REASON_LENGTH = 1000
FIRST_STAGE = "Opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """An opportunity of our own as somebody typed it. ``closes_on`` is a day in the program's time zone."""

    name: str
    account: Account
    offering: Offering | None = None
    amount: Decimal | None = None
    currency: str = ""
    closes_on: date | None = None
    stage: str = ""


def open_opportunity(*, actor: Actor, deal: Deal) -> Opportunity:
    """Put a direct opportunity on record, opened today; a rep owns what they open.

    A partner's claim on the account and offering makes it a conflict. Raises ``NotAllowed``, ``NotFound``
    (the account), ``FieldErrors``.
    """
    require(actor, "opportunities.open")
    program = program_in_force()
    name, currency = clean_text(deal.name), (deal.currency or program.currency).upper()
    errors = _problems(deal, name, currency)
    if errors:
        raise FieldErrors(errors)
    with transaction.atomic():
        account = Account.objects.select_for_update(no_key=True).filter(pk=deal.account.pk).first()
        if account is None or account.removed_at is not None:
            raise NotFound("There is no such account.")
        row = _created(actor, deal, account, name, currency, program)
        record(
            "opportunity.opened",
            row,
            actor=actor,
            new={"name": name, "account": account.public_id, "amount": row.amount, "currency": currency},
        )
        watch(actor=actor, opportunities=[row.pk])
        mark_cells(actor.program_id, [(None, row.opened_on)])
        return row


def _problems(deal: Deal, name: str, currency: str) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not name:
        errors["name"] = ["What is the deal called?"]
    elif len(name) > NAME_LENGTH:
        errors["name"] = [f"At most {NAME_LENGTH} characters."]
    if deal.amount is not None and not 0 <= deal.amount <= LARGEST:
        errors["amount"] = ["Enter an amount that is not less than nothing."]
    if currency not in currency_codes():
        errors["currency"] = ["Three capital letters, such as EUR."]
    return errors


def _created(
    actor: Actor, deal: Deal, account: Account, name: str, currency: str, program: Program
) -> Opportunity:
    today = clock.today(program.timezone)
    owner = None
    if actor.role is Role.REP:
        owner = Seat.objects.filter(user_id=actor.user_id or 0, ended_at__isnull=True).first()
    row = Opportunity.objects.create(
        program_id=actor.program_id,
        account=account,
        name=name,
        offering=deal.offering,
        stage=clean_text(deal.stage)[:80] or FIRST_STAGE,
        amount=deal.amount,
        currency=currency,
        **_rated(deal.amount, currency, program, today),
        opened_on=today,
        closes_on=deal.closes_on,
        owner=owner,
        owner_name=actor.name[:120] if owner else "",
        source=Source.DIRECT,
    )
    StageChange.objects.create(
        program_id=actor.program_id,
        opportunity=row,
        on=today,
        state=row.state,
        stage=row.stage,
        program_amount=row.program_amount,
    )
    return row


def _rated(amount: Decimal | None, currency: str, program: Program, day: date) -> dict[str, Any]:
    found = None if amount is None else convert(amount, currency, program.currency, day)
    if found is None:
        return {"program_amount": None}
    return {"program_amount": found.amount, "rate": found.rate, "rate_on": found.rate_on}


def change_source(
    *,
    actor: Actor,
    opportunity: Opportunity,
    source: Source,
    reason: str,
    partner: Partner | None = None,
    expected_version: int | None = None,
) -> Opportunity:
    """Say again whose an opportunity is. What a partner's registration brought becomes a conflict by it.

    Sourced takes the partner's approved registration behind the opportunity, and one that was not late (R126,
    R127). Raises ``NotAllowed``, ``NotFound``, ``RuleBroken``, ``Clash`` when it is so already, ``Stale``.
    """
    require(actor, "opportunities.edit")
    text = required_text(
        "reason", reason, longest=REASON_LENGTH, missing="Say why: every change of a source has one."
    )
    if (source == Source.DIRECT) != (partner is None):
        says = "Direct goes with no partner." if partner else "Which partner?"
        raise RuleBroken("partner", says, field="partner")
    with transaction.atomic():
        claim, row = locked_opportunity(opportunity)
        if row.source == source and row.partner_id == (partner.pk if partner else None):
            raise Clash("same_source", "That is its source already.")
        if source == Source.SOURCED:
            _check_sourced(row, claim, partner)
        was, owned_by = source_in_words(row), row.partner_id
        row.source, row.partner = source, partner
        row.save_fields("source", "partner", expected_version=expected_version)
        record(
            "opportunity.source_changed",
            row,
            actor=actor,
            old={"source": was},
            new={"source": source_in_words(row), "reason": text},
        )
        if claim is not None and not (source == Source.SOURCED and row.partner_id == claim.partner_id):
            became = source_in_words(row)
            watch_source(actor=actor, opportunity=row, claim=claim, was=was, became=became, reason=text)
        watch(actor=actor, opportunities=[row.pk])
        mark_cells(actor.program_id, [(owned_by, row.opened_on), (row.partner_id, row.opened_on)])
        return row


def source_in_words(row: Opportunity) -> str:
    """``sourced by Alder``, ``routed to Alder`` or ``direct``."""
    if row.partner is None:
        return "direct"
    return f"{'sourced by' if row.source == Source.SOURCED else 'routed to'} {row.partner.name}"


def _check_sourced(row: Opportunity, claim: Registration | None, partner: Partner | None) -> None:
    approved = claim is not None and Protection.objects.filter(registration=claim).exists()
    if claim is None or not approved or partner is None or claim.partner_id != partner.pk:
        raise RuleBroken(
            "not_registered",
            "Only what came from a partner's approved registration is sourced by it.",
            field="source",
        )
    late = claim.conflicts.filter(kind="late").exclude(ruling__outcome="not_a_conflict")
    program = program_in_force()
    if late.exists() or (
        row.account is not None
        and came_late(
            claim,
            row.account,
            program=program,
            notice_days=charter_in_force().notice_days,
            worked_first=True,
        )
    ):
        raise RuleBroken(
            "late", "It was registered late, so it is influenced or fulfilled, never sourced.", field="source"
        )
