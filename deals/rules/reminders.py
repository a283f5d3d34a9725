"""When a partner is reminded of a protection, and asked how the deal stands. Pure; instants are UTC."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

BEFORE_THE_END = (30, 14, 3)
"""Days before a protection ends on which its partner is reminded."""
_ASK_AHEAD = 7
GRACE = timedelta(days=7)
"""How long a partner who was asked when word was due has to answer."""


def reminder_due(period: tuple[datetime, datetime], reminded: int | None, moment: datetime) -> int | None:
    """The reminder to send now, as its days before the end; None when there is none to send.

    When several were missed only the nearest is sent. A protection that was shorter than a reminder's days
    from the start never gets that one.
    """
    begins, ends = period
    if moment >= ends:
        return None
    passed = [
        days
        for days in BEFORE_THE_END
        if timedelta(days=days) < ends - begins and ends - moment <= timedelta(days=days)
    ]
    step = min(passed, default=None)
    if step is None or (reminded is not None and reminded <= step):
        return None
    return step


class Keepalive(Enum):
    """What the clock does about a protected deal nobody has reported on."""

    NOTHING = "nothing"
    ASK_AHEAD = "ask ahead"
    ASK = "ask"
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """When a partner last gave word on a deal (or had it approved), when it was last asked, and when the
    protection ends."""

    given_at: datetime
    asked_at: datetime | None
    ends_at: datetime
    every: int  # days; 0: never asked

    @property
    def due_at(self) -> datetime:
        """When the next word is due."""
        return self.given_at + timedelta(days=self.every)

    @property
    def ask_from(self) -> datetime:
        """When the partner is told that it comes due: a week before, or half-way when word is due often."""
        return self.due_at - timedelta(days=min(_ASK_AHEAD, self.every // 2))

    def act(self, moment: datetime) -> Keepalive:
        """What is to be done now. Nobody loses a protection without having been asked once it was due.

        Nobody is asked for word by a day on which the protection is over anyway: it would keep nothing.
        """
        asked = self.asked_at if self.asked_at and self.asked_at > self.given_at else None
        if not self.every or moment < self.ask_from:
            return Keepalive.NOTHING
        if moment < self.due_at:
            early = not asked and self.due_at + GRACE < self.ends_at
            return Keepalive.ASK_AHEAD if early else Keepalive.NOTHING
        if asked is None or asked < self.due_at:
            return Keepalive.ASK if moment + GRACE < self.ends_at else Keepalive.NOTHING
        return Keepalive.REVOKE if moment >= asked + GRACE else Keepalive.NOTHING
