"""Two acts that meet in the same order in every run: the first is stopped in the middle for the second."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from types import ModuleType
from typing import Any

import pytest
from django.db import connections

from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import DomainError
from partners.core.scope import program_scope
from tests.support.cast import Cast
from tests.support.database import owner_connection

Act = Callable[[], Any]


def by(cast: Cast, who: str, service: Callable[..., Any], *, at: datetime | None = None, **told: Any) -> Act:
    """A person's act, or with ``who`` "clock" a sweep's, in its own scope and at its own moment."""
    program = cast.program.pk
    actor = Actor.system(program_id=program, name="Clock") if who == "clock" else cast.actor(who)
    moment = at or clock.now()

    def act() -> Any:
        with clock.at(moment), program_scope(program, partner_id=actor.partner_id):
            return service(actor=actor, **told)

    return act


def waits_or_ended(thread: threading.Thread) -> None:
    """Come back when the thread is over, or when the database says that somebody waits for a lock."""
    limit = time.monotonic() + 60
    with owner_connection() as owner:
        while thread.is_alive():
            assert time.monotonic() < limit
            waiting = owner.execute(
                "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ).fetchone()
            if waiting is not None:
                return
            thread.join(0.01)


def meeting(
    monkeypatch: pytest.MonkeyPatch, where: tuple[ModuleType, str], first: Act, second: Act
) -> list[Any]:
    """Stop ``first`` as it calls ``where``, let ``second`` come; the results or refusals of both."""
    module, name = where
    reached, go_on = threading.Event(), threading.Event()
    results: list[Any] = [None, None]
    real = getattr(module, name)

    def stop(*args: Any, **told: Any) -> Any:
        if threading.current_thread() is threads[0] and not reached.is_set():
            reached.set()
            assert go_on.wait(60)
        return real(*args, **told)

    def run(place: int, act: Act) -> None:
        try:
            results[place] = act()
        except DomainError as refusal:
            results[place] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate((first, second))]
    monkeypatch.setattr(module, name, stop)
    threads[0].start()
    assert reached.wait(60)
    threads[1].start()
    waits_or_ended(threads[1])
    go_on.set()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return results


def said(results: list[Any]) -> list[str]:
    """Per act, "done" or the code of the refusal."""
    return [result.code if isinstance(result, DomainError) else "done" for result in results]
