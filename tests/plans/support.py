"""Plans in each state, made through the services people use."""

from dataclasses import dataclass
from datetime import date, timedelta

from partners.core import clock
from partners.core.actor import Actor
from partners.core.scope import program_scope
from plans.models import Commitment, Milestone, Plan
from plans.rules.lifecycle import Quota, Side
from plans.services.commitments import add_commitment
from plans.services.milestones import add_milestone, prove_milestone
from plans.services.plans import agree_to_plan, draft_plan, propose_plan
from tests.support.cast import Cast

PURPOSE = "Help mid-sized bakeries in Bavaria plan their deliveries together."
GAIN = "Twelve percent of the first year, and the deal counts for their quota."


@dataclass
class Made:
    """A plan and its first parts."""

    plan: Plan
    ours: Commitment
    theirs: Commitment
    step: Milestone


def today_of(cast: Cast) -> date:
    return clock.today(cast.program.timezone)


def draft(cast: Cast, actor: Actor | None = None, partner: str = "alder") -> Made:
    """A draft that lacks nothing. Needs an open scope."""
    actor = actor or cast.actor("manager")
    today = today_of(cast)
    plan = draft_plan(
        actor=actor,
        partner=getattr(cast, partner),
        purpose=PURPOSE,
        why_call_us=GAIN,
        retires_quota=Quota.YES,
    )
    step = add_milestone(
        actor=actor, plan=plan, name="Two sellers can demo", proves="A recorded demo without us"
    )
    ours = add_commitment(
        actor=actor,
        plan=plan,
        side=Side.US,
        what="Joint visit at two bakeries",
        owner_name="Mara",
        due_on=today + timedelta(days=14),
    )
    theirs = add_commitment(
        actor=actor,
        plan=plan,
        side=Side.THEM,
        what="List of ten customers",
        owner_name="Jo",
        due_on=today + timedelta(days=21),
    )
    plan.refresh_from_db()
    return Made(plan, ours, theirs, step)


def proposed(cast: Cast, partner: str = "alder") -> Made:
    made = draft(cast, partner=partner)
    made.plan = propose_plan(actor=cast.actor("manager"), plan=made.plan)
    return made


def agreed(cast: Cast, partner: str = "alder") -> Made:
    made = proposed(cast, partner)
    agree_to_plan(actor=cast.actor("leader"), plan=made.plan, edition=made.plan.edition)
    agree_to_plan(actor=cast.actor(f"{partner}_admin"), plan=made.plan, edition=made.plan.edition)
    made.plan.refresh_from_db()
    return made


def ready(cast: Cast, partner: str = "alder") -> Made:
    made = agreed(cast, partner)
    prove_milestone(actor=cast.actor("manager"), milestone=made.step, proof="Seen on 3 May")
    made.plan.refresh_from_db()
    return made


def made_in_scope(cast: Cast, how: str, partner: str = "alder") -> Made:
    """The same, opening the program's scope for it."""
    with program_scope(cast.program.pk):
        made: Made = globals()[how](cast, partner=partner)
        return made
