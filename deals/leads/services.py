"""Leads: taken down, changed, given by a partner, answered, given up."""

import re
from dataclasses import fields
from typing import Any

from django.db import transaction

from deals.common.calendar import workweek
from deals.common.notify import ask_to_place_lead, local_time
from deals.leads.deals import (
    account_behind,
    locked_lead,
    open_part_tells,
    opportunity_behind,
    refusals_in_words,
)
from deals.leads.offers import withdraw_live_offer
from deals.leads.selectors.routing import holders_of
from deals.models import Lead
from deals.rules.clock import deadline
from deals.rules.leads import (
    SENTENCE_LENGTH,
    AnswerReason,
    Buyer,
    Direction,
    LeadState,
    problems,
    tidied,
)
from deals.rules.sentences import named_in
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, FieldErrors, RuleBroken
from partners.core.ids import new_public_id
from partners.core.scope import whole_program
from partners.core.text import clean_text
from partners.models import Offering, Partner, PartnerStatus
from partners.rules.notices import NoticeKind
from partners.selectors import open_offerings, program_in_force, promise_in_force
from partners.services.ledger import record
from partners.services.notices import Message, people_of, tell
from partners.services.rights import require

_PUBLIC_ID = re.compile(r"[0-9a-hjkmnp-tv-z]{14}\Z")
_CONTENT = tuple(field.name for field in fields(Buyer))


@transaction.atomic
def create_lead(*, actor: Actor, buyer: Buyer, public_id: str = "") -> Lead:
    """Put a buyer of ours down as a lead to be routed to a partner.

    ``public_id`` may be chosen by the form, so that sending it twice makes one lead; anything that does not
    look like one is ignored. Raises ``NotAllowed``, ``FieldErrors`` and ``Clash`` when that id was used.
    """
    require(actor, "leads.edit")
    values = _checked(buyer, Direction.ROUTED)
    return _write(actor, Direction.ROUTED, values, public_id)


@transaction.atomic
def give_lead(*, actor: Actor, buyer: Buyer, partner_id: int | None = None, public_id: str = "") -> Lead:
    """A partner gives us a buyer; our answer is due within the days in which we answer claims.

    Staff say which partner it was; partner people always give for their own. Raises as ``create_lead``.
    """
    require(actor, "leads.edit", "portal.leads")
    partner = Partner.objects.filter(pk=actor.partner_id or partner_id or 0).first()
    if partner is None:
        raise RuleBroken("partner", "Which partner gave us this lead?", field="partner")
    if partner.status == PartnerStatus.ENDED:
        raise RuleBroken("partner_ended", "The partnership has ended.", field="partner")
    values = _checked(buyer, Direction.GIVEN)
    program = program_in_force()
    due = deadline(clock.now(), promise_in_force().decision_days, workweek(program))
    row = _write(actor, Direction.GIVEN, {**values, "opened_to": partner, "due_at": due}, public_id)
    body = f"{partner.name} gave us this buyer. We promised an answer by {local_time(due, program)}."
    with whole_program("who answers a lead are our own people"):
        ask_to_place_lead(actor=actor, lead=row, subject="a lead to answer", body=body)
    return row


@transaction.atomic
def change_lead(*, actor: Actor, lead: Lead, buyer: Buyer, expected_version: int | None = None) -> Lead:
    """Change what a lead to be routed says, as long as it is with nobody. Nothing is written when nothing
    differs. Raises ``NotAllowed``, ``Clash``, ``FieldErrors``, ``Stale``."""
    require(actor, "leads.edit")
    row = locked_lead(lead.pk)
    if row.direction != Direction.ROUTED or row.state != LeadState.WAITING:
        raise Clash("not_waiting", "A lead can be changed while it is ours and with no partner.")
    values = _checked(buyer, Direction.ROUTED)
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed:
        return row
    old = {name: getattr(row, name) for name in changed}
    for name, value in changed.items():
        setattr(row, name, value)
    row.save_fields(*changed, expected_version=expected_version)
    record("lead.changed", row, actor=actor, old=old, new=changed)
    return row


def _checked(buyer: Buyer, direction: Direction) -> dict[str, Any]:
    """The columns of a buyer. Raises ``FieldErrors``; what partners read of ours names nobody."""
    program = program_in_force()
    today = clock.today(program.timezone)
    buyer = tidied(buyer, currency=program.currency, today=today)
    found = problems(buyer, today=today)
    if direction is Direction.ROUTED and "need" not in found:
        told = open_part_tells(buyer)
        if told:
            found["need"] = [told]
    values = {name: getattr(buyer, name) for name in _CONTENT}
    offerings = open_offerings()
    if buyer.offering_id is None and len(offerings) == 1:
        values["offering_id"] = offerings[0].pk
    elif buyer.offering_id is not None and not Offering.objects.filter(pk=buyer.offering_id).exists():
        found["offering"] = ["There is no such offering."]
    if direction is Direction.ROUTED and "details" not in found:
        rivals = list(Partner.objects.values_list("name", flat=True))
        if named_in(buyer.details, rivals, allowed=buyer.customer_name):
            found["details"] = ["The partner that accepts reads this. Leave partners' names out of it."]
    if found:
        raise FieldErrors(found)
    return values


