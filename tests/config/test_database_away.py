"""While PostgreSQL is away: pages and API say so with 503, and the probes still answer."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from tests.support.cast import Cast


@pytest.fixture
def away(committed_cast: Cast) -> Iterator[Client]:
    """Somebody signed in, whose next request meets a database that refuses connections."""
    client = committed_cast.client("leader")
    client.raise_request_exception = False
    port = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = "1"
    try:
        yield client
    finally:
        connection.close()
        connection.settings_dict["PORT"] = port


def test_a_page_says_try_again(away: Client) -> None:
    answer = away.get("/p/northwind/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "The database does not answer at the moment." in answer.content.decode()


def test_the_api_answers_with_a_problem(away: Client) -> None:
    answer = away.get("/api/v1/programs/northwind/partners/", headers={"Authorization": "Bearer nothing"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert answer.json()["code"] == "database_away"


def test_the_probes_need_no_session(away: Client) -> None:
    assert away.get("/healthz").status_code == 200
    ready = away.get("/readyz")
    assert ready.status_code == 503
    assert "The database does not answer" in ready.json()["database"]
