"""The Pipeline page and the rows behind its numbers."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from deals.models import Opportunity
from partners.core.scope import program_scope
from partners.models import Partner
from plans.models import Commitment, Plan
from prm.models import MetricCell
from prm.rules.metrics import METRICS, Grain
from prm.rules.periods import Period
from prm.selectors import cells
from tests.prm.facts import activity, at, claim, conflict, deal, move, settle
from tests.support.cast import Cast


@pytest.fixture(autouse=True)
def june() -> Iterator[None]:
    """Everything happens on 15 June 2026."""
    with time_machine.travel(at(2026, 6, 15), tick=False):
        yield


@pytest.fixture
def world(cast: Cast) -> Cast:
    """Facts of every kind, counted."""
    program, alder, birch = cast.program, cast.alder, cast.birch
    with program_scope(program.pk):
        deal(program, alder, [(date(2026, 2, 10), "open", 1000), (date(2026, 5, 20), "won", 1400)])
        deal(program, alder, [(date(2026, 4, 1), "open", 200), (date(2026, 4, 30), "open", 300)])
        undone = deal(program, birch, [(date(2026, 2, 1), "open", 50), (date(2026, 2, 2), "won", 50)])
        move(undone, date(2026, 6, 3), "open", 60)
        Opportunity.objects.filter(pk=undone.pk).update(state="open", closed_on=None)
        deal(program, birch, [(date(2026, 3, 1), "open", None), (date(2026, 3, 9), "lost", None)])
        deal(program, None, [(date(2026, 1, 3), "open", 5000)])
        first = claim(cast, alder, at(2026, 5, 4), seller="alder_seller")
        claim(cast, alder, at(2026, 6, 4), seller="alder_seller")
        claim(cast, alder, at(2026, 5, 5), seller="alder_admin", state="won", decided_at=at(2026, 5, 6))
        claim(cast, birch, at(2026, 5, 6), state="declined", decided_at=at(2026, 6, 1))
        claim(cast, alder, at(2026, 5, 7), state="duplicate", duplicate_of=first)
        conflict(first, at(2026, 5, 4))
        conflict(first, at(2026, 5, 4), severity="note")
        for day in range(1, 15):
            activity(program, birch, date(2026, 5, day), "meeting", 30)
        activity(program, alder, date(2026, 5, 1), "training_given", 90)
        activity(program, alder, date(2026, 6, 1), "login")
        _promises(cast)
    settle(program)
    return cast


def _promises(cast: Cast) -> None:
    plan = Plan.objects.create(
        program=cast.program, partner=cast.alder, starts_on=date(2026, 1, 1), state="draft"
    )
    for state, day in (("kept", date(2026, 5, 2)), ("kept", date(2026, 6, 2)), ("broken", date(2026, 6, 3))):
        Commitment.objects.create(
            program=cast.program,
            plan=plan,
            partner=cast.alder,
            side="us",
            what="A price list",
            owner_name="Ops",
            due_on=day,
            state=state,
            settled_on=day,
            settled_by="Ops",
            reason="It took longer" if state == "broken" else "",
        )


def url(cast: Cast, name: str, **more: str) -> str:
    return reverse(name, kwargs={"program": cast.program.slug, **more})


def rows_of(cast: Cast, metric: str, **asked: str) -> list[dict[str, str]]:
    response = cast.client("leader").get(url(cast, "prm:rows", metric=metric), {**asked, "format": "csv"})
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


@pytest.mark.parametrize(
    "key", [key for key, metric in METRICS.items() if metric.grain is not Grain.DISTINCT]
)
def test_the_rows_behind_a_number_sum_to_it(world: Cast, key: str) -> None:
    spans = [("2026-05", "2026-05"), ("2026-06", "2026-06"), ("2026-01", "2026-06"), ("2026-02", "2026-03")]
    for first, last in spans:
        period = Period(date.fromisoformat(f"{first}-01"), date.fromisoformat(f"{last}-01"))
        for partner in (None, world.alder, world.birch):
            if partner is not None and key == "direct_pipeline":
                continue
            with program_scope(world.program.pk):
                figures = cells.totals(period, partner_id=partner.pk if partner else None)
            asked = {"from": first, "to": last} | ({"partner": partner.public_id} if partner else {})
            rows = rows_of(world, key, **asked)
            assert sum((Decimal(row[key]) for row in rows), Decimal(0)) == figures[key], (
                first,
                last,
                partner,
            )


def test_every_summable_metric_has_a_cell_in_the_world(world: Cast) -> None:
    with program_scope(world.program.pk):
        assert set(MetricCell.objects.values_list("metric", flat=True)) == set(METRICS)


def test_sellers_count_once_over_a_period(world: Cast) -> None:
    rows = rows_of(world, "sellers_active", **{"from": "2026-05", "to": "2026-06"})
    assert sorted(row["what"] for row in rows) == ["Alder Admin", "Alder Seller"]
    page = world.client("leader").get(url(world, "prm:pipeline"))
    assert page.context["sellers"] == 2


def test_sourced_pipeline_leads_and_participation_is_last(world: Cast) -> None:
    response = world.client("leader").get(url(world, "prm:pipeline"))
    assert response.status_code == 200
    text = response.content.decode()
    labels = re.findall(r'class="stat-label">([^<]+)<', text)
    assert labels[0] == "Sourced pipeline"
    assert text.count("stat-lead") == 1
    assert text.index("stat-lead") < text.index("Effort and taking part")
    # Signing partners is not an outcome, so their number is no figure here (R32).
    assert "Partners signed" not in text
    assert response.context["figures"]["sourced_pipeline"] == 360
    assert response.context["figures"]["sourced_won"] == 1400
    assert text.count("style=") == 0


def test_small_numbers_do_not_become_percentages(world: Cast) -> None:
    conversion = world.client("leader").get(url(world, "prm:pipeline")).context["conversion"]
    assert conversion.approved.headline == "Cannot tell"
    assert conversion.approved.evidence == "1 of 2 decided claims so far, too few for a share"


def test_each_partner_has_its_quarter_and_marquee_none(world: Cast) -> None:
    with program_scope(world.program.pk):
        Partner.objects.create(program=world.program, name="Dogwood", slug="dogwood", intent="marquee")
        Partner.objects.create(program=world.program, name="Elm", slug="elm", status="prospect")
        busy = Partner.objects.create(
            program=world.program, name="Fir", slug="fir", signed_on=date(2025, 11, 1)
        )
        for day in range(1, 29):
            activity(world.program, busy, date(2026, 5, day), "call", 5)
    settle(world.program)
    response = world.client("leader").get(url(world, "prm:pipeline"), {"period": "6"})
    quarters = {
        quarter.value: [line.partner.name for line in lines]
        for quarter, _meaning, lines in response.context["quarters"]
    }
    assert quarters == {
        "working": ["Birch Systems"],
        "quiet": ["Alder Consulting"],
        "busy": ["Fir"],
        "asleep": [],
    }
    assert [line.partner.name for line in response.context["marquee"]] == ["Dogwood"]
    assert [line.partner.name for line in response.context["busy"]] == ["Fir"]
    assert response.context["conversion"].active.whole == 3
    assert "Is this work leading anywhere?" in response.content.decode()


def test_filters_sort_and_file(world: Cast) -> None:
    client = world.client("leader")
    shown = client.get(url(world, "prm:pipeline"), {"sort": "-activities_work"}).context["page"]
    assert [line.partner.name for line in shown] == ["Birch Systems", "Alder Consulting"]
    only = client.get(url(world, "prm:pipeline"), {"q": "alder", "intent": "co_sell"}).context["page"]
    assert [line.partner.name for line in only] == ["Alder Consulting"]
    none = client.get(url(world, "prm:pipeline"), {"intent": "marquee"})
    assert "None matches" in none.content.decode()
    for junk in ({"period": "x", "intent": "\x00", "sort": "'; --", "page": "-9", "q": "%" * 500},):
        assert client.get(url(world, "prm:pipeline"), junk).status_code == 200
    with program_scope(world.program.pk):
        Partner.objects.filter(pk=world.alder.pk).update(name="=cmd()")
    answer = client.get(url(world, "prm:pipeline"), {"format": "csv"}).getvalue().decode("utf-8-sig")
    assert [row["partner"] for row in csv.DictReader(io.StringIO(answer))] == ["'=cmd()", "Birch Systems"]


def test_a_stale_number_says_so(world: Cast) -> None:
    with program_scope(world.program.pk):
        activity(world.program, world.alder, date(2026, 6, 2), "login")
    page = world.client("leader").get(url(world, "prm:rows", metric="participation"))
    text = page.content.decode()
    assert "The figure on the Pipeline page is older than these rows" in text
    assert "1 change is being counted; it follows within seconds." in text
    settle(world.program)
    page = world.client("leader").get(url(world, "prm:rows", metric="participation"))
    assert "is older than these rows" not in page.content.decode()


def test_addresses_that_lead_nowhere(world: Cast) -> None:
    client = world.client("leader")
    assert client.get(url(world, "prm:rows", metric="signed")).status_code == 404
    path = url(world, "prm:rows", metric="minutes")
    for partner in (world.cedar.public_id, "x\x00", "9" * 400):
        assert client.get(path, {"partner": partner}).status_code == 404
    for junk in ("2026-13", "0000-01", "x", "9999-12"):
        assert client.get(path, {"from": junk, "to": junk}).status_code == 200


def test_who_may_open_a_number_to_its_rows(world: Cast) -> None:
    sponsor = world.client("sponsor")
    text = sponsor.get(url(world, "prm:pipeline")).content.decode()
    assert set(re.findall(r"/pipeline/rows/(\w+)/", text)) == {"commitments_kept", "commitments_broken"}
    for key in METRICS:
        expected = 200 if key.startswith("commitments") else 403
        assert sponsor.get(url(world, "prm:rows", metric=key)).status_code == expected, key
    assert world.client("rep").get(url(world, "prm:rows", metric="sourced_won")).status_code == 200
    assert world.client("rep").get(url(world, "prm:rows", metric="minutes")).status_code == 403


def _queries(cast: Cast, path: str) -> int:
    client = cast.client("leader")
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def test_pages_ask_the_same_number_of_queries_however_much_there_is(world: Cast) -> None:
    paths = [
        url(world, "prm:pipeline"),
        url(world, "prm:rows", metric="sourced_count"),
        url(world, "prm:rows", metric="activities_work"),
        url(world, "prm:today"),
    ]
    few = [_queries(world, path) for path in paths]
    _grow(world, 27)
    many = [_queries(world, path) for path in paths]
    assert many == few
    # Sign-in, seat and scope take 12 of them.
    assert max(many) <= 30, many


def _grow(cast: Cast, count: int) -> None:
    with program_scope(cast.program.pk):
        for index in range(count):
            partner: Any = Partner.objects.create(
                program=cast.program, name=f"Grown {index}", slug=f"grown-{index}", signed_on=date(2026, 1, 1)
            )
            deal(cast.program, partner, [(date(2026, 5, 1), "open", 10 + index)])
            activity(cast.program, partner, date(2026, 5, 1), "call", 10)
            row = claim(cast, partner, at(2026, 6, 1, index % 24), state="in_review")
            conflict(row, at(2026, 6, 1))
    settle(cast.program)
