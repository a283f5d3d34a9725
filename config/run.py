"""``python -m config.run``: everything from nothing to a running product, in one terminal (``make run``).

Starts PostgreSQL and Valkey (unless ``DATABASE_URL`` / ``REDIS_URL`` name real ones), migrates, makes the
demo on the first start, then runs web server, worker and beat until Ctrl-C. What can go wrong is said in a
sentence.
"""

import contextlib
import hashlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from config import probe
from config.children import Child, Children, say
from config.processes import FolderLock, StartRefused
from config.servers import Postgres, Valkey

ROOT = Path(__file__).resolve().parent.parent
_READY_SECONDS = 120
# A make or a test run around us must not reach into the processes we start.
_NOT_PASSED_ON = (
    "MAKEFLAGS",
    "MFLAGS",
    "MAKELEVEL",
    "MAKE_TERMOUT",
    "MAKE_TERMERR",
    "DJANGO_SETTINGS_MODULE",
)


@dataclass(frozen=True)
class Choices:
    """What the environment says about this run."""

    port: int
    data: Path
    demo: bool
    database_url: str
    redis_url: str

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Choices":
        """Raises ``StartRefused`` with what to change."""
        text = environ.get("PRM_PORT") or "8000"
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
            raise StartRefused(f"PRM_PORT is {text!r}. Give a number from 1 to 65535, such as PRM_PORT=8001.")
        folder = Path(environ.get("PRM_DATA") or ".data").expanduser()
        return cls(
            port=int(text),
            data=(folder if folder.is_absolute() else ROOT / folder).resolve(),
            demo=(environ.get("PRM_DEMO") or "1").lower() not in {"0", "no", "false", "off"},
            database_url=environ.get("DATABASE_URL", ""),
            redis_url=environ.get("REDIS_URL", ""),
        )


def check_python() -> None:
    """Refuse a Python that Django 6.1 does not know."""
    if sys.version_info < (3, 12):  # noqa: UP036 - an old .venv may still be about
        raise StartRefused(
            f"This is Python {sys.version.split()[0]} and PRM needs 3.12 or later. "
            "Install one (for example: uv python install 3.13), delete .venv and start again."
        )


def open_data_folder(data: Path) -> None:
    """The data folder is its owner's alone; under root, PostgreSQL's own account walks through it."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        data.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for name in ("outbox", "files"):
            (data / name).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StartRefused(
            f"The data folder {data} cannot be used ({error.strerror}). Set PRM_DATA to a folder you own."
        ) from error


def check_port(port: int) -> None:
    """Refuse a port somebody listens on, before anything is started."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe_socket:
        probe_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe_socket.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise StartRefused(
                f"Port {port} is for root only. Choose another: PRM_PORT=8001 make run"
            ) from error
        except OSError as error:
            raise StartRefused(
                f"Port {port} is taken. Stop what uses it, or choose another: "
                f"PRM_PORT={port % 65535 + 1} make run"
            ) from error


def check_database(url: str) -> None:
    """Refuse a given database that does not answer. The password is never repeated."""
    try:
        place = urlsplit(url)
        where = f"{place.hostname}:{place.port or 5432}{place.path}"
    except ValueError:
        where = ""
    if not where or not url.startswith(("postgres://", "postgresql://")):
        raise StartRefused(
            "DATABASE_URL cannot be read. It looks like postgres://user:password@host:5432/name"
        )
    import psycopg  # only where needed: an ordinary start of the built-in servers does without

    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.Error as error:
        reason = next((line.strip() for line in str(error).splitlines()[::-1] if line.strip()), "no answer")
        raise StartRefused(
            f"The database of DATABASE_URL ({where}) does not answer: {reason.rsplit('failed: ', 1)[-1]}. "
            "Start it, correct DATABASE_URL, or unset it to use the built-in PostgreSQL."
        ) from error


