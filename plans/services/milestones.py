"""Readiness steps: named, changed, proven, dropped."""

from datetime import date

from django.db import transaction
from django.db.models import Max

from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, FieldErrors
from partners.services.ledger import record
from plans.models import Milestone, Plan
from plans.rules.lifecycle import MilestoneState, PlanMove
from plans.services.acts import (
    begin,
    check_link,
    check_past,
    locked_part,
    program_today,
    reader,
    save_terms,
    settle_readiness,
    texts,
)

MOST_STEPS = 40
NEEDED = {
    "name": "Name the step.",
    "proves": "Say what will show that it is so.",
    "reason": "Say why, in a sentence.",
}


def _check_open(step: Milestone) -> None:
    if step.state != MilestoneState.OPEN:
        raise Clash(
            "settled",
            f"This step was {MilestoneState(step.state).label.lower()} already, and stays so.",
            extra={"state": step.state},
        )


@transaction.atomic
def add_milestone(*, actor: Actor, plan: Plan, name: str, proves: str) -> Milestone:
    """Name one more readiness step, after the others: a change of terms.

    Raises ``Clash`` when a pipeline aim stands on the steps there are, ``FieldErrors`` for bad input.
    """
    plan = begin(plan, PlanMove.CHANGE, actor)
    written = texts({"name": name, "proves": proves}, required=NEEDED)
    last: int = Milestone.objects.filter(plan=plan).aggregate(last=Max("position"))["last"] or 0
    if last >= MOST_STEPS:
        raise Clash("too_many_steps", f"A plan takes {MOST_STEPS} steps. Drop some, or split the work.")
    step = Milestone.objects.create(
        program_id=plan.program_id,
        plan=plan,
        partner_id=plan.partner_id,
        position=last + 1,
        created_at=clock.now(),
        **written,
    )
    _program, today = program_today()
    settle_readiness(plan, today)
    save_terms(plan, "ready_on")
    record("milestone.added", step, actor=actor, new=written, partner_id=reader(plan))
    return step


@transaction.atomic
def change_milestone(
    *, actor: Actor, milestone: Milestone, name: str, proves: str, expected_version: int | None = None
) -> Milestone:
    """Word an open step again: a change of terms. Raises ``Clash`` once it is proven or dropped."""
    plan = begin(milestone.plan, PlanMove.CHANGE, actor)
    step = locked_part(milestone, expected_version=expected_version)
    _check_open(step)
    new = texts({"name": name, "proves": proves}, required=NEEDED)
    old = {key: getattr(step, key) for key in new}
    if old == new:
        return step
    step.name, step.proves = new["name"], new["proves"]
    step.save_fields("name", "proves")
    save_terms(plan)
    record("milestone.changed", step, actor=actor, old=old, new=new, partner_id=reader(plan))
    return step


@transaction.atomic
def drop_milestone(
    *, actor: Actor, milestone: Milestone, reason: str, expected_version: int | None = None
) -> Milestone:
    """Take an open step out, saying why: a change of terms. It stays on record."""
    plan = begin(milestone.plan, PlanMove.CHANGE, actor)
    step = locked_part(milestone, expected_version=expected_version)
    _check_open(step)
    step.reason = texts({"reason": reason}, required=NEEDED)["reason"]
    step.state = MilestoneState.DROPPED
    step.save_fields("state", "reason")
    _program, today = program_today()
    settle_readiness(plan, today)
    save_terms(plan, "ready_on")
    record("milestone.dropped", step, actor=actor, new={"reason": step.reason}, partner_id=reader(plan))
    return step


@transaction.atomic
def prove_milestone(
    *,
    actor: Actor,
    milestone: Milestone,
    proof: str = "",
    proof_link: str = "",
    proven_on: date | None = None,
    expected_version: int | None = None,
) -> Milestone:
    """Say what shows that a step is so, in words or by a link, and since when (today unless said).

    The last step proven makes the partner ready. Raises ``FieldErrors`` without any proof, ``RuleBroken`` for
    a day ahead or a link that is none, ``Clash`` for a step proven or dropped already.
    """
    plan = begin(milestone.plan, PlanMove.PROVE, actor)
    step = locked_part(milestone, expected_version=expected_version)
    _check_open(step)
    shown = texts({"proof": proof, "proof_link": proof_link}, required={})
    if not shown["proof"] and not shown["proof_link"]:
        raise FieldErrors(
            {"proof": ["Say what was seen, or give a link to it. A step without proof stays open."]}
        )
    check_link(shown["proof_link"])
    _program, today = program_today()
    day = proven_on or today
    check_past(day, today, "proven_on")
    step.state, step.proven_on, step.proven_by = MilestoneState.PROVEN, day, actor.name
    step.proof, step.proof_link = shown["proof"], shown["proof_link"]
    step.save_fields("state", "proven_on", "proven_by", "proof", "proof_link")
    record(
        "milestone.proven", step, actor=actor, partner_id=reader(plan),
        new={"name": step.name, "proven_on": day, **shown},
    )  # fmt: skip
    if settle_readiness(plan, today):
        plan.save_fields("ready_on")
        record("plan.ready", plan, actor=actor, new={"ready_on": plan.ready_on}, partner_id=reader(plan))
    return step
