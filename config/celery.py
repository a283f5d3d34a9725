"""Celery: the application, its queues and the beat table in one visible list."""

import contextlib
import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import beat_init, heartbeat_sent, setup_logging, worker_init, worker_shutdown
from kombu.exceptions import OperationalError

from config import heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("prm")
_held: list[object] = []
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    task_default_queue="work",
    task_publish_retry=False,
    task_time_limit=3600,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 3600, "socket_connect_timeout": 2, "socket_timeout": 5},
    timezone="UTC",
    # Control tasks never wait behind the work they hand out. A task that is not here fails the tests.
    task_routes={
        name: {"queue": queue}
        for queue, names in {
            "control": (
                "partners.sweep_mail",
                "deals.sweep_clocks",
                "deals.sweep_imports",
                "deals.sweep_lists",
                "deals.sweep_statements",
                "prm.sweep_marks",
                "prm.rebuild_cells",
            ),
            "work": (
                "partners.send_invitation",
                "partners.send_notices",
                "partners.tidy",
                "deals.run_clock",
                "deals.import_file",
                "deals.check_list",
                "deals.send_statement",
            ),
            "metrics": ("prm.recompute_cells", "prm.rebuild_program"),
        }.items()
        for name in names
    },
    beat_schedule={
        # Mail still owed: nobody woke a worker for it, or the mail server was away.
        "partners.sweep_mail": {"task": "partners.sweep_mail", "schedule": 60.0},
        "partners.tidy": {"task": "partners.tidy", "schedule": crontab(hour=3, minute=40)},
        # What time brings about: deadlines, reminders, expiry. A missed turn is made up for by the next.
        "deals.sweep_clocks": {"task": "deals.sweep_clocks", "schedule": 300.0},
        # Files nobody woke a worker for, and those of a worker that was killed.
        "deals.sweep_imports": {"task": "deals.sweep_imports", "schedule": 30.0},
        # Lists with rows that wait, and those that are too old to keep.
        "deals.sweep_lists": {"task": "deals.sweep_lists", "schedule": 30.0},
        # Questions to people who know an account, not mailed yet.
        "deals.sweep_statements": {"task": "deals.sweep_statements", "schedule": 60.0},
        # Marks nobody woke the recompute for, and those of a worker that was killed.
        "prm.sweep_marks": {"task": "prm.sweep_marks", "schedule": 10.0},
        # The nightly proof of all figures.
        "prm.rebuild_cells": {"task": "prm.rebuild_cells", "schedule": crontab(hour=2, minute=15)},
    },
)
app.autodiscover_tasks()
heartbeat_sent.connect(heartbeat.show)  # what /readyz looks for
worker_shutdown.connect(heartbeat.forget)


@setup_logging.connect
def _keep_our_logging(**_kwargs: Any) -> None:
    """Django's LOGGING stands; Celery does not put its own in its place."""


def sweeps() -> list[str]:
    """The tasks that find what was missed; each may be sent at any time, as often as one likes."""
    return [
        entry["task"] for entry in app.conf.beat_schedule.values() if isinstance(entry["schedule"], float)
    ]


@beat_init.connect
def _catch_up(**_kwargs: Any) -> None:
    """Beat first sends a task when its interval has passed; what came due while it was away waits for nobody.

    A broker that is away is tried again by beat itself.
    """
    for name in sweeps():
        with contextlib.suppress(OSError, OperationalError):
            app.send_task(name, retry=False)


@worker_init.connect
def _carry_request_ids(**_kwargs: Any) -> None:
    """A task logs under the id of the request that woke it."""
    from django_structlog.celery.receivers import CeleryReceiver

    receiver = CeleryReceiver()
    receiver.connect_worker_signals()
    _held.append(receiver)  # signals hold receivers weakly
