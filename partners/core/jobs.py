"""Waking background jobs. The row is the queue; the broker only wakes somebody.

A job that is never woken is found by its sweep, so a broker that is away loses nothing and fails no request.
"""

from dataclasses import dataclass

import structlog
from celery import current_app
from django.db import connection, transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Wake:
    """One call to be sent. Equal calls of one transaction are sent once."""

    name: str
    ids: tuple[tuple[str, int | str], ...]

    def __call__(self) -> None:
        try:
            current_app.send_task(self.name, kwargs=dict(self.ids), retry=False)
        except (OperationalError, ConnectionError, TimeoutError):
            log.warning("broker_away", task=self.name, **dict(self.ids))


def wake(name: str, **ids: int | str) -> None:
    """Send the task ``name`` after the present transaction commits; ``ids`` are its keyword arguments.

    Which queue it goes to is said in one table, in ``config.celery``.
    """
    call = _Wake(name, tuple(sorted(ids.items())))
    if any(waiting[1] == call for waiting in connection.run_on_commit):
        return
    transaction.on_commit(call)
