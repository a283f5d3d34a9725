"""The rhythm of check-ins. A next contact always exists, and never falls on a weekend (R80)."""

from collections.abc import Collection
from datetime import date, timedelta

SHORTEST, LONGEST = 7, 120  # days between check-ins


def working_day(day: date, holidays: Collection[date] = ()) -> date:
    """``day``, or the next day that is neither Saturday, Sunday nor one of ``holidays``."""
    while day.weekday() >= 5 or day in holidays:
        day += timedelta(days=1)
    return day


def next_contact(last: date, every_days: int, holidays: Collection[date] = ()) -> date:
    """The day of the next check-in, ``every_days`` after ``last``, moved on to a working day."""
    return working_day(last + timedelta(days=every_days), holidays)
