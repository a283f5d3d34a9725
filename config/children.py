"""The processes of one running product: started, heard, started again when they die, stopped together."""

import collections
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from config.processes import StartRefused, goes_with_parent, stop, write_private

_RESTARTS = 5
_WITHIN = 60.0
_PATIENCE = 10.0
_printing = threading.Lock()


def say(text: str) -> None:
    """One line for the person at the terminal. A closed terminal is no reason to stop."""
    with _printing, contextlib.suppress(OSError, ValueError):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


class Child:
    """One process in a group of its own; its lines appear with its name in front."""

    def __init__(self, name: str, argv: list[str], env: Mapping[str, str], cwd: Path) -> None:
        self.name = name
        self.argv = argv
        self._env = dict(env)
        self._cwd = cwd
        self._starts: collections.deque[float] = collections.deque(maxlen=_RESTARTS + 1)
        self.last: collections.deque[str] = collections.deque(maxlen=15)
        self.process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    def start(self) -> None:
        """Start it. From the main thread only: the child goes when the starting thread goes."""
        self._starts.append(time.monotonic())
        self.process = subprocess.Popen(  # noqa: S603 - our own programs and arguments
            self.argv,
            cwd=self._cwd,
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
            preexec_fn=goes_with_parent(signal.SIGTERM),
        )
        self._reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self._reader.start()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None  # noqa: S101 - given PIPE above
        for line in process.stdout:
            text = line.rstrip()
            if text:
                self.last.append(text)
                say(f"{self.name:<8}| {text}")

    def running(self) -> bool:
        """Whether the process itself is alive."""
        return self.process is not None and self.process.poll() is None

    def finish(self) -> int:
        """Wait for the end and for its last lines; the exit code."""
        if self.process is None or self._reader is None:
            raise RuntimeError(f"{self.name} was never started")
        code = self.process.wait()
        self._kill_group()  # whoever still holds the pipe would keep the reader waiting
        self._reader.join(timeout=2)
        return code

    def start_again(self) -> None:
        """Start a dead one again. Raises ``StartRefused`` when it dies over and over."""
        if len(self._starts) > _RESTARTS and time.monotonic() - self._starts[0] < _WITHIN:
            raise StartRefused(
                f"{self.name} stopped {_RESTARTS + 1} times within a minute. See its lines above."
            )
        code = self.finish()
        say(f"{self.name} stopped by itself (exit code {code}); starting it again.")
        self.start()

    def ask_to_stop(self) -> None:
        """Only the leader is asked: it tells its own workers in the order it needs."""
        if self.process is not None and self.running():
            self.process.terminate()

    def _kill_group(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


class Children:
    """All of them, with a file by which the next start knows what a killed run left."""

    def __init__(self, record: Path) -> None:
        self._record = record
        self._all: list[Child] = []

    def add(self, child: Child) -> Child:
        """Start a child and remember it."""
        self._all.append(child)
        child.start()
        self._remember()
        return child

    def run(self, child: Child, stopping: Callable[[], bool]) -> None:
        """Run one to its end. Raises ``StartRefused`` if it fails, ``KeyboardInterrupt`` if asked to stop."""
        self.add(child)
        while child.running():
            if stopping():
                raise KeyboardInterrupt
            time.sleep(0.05)
        code = child.finish()
        self._all.remove(child)
        self._remember()
        if code != 0:
            raise StartRefused(f"{child.name} failed (exit code {code}). Its lines above say why.")

    def watch(self) -> None:
        """Start again whoever died."""
        for child in self._all:
            if not child.running():
                child.start_again()
                self._remember()

    def stop(self, patience: float = _PATIENCE) -> None:
        """Ask all, wait ``patience`` seconds for all, then kill what is left of their groups."""
        for child in self._all:
            child.ask_to_stop()
        end = time.monotonic() + patience
        for child in self._all:
            if child.process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(timeout=max(0.1, end - time.monotonic()))
                child._kill_group()
                child.finish()
        self._all.clear()
        self._record.unlink(missing_ok=True)

    def _remember(self) -> None:
        known = []
        for child in self._all:
            with contextlib.suppress(psutil.NoSuchProcess):
                if child.process is not None:
                    known.append([child.process.pid, psutil.Process(child.process.pid).create_time()])
        write_private(self._record, json.dumps(known))

    def stop_leftovers(self) -> None:
        """End what a killed run left behind: same process id *and* same birth, with its descendants."""
        try:
            known = json.loads(self._record.read_text())
        except (OSError, ValueError):
            return
        for pid, born in known:
            with contextlib.suppress(psutil.Error, ProcessLookupError):
                leader = psutil.Process(pid)
                if abs(leader.create_time() - born) < 0.01:
                    family = [leader, *leader.children(recursive=True)]
                    stop(family, signal.SIGTERM, patience=5)
        self._record.unlink(missing_ok=True)
