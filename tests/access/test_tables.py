"""Every row of the access tables is tried; every tenant URL must have a row for each method it takes."""

import importlib
import json
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import tests.access
from partners.core.scope import program_scope
from tests.access.rows import EVERYONE, Row
from tests.support.cast import Cast

TENANT_PREFIXES = ("p/<slug:program>/", "portal/<slug:program>/", "api/v1/programs/<slug:program>/")


def all_rows() -> list[Row]:
    """The rows of every ``tests/access/table_*.py``."""
    found: list[Row] = []
    for module in pkgutil.iter_modules(tests.access.__path__):
        if module.name.startswith("table_"):
            found.extend(importlib.import_module(f"tests.access.{module.name}").ROWS)
    return found


def tenant_urls() -> Iterator[tuple[str, str, URLPattern]]:
    """``(route, qualified name, pattern)`` of every URL under a tenant prefix."""

    def walk(resolver: URLResolver, route: str, space: str) -> Iterator[tuple[str, str, URLPattern]]:
        for entry in resolver.url_patterns:
            here = route + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from walk(entry, here, f"{space}{entry.namespace}:" if entry.namespace else space)
            elif here.startswith(TENANT_PREFIXES):
                yield here, f"{space}{entry.name}", entry

    yield from walk(get_resolver(), "", "")


def test_the_walk_finds_urls() -> None:
    assert len(list(tenant_urls())) > 40
    assert len(all_rows()) > 60


def test_every_row_names_everybody() -> None:
    assert [str(row) for row in all_rows() if set(row.expected) != set(EVERYONE)] == []


def test_no_row_is_written_twice() -> None:
    seen = [(row.name, row.method) for row in all_rows()]
    assert sorted({pair for pair in seen if seen.count(pair) > 1}) == []


def _methods(pattern: URLPattern) -> set[str]:
    """What a view answers to: class views by their handlers, gated functions by ``methods``."""
    callback = pattern.callback
    actions = getattr(callback, "actions", None)
    if actions:
        return {method.upper() for method in actions}
    view_class = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
    if view_class is not None:
        return {m.upper() for m in ("get", "post", "put", "patch", "delete") if hasattr(view_class, m)}
    return set(getattr(callback, "methods", ("GET",)))


def test_every_url_has_a_row() -> None:
    rows = {(row.name, row.method) for row in all_rows()}
    missing = [
        f"{method} {name} ({route})"
        for route, name, pattern in tenant_urls()
        for method in sorted(_methods(pattern) - {"HEAD", "OPTIONS"})
        if (name, method) not in rows
    ]
    assert missing == []


def test_no_row_is_stale() -> None:
    names = {name for _route, name, _pattern in tenant_urls()}
    assert sorted({row.name for row in all_rows()} - names) == []


@pytest.mark.parametrize("row", all_rows(), ids=str)
def test_access(row: Row, cast: Cast) -> None:
    with program_scope(cast.program.pk):
        kwargs = row.kwargs(cast)
        data = row.data(cast)
    url = reverse(row.name, kwargs={"program": cast.program.slug, **kwargs})
    answers = {}
    for who in EVERYONE:
        # Each person meets the same world: what one did is taken back before the next comes.
        with transaction.atomic():
            response = _call(cast, who, row.method, url, data)
            answers[who] = response.status_code
            if response.status_code == 302 and who == "nobody":
                assert response.headers["Location"].startswith("/accounts/login/")
            transaction.set_rollback(True)
    assert answers == dict(row.expected)


def _call(cast: Cast, who: str, method: str, url: str, data: dict[str, Any]) -> Any:
    client = cast.client(None if who == "nobody" else who)
    if method == "GET":
        return client.get(url, data)
    if url.startswith("/api/"):
        return client.generic(method, url, json.dumps(data), content_type="application/json")
    return client.post(url, data)
