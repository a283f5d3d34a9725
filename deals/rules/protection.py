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


def again_until(
    until: datetime,
    moment: datetime,
    days: int,
    *,
    revoked_until: datetime | None = None,
    changed_at: datetime | None = None,
) -> datetime:
    """When a protection ends that is approved again at ``moment``.

    After a revocation: at the end it had then (``revoked_until``), or after ``days`` days from now when that
    has passed. After the review of a change that began at ``changed_at``: as late as it ended, and the time
    the review took.
    """
    if revoked_until is not None:
        return revoked_until if revoked_until > moment else protected_until(moment, days)
    if changed_at is not None:
        return until + (moment - changed_at)
    return until if until > moment else protected_until(moment, days)


def lengthened(until: datetime, moment: datetime, days: int) -> datetime:
    """The end of a protection extended by ``days`` days; when we were late to say so, they count from now."""
    return protected_until(max(until, moment), days)
