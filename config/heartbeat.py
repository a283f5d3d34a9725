"""A sign of life from the workers, so that ``/readyz`` can tell a broker with nobody behind it."""

import logging
import time
from typing import Any

KEY = "prm:worker"
FRESH_SECONDS = 30
_log = logging.getLogger(__name__)


def show(**_signal: Any) -> None:
    """Called by every worker about every two seconds, from the loop that takes tasks off the broker.

    Not a task: a task would queue behind long work and call a busy worker dead.
    """
    from django.core.cache import cache
    from redis import RedisError

    try:
        cache.set(KEY, time.time(), timeout=FRESH_SECONDS)
    except RedisError:
        _log.warning("The broker did not take a heartbeat.")


def forget(**_signal: Any) -> None:
    """A worker that stops in order leaves at once; another one's next beat brings the key back."""
    from django.core.cache import cache
    from redis import RedisError

    try:
        cache.delete(KEY)
    except RedisError:
        _log.warning("The broker did not take a heartbeat.")


def age() -> float | None:
    """Seconds since any worker was last heard, None when none was within ``FRESH_SECONDS``."""
    from django.core.cache import cache

    seen = cache.get(KEY)
    return None if seen is None else max(0.0, time.time() - seen)
