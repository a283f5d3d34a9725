"""Periods of whole months, as pages and the API speak of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_MONTH = re.compile(r"(\d{4})-(\d{2})\Z")
CHOICES = ((3, "3 months"), (6, "6 months"), (12, "12 months"), (18, "18 months"), (36, "3 years"))
USUAL = 12


def shift(month: date, by: int) -> date:
    """The first day of the month ``by`` months away."""
    years, index = divmod(month.year * 12 + month.month - 1 + by, 12)
    return date(years, index + 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole months from ``first`` to ``last``, both first days of a month and both included."""

    first: date
    last: date

    @property
    def end(self) -> date:
        """The last day of the last month."""
        return shift(self.last, 1) - timedelta(days=1)

    @property
    def length(self) -> int:
        """How many months it has."""
        return (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1

    def months(self) -> Iterator[date]:
        """Its months, oldest first."""
        month = self.first
        while month <= self.last:
            yield month
            month = shift(month, 1)


def read_month(text: str) -> date | None:
    """``2026-11`` as its first day; None for anything else."""
    found = _MONTH.match(text)
    if not found:
        return None
    year, month = int(found[1]), int(found[2])
    return date(year, month, 1) if 1900 <= year <= 9000 and 1 <= month <= 12 else None


def last_months(count: int, current: date) -> Period:
    """The running month and the ``count - 1`` before it."""
    return Period(first=shift(current, 1 - count), last=current)


def read_period(text: str, current: date) -> Period:
    """The last so many months as a query string says them; the usual period for anything else."""
    allowed = {str(count): count for count, _label in CHOICES}
    return last_months(allowed.get(text, USUAL), current)


def months_between(earlier: date, later: date) -> int:
    """Whole months from one day to a later one; 0 when it is not later."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month - (later.day < earlier.day)
    return max(0, months)
