"""A data folder of its own for every test that starts real servers, and an environment nothing leaks into."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def data() -> Iterator[Path]:
    """A folder the server account may walk into also when the tests run as root (pytest's own is 0700)."""
    folder = Path(tempfile.mkdtemp(prefix="prm-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def clean_environment() -> dict[str, str]:
    """What a newcomer's terminal has: no settings of ours."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
