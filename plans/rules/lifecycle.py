"""The life of a plan: one table of moves, read by services, buttons, portal, API and tests."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import TextChoices

from partners.core.actor import Role


class State(TextChoices):
    """Where a plan stands. A draft is the vendor's own; from *proposed* on both sides read the same page."""

    DRAFT = "draft", "Draft"
    PROPOSED = "proposed", "Proposed"
    AGREED = "agreed", "Agreed"
    CLOSED = "closed", "Closed"


class Side(TextChoices):
    """Who made a promise, or signs."""

    US = "us", "We"
    THEM = "them", "The partner"


class Quota(TextChoices):
    """Does selling this retire the quota of the partner's sellers? Not knowing is an answer too."""

    YES = "yes", "Yes"
    NO = "no", "No"
    UNKNOWN = "unknown", "Not known yet"


class CommitmentState(TextChoices):
    """What became of a promise."""

    OPEN = "open", "Open"
    KEPT = "kept", "Kept"
    BROKEN = "broken", "Broken"
    DROPPED = "dropped", "Dropped"


class MilestoneState(TextChoices):
    """A readiness step is open until something proves it."""

    OPEN = "open", "Open"
    PROVEN = "proven", "Proven"
    DROPPED = "dropped", "Dropped"


class PlanMove(TextChoices):
    """What can be done to a plan."""

    CHANGE = "change", "Change the terms"
    SUPPORT = "support", "Promise more support"
    PROVE = "prove", "Prove a step"
    SETTLE = "settle", "Say what became of a promise"
    PROPOSE = "propose", "Propose"
    AGREE = "agree", "Agree"
    CHECK_IN = "check_in", "Log a check-in"
    CLOSE = "close", "Close"


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a move leads from each state it may start in (one of the targets), and whose move it is."""

    targets: Mapping[State, frozenset[State]]
    roles: frozenset[Role]


_STAFF = frozenset({Role.LEADER, Role.PARTNER_MANAGER})
_PARTNER = frozenset({Role.PARTNER_ADMIN, Role.PARTNER_SELLER})


def _stays(*states: State) -> dict[State, frozenset[State]]:
    return {state: frozenset({state}) for state in states}


_LIVE = (State.DRAFT, State.PROPOSED, State.AGREED)

MOVES: dict[PlanMove, Rule] = {
    # A changed term is a new proposal: what was agreed is no longer what is written.
    PlanMove.CHANGE: Rule(
        {**_stays(State.DRAFT, State.PROPOSED), State.AGREED: frozenset({State.PROPOSED})}, _STAFF
    ),
    # One more promise of ours takes nothing from the partner, so an agreed plan stays agreed.
    PlanMove.SUPPORT: Rule(_stays(*_LIVE), _STAFF),
    PlanMove.PROVE: Rule(_stays(*_LIVE), _STAFF),
    # Partner people settle their own side's promises only; the service looks at the side.
    PlanMove.SETTLE: Rule(_stays(State.PROPOSED, State.AGREED), _STAFF | _PARTNER),
    PlanMove.PROPOSE: Rule({State.DRAFT: frozenset({State.PROPOSED})}, _STAFF),
    # The first signature leaves it proposed, the second makes it agreed.
    PlanMove.AGREE: Rule(
        {State.PROPOSED: frozenset({State.PROPOSED, State.AGREED})}, _STAFF | {Role.PARTNER_ADMIN}
    ),
    PlanMove.CHECK_IN: Rule(_stays(State.PROPOSED, State.AGREED), _STAFF),
    PlanMove.CLOSE: Rule({state: frozenset({State.CLOSED}) for state in _LIVE}, _STAFF),
}

LIVE_STATES = frozenset(_LIVE)


def role_may(move: PlanMove, role: Role) -> bool:
    """Whether a role ever makes this move. A named system job may make all."""
    return role is Role.SYSTEM or role in MOVES[move].roles


def state_allows(move: PlanMove, state: State) -> bool:
    """Whether the move may start in this state."""
    return state in MOVES[move].targets


def moves_for(state: State, role: Role) -> list[PlanMove]:
    """The moves a role may make now, in the order buttons are shown."""
    return [move for move in MOVES if role_may(move, role) and state_allows(move, state)]


REFUSALS: dict[tuple[PlanMove, State], str] = {
    (PlanMove.PROPOSE, State.PROPOSED): "This plan has been proposed already.",
    (PlanMove.PROPOSE, State.AGREED): "This plan is agreed. Change a term to make a new proposal.",
    (PlanMove.AGREE, State.DRAFT): "This plan has not been proposed yet.",
    (PlanMove.AGREE, State.AGREED): "Both sides have agreed to this plan already.",
    (PlanMove.SETTLE, State.DRAFT): "A promise in a draft has not been made yet. Propose the plan first.",
    (PlanMove.CHECK_IN, State.DRAFT): "Propose the plan first; then check in on it.",
}


def refusal(move: PlanMove, state: State) -> str:
    """The sentence for a move that this state does not allow."""
    if state is State.CLOSED:
        return "This plan is closed. Write a new one for what comes next."
    return REFUSALS.get((move, state), f"A plan that is {state.label.lower()} does not allow this.")
