"""Every form, list and endpoint of the access tables, fed with what no one should type. Never a 500."""

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from partners.core.scope import program_scope
from tests.access.rows import EVERYONE, Row
from tests.access.test_tables import all_rows
from tests.support.cast import Cast

# Small and our own; the kinds of thing that break forms, databases, pages and spreadsheets.
HOSTILE = (
    "",
    " \t\n ",
    "nul\x00inside",
    "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>",
    "{{ 7*7 }} {% debug %} ${7*7}",
    "'; DROP TABLE partners_partner; --",
    '=HYPERLINK("http://example.org","x")',
    "\u202eright to left\u202c \u200b\ufeff \U0001f469\u200d\U0001f469\u200d\U0001f467 Ω≈ç√ 株式会社 ﷽",
    "x" * 70_000,
    "NaN",
    "1e309",
    "-99999999999999999999999999",
    "99999-99-99",
)
HOSTILE_JSON: tuple[Any, ...] = (None, [], {}, [[[[]]]], 10**40, -1, 1.5, True, {"a": {"b": [1]}})
NO_OBJECTS = (b"", b"{", b"[]", b'"x"', b"\xff\xfe", b'{"a":' * 5000, b"null", b'{"a":"\\ud800"}')
QUERIES = (
    "q",
    "sort",
    "page",
    "after",
    "before",
    "limit",
    "state",
    "partner",
    "kind",
    "since",
    "until",
    "month",
)


def somebody_allowed(row: Row) -> str | None:
    return next((who for who in EVERYONE if row.expected[who] < 400 and who != "nobody"), None)


def writes() -> list[Row]:
    return [row for row in all_rows() if row.method != "GET" and somebody_allowed(row)]


def reads() -> list[Row]:
    return [row for row in all_rows() if row.method == "GET" and somebody_allowed(row)]


def bodies(data: dict[str, Any], *, as_json: bool) -> Iterator[dict[str, Any]]:
    """The good body with all fields, then one after the other, made hostile; none comes twice."""
    values: tuple[Any, ...] = HOSTILE + (HOSTILE_JSON if as_json else ())
    if not data:
        yield {}
    if len(data) > 1:
        for value in values:
            yield dict.fromkeys(data, value)
    for field in data:
        for value in values:
            yield {**data, field: value}


def shown(body: dict[str, Any] | bytes) -> Any:
    """What was sent, short enough to read."""
    return body[:40] if isinstance(body, bytes) else {key: str(value)[:40] for key, value in body.items()}


def test_there_is_something_to_try() -> None:
    assert len(writes()) > 25
    assert [row for row in writes() if "api" in row.name]
    assert len(reads()) > 25


@pytest.mark.parametrize("row", writes(), ids=str)
def test_no_write_breaks(row: Row, cast: Cast) -> None:
    with program_scope(cast.program.pk):
        kwargs, data = row.kwargs(cast), row.data(cast)
    url = reverse(row.name, kwargs={"program": cast.program.slug, **kwargs})
    as_json = url.startswith("/api/")
    client = cast.client(somebody_allowed(row))
    client.raise_request_exception = False
    sent: Iterator[dict[str, Any] | bytes] = chain(
        bodies(data, as_json=as_json), NO_OBJECTS if as_json else ()
    )
    broken = []
    for body in sent:
        with transaction.atomic():
            if as_json:
                content = body if isinstance(body, bytes) else json.dumps(body)
                response = client.generic(row.method, url, content, content_type="application/json")
            else:
                response = client.post(url, body)
            if response.status_code >= 500:
                broken.append((response.status_code, shown(body)))
            transaction.set_rollback(True)
    assert broken == []


@pytest.mark.parametrize("row", reads(), ids=str)
def test_no_read_breaks(row: Row, cast: Cast) -> None:
    with program_scope(cast.program.pk):
        kwargs = row.kwargs(cast)
    url = reverse(row.name, kwargs={"program": cast.program.slug, **kwargs})
    client = cast.client(somebody_allowed(row))
    client.raise_request_exception = False
    broken = []
    for value in HOSTILE:
        with transaction.atomic():
            response = client.get(url, dict.fromkeys(QUERIES, value))
            if response.status_code >= 500:
                broken.append((response.status_code, value[:40]))
            if b"<script>alert(1)" in getattr(response, "content", b"") and "html" in response.headers.get(
                "Content-Type", ""
            ):
                broken.append((response.status_code, "echoed a script"))
            transaction.set_rollback(True)
    assert broken == []
