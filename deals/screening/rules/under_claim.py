"""When a move of our own side meets a partner's claim (R56). Pure; nothing here is shown to a partner."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from deals.rules.lifecycle import LIVE, ConflictKind, Outcome, State

# A ruling that ended like this let our side go on with its opportunity.
_ALLOWED = frozenset({Outcome.UPHOLD_INCUMBENT, Outcome.SHARE, Outcome.NOT_A_CONFLICT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A partner's claim on an account and offering. Times are UTC.

    ``protected`` is when its protection began and ends, None before it has one. ``undecided`` claims stand
    from ``claimed_at`` on.
    """

    state: State
    claimed_at: datetime
    protected: tuple[datetime, datetime] | None

    def held_between(self, since: datetime, until: datetime) -> bool:
        """Whether the claim stood at some time from ``since`` to ``until``."""
        if self.protected is not None:
            began, ends = self.protected
            return began <= until and since < ends
        return self.state in LIVE and self.claimed_at <= until


@dataclass(frozen=True, slots=True, kw_only=True)
class OurMove:
    """An opportunity of our side: open now, or won in the day from ``won_since`` to ``won_until`` (UTC)."""

    won_since: datetime | None = None
    won_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A conflict on record about the two; ``outcome`` is "" while nobody has ruled on it."""

    kind: ConflictKind
    outcome: str = ""


def met(move: OurMove, claim: Standing, known: Collection[Known], moment: datetime) -> ConflictKind | None:
    """What kind of conflict a move gives rise to, or None. What is on record already is not raised again."""
    if any(row.outcome in _ALLOWED for row in known):
        return None
    if move.won_since is None or move.won_until is None:
        if known or not (claim.state in LIVE and claim.held_between(moment, moment)):
            return None
        return ConflictKind.REP_OPPORTUNITY
    kinds = {row.kind for row in known}
    if ConflictKind.ROUTE_AROUND in kinds or not claim.held_between(move.won_since, move.won_until):
        return None
    # One that was open before the claim is being decided on already, with the claim.
    waiting = any(row.kind == ConflictKind.OPEN_OPPORTUNITY and not row.outcome for row in known)
    return None if waiting and claim.protected is None else ConflictKind.ROUTE_AROUND
