"""Nothing secret is logged: neither under a telling name, nor in a URL, nor in a library's own line."""

import json
import logging
import logging.config
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from config.logging import HIDDEN, _before_send, hide, hide_text, logging_config, start_sentry

TOKEN = "prm_9fQ2xLwT7vZk1sYb8nRc4mHd"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("GET /invitations/Zk3vT9xQw7LmB2nRc5yH8sJd/", f"GET /invitations/{HIDDEN}/"),
        ("GET /accounts/password/reset/key/1-0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c/", None),
        ("GET /r/eyJpZCI6MX0:1tZabc:Q2h9x_7-LmB2nRc5yH8sJd/", f"GET /r/{HIDDEN}/"),
        ("GET /p/acme/deals/?q=Initech&token=abc", f"GET /p/acme/deals/?q={HIDDEN}&token={HIDDEN}"),
        ("postgres://me:hunter2@db:5432/prm", f"postgres://{HIDDEN}@db:5432/prm"),
        ("redis://:hunter2@cache:6379/0", f"redis://{HIDDEN}@cache:6379/0"),
        (f"Authorization: Bearer {TOKEN}", f"Authorization: Bearer {HIDDEN}"),
        ("GET /p/the-long-named-partner-program-2026/deals/0k3f9x2m7q1w8e/", "same"),
        ("Nothing to hide here, not even 12345678901234567890123", "same"),
    ],
)
def test_what_is_secret_in_a_text_goes_and_the_rest_stays(text: str, kept: str | None) -> None:
    said = hide_text(text)
    if kept is None:
        assert "0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c" not in said
    else:
        assert said == (text if kept == "same" else kept)


def test_telling_names_are_hidden_at_any_depth() -> None:
    event = {
        "user": {"Password": "x", "name": "Ada"},
        "headers": [{"Cookie": "y"}],
        "code": 200,
        "api_key": 7,
    }
    assert hide(event) == {
        "user": {"Password": HIDDEN, "name": "Ada"},
        "headers": [{"Cookie": HIDDEN}],
        "code": 200,
        "api_key": HIDDEN,
    }


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """Production's JSON lines, caught."""
    logging.config.dictConfig(logging_config(debug=False))
    stream = StringIO()
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream
    logging.config.dictConfig(logging_config(debug=settings.DEBUG))


def _read(stream: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_librarys_line_is_json_and_cleaned_as_ours(lines: StringIO) -> None:
    logging.getLogger("some.library").warning("connecting to %s", "postgres://me:hunter2@db/prm")
    structlog.get_logger("ours").warning("sent", token=TOKEN, to="ada@example.com")
    theirs, ours = _read(lines)
    assert theirs["event"] == f"connecting to postgres://{HIDDEN}@db/prm"
    assert (theirs["logger"], theirs["level"]) == ("some.library", "warning")
    assert theirs["timestamp"].endswith("Z")
    assert (ours["event"], ours["token"], ours["to"]) == ("sent", HIDDEN, "ada@example.com")


def test_a_traceback_is_kept_without_credentials(lines: StringIO) -> None:
    try:
        raise ValueError("cannot reach redis://:hunter2@cache:6379/0")
    except ValueError:
        structlog.get_logger("ours").exception("broken")
    (line,) = _read(lines)
    assert "Traceback" in line["exception"]
    assert "test_a_traceback_is_kept_without_credentials" in line["exception"]
    assert "hunter2" not in lines.getvalue()


@pytest.mark.django_db
def test_a_request_is_one_line_with_the_id_its_answer_carries(client: Client, lines: StringIO) -> None:
    answer = client.get(f"/nowhere/{TOKEN}/?code=123456", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 404
    told = [line for line in _read(lines) if line["event"] == "request_finished"]
    assert len(told) == 1
    assert told[0]["request"] == f"GET /nowhere/{HIDDEN}/?code={HIDDEN}"
    assert told[0]["code"] == 404
    assert told[0]["request_id"] == answer["X-Request-ID"] != ""
    assert TOKEN not in lines.getvalue()
    assert "123456" not in lines.getvalue()


@pytest.mark.django_db
def test_probes_are_not_logged(client: Client, lines: StringIO) -> None:
    client.get("/healthz")
    assert [line for line in _read(lines) if line["event"] == "request_finished"] == []


def test_sentry_gets_no_bodies_cookies_or_tokens() -> None:
    event: Any = {
        "request": {
            "url": f"https://prm.example/invitations/{TOKEN}/",
            "query_string": "code=123456",
            "cookies": {"sessionid": "s"},
            "data": {"password": "p"},
            "env": {"REMOTE_ADDR": "192.0.2.1"},
            "headers": {"Authorization": f"Bearer {TOKEN}", "Accept": "text/html"},
        },
        "message": "broken",
    }
    assert _before_send(event, {}) == {
        "request": {
            "url": f"https://prm.example/invitations/{HIDDEN}/",
            "headers": {"Authorization": HIDDEN, "Accept": "text/html"},
        },
        "message": "broken",
    }


def test_a_wrong_sentry_address_stops_the_start_with_a_sentence() -> None:
    with pytest.raises(
        ImproperlyConfigured, match=r"^SENTRY_DSN cannot be read\. It looks like https://key@host/"
    ):
        start_sentry("not an address", environment="test")
