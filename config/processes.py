"""Processes, ports, locks and private files for what one command starts. Knows nothing of Django."""

import contextlib
import ctypes
import fcntl
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil


class StartRefused(Exception):
    """Something stands against starting; the text is one sentence saying what to do."""


class FolderLock:
    """Held by one living process at a time; the kernel lets go of it however that process ends.

    ``note`` is written into the file for the one who finds it held.
    """

    def __init__(self, path: Path, *, note: str = "") -> None:
        self.path = path
        self._file = path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.seek(0)
            holder = self._file.read().strip()
            self._file.close()
            raise BlockingIOError(holder) from error
        self._file.truncate(0)
        self._file.write(note or str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Let go. The file stays: deleting it would let two processes lock two different files."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def write_private(path: Path, text: str, *, owner: int | None = None) -> None:
    """Write a file only its owner may read, in one step: a reader sees the old text or the new."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    if owner is not None:
        os.chown(draft, owner, owner)
    draft.replace(path)


def free_port(preferred: int | None = None) -> int:
    """The preferred local TCP port if nobody has it, otherwise any free one."""
    for port in (preferred, 0):
        if port is None:
            continue
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            if port:
                # As a server would ask: a connection still closing does not count as taken.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    raise StartRefused("No free port on 127.0.0.1. Stop something that listens there and start again.")


def living_in(folder: Path, name: str) -> list[psutil.Process]:
    """Processes called ``name`` that work in ``folder``: what an earlier run left behind.

    Both must fit, so a process that got an old process id by chance is never touched.
    """
    found = []
    home = str(folder.resolve())
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.name() == name and process.cwd() == home and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def stop(processes: Iterable[psutil.Process], first: signal.Signals, *, patience: float) -> None:
    """Ask with ``first``, wait ``patience`` seconds for all, then kill. Returns when they are gone."""
    asked = list(processes)
    for process in asked:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(first)
    _, stubborn = psutil.wait_procs(asked, timeout=patience)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=5)


def goes_with_parent(asked: signal.Signals) -> Callable[[], None] | None:
    """What a child calls before it becomes the program, so that it gets ``asked`` when its parent dies.

    Linux only; elsewhere the next start finds what is left. The parent is the *thread* that starts the
    child, so servers are started from the main thread.
    """
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)  # loaded before the fork: nothing may be imported after it
    parent = os.getpid()
    number = int(asked)
    set_parent_death_signal = 1

    def before_exec() -> None:
        libc.prctl(set_parent_death_signal, number)
        if os.getppid() != parent:  # it died between the fork and the call
            os._exit(1)

    return before_exec


def wait_until(true: Callable[[], bool], *, seconds: float, every: float = 0.03) -> bool:
    """Ask again and again until the answer is yes (True) or the seconds are over (False)."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True


def last_lines(path: Path, count: int = 5) -> str:
    """The end of a log file, for an error message."""
    if not path.exists():
        return "(nothing was logged)"
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 20_000))
        lines = file.read().decode("utf-8", "replace").splitlines()
    return "\n".join(lines[-count:])
