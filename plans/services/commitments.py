"""Promises: made, changed, dropped, kept or broken."""

from datetime import date

from django.db import transaction

from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, NotAllowed
from partners.services.ledger import record
from plans.models import Commitment, Plan
from plans.rules.lifecycle import CommitmentState, PlanMove, Side, State
from plans.services.acts import (
    begin,
    check_ahead,
    locked_part,
    mark,
    program_today,
    reader,
    save_terms,
    texts,
)

NEEDED = {
    "what": "Say what is promised.",
    "owner_name": "Name the person who does it.",
    "reason": "Say why, in a sentence.",
}


def _check_open(promise: Commitment) -> None:
    if promise.state != CommitmentState.OPEN:
        raise Clash(
            "settled",
            f"This promise was {CommitmentState(promise.state).label.lower()} already, and stays so.",
            extra={"state": promise.state},
        )


@transaction.atomic
def add_commitment(
    *, actor: Actor, plan: Plan, side: Side, what: str, owner_name: str, due_on: date
) -> Commitment:
    """Promise something. One of ours stands at once; one of theirs is a change of terms (a new proposal).

    Raises ``FieldErrors`` or ``RuleBroken`` for bad input, ``Clash`` when the plan is closed.
    """
    plan = begin(plan, PlanMove.SUPPORT if side is Side.US else PlanMove.CHANGE, actor)
    written = texts({"what": what, "owner_name": owner_name}, required=NEEDED)
    _program, today = program_today()
    check_ahead(due_on, today, "due_on")
    promise = Commitment.objects.create(
        program_id=plan.program_id,
        plan=plan,
        partner_id=plan.partner_id,
        side=side,
        due_on=due_on,
        created_at=clock.now(),
        **written,
    )
    if side is Side.THEM:
        save_terms(plan)
    mark(plan, due_on)
    new = {"side": side.value, "due_on": due_on, **written}
    record("commitment.made", promise, actor=actor, new=new, partner_id=reader(plan))
    return promise


@transaction.atomic
def change_commitment(
    *,
    actor: Actor,
    commitment: Commitment,
    what: str,
    owner_name: str,
    due_on: date,
    expected_version: int | None = None,
) -> Commitment:
    """Word, name or day again, while it is open: a change of terms. A day that is over may stay as it is.

    Raises ``Clash`` for a settled promise, ``Stale`` when somebody was faster.
    """
    plan = begin(commitment.plan, PlanMove.CHANGE, actor)
    promise = locked_part(commitment, expected_version=expected_version)
    _check_open(promise)
    written = texts({"what": what, "owner_name": owner_name}, required=NEEDED)
    if due_on != promise.due_on:
        _program, today = program_today()
        check_ahead(due_on, today, "due_on")
    new = {**written, "due_on": due_on}
    old = {name: getattr(promise, name) for name in new}
    if old == new:
        return promise
    for name, value in new.items():
        setattr(promise, name, value)
    promise.save_fields(*new)
    save_terms(plan)
    mark(plan, old["due_on"], due_on)
    record("commitment.changed", promise, actor=actor, old=old, new=new, partner_id=reader(plan))
    return promise


@transaction.atomic
def drop_commitment(
    *, actor: Actor, commitment: Commitment, reason: str, expected_version: int | None = None
) -> Commitment:
    """Take a promise back before its day, saying why: a change of terms.

    Raises ``Clash`` once the day is over: then it was kept or broken, and nothing else.
    """
    plan = begin(commitment.plan, PlanMove.CHANGE, actor)
    promise = locked_part(commitment, expected_version=expected_version)
    _check_open(promise)
    said = texts({"reason": reason}, required=NEEDED)["reason"]
    _program, today = program_today()
    if promise.due_on < today and plan.state != State.DRAFT:
        raise Clash(
            "day_over",
            "The day of this promise is over, so it was kept or broken. It can no longer be dropped.",
        )
    _settle(promise, CommitmentState.DROPPED, actor, today, said)
    save_terms(plan)
    mark(plan, promise.due_on, today)
    record("commitment.dropped", promise, actor=actor, new={"reason": said}, partner_id=reader(plan))
    return promise


def _settle(promise: Commitment, state: CommitmentState, actor: Actor, day: date, reason: str = "") -> None:
    promise.state, promise.settled_on, promise.settled_by = state, day, actor.name
    promise.reason = reason
    promise.save_fields("state", "settled_on", "settled_by", "reason")


def _begin_settling(
    actor: Actor, commitment: Commitment, expected_version: int | None
) -> tuple[Plan, Commitment, date]:
    plan = begin(commitment.plan, PlanMove.SETTLE, actor)
    promise = locked_part(commitment, expected_version=expected_version)
    if actor.is_partner and promise.side != Side.THEM:
        raise NotAllowed("This is our promise; we say what became of it.")
    _check_open(promise)
    _program, today = program_today()
    return plan, promise, today


@transaction.atomic
def keep_commitment(
    *, actor: Actor, commitment: Commitment, note: str = "", expected_version: int | None = None
) -> Commitment:
    """Say that a promise was kept. Staff may for both sides, partner people for their own.

    Raises ``Clash`` for one settled already: exactly one answer stands, whoever was first.
    """
    plan, promise, today = _begin_settling(actor, commitment, expected_version)
    said = texts({"reason": note}, required={})["reason"]
    _settle(promise, CommitmentState.KEPT, actor, today, said)
    mark(plan, promise.due_on, today)
    new = {"what": promise.what, "side": promise.side, "late": promise.due_on < today, "note": said}
    record("commitment.kept", promise, actor=actor, new=new, partner_id=reader(plan))
    return promise


@transaction.atomic
def break_commitment(
    *, actor: Actor, commitment: Commitment, reason: str, expected_version: int | None = None
) -> Commitment:
    """Say that a promise was not kept, and why. Partner people may for their own.

    Raises ``FieldErrors`` without a reason, ``Clash`` for one settled already.
    """
    plan, promise, today = _begin_settling(actor, commitment, expected_version)
    said = texts({"reason": reason}, required=NEEDED)["reason"]
    _settle(promise, CommitmentState.BROKEN, actor, today, said)
    mark(plan, promise.due_on, today)
    new = {"what": promise.what, "side": promise.side, "reason": said}
    record("commitment.broken", promise, actor=actor, new=new, partner_id=reader(plan))
    return promise
