"""Readiness before revenue: when a plan may be agreed, and when it may carry a pipeline aim (R29, R85)."""

from collections.abc import Sequence
from dataclasses import dataclass

from plans.rules.lifecycle import MilestoneState

# How many steps are put before a partner at once; the next is shown when one is proven (R81).
OPEN_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class Readiness:
    """How many readiness steps there are (dropped ones left out) and how many are proven."""

    total: int
    proven: int

    @property
    def met(self) -> bool:
        """At least one step, and every one proven."""
        return self.total > 0 and self.proven == self.total

    @property
    def left(self) -> int:
        return self.total - self.proven


def readiness(states: Sequence[MilestoneState]) -> Readiness:
    """From the states of a plan's milestones."""
    counted = [state for state in states if state is not MilestoneState.DROPPED]
    return Readiness(len(counted), sum(state is MilestoneState.PROVEN for state in counted))


@dataclass(frozen=True, slots=True)
class Gap:
    """Something a plan still lacks before it can be proposed or agreed; ``field`` says where."""

    code: str
    sentence: str
    field: str


WORDS_NEEDED = {
    "purpose": "Say what this is for: one joint purpose both sides can read out.",
    "why_call_us": "Say what the partner's seller gains by calling us: money, quota or an easier deal.",
}


def gaps(*, purpose: str, why_call_us: str, ours: int, milestones: int) -> list[Gap]:
    """What is missing; ``ours`` counts promises of ours that stand, ``milestones`` steps that stand."""
    found = []
    if not purpose.strip():
        found.append(Gap("no_purpose", WORDS_NEEDED["purpose"], "purpose"))
    if not why_call_us.strip():
        found.append(Gap("no_reason_to_call", WORDS_NEEDED["why_call_us"], "why_call_us"))
    if ours < 1:
        found.append(
            Gap("no_support", "Add a commitment of ours first: a plan starts with what we do.", "commitments")
        )
    if milestones < 1:
        found.append(
            Gap("no_readiness", "Name at least one readiness step and what will prove it.", "milestones")
        )
    return found


def aim_refusal(ready: Readiness) -> str | None:
    """Why no pipeline aim may be set now, or None when it may."""
    if ready.met:
        return None
    if ready.total == 0:
        return "A pipeline aim comes after readiness, and this plan names no readiness step yet."
    steps = "1 readiness step is" if ready.left == 1 else f"{ready.left} readiness steps are"
    return f"A pipeline aim comes after readiness: {steps} not proven yet."
