"""Our minutes set against what a partner brought: return on effort (R17). Nobody is ranked by it."""

from dataclasses import dataclass
from decimal import Decimal

ENOUGH_HOURS = Decimal(8)
"""Below one working day of effort a return says more than anybody knows."""
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """Minutes of a period, and the money beside them in the program's currency.

    ``hourly_cost`` None means that nobody has said what an hour costs. ``pipeline`` is open at the end of the
    period, ``won`` was won in it.
    """

    minutes: Decimal
    hourly_cost: Decimal | None
    pipeline: Decimal
    won: Decimal

    @property
    def hours(self) -> Decimal:
        """The minutes as hours."""
        return self.minutes / 60

    @property
    def cost(self) -> Decimal | None:
        """What the hours cost us; None when it cannot be said."""
        return None if self.hourly_cost is None else self.hours * self.hourly_cost

    @property
    def known(self) -> bool:
        """Whether there is enough effort on record to say what came of an hour."""
        return self.hours >= ENOUGH_HOURS

    @property
    def pipeline_per_hour(self) -> Decimal | None:
        """Sourced pipeline for each hour of ours; None when it cannot be told."""
        return max(self.pipeline, _ZERO) / self.hours if self.known else None

    @property
    def won_per_hour(self) -> Decimal | None:
        """Sourced wins for each hour of ours; None when it cannot be told."""
        return max(self.won, _ZERO) / self.hours if self.known else None

    def _per_cost(self, amount: Decimal) -> Decimal | None:
        return max(amount, _ZERO) / self.cost if self.known and self.cost else None

    @property
    def pipeline_per_cost(self) -> Decimal | None:
        """Sourced pipeline for each unit of money our time cost; None when it cannot be told."""
        return self._per_cost(self.pipeline)

    @property
    def won_per_cost(self) -> Decimal | None:
        """Sourced wins for each unit of money our time cost; None when it cannot be told."""
        return self._per_cost(self.won)

    @property
    def why_not(self) -> str:
        """Why a return cannot be told, or ""."""
        if self.known:
            return ""
        if not self.minutes:
            return "No minutes are logged in this period."
        return f"Cannot tell from {self.minutes:.0f} minutes: less than a working day is logged."