def check_redis(url: str) -> None:
    """Refuse a given broker that does not answer."""
    import redis

    try:
        with redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as client:
            client.ping()
    except ValueError as error:
        raise StartRefused("REDIS_URL cannot be read. It looks like redis://host:6379/0") from error
    except redis.RedisError as error:
        place = urlsplit(url)
        raise StartRefused(
            f"The Redis of REDIS_URL ({place.hostname or place.path}:{place.port or 6379}) does not answer. "
            "Start it, correct REDIS_URL, or unset it to use the built-in one."
        ) from error


def schema_stamp() -> str:
    """Changes with every migration and with every upgrade of what brings migrations."""
    files = sorted(ROOT.glob("*/migrations/*.py")) + sorted(ROOT.glob("*/management/commands/migrate.py"))
    digest = hashlib.sha256()
    for path in [*files, *sorted((ROOT / "partners" / "core").glob("*.py")), ROOT / "requirements.txt"]:
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


class Run:
    """One run of the whole product."""

    def __init__(self, choices: Choices, environ: Mapping[str, str]) -> None:
        self.choices = choices
        self.env = {
            name: value
            for name, value in environ.items()
            if name not in _NOT_PASSED_ON and not name.startswith("PYTEST_")
        }
        self.env |= {"PRM_DATA": str(choices.data), "PRM_PORT": str(choices.port), "PYTHONUNBUFFERED": "1"}
        self.children = Children(choices.data / "run.json")
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None
        self._stopping = False

    def stopping(self) -> bool:
        """Whether somebody asked to stop."""
        return self._stopping

    def _asked(self, number: int, _frame: FrameType | None) -> None:
        if self._stopping:  # asked twice: stop waiting for anybody
            signal.signal(number, signal.SIG_DFL)
        self._stopping = True

    def go(self) -> int:
        """Start everything, wait for Ctrl-C, stop everything. Returns the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked)
        note = f"{os.getpid()} at http://127.0.0.1:{self.choices.port}"
        try:
            lock = FolderLock(self.choices.data / "run.lock", note=note)
        except BlockingIOError as error:
            raise StartRefused(
                f"PRM already runs from {self.choices.data} (process {error}). "
                "Stop it, or start a second one with another PRM_DATA and PRM_PORT."
            ) from error
        with lock:
            try:
                self._start()
                self._stay()
            except KeyboardInterrupt:
                pass
            finally:
                self._stop()
        return 0

    def _start(self) -> None:
        begun = time.monotonic()
        self.children.stop_leftovers()
        check_port(self.choices.port)
        self._start_servers()
        with contextlib.suppress(OSError):  # WhiteNoise asks for the folder; here it serves from the sources
            (ROOT / "staticfiles").mkdir(exist_ok=True)
        self._migrate()
        self._make_demo()
        self._start_product()
        say(f"Started in {time.monotonic() - begun:.1f} seconds. Data is in {self.choices.data}")
        self.print_sign_ins()
        say(f"Ready: http://127.0.0.1:{self.choices.port}")

    def _start_servers(self) -> None:
        data = self.choices.data
        if self.choices.database_url:
            check_database(self.env.get("DATABASE_OWNER_URL") or self.choices.database_url)
        if self.choices.redis_url:
            check_redis(self.choices.redis_url)
        if not self.choices.database_url:
            if not (data / "postgres" / "private.json").exists():
                say("Making a database; this takes a few seconds the first time.")
            self.postgres = Postgres(data)
        if not self.choices.redis_url:
            self.valkey = Valkey(data)
        if self.postgres:
            self.postgres.wait()
            self.env |= {"DATABASE_URL": self.postgres.app_url, "DATABASE_OWNER_URL": self.postgres.owner_url}
        if self.valkey:
            self.valkey.wait()
            self.env["REDIS_URL"] = self.valkey.url

    def _manage(self, name: str, *words: str) -> None:
        argv = [sys.executable, str(ROOT / "manage.py"), *words]
        self.children.run(Child(name, argv, self.env, ROOT), self.stopping)

    def _migrate(self) -> None:
        """Our own database remembers what it was migrated to, so that an ordinary start need not look."""
        stamp, path = schema_stamp(), self.choices.data / "postgres" / "schema"
        if self.postgres and path.exists() and path.read_text() == stamp:
            return
        say("Bringing the database to this release.")
        self._manage("migrate", "migrate", "--no-input", "--verbosity=0")
        if self.postgres:
            path.write_text(stamp)

    def _make_demo(self) -> None:
        if not self.choices.demo or (self.choices.data / "demo.json").exists() or self._has_program():
            return
        say("Making the demo program; this takes a moment the first time.")
        self._manage("demo", "make_demo")

    def _has_program(self) -> bool:
        import psycopg

        url = self.env.get("DATABASE_OWNER_URL") or self.env["DATABASE_URL"]
        with psycopg.connect(url, connect_timeout=5) as connection:
            return connection.execute("SELECT 1 FROM partners_program LIMIT 1").fetchone() is not None

    def _start_product(self) -> None:
        python, data = sys.executable, self.choices.data
        web = ["--interface=wsgi", "--host=127.0.0.1", f"--port={self.choices.port}", "--workers=1"]
        # Threads wait for the database more than they compute; Granian advises against more than two a core.
        web += [
            f"--blocking-threads={2 * (os.cpu_count() or 1)}",
            "--log-level=warning",
            "--no-ws",
            "config.wsgi:application",
        ]
        worker = ["worker", "--queues=control,work,metrics", "--concurrency=2", "--hostname=prm@%h"]
        # One worker has nobody to greet; looking for others would cost a second of every start.
        worker += ["--without-gossip", "--without-mingle"]
        beat = ["beat", f"--schedule={data / 'beat'}", "--pidfile="]
        celery = [python, "-m", "celery", "--quiet", "--app=config"]
        env = dict(self.env)
        if os.geteuid() == 0:  # Celery says at length what whoever works as root already chose
            env["PYTHONWARNINGS"] = "ignore:You're running the worker with superuser privileges"
        self.children.add(Child("web", [python, "-m", "granian", *web], self.env, ROOT))
        self.children.add(Child("worker", [*celery, *worker], env, ROOT))
        self._wait_until_ready()
        self.children.add(Child("beat", [*celery, *beat], self.env, ROOT))  # nobody waits for its first tick

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + _READY_SECONDS
        while True:
            status, parts = probe.ask(self.choices.port)
            if status == 200:
                return
            if self._stopping:
                raise KeyboardInterrupt
            self.children.watch()
            if time.monotonic() > end:
                wrong = [f"{part}: {line}" for part, line in parts.items() if line != "ok"]
                raise StartRefused(f"Not ready after {_READY_SECONDS} seconds. " + "; ".join(wrong))
            time.sleep(0.1)

    def print_sign_ins(self) -> None:
        """Who can sign in to the demo, as ``make_demo`` wrote it down; nothing when there is none."""
        try:
            demo: dict[str, Any] = json.loads((self.choices.data / "demo.json").read_text())
            people = [(person["role"], person["email"]) for person in demo["people"]]
            password = demo["password"]
        except (OSError, ValueError, KeyError, TypeError):
            return
        say("")
        say(f"Sign in as any of these with the password: {password}")
        for role, email in people:
            say(f"  {role:<18} {email}")
        say(f"Mail the product sends is shown at http://127.0.0.1:{self.choices.port}/outbox/")
        say("")

    def _stay(self) -> None:
        """Watch over everything until somebody asks to stop."""
        while not self._stopping:
            self._watch_servers()
            self.children.watch()
            time.sleep(0.25)

    def _watch_servers(self) -> None:
        for name in ("postgres", "valkey"):
            server = getattr(self, name)
            if server is None or server.running():
                continue
            say(f"{server.title} stopped by itself; starting it again.")
            server.stop()
            again = type(server)(self.choices.data)
            setattr(self, name, again)
            again.wait()

    def _stop(self) -> None:
        say("Stopping.")
        self.children.stop()
        for server in (self.valkey, self.postgres):
            if server is not None:
                server.stop()
        say("Stopped.")


def main() -> int:
    """The exit code: 0 after a clean stop, 1 when something stood against starting."""
    try:
        check_python()
        choices = Choices.read(os.environ)
        open_data_folder(choices.data)
        return Run(choices, os.environ).go()
    except StartRefused as refusal:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"{refusal}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
