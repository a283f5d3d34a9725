"""Who sees which plans and parts of them. The only way from a view to their rows (wall 1)."""

from django.db.models import QuerySet

from partners.access import one_of
from partners.core.actor import Actor, Role
from partners.models import Seat
from plans.models import CheckIn, Commitment, Milestone, Plan
from plans.rules.lifecycle import LIVE_STATES, PlanMove, State, role_may, state_allows


def visible_plans(actor: Actor) -> QuerySet[Plan]:
    """Staff see all plans, partner people their own once it was proposed."""
    plans = Plan.objects.select_related("partner")
    if actor.partner_id is not None:
        return plans.filter(partner_id=actor.partner_id, proposed_at__isnull=False)
    return plans


def access_plan(actor: Actor, public_id: str) -> Plan:
    """A plan the actor may see. Raises ``NotFound``."""
    return one_of(visible_plans(actor), public_id, "There is no such plan.")


def visible_commitments(actor: Actor) -> QuerySet[Commitment]:
    """The promises of visible plans."""
    rows = Commitment.objects.select_related("plan", "partner")
    return rows.filter(plan__in=visible_plans(actor)) if actor.is_partner else rows


def access_commitment(actor: Actor, public_id: str) -> Commitment:
    """A promise the actor may see. Raises ``NotFound``."""
    return one_of(visible_commitments(actor), public_id, "There is no such promise.")


def visible_milestones(actor: Actor) -> QuerySet[Milestone]:
    """The readiness steps of visible plans."""
    rows = Milestone.objects.select_related("plan", "partner")
    return rows.filter(plan__in=visible_plans(actor)) if actor.is_partner else rows


def access_milestone(actor: Actor, public_id: str) -> Milestone:
    """A readiness step the actor may see. Raises ``NotFound``."""
    return one_of(visible_milestones(actor), public_id, "There is no such readiness step.")


def visible_check_ins(actor: Actor) -> QuerySet[CheckIn]:
    """The check-ins of visible plans."""
    rows = CheckIn.objects.select_related("plan", "partner")
    return rows.filter(plan__in=visible_plans(actor)) if actor.is_partner else rows


def live_plan_of_partner(actor: Actor) -> Plan | None:
    """What a partner's people read as their plan: the live one, or the last one that was closed."""
    plans = visible_plans(actor)
    live = plans.filter(state__in=LIVE_STATES).first()
    return live or plans.filter(state=State.CLOSED).order_by("-closed_at").first()


def may(actor: Actor, move: PlanMove, plan: Plan) -> bool:
    """Whether to offer a move: it is the role's and the state's. The services decide again."""
    return role_may(move, actor.role) and state_allows(move, State(plan.state))


def signers(plan: Plan) -> list[str]:
    """The names of those at the partner who may agree to its plan."""
    seats = Seat.objects.filter(
        partner_id=plan.partner_id, ended_at__isnull=True, role=Role.PARTNER_ADMIN
    ).select_related("user")
    return sorted(str(seat.user) for seat in seats)
