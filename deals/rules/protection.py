"""How long an approved claim holds. Pure."""

from datetime import datetime, timedelta

_DAY = timedelta(days=1)


def protected_until(approved_at: datetime, days: int) -> datetime:
    """The instant a protection of ``days`` days ends (UTC)."""
    return approved_at + timedelta(days=days)


def days_left(until: datetime, moment: datetime) -> int:
    """Whole days of protection left, a begun day counting as one; 0 when it is over."""
    return max(0, -((moment - until) // _DAY))


def ended_early(starts: datetime, until: datetime, moment: datetime) -> datetime:
    """The end of a protection that is ended at ``moment``: not before its start, not later than agreed."""
    return max(starts, min(until, moment))
