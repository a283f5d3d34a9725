"""Shares of small numbers, said honestly: with how far they may be off, or not at all."""

from dataclasses import dataclass
from math import sqrt

ENOUGH = 8
"""Below so many cases a share says more than anybody knows."""
_Z = 1.96  # 95 %


@dataclass(frozen=True, slots=True)
class Share:
    """``part`` of ``whole`` cases. ``low`` and ``high`` are Wilson's 95 % interval, between 0 and 1.

    Below ``enough`` cases no share is said.
    """

    part: int
    whole: int
    noun: str
    enough: int = ENOUGH

    @property
    def known(self) -> bool:
        """Whether there are enough cases to say a share at all."""
        return self.whole >= self.enough

    @property
    def value(self) -> float:
        """The share itself, 0 when there are no cases."""
        return self.part / self.whole if self.whole else 0.0

    def _interval(self) -> tuple[float, float]:
        if not self.whole:
            return 0.0, 1.0
        spread = _Z * _Z / self.whole
        middle = (self.value + spread / 2) / (1 + spread)
        half = (
            _Z * sqrt(self.value * (1 - self.value) / self.whole + spread / (4 * self.whole)) / (1 + spread)
        )
        return max(0.0, middle - half), min(1.0, middle + half)

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return self._interval()[0]

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return self._interval()[1]

    @property
    def headline(self) -> str:
        """``42%``, or that it cannot be told."""
        return f"{self.value:.0%}" if self.known else "Cannot tell"

    @property
    def evidence(self) -> str:
        """What the headline stands on, as a sentence part."""
        if not self.whole:
            return f"No {self.noun} yet"
        if self.known:
            range_ = f"between {self.low:.0%} and {self.high:.0%}"
            return f"{self.part} of {self.whole} {self.noun}; {range_}"
        if self.whole == 1:
            return f"Only one so far: {'yes' if self.part else 'no'}"
        return f"{self._counted} {self.noun} so far, too few for a share"

    @property
    def _counted(self) -> str:
        """How many of how many, as one would say it."""
        if self.part == self.whole:
            return "Both" if self.whole == 2 else f"All {self.whole}"
        return f"{self.part or 'None'} of {self.whole}"
