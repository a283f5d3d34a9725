"""Two workers at once, a lost connection, a killed worker: the cells end as a rebuild makes them."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from celery import Celery
from django.conf import settings
from django.db import Error, IntegrityError, OperationalError, connection

from partners.core.scope import program_scope
from partners.models import CellMark, Program
from prm.models import MetricCell
from prm.services import cells
from tests.prm.facts import Cells, activity, deal, rebuilt, settle, stored
from tests.support.cast import Cast
from tests.support.database import owner_connection

REPOSITORY = Path(__file__).resolve().parent.parent.parent
MONTH = date(2026, 5, 1)
WAITS = """
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND wait_event_type = 'Lock' AND query LIKE %s
"""


def marks(program: Program) -> int:
    with program_scope(program.pk):
        return CellMark.objects.count()


@contextmanager
def held_cell(cast: Cast) -> Iterator[psycopg.Connection]:
    """Another connection holds the place of one activity cell, so a recompute stops there, in its middle.

    By then it has removed old cells and written those of opportunities, registrations and conflicts.
    """
    with owner_connection() as holder:
        holder.autocommit = False
        holder.execute(
            "INSERT INTO prm_metriccell (program_id, partner_id, month, metric, value, as_of)"
            " VALUES (%s, %s, %s, 'activities_work', 999, now())",
            [cast.program.pk, cast.alder.pk, MONTH],
        )
        yield holder
        holder.rollback()


def until[T](look: Callable[[], T], seconds: float = 30) -> T:
    """What ``look`` gives once it gives something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("nothing came")


def stuck() -> list[int]:
    """The server processes of recomputes that wait in the middle."""
    with owner_connection() as eye:
        return [row[0] for row in eye.execute(WAITS, ["%INSERT INTO prm_metriccell%"]).fetchall()]


class Worker(threading.Thread):
    """A recompute of its own, on its own connection."""

    def __init__(self, program: Program) -> None:
        super().__init__()
        self.program = program
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            with program_scope(self.program.pk):
                cells.recompute_cells()
        except Error as error:
            self.error = error
        finally:
            connection.close()

    def end(self) -> Exception | None:
        """Wait for it. Returns what went wrong."""
        self.join(30)
        assert not self.is_alive()
        return self.error


@pytest.fixture
def facts(committed_cast: Cast) -> Cast:
    """A first state, counted, and a change of the same partner that is not."""
    cast = committed_cast
    with program_scope(cast.program.pk):
        deal(cast.program, cast.alder, [(date(2026, 4, 3), "open", 100)])
    settle(cast.program)
    with program_scope(cast.program.pk):
        deal(cast.program, cast.alder, [(date(2026, 5, 3), "open", 900)])
        activity(cast.program, cast.alder, MONTH, "meeting", 30)
    return cast


def two_at_once(cast: Cast) -> list[Exception | None]:
    """One recompute stops in its middle; a newer change comes, and a second recompute with it."""
    with held_cell(cast) as holder:
        first = Worker(cast.program)
        until(stuck)
        with program_scope(cast.program.pk):
            activity(cast.program, cast.alder, MONTH, "call", 45)
        second = Worker(cast.program)
        time.sleep(0.5)  # long enough for it to be where it can go no further
        holder.rollback()
        return [first.end(), second.end()]


def test_without_the_lock_two_recomputes_break_each_other(facts: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(cells, "_lock", lambda program, partners: None)
    errors = two_at_once(facts)
    assert [type(error) for error in errors if error] == [IntegrityError]
    assert marks(facts.program) == 1  # and even so the mark of the broken one is still there


def test_with_the_lock_the_newer_figures_stand(facts: Cast) -> None:
    assert two_at_once(facts) == [None, None]
    assert marks(facts.program) == 0
    found = stored(facts.program)
    assert found[("alder", "2026-05", "minutes")] == 75
    assert found == rebuilt(facts.program)


def test_each_mark_is_taken_by_one_worker(facts: Cast) -> None:
    with held_cell(facts) as holder:
        first = Worker(facts.program)
        until(stuck)
        with program_scope(facts.program.pk):
            assert cells.recompute_cells() == 0  # all are taken, and nobody waits
        holder.rollback()
        assert first.end() is None
    assert marks(facts.program) == 0


def before_and_after(cast: Cast) -> tuple[Cells, int]:
    return stored(cast.program), marks(cast.program)


def test_a_connection_that_dies_in_the_middle_loses_nothing(facts: Cast) -> None:
    was = before_and_after(facts)
    with held_cell(facts):
        worker = Worker(facts.program)
        [pid] = until(stuck)
        with owner_connection() as server:
            server.execute("SELECT pg_terminate_backend(%s)", [pid])
        assert isinstance(worker.end(), OperationalError)
    assert before_and_after(facts) == was
    assert settle(facts.program) == was[1]
    found = stored(facts.program)
    assert found[("alder", "2026-05", "sourced_pipeline")] == 1000
    assert found == rebuilt(facts.program)


def own_broker() -> str:
    """A numbered database of the broker that no other test's worker listens to."""
    return urlsplit(settings.REDIS_URL)._replace(path="/13").geturl()


def start_worker(tmp_path: Path) -> subprocess.Popen[bytes]:
    """A real Celery worker on this test's database and broker, in a process group of its own."""
    database = settings.DATABASE_OWNER
    login = f"{database['USER']}:{database['PASSWORD']}" if database["PASSWORD"] else database["USER"]
    name = connection.settings_dict["NAME"]
    owner = f"postgres://{login}@{database['HOST']}:{database['PORT']}/{name}"
    env = os.environ | {"DATABASE_URL": owner, "PRM_DATA": str(tmp_path), "REDIS_URL": own_broker()}
    env.pop("DATABASE_OWNER_URL", None)
    log = (tmp_path / "worker.log").open("ab")
    queues = ["-Q", "metrics,control", "--pool", "solo", "--without-gossip", "--without-mingle"]
    return subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "config", "worker", *queues],
        cwd=REPOSITORY,
        env=env,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


@contextmanager
def working(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The worker for a while; it is gone afterwards, whatever happened."""
    process = start_worker(tmp_path)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def test_a_worker_killed_in_the_middle_of_the_recompute(facts: Cast, tmp_path: Path) -> None:
    app = Celery("prm", broker=own_broker())
    with app.connection_for_write() as broker:
        broker.default_channel.client.flushdb()  # type: ignore[attr-defined]
    was = before_and_after(facts)
    with held_cell(facts), working(tmp_path) as worker:
        app.send_task("prm.recompute_cells", kwargs={"program_id": facts.program.pk}, queue="metrics")
        until(stuck, 60)
        os.killpg(worker.pid, signal.SIGKILL)
        assert worker.wait(10) == -signal.SIGKILL
    until(lambda: not stuck())
    assert before_and_after(facts) == was
    with working(tmp_path):
        # What beat sends every ten seconds.
        app.send_task("prm.sweep_marks", queue="control")
        until(lambda: marks(facts.program) == 0, 60)
    found = stored(facts.program)
    assert found[("alder", "2026-05", "sourced_pipeline")] == 1000
    assert found[("alder", "2026-05", "minutes")] == 30
    assert found == rebuilt(facts.program)
    with program_scope(facts.program.pk):
        assert MetricCell.objects.filter(value=999).count() == 0
