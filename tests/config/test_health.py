"""``/healthz`` and ``/readyz``: what they answer when a part is missing, and that they say nothing secret."""

import logging
import secrets
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from config import health, heartbeat
from config.processes import free_port
from tests.support import database

READY = {"database": "ok", "role": "ok", "migrations": "ok", "broker": "ok", "worker": "ok"}


@pytest.fixture
def heard(settings: Any) -> None:
    """A worker that was heard just now, in a corner of the cache that other test processes do not share."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": secrets.token_hex(4)}}
    heartbeat.show()


@pytest.mark.django_db
def test_ready_when_every_part_is(client: Client, heard: None) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, READY)
    assert answer.content.count(b"\n") == len(READY) + 1  # one line for each part
    assert "no-store" in answer["Cache-Control"]
    assert client.post("/readyz").status_code == 405


def test_alive_asks_nobody(client: Client) -> None:
    # No database mark: a query would fail this test.
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"alive": "ok"})
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_a_worker_that_left_is_missed(client: Client, heard: None) -> None:
    heartbeat.forget()
    answer = client.get("/readyz")
    worker = "No worker was heard for 30 seconds. Start: celery -A config worker"
    assert (answer.status_code, answer.json()) == (503, {**READY, "worker": worker})


@pytest.mark.django_db
def test_a_heartbeat_is_forgotten_in_time(heard: None) -> None:
    assert health.worker() == "ok"
    cache.touch(heartbeat.KEY, 0)
    assert heartbeat.age() is None


@pytest.mark.django_db
def test_a_broker_that_is_away_is_said_without_its_password(
    client: Client, settings: Any, heard: None
) -> None:
    settings.REDIS_URL = f"redis://:hunter2hunter2@127.0.0.1:{free_port()}/0"
    answer = client.get("/readyz")
    broker = "The broker does not answer. Check REDIS_URL and that Redis or Valkey runs."
    assert (answer.status_code, answer.json()) == (503, {**READY, "broker": broker})


@pytest.mark.django_db
def test_a_missing_migration_is_counted() -> None:
    known = health._known_migrations().disk_migrations
    before = dict(known)
    known[("prm", "9999_not_there_yet")] = next(iter(before.values()))
    try:
        assert health.migrations() == "1 migrations are not applied. Run: manage.py migrate"
    finally:
        known.clear()
        known.update(before)
    assert health.migrations() == "ok"


@pytest.mark.django_db
def test_a_login_that_row_level_security_does_not_bind_is_named() -> None:
    assert health.role() == "ok"
    with database.owner_connection() as owner:  # the same question, asked as the login that migrates
        row = owner.execute(health.ROLE_QUERY).fetchone()
    assert row is not None
    assert health.role_says(*row) == (
        "The database login is a superuser and has BYPASSRLS: "
        "row-level security does not bind it. See docs/operations.md."
    )
    assert health.role_says(False, False, True) == (
        "The database login owns the tables: row-level security does not bind it. See docs/operations.md."
    )


def test_only_changes_are_logged_and_nothing_while_all_starts(caplog: pytest.LogCaptureFixture) -> None:
    health._last.clear()
    wrong = {"worker": "No worker was heard."}
    with caplog.at_level(logging.INFO, logger="config.health"):
        health.report(wrong, alive_for=3)
        assert caplog.records == []
        for answer in (wrong, wrong, {}, {}, wrong):
            health.report(answer, alive_for=60)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO", "WARNING"]
    health._last.clear()
