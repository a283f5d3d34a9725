"""Waking background jobs. The row is the queue; the broker only wakes somebody.

A job that is never woken is found by its sweep, so a broker that is away loses nothing and fails no request.
"""

from dataclasses import dataclass

import structlog
from celery import current_app
from django.core.cache import cache
from django.db import connection, transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

_CALLED_AGAIN_AFTER = 5  # seconds, should the worker that took a call have died before it began


@dataclass(frozen=True, slots=True)
class _Wake:
    """One call to be sent. Equal calls of one transaction are sent once."""

    name: str
    ids: tuple[tuple[str, int | str], ...]
    once: bool

    def __call__(self) -> None:
        try:
            if not self.once or cache.add(_called(self.name, self.ids), 1, _CALLED_AGAIN_AFTER):
                current_app.send_task(self.name, kwargs=dict(self.ids), retry=False)
        except (OperationalError, RedisError, ConnectionError, TimeoutError):
            log.warning("broker_away", task=self.name, **dict(self.ids))


def _called(name: str, ids: tuple[tuple[str, int | str], ...]) -> str:
    return ":".join(["wake", name, *(f"{key}={value}" for key, value in ids)])


def begun(name: str, **ids: int | str) -> None:
    """Said by a task woken ``once``, before it looks what there is to do: from now on it is woken again."""
    try:
        cache.delete(_called(name, tuple(sorted(ids.items()))))
    except (RedisError, ConnectionError, TimeoutError):
        log.warning("cache_away", task=name, **ids)


def wake(name: str, *, once: bool = False, **ids: int | str) -> None:
    """Send the task ``name`` after the present transaction commits; ``ids`` are its keyword arguments.

    ``once``: not while an equal call waits for a worker. The task must then do all there is, and say
    ``begun`` before it looks: what was committed before that it sees, what is committed later calls again.
    Which queue it goes to is said in one table, in ``config.celery``.
    """
    call = _Wake(name, tuple(sorted(ids.items())), once)
    if any(waiting[1] == call for waiting in connection.run_on_commit):
        return
    transaction.on_commit(call)