def _write(actor: Actor, direction: Direction, values: dict[str, Any], public_id: str) -> Lead:
    with refusals_in_words(), transaction.atomic():
        row = Lead.objects.create(
            program_id=actor.program_id,
            public_id=public_id if _PUBLIC_ID.match(public_id) else new_public_id(),
            direction=direction,
            told_by=actor.name[:120],
            **values,
        )
    record(
        "lead.given" if direction is Direction.GIVEN else "lead.taken_down",
        row,
        actor=actor,
        new={name: getattr(row, name) for name in _CONTENT} | {"due_at": row.due_at},
        partner_id=row.opened_to_id,
    )
    return row


@transaction.atomic
def answer_lead(
    *,
    actor: Actor,
    lead: Lead,
    accept: bool,
    reason: str = "",
    sentence: str = "",
    expected_version: int | None = None,
) -> Lead:
    """Answer a lead a partner gave us.

    A yes makes it our opportunity on its account; it is not sourced, as nobody claimed it. A no needs a
    reason (``AnswerReason``) and a sentence for the partner. Raises ``NotAllowed``, ``Clash`` when it was
    answered or another partner holds the customer, ``FieldErrors``, ``Stale``.
    """
    require(actor, "leads.edit")
    row = locked_lead(lead.pk)
    if row.direction != Direction.GIVEN or row.state != LeadState.WAITING or row.opened_to_id is None:
        raise Clash("answered", f"This lead is {row.get_state_display().lower()}; it waits for no answer.")
    sentence = clean_text(sentence)
    _check_answer(row, accept=accept, reason=reason, sentence=sentence)
    old = {"state": row.state}
    row.state = LeadState.ACCEPTED if accept else LeadState.DECLINED
    row.reason, row.sentence, row.settled_at = "" if accept else reason, sentence, clock.now()
    if accept:
        _take_over(actor, row)
    row.save_fields(
        "state",
        "reason",
        "sentence",
        "settled_at",
        "account",
        "opportunity",
        expected_version=expected_version,
    )
    record(
        f"lead.{row.state}",
        row,
        actor=actor,
        old=old,
        new={"state": row.state, "reason": row.reason},
        partner_id=row.opened_to_id,
        sentence=sentence,
    )
    _tell_giver(actor, row)
    return row


def _tell_giver(actor: Actor, row: Lead) -> None:
    message = Message(
        kind=NoticeKind.LEAD,
        key=f"lead answered {row.public_id}",
        subject=f"{row.customer_name}: our answer to your lead",
        body=row.sentence or "We take it. Thank you.",
        page="portal:lead",
        page_id=row.public_id,
    )
    tell(actor=actor, seats=people_of(row.opened_to_id or 0), message=message)


def _check_answer(row: Lead, *, accept: bool, reason: str, sentence: str) -> None:
    errors: dict[str, list[str]] = {}
    if not accept and reason not in AnswerReason:
        errors["reason"] = ["Choose a reason."]
    if not accept and not sentence:
        errors["sentence"] = ["Say why, in a sentence the partner reads."]
    if len(sentence) > SENTENCE_LENGTH:
        errors["sentence"] = [f"At most {SENTENCE_LENGTH:,} characters; this has {len(sentence):,}."]
    others = list(Partner.objects.exclude(pk=row.opened_to_id or 0).values_list("name", flat=True))
    if rival := named_in(sentence, others, allowed=row.customer_name):
        errors["sentence"] = [f"The partner reads this and may not learn of {rival}. Leave the name out."]
    if errors:
        raise FieldErrors(errors)


def _take_over(actor: Actor, row: Lead) -> None:
    """The account and opportunity of a lead we accept. Raises ``Clash`` when another partner holds it."""
    program = program_in_force()
    row.account = account_behind(actor, row)
    giver = row.opened_to_id or 0
    others = {key: how for key, how in holders_of(row.account.pk, row.offering_id).items() if key != giver}
    if others:
        name = Partner.objects.get(pk=next(iter(others))).name
        raise Clash(
            "held",
            f"{name} holds this customer, so it cannot become ours. Decline the lead as not open at present.",
        )
    row.opportunity = opportunity_behind(
        actor=actor, lead=row, account=row.account, partner_id=giver, program=program
    )


@transaction.atomic
def close_lead(*, actor: Actor, lead: Lead, sentence: str, expected_version: int | None = None) -> Lead:
    """Give up placing a lead; an offer that waits is taken back. ``sentence`` says why, for ourselves.

    Raises ``NotAllowed``, ``Clash`` when it is accepted or closed, ``FieldErrors``, ``Stale``.
    """
    require(actor, "leads.edit")
    row = locked_lead(lead.pk)
    if row.direction != Direction.ROUTED or row.state not in (LeadState.WAITING, LeadState.OFFERED):
        raise Clash("settled", "Only a lead that no partner has taken can be given up.")
    sentence = clean_text(sentence)
    if not sentence or len(sentence) > SENTENCE_LENGTH:
        raise FieldErrors({"sentence": [f"Say why, in at most {SENTENCE_LENGTH:,} characters."]})
    withdraw_live_offer(actor=actor, lead=row)
    old = {"state": row.state}
    row.state, row.sentence, row.settled_at = LeadState.CLOSED, sentence, clock.now()
    row.save_fields("state", "sentence", "settled_at", expected_version=expected_version)
    record("lead.closed", row, actor=actor, old=old, new={"state": row.state}, sentence=sentence)
    return row
