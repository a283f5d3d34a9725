"""Fixtures for all tests: real PostgreSQL and real Redis or Valkey, and the fixed cast."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support.client import share_middleware

share_middleware()
expect.set_options(timeout=20_000)  # a busy machine is slow; a page that is wrong stays wrong


def pytest_collection_finish() -> None:
    """What is loaded by now stays until the end: a million objects that the collector need not walk again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _pages_tell_their_context(django_test_environment: None) -> Iterator[None]:
    """Django's test environment has every template tell its context to the test client, which copies it for
    ``response.context``. Pages still do. The hundred components and form fields on a page are drawn as in
    production: nobody looks at the copies of theirs."""
    from django.template import Context, Template
    from django.test.utils import instrumented_test_render  # type: ignore[attr-defined]

    def draw(self: Template, context: Context) -> Any:
        if (self.name or "").startswith(("components/", "django/forms/")):
            return self.nodelist.render(context)
        return instrumented_test_render(self, context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", draw)
        yield


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[None]:
    """Replaces pytest-django's: a clone of a migrated template, used without the owner's rights."""
    from tests.support import database

    worker = getattr(request.config, "workerinput", {}).get("workerid", "solo")
    with django_db_blocker.unblock():
        name = database.create(worker)
    yield
    with django_db_blocker.unblock():
        database.drop(name)


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A test whose work really commits (races, workers, browsers). Everything is emptied afterwards."""
    from django.db import connections

    from tests.support import database

    with django_db_blocker.unblock():
        yield
        connections.close_all()
        database.empty(str(connections["default"].settings_dict["NAME"]))


@pytest.fixture
def cast(db: None) -> Any:
    """Two programs, two partners in the first, a named person per role, strangers included."""
    from tests.support.cast import make_cast

    return make_cast()


@pytest.fixture
def committed_cast(committed: None) -> Any:
    """The same people, really committed."""
    from tests.support.cast import make_cast

    return make_cast()
