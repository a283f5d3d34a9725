"""``python -m config.run``: the whole product from one command, killed, started again and stopped."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from config import probe
from config.processes import FolderLock, free_port, wait_until
from config.run import Choices, Run

ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = [sys.executable, "-m", "config.run"]


def _refusal(environment: dict[str, str], data: Path, **chosen: str) -> str:
    """What a start that is refused says; it says one thing and leaves nothing running."""
    done = subprocess.run(
        COMMAND,
        cwd=ROOT,
        env={**environment, "PRM_DATA": str(data), "PRM_DEMO": "0", **chosen},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert not (data / "run.json").exists()
    return done.stderr.strip()


@contextmanager
def _listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def test_a_taken_port_is_one_sentence(data: Path, clean_environment: dict[str, str]) -> None:
    with _listening() as port:
        said = _refusal(clean_environment, data, PRM_PORT=str(port))
    other = port % 65535 + 1
    assert said == f"Port {port} is taken. Stop what uses it, or choose another: PRM_PORT={other} make run"
    assert not (data / "postgres").exists()


@pytest.mark.parametrize("port", ["web", "0", "65536", "-1", "８０００"])
def test_an_impossible_port_is_one_sentence(port: str, data: Path, clean_environment: dict[str, str]) -> None:
    said = _refusal(clean_environment, data, PRM_PORT=port)
    assert said == f"PRM_PORT is {port!r}. Give a number from 1 to 65535, such as PRM_PORT=8001."


def test_an_unreachable_database_is_one_sentence_without_its_password(
    data: Path, clean_environment: dict[str, str]
) -> None:
    port = free_port()
    url = f"postgres://me:hunter2hunter2@127.0.0.1:{port}/crm"
    said = _refusal(clean_environment, data, PRM_PORT=str(free_port()), DATABASE_URL=url)
    assert said.startswith(f"The database of DATABASE_URL (127.0.0.1:{port}/crm) does not answer: ")
    assert said.endswith("Start it, correct DATABASE_URL, or unset it to use the built-in PostgreSQL.")
    assert "hunter2" not in said
    assert "\n" not in said


@pytest.mark.parametrize("url", ["mysql://root@127.0.0.1/crm", "postgres://[", "crm"])
def test_an_unreadable_database_url_is_one_sentence(
    url: str, data: Path, clean_environment: dict[str, str]
) -> None:
    said = _refusal(clean_environment, data, PRM_PORT=str(free_port()), DATABASE_URL=url)
    assert said == "DATABASE_URL cannot be read. It looks like postgres://user:password@host:5432/name"


def test_an_unreachable_redis_is_one_sentence(data: Path, clean_environment: dict[str, str]) -> None:
    port = free_port()
    url = f"redis://:hunter2hunter2@127.0.0.1:{port}/0"
    said = _refusal(clean_environment, data, PRM_PORT=str(free_port()), REDIS_URL=url)
    assert said == (
        f"The Redis of REDIS_URL (127.0.0.1:{port}) does not answer. "
        "Start it, correct REDIS_URL, or unset it to use the built-in one."
    )


def test_a_second_start_from_the_same_folder_names_the_first(
    data: Path, clean_environment: dict[str, str]
) -> None:
    with FolderLock(data / "run.lock", note="4711 at http://127.0.0.1:8000"):
        said = _refusal(clean_environment, data, PRM_PORT=str(free_port()))
    assert said == (
        f"PRM already runs from {data} (process 4711 at http://127.0.0.1:8000). "
        "Stop it, or start a second one with another PRM_DATA and PRM_PORT."
    )


def test_a_make_or_test_run_around_us_does_not_leak_in(data: Path) -> None:
    around = {
        "MAKEFLAGS": "n",
        "MAKELEVEL": "2",
        "PYTEST_ADDOPTS": "-x",
        "DJANGO_SETTINGS_MODULE": "x",
        "HOME": "/h",
    }
    run = Run(Choices.read({"PRM_DATA": str(data)}), around)
    assert run.env == {"HOME": "/h", "PRM_DATA": str(data), "PRM_PORT": "8000", "PYTHONUNBUFFERED": "1"}


class Product:
    """A started product and what it printed."""

    def __init__(self, environment: dict[str, str], data: Path, port: int) -> None:
        self.port = port
        self.begun = time.monotonic()
        self.output = data / "terminal"
        with self.output.open("w") as terminal:
            self.process = psutil.Popen(
                COMMAND,
                cwd=ROOT,
                env={**environment, "PRM_DATA": str(data), "PRM_PORT": str(port), "PRM_DEMO": "0"},
                stdout=terminal,
                stderr=terminal,
            )

    def said(self) -> str:
        return self.output.read_text()

    def wait_until_ready(self) -> float:
        ready = f"Ready: http://127.0.0.1:{self.port}\n"
        wait_until(lambda: ready in self.said() or self.process.poll() is not None, seconds=120)
        assert ready in self.said(), self.said()
        return time.monotonic() - self.begun

    def family(self) -> list[psutil.Process]:
        return list(self.process.children(recursive=True))

    def has_child(self, word: str, *, other_than: int) -> bool:
        for one in self.process.children():
            with suppress(psutil.Error):  # it may end while it is looked at
                if word in one.cmdline() and one.pid != other_than:
                    return True
        return False

    def child(self, word: str) -> psutil.Process:
        found = [one for one in self.process.children() if word in one.cmdline()]
        assert len(found) == 1
        return found[0]


def test_started_killed_started_again_and_stopped(data: Path, clean_environment: dict[str, str]) -> None:
    port = free_port()
    bystander = psutil.Popen(["sleep", "120"])
    product = Product(clean_environment, data, port)
    try:
        product.wait_until_ready()
        parts = {"database": "ok", "role": "ok", "migrations": "ok", "broker": "ok", "worker": "ok"}
        assert probe.ask(port, "readyz") == (200, parts)
        assert probe.ask(port, "healthz") == (200, {"alive": "ok"})
        started = product.family()
        assert {"postgres", "valkey-server"} <= {process.name() for process in started}

        product.process.kill()  # the power cable: nobody says goodbye
        product.process.wait()
        product = Product(clean_environment, data, port)
        seconds = product.wait_until_ready()
        print(f"second start, after kill -9: {seconds:.2f} s")
        assert not [process for process in started if process.is_running()]

        first_worker = product.child("worker")
        first_worker.kill()
        assert wait_until(lambda: "starting it again" in product.said(), seconds=20)
        assert re.search(r"^worker stopped by itself \(exit code -9\)", product.said(), re.M)
        # Just forked, a child still has its parent's command line; so it is looked for until it is there.
        assert wait_until(lambda: product.has_child("worker", other_than=first_worker.pid), seconds=20)

        running = product.family()
        os.kill(product.process.pid, signal.SIGINT)
        assert product.process.wait(timeout=40) == 0
        assert product.said().endswith("Stopped.\n")
        assert "Traceback" not in product.said()
        assert not [process for process in running if process.is_running()]
        assert probe.ask(port) == (0, {})
        assert free_port(port) == port
        assert bystander.is_running()
    finally:
        for process in (*product.family(), product.process) if product.process.is_running() else ():
            process.kill()
        bystander.kill()
        bystander.wait()
