"""Minutes set against what a partner brought: the rule, the Pipeline page's rows and its file (R17)."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from partners.core.scope import program_scope
from partners.models import Intent, Partner
from partners.services.charters import sign_charter
from prm.rules.effort import Effort
from tests.prm.facts import activity, at, deal, settle
from tests.support.cast import Cast


def effort(minutes: int, hourly_cost: int | None = 60, pipeline: int = 0, won: int = 0) -> Effort:
    return Effort(
        minutes=Decimal(minutes),
        hourly_cost=None if hourly_cost is None else Decimal(hourly_cost),
        pipeline=Decimal(pipeline),
        won=Decimal(won),
    )


def test_hours_cost_and_what_came_of_each() -> None:
    seen = effort(600, pipeline=30_000, won=6_000)
    assert seen.hours == 10
    assert seen.cost == 600
    assert seen.pipeline_per_hour == 3_000
    assert seen.won_per_hour == 600
    assert seen.pipeline_per_cost == 50
    assert seen.won_per_cost == 10
    assert seen.why_not == ""


@pytest.mark.parametrize(("minutes", "known"), [(0, False), (479, False), (480, True)])
def test_less_than_a_day_of_work_tells_nothing(minutes: int, known: bool) -> None:
    seen = effort(minutes, pipeline=30_000)
    assert seen.known is known
    assert (seen.pipeline_per_hour is not None) is known
    assert (seen.pipeline_per_cost is not None) is known
    assert bool(seen.why_not) is not known


def test_without_an_hourly_cost_the_cost_cannot_be_said_and_the_hours_can() -> None:
    seen = effort(600, None, pipeline=30_000)
    assert (seen.cost, seen.pipeline_per_cost, seen.won_per_cost) == (None, None, None)
    assert seen.pipeline_per_hour == 3_000


def test_a_win_taken_back_is_nothing_and_not_less() -> None:
    assert effort(600, won=-500).won_per_hour == 0


@pytest.fixture
def june() -> Iterator[None]:
    with time_machine.travel(at(2026, 6, 15), tick=False):
        yield


@pytest.fixture
def worked(cast: Cast, june: None) -> Cast:
    """Ten hours with Alder and a deal; half an hour with Birch and nothing."""
    with program_scope(cast.program.pk):
        activity(cast.program, cast.alder, date(2026, 5, 5), minutes=600)
        activity(cast.program, cast.birch, date(2026, 5, 5), minutes=30)
        deal(cast.program, cast.alder, [(date(2026, 5, 6), "open", 30_000)])
    settle(cast.program)
    return cast


def rows(client: Client) -> dict[str, dict[str, str]]:
    answer = client.get("/p/northwind/pipeline/", {"format": "csv"})
    text = answer.getvalue().decode("utf-8-sig")
    return {row["partner"]: row for row in csv.DictReader(io.StringIO(text))}


def cost(cast: Cast, amount: str) -> None:
    with program_scope(cast.program.pk):
        sign_charter(actor=cast.actor("leader"), expected_number=1, hourly_cost=Decimal(amount))


def test_the_file_leaves_empty_what_cannot_be_told(worked: Cast) -> None:
    found = rows(worked.client("leader"))
    alder, birch = found["Alder Consulting"], found["Birch Systems"]
    assert (alder["cost"], alder["pipeline_per_hour"], alder["pipeline_per_cost"]) == ("", "3000.00", "")
    assert (birch["cost"], birch["pipeline_per_hour"]) == ("", "")


def test_the_charters_cost_of_an_hour_makes_minutes_a_cost(worked: Cast) -> None:
    cost(worked, "60")
    found = rows(worked.client("leader"))
    alder, birch = found["Alder Consulting"], found["Birch Systems"]
    assert (alder["cost"], alder["pipeline_per_cost"]) == ("600.00", "50.00")
    assert (birch["cost"], birch["pipeline_per_cost"]) == ("30.00", "")


def test_the_page_says_cannot_tell_and_keeps_marquee_apart(worked: Cast) -> None:
    with program_scope(worked.program.pk):
        Partner.objects.filter(pk=worked.alder.pk).update(intent=Intent.MARQUEE)
    text = worked.client("sponsor").get("/p/northwind/pipeline/").content.decode()
    assert "Cannot tell" in text
    assert "3,000" not in text
