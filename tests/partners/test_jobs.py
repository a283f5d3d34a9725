"""Waking jobs: one call while one waits, another once the job has begun, no failure without a broker."""

from collections.abc import Iterator
from typing import Any

import pytest
from celery import current_app
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache
from django.db import transaction
from redis.exceptions import ConnectionError as BrokerAway

from partners.core import jobs
from partners.core.jobs import begun, wake

type Sent = list[tuple[str, dict[str, Any]]]

TASK = "prm.recompute_cells"


@pytest.fixture
def sent(committed: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sent]:
    """What the broker was given."""
    calls: Sent = []
    monkeypatch.setattr(current_app, "send_task", lambda name, kwargs, retry: calls.append((name, kwargs)))
    cache.clear()
    yield calls
    cache.clear()


def test_a_call_that_waits_is_not_sent_again(sent: Sent) -> None:
    for program in (1, 1, 2):
        with transaction.atomic():
            wake(TASK, once=True, program_id=program)
    assert sent == [(TASK, {"program_id": 1}), (TASK, {"program_id": 2})]


def test_a_job_that_has_begun_is_called_again(sent: Sent) -> None:
    with transaction.atomic():
        wake(TASK, once=True, program_id=1)
    begun(TASK, program_id=1)
    with transaction.atomic():
        wake(TASK, once=True, program_id=1)
    assert sent == [(TASK, {"program_id": 1})] * 2


def test_other_calls_are_sent_each_time_but_once_a_transaction(sent: Sent) -> None:
    for _ in range(2):
        with transaction.atomic():
            wake("deals.check_list", list_id=7)
            wake("deals.check_list", list_id=7)
    assert sent == [("deals.check_list", {"list_id": 7})] * 2


def test_nothing_is_sent_for_what_is_rolled_back(sent: Sent) -> None:
    with transaction.atomic():
        wake(TASK, once=True, program_id=1)
        transaction.set_rollback(True)
    assert sent == []
    with transaction.atomic():
        wake(TASK, once=True, program_id=1)
    assert sent == [(TASK, {"program_id": 1})]


def test_without_a_broker_nothing_fails(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    away = RedisCache("redis://127.0.0.1:1", {})
    with pytest.raises(BrokerAway):
        away.add("control", 1)
    monkeypatch.setattr(jobs, "cache", away)
    with transaction.atomic():
        wake(TASK, once=True, program_id=1)
    begun(TASK, program_id=1)
    assert sent == []
