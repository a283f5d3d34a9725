"""The demo's past: acts with a moment, played in order with the clock set to each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random
from zoneinfo import ZoneInfo

from partners.core import clock
from partners.core.actor import Actor, Door, Role
from partners.models import Partner, Program, Seat


@dataclass
class Timeline:
    """Everything that is to happen, and who is there to do it.

    ``today`` is the program's present day. Chance is seeded, so the same day always tells the same story.
    """

    program: Program
    today: date
    chance: Random = field(default_factory=lambda: Random("fernhill"))  # noqa: S311
    seats: dict[str, Seat] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)
    _acts: list[tuple[datetime, int, Callable[[], object]]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)
    _now: datetime = field(default_factory=clock.now)

    def back(self, days: float) -> date:
        """A working day about that many days ago."""
        day = self.today - timedelta(days=round(days))
        return day - timedelta(days=max(0, day.weekday() - 4))

    def on(self, day: date, act: Callable[[], object], *, hour: int | None = None) -> None:
        """Let ``act`` happen on a day, in working hours. What would lie ahead is left out."""
        moment = datetime.combine(
            day,
            time(self.chance.randint(9, 16) if hour is None else hour, self.chance.randint(0, 59)),
            tzinfo=ZoneInfo(self.program.timezone),
        )
        if moment < self._now:
            heappush(self._acts, (moment, next(self._order), act))

    def play(self) -> None:
        """Let everything happen, oldest first. Acts may add later ones."""
        while self._acts:
            moment, _order, act = heappop(self._acts)
            with clock.at(moment):
                act()

    def actor(self, email: str, door: Door = Door.SCREEN) -> Actor:
        """A person of the demo, acting."""
        seat = self.seats[email]
        return Actor(
            program_id=self.program.pk,
            role=Role(seat.role),
            door=Door.PORTAL if seat.partner_id else door,
            name=str(seat.user),
            user_id=seat.user_id,
            partner_id=seat.partner_id,
        )
