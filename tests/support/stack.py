"""The product as people meet it, in front of a test's database: a real web server and a real worker."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from django.conf import settings
from django.db import connections

from tests.support.database import REPOSITORY

# Away from the databases 0 and 1 that people and helpers use.
_BROKER = 9


def _database_url(login: dict[str, str]) -> str:
    name = connections["default"].settings_dict["NAME"]
    secret = f":{quote(login['PASSWORD'])}" if login["PASSWORD"] else ""
    return f"postgres://{login['USER']}{secret}@{login['HOST']}:{login['PORT']}/{name}"


def environment(data: Path, worker: str) -> dict[str, str]:
    """The environment of a process that works on this test's database, with a broker database of its own."""
    number = _BROKER + int(worker.removeprefix("gw")) % 6 if worker.startswith("gw") else _BROKER
    broker = urlunsplit(urlsplit(settings.REDIS_URL)._replace(path=f"/{number}"))
    env = os.environ | {"PRM_DATA": str(data), "REDIS_URL": broker, "EMAIL_URL": ""}
    env["DATABASE_URL"] = _database_url(settings.DATABASE_OWNER)
    env.pop("DATABASE_OWNER_URL", None)
    return env


@contextmanager
def running(data: Path, worker: str) -> Iterator[str]:
    """Web and worker while the block lasts; yields the address."""
    env = environment(data, worker)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web = [sys.executable, "-m", "granian", "--interface=wsgi", "--host=127.0.0.1", f"--port={port}"]
    web += [
        "--workers=1",
        "--blocking-threads=2",
        "--log-level=warning",
        "--no-ws",
        "config.wsgi:application",
    ]
    work = [sys.executable, "-m", "celery", "-A", "config", "worker", "-B", f"--schedule={data / 'beat'}"]
    work += ["-Q", "control,work,metrics", "--pool=solo", "--without-gossip", "--without-mingle"]
    with (data / "stack.log").open("ab") as log:
        started = [
            subprocess.Popen(command, cwd=REPOSITORY, env=env, stdout=log, stderr=log, start_new_session=True)
            for command in (web, work)
        ]
        try:
            _wait(f"http://127.0.0.1:{port}/healthz", data / "stack.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            for process in started:
                process.terminate()
            for process in started:
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait(5)


def _wait(url: str, log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the web server did not answer:\n{log.read_text()[-2000:]}")
