"""The decision clock: business time of a program. Pure.

A business day is one workday's length of working time, so a claim made on Friday at 16:00 with two days to
answer is due on Tuesday at 16:00. Nothing runs at night, on weekends or on holidays. Working time is read off
the wall clock of the program, so a change to or from summer time moves no deadline.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_SATURDAY = 5
_WARNED_AT_MOST = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Workweek:
    """When a program works: ``timezone`` is an IANA name, times are local, ``holidays`` are whole days."""

    timezone: str
    starts: time
    ends: time
    holidays: frozenset[date] = frozenset()

    @property
    def length(self) -> timedelta:
        """Working time of one day."""
        return datetime.combine(date.min, self.ends) - datetime.combine(date.min, self.starts)

    def is_workday(self, day: date) -> bool:
        """Whether anybody works that day."""
        return day.weekday() < _SATURDAY and day not in self.holidays

    def local(self, moment: datetime) -> datetime:
        """``moment`` on the program's wall clock, without zone."""
        return moment.astimezone(ZoneInfo(self.timezone)).replace(tzinfo=None)

    def instant(self, local: datetime) -> datetime:
        """A wall-clock time as an instant (UTC); one that summer time skips is read as just after the gap."""
        return local.replace(tzinfo=ZoneInfo(self.timezone)).astimezone(UTC)


def holidays_of(days: Iterable[object]) -> frozenset[date]:
    """The ISO dates among ``days``; anything else is left out, so a slip in the settings stops no clock."""
    found = set()
    for item in days:
        try:
            found.add(date.fromisoformat(str(item)))
        except ValueError:
            continue
    return frozenset(found)


def _shifts(week: Workweek, since: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Working hours from ``since`` (wall clock) on, day after day."""
    day = since.date()
    while True:
        if week.is_workday(day):
            opens = max(datetime.combine(day, week.starts), since)
            closes = datetime.combine(day, week.ends)
            if opens < closes:
                yield opens, closes
        day += timedelta(days=1)


def after(moment: datetime, working: timedelta, week: Workweek) -> datetime:
    """The instant (UTC) by which ``working`` time of the program has passed since ``moment``."""
    left = max(working, timedelta(0))
    for opens, closes in _shifts(week, week.local(moment)):
        if closes - opens >= left:
            return week.instant(opens + left)
        left -= closes - opens
    raise AssertionError("days never end")


def deadline(claimed_at: datetime, days: int, week: Workweek) -> datetime:
    """The instant ``days`` business days after ``claimed_at`` (UTC)."""
    return after(claimed_at, week.length * days, week)


def pressing_until(moment: datetime, days: int, week: Workweek) -> datetime:
    """Decisions due before this instant (UTC) are about to be missed at ``moment``.

    That is when less than a quarter of the ``days`` business days to decide is left, or less than four
    working hours, whichever is the less.
    """
    return after(moment, min(week.length * days / 4, _WARNED_AT_MOST), week)


def working_time_left(moment: datetime, due: datetime, week: Workweek) -> timedelta:
    """Working time between ``moment`` and ``due``; negative when the deadline has passed."""
    if due < moment:
        return -working_time_left(due, moment, week)
    end = week.local(due)
    total = timedelta(0)
    for opens, closes in _shifts(week, week.local(moment)):
        if opens >= end:
            return total
        total += min(closes, end) - opens
        if closes >= end:
            return total
    raise AssertionError("days never end")


def in_words(working: timedelta) -> str:
    """Working time for a person to read, to the minute: "5 h 30 min", "18 min", "none left"."""
    hours, minutes = divmod(int(working.total_seconds()) // 60, 60)
    if hours < 0 or not (hours or minutes):
        return "none left"
    return " ".join(f"{count} {unit}" for count, unit in ((hours, "h"), (minutes, "min")) if count)
