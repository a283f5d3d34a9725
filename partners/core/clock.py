"""The clock. All code asks it for the time, so that tests and the demo can be at another one."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

_pretended: ContextVar[datetime | None] = ContextVar("prm_clock", default=None)


def now() -> datetime:
    """The present instant, UTC."""
    return _pretended.get() or timezone.now()


def today(timezone_name: str) -> date:
    """The present day in a program's time zone (an IANA name)."""
    return now().astimezone(ZoneInfo(timezone_name)).date()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Do the block as if it were ``moment`` (aware). The demo writes its history this way."""
    token = _pretended.set(moment)
    try:
        yield
    finally:
        _pretended.reset(token)
