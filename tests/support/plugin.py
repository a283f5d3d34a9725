"""Loaded before pytest-django reads the settings: the test environment, and servers where none are given.

Only the controlling process starts servers; xdist workers inherit their addresses.
"""

import atexit
import os
import sys
from pathlib import Path

import pytest

from tests.support import browser

if browser.NODE.exists():
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(browser.NODE))
REPOSITORY = Path(__file__).resolve().parent.parent.parent

if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["PRM_DATA"] = os.environ.get("PRM_TEST_DATA", str(REPOSITORY / ".data-test"))
    os.environ["EMAIL_URL"] = "memorymail://"
    os.environ.pop("SECRET_KEY", None)
    data = Path(os.environ["PRM_DATA"])
    if "DATABASE_URL" not in os.environ:
        from config import servers

        postgres = servers.start_postgres(data, fast=True)
        atexit.register(postgres.stop)
        os.environ["DATABASE_URL"] = postgres.app_url
        os.environ["DATABASE_OWNER_URL"] = postgres.owner_url
    if "REDIS_URL" not in os.environ:
        from config import servers

        valkey = servers.start_valkey(data)
        atexit.register(valkey.stop)
        os.environ["REDIS_URL"] = valkey.url


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the browser tests out where there is no browser; the last line says so, and CI fails on it."""
    without = [item for item in items if item.get_closest_marker("browser")]
    if without and browser.find() is None:
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if item not in without]


def pytest_unconfigure(config: pytest.Config) -> None:
    """The last line of a run without a browser."""
    if "PYTEST_XDIST_WORKER" not in os.environ and browser.find() is None:
        print("\n!!! NO CHROMIUM WAS FOUND OR FETCHED: THE BROWSER TESTS WERE LEFT OUT !!!", file=sys.stderr)
