"""What is ruled on together, and what may be decided at once. Pure."""

from deals.rules.lifecycle import (
    APPROVING,
    DECLINING,
    LATER_KINDS,
    SHARING,
    Outcome,
    Reason,
    Review,
    State,
)

_UNDECIDED = frozenset({State.IN_REVIEW, State.NEEDS_INFO})

# For which grounds a case may end how. Two accounts that are one say nothing about the claim itself.
GROUNDS: dict[Outcome, frozenset[Reason]] = {
    Outcome.UPHOLD_PARTNER: APPROVING,
    Outcome.UPHOLD_INCUMBENT: DECLINING,
    Outcome.SHARE: SHARING,
    Outcome.NOT_A_CONFLICT: APPROVING,
    Outcome.MERGE: frozenset({Reason.NOT_A_CONFLICT}),
}
_ENDS = {
    Outcome.UPHOLD_PARTNER: "uphold the partner",
    Outcome.UPHOLD_INCUMBENT: "uphold the incumbent",
    Outcome.SHARE: "share the credit",
    Outcome.NOT_A_CONFLICT: "call it no conflict",
    Outcome.MERGE: "merge accounts",
}
# A correction puts the terms right; it does not turn a yes into a no.
_CORRECTABLE = frozenset({Outcome.UPHOLD_PARTNER, Outcome.SHARE, Outcome.NOT_A_CONFLICT})


def stands_alone(kind: str, state: str, reviewed_for: str) -> bool:
    """Whether a conflict is ruled on apart from the review of its registration.

    While a claim or an appeal is weighed, everything is decided with it. What came up under a registration
    that stands, or while only a change of it is weighed, is a matter of its own.
    """
    if state in _UNDECIDED and reviewed_for != Review.CHANGE:
        return False
    return kind in LATER_KINDS


def no_ground(outcome: Outcome, reason: Reason) -> str:
    """Why a ground does not fit a decision, as a sentence; "" when it does."""
    return "" if reason in GROUNDS[outcome] else f"“{reason.label}” is no ground to {_ENDS[outcome]}."


def may_become(before: str, after: str) -> bool:
    """Whether a ruling that ended one way may be corrected to end the other way."""
    return before == after or {before, after} <= _CORRECTABLE
