"""Metrics by API: definitions, figures and cells, for staff only."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine

from partners.core.scope import program_scope
from tests.prm.facts import activity, at, claim, deal, settle
from tests.support.cast import Cast

METRICS = "/api/v1/programs/northwind/metrics/"


@pytest.fixture(autouse=True)
def june() -> Iterator[None]:
    """Everything happens on 15 June 2026."""
    with time_machine.travel(at(2026, 6, 15), tick=False):
        yield


@pytest.fixture
def counted(cast: Cast) -> Cast:
    """A few figures of two partners."""
    with program_scope(cast.program.pk):
        deal(cast.program, cast.alder, [(date(2026, 4, 1), "open", 100), (date(2026, 6, 1), "open", 150)])
        deal(cast.program, cast.birch, [(date(2026, 5, 1), "open", 40)])
        activity(cast.program, cast.birch, date(2026, 5, 1), "login")
        claim(cast, cast.alder, at(2026, 5, 4), seller="alder_seller")
        claim(cast, cast.alder, at(2026, 6, 4), seller="alder_seller")
    settle(cast.program)
    return cast


def test_metrics_come_with_definitions_in_the_fixed_order(counted: Cast) -> None:
    body = counted.client("sponsor").get(METRICS).json()
    assert (body["first"], body["last"], body["currency"]) == ("2025-07", "2026-06", "EUR")
    assert (body["as_of"], body["waiting"]) == ("2026-06-15T12:00:00Z", 0)
    keys = [metric["key"] for metric in body["results"]]
    assert keys[0] == "sourced_pipeline"
    assert body["results"][0]["kind"] == "outcome"
    assert [metric["key"] for metric in body["results"] if metric["kind"] == "participation"] == [
        "participation"
    ]
    values = {metric["key"]: metric["value"] for metric in body["results"]}
    assert values["sourced_pipeline"] == "190.00"
    assert values["sellers_active"] == "1.00"
    assert values["participation"] == "1.00"
    one = counted.client("leader").get(METRICS, {"partner": counted.birch.public_id, "to": "2026-05"}).json()
    assert {m["key"]: m["value"] for m in one["results"]}["sourced_pipeline"] == "40.00"


def test_a_metric_comes_partner_by_partner(counted: Cast) -> None:
    body = counted.client("leader").get(f"{METRICS}sourced_pipeline/", {"limit": "1"}).json()
    assert body["value"] == "190.00"
    assert [row["name"] for row in body["results"]] == ["Birch Systems"]
    following = counted.client("leader").get(body["next"]).json()
    assert following["next"] is None
    [row] = following["results"]
    assert row["partner"] == counted.alder.public_id
    assert [(cell["month"], cell["value"]) for cell in row["cells"]] == [
        ("2026-04", "100.00"),
        ("2026-05", "100.00"),
        ("2026-06", "150.00"),
    ]


@pytest.mark.parametrize(
    ("asked", "status", "field"),
    [
        ({"from": "2026-13"}, 422, "from"),
        ({"to": "soon"}, 422, "to"),
        ({"from": "2026-06", "to": "2026-05"}, 422, "from"),
        ({"from": "1950-01"}, 422, "from"),
        ({"intent": "friends"}, 422, "intent"),
        ({"partner": "nobody"}, 404, None),
    ],
)
def test_wrong_questions_are_named(
    counted: Cast, asked: dict[str, str], status: int, field: str | None
) -> None:
    for path in (METRICS, f"{METRICS}minutes/"):
        response = counted.client("leader").get(path, asked)
        assert response.status_code == status
        assert [error["field"] for error in response.json().get("errors", [])] == ([field] if field else [])


def test_no_partner_of_another_program_and_no_unknown_metric(counted: Cast) -> None:
    client = counted.client("leader")
    assert client.get(METRICS, {"partner": counted.cedar.public_id}).status_code == 404
    assert client.get(f"{METRICS}signed/").status_code == 404
