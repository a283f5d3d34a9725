"""A closed month prints the same for ever; what changes afterwards counts when it was changed (R128)."""

import threading
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connections

from deals.models import Opportunity
from partners.core.errors import Clash, NotAllowed, RuleBroken
from partners.core.scope import program_scope
from partners.models import Activity, CellMark, ClosedMonth, LedgerEntry
from partners.selectors import closed_through
from partners.services.ledger import mark_cells
from prm.models import Correction
from prm.rules.corrections import steps
from prm.selectors.cells import last_rebuild
from prm.services.closing import closable, close_month
from prm.tasks import rebuild_program
from tests.prm.facts import Cells, activity, at, deal, move, of, settle, stored
from tests.support.cast import Cast

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


@pytest.fixture(autouse=True)
def june() -> Iterator[None]:
    """Everything happens on 15 June 2026."""
    with time_machine.travel(at(2026, 6, 15), tick=False):
        yield


def closed(cells: Cells) -> Cells:
    return {key: value for key, value in cells.items() if key[1] < "2026-06"}


def close(cast: Cast, month: date = MAY, who: str = "leader") -> ClosedMonth:
    with program_scope(cast.program.pk):
        return close_month(actor=cast.actor(who), month=month)


def corrections(cast: Cast) -> set[tuple[str, str, str, int]]:
    with program_scope(cast.program.pk):
        rows = Correction.objects.values_list("metric", "about", "booked", "value")
        return {(metric, f"{about:%m}", f"{booked:%m}", int(value)) for metric, about, booked, value in rows}


@pytest.fixture
def won(cast: Cast) -> Opportunity:
    """Alder sourced a deal in March, won in May; another is open. May and all before are closed."""
    with program_scope(cast.program.pk):
        row = deal(
            cast.program, cast.alder, [(date(2026, 3, 3), "open", 100), (date(2026, 5, 3), "won", 100)]
        )
        deal(cast.program, cast.alder, [(date(2026, 4, 3), "open", 40)])
    close(cast)
    assert of(stored(cast.program), "alder", "sourced_pipeline") == {
        "2026-03": 100, "2026-04": 140, "2026-05": 40, "2026-06": 40,
    }  # fmt: skip
    return row


def changed(cast: Cast, row: Opportunity, **fields: Any) -> None:
    """Change an opportunity as services do, with the cells of both partners since its history began."""
    with program_scope(cast.program.pk):
        Opportunity.objects.filter(pk=row.pk).update(**fields)
        partners = {row.partner_id, fields.get("partner_id", row.partner_id)}
        mark_cells(cast.program.pk, [(partner, date(2026, 3, 3)) for partner in partners])
    settle(cast.program)


def test_closing_counts_what_waits_and_is_on_record(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        activity(cast.program, cast.alder, date(2026, 5, 4), "meeting", 30)
        assert CellMark.objects.exists()
    close(cast)
    assert of(stored(cast.program), "alder", "minutes") == {"2026-05": 30}
    with program_scope(cast.program.pk):
        assert closed_through() == MAY
        assert LedgerEntry.objects.get(verb="month.closed").new == {"month": "2026-05"}


@pytest.mark.parametrize(
    ("month", "who", "refusal"),
    [(JUNE, "leader", RuleBroken), (date(2027, 1, 1), "leader", RuleBroken), (MAY, "manager", NotAllowed)],
)
def test_what_cannot_be_closed(cast: Cast, month: date, who: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        close(cast, month, who)
    with program_scope(cast.program.pk):
        assert closed_through() is None


def test_a_month_is_closed_once_and_with_all_before_it(cast: Cast) -> None:
    close(cast)
    for month in (MAY, date(2026, 2, 1)):
        with pytest.raises(Clash):
            close(cast, month)
    with program_scope(cast.program.pk):
        assert ClosedMonth.objects.count() == 1


def test_a_source_taken_away_counts_when_it_was_taken_away(cast: Cast, won: Opportunity) -> None:
    before = closed(stored(cast.program))
    changed(cast, won, source="direct", partner_id=None)
    found = stored(cast.program)
    assert closed(found) == before
    assert of(found, "alder", "sourced_won") == {"2026-05": 100, "2026-06": -100}
    assert of(found, "alder", "sourced_won_count") == {"2026-05": 1, "2026-06": -1}
    # Both level steps about closed months even out by the end of May, so the present is as it was.
    assert of(found, "alder", "sourced_pipeline")["2026-06"] == 40
    assert ("sourced_won", "05", "06", -100) in corrections(cast)


def test_an_open_deal_that_is_removed_leaves_the_open_month(cast: Cast, won: Opportunity) -> None:
    before = closed(stored(cast.program))
    with program_scope(cast.program.pk):
        other = Opportunity.objects.exclude(pk=won.pk).get()
    changed(cast, other, removed_at=at(2026, 6, 15))
    found = stored(cast.program)
    assert closed(found) == before
    assert "2026-06" not in of(found, "alder", "sourced_pipeline")
    assert ("sourced_pipeline", "04", "06", -40) in corrections(cast)


def test_a_partner_that_comes_in_later_counts_from_then(cast: Cast, won: Opportunity) -> None:
    changed(cast, won, partner_id=cast.birch.pk)
    found = stored(cast.program)
    assert of(found, "birch", "sourced_won") == {"2026-06": 100}
    assert of(found, "alder", "sourced_won") == {"2026-05": 100, "2026-06": -100}
    with program_scope(cast.program.pk):
        won.refresh_from_db()
    changed(cast, won, partner_id=cast.alder.pk)  # and taken back: everything as it was
    found = stored(cast.program)
    assert of(found, "birch", "sourced_won") == {}
    assert of(found, "alder", "sourced_won") == {"2026-05": 100}


def test_an_activity_remembered_late_counts_once_in_the_open_month(cast: Cast, won: Opportunity) -> None:
    with program_scope(cast.program.pk):
        late = activity(cast.program, cast.alder, date(2026, 4, 9), "call", 20)
    settle(cast.program)
    with program_scope(cast.program.pk):
        activity(cast.program, cast.alder, date(2026, 4, 1), "call", 5)
        activity(cast.program, cast.alder, date(2026, 6, 1), "call", 7)
    settle(cast.program)
    assert of(stored(cast.program), "alder", "minutes") == {"2026-06": 32}
    with program_scope(cast.program.pk):
        Activity.objects.filter(pk=late.pk).update(minutes=0)
        mark_cells(cast.program.pk, [(cast.alder.pk, date(2026, 4, 9))])
    settle(cast.program)
    assert of(stored(cast.program), "alder", "minutes") == {"2026-06": 12}


def test_a_correction_closes_with_its_month_and_the_next_counts_later(cast: Cast, won: Opportunity) -> None:
    changed(cast, won, source="direct", partner_id=None)
    with time_machine.travel(at(2026, 7, 20), tick=False):
        close(cast, JUNE)
        printed = stored(cast.program)
        with program_scope(cast.program.pk):
            won.refresh_from_db()
        changed(cast, won, source="sourced", partner_id=cast.alder.pk)
        found = stored(cast.program)
    assert of(found, "alder", "sourced_won") == {"2026-05": 100, "2026-06": -100, "2026-07": 100}
    assert {key: found[key] for key in printed if key[1] < "2026-07"} == {
        key: value for key, value in printed.items() if key[1] < "2026-07"
    }


def test_the_proof_of_all_figures_agrees_after_corrections(cast: Cast, won: Opportunity) -> None:
    with program_scope(cast.program.pk):
        other = Opportunity.objects.exclude(pk=won.pk).get()
    changed(cast, won, source="direct", partner_id=None)
    changed(cast, other, program_amount=Decimal(40), partner_id=cast.birch.pk)
    with program_scope(cast.program.pk):
        move(other, date(2026, 4, 20), "open", 70)
        activity(cast.program, cast.birch, date(2026, 1, 9), "event")
    settle(cast.program)
    before = stored(cast.program)
    assert rebuild_program(cast.program.pk) == 0
    assert stored(cast.program) == before


def test_the_proof_reports_a_closed_month_and_books_it(cast: Cast, won: Opportunity) -> None:
    before = closed(stored(cast.program))
    with program_scope(cast.program.pk):
        Opportunity.objects.filter(pk=won.pk).update(removed_at=at(2026, 6, 15))  # nobody marked it
    assert rebuild_program(cast.program.pk) > 0
    with program_scope(cast.program.pk):
        run = last_rebuild()
    assert run is not None
    assert {cell["month"] for cell in run.differences if cell["closed"]} >= {"2026-05"}
    found = stored(cast.program)
    assert closed(found) == before
    assert of(found, "alder", "sourced_won") == {"2026-05": 100, "2026-06": -100}
    assert rebuild_program(cast.program.pk) == 0


def test_steps_sum_to_the_level() -> None:
    months = [date(2026, month, 1) for month in range(1, 6)]
    off = {months[0]: Decimal(5), months[1]: Decimal(5), months[3]: Decimal(-2)}
    found = steps(off, months[-1])
    assert found == {months[0]: 5, months[2]: -5, months[3]: -2, months[4]: 2}
    for month in months:
        assert sum(value for at, value in found.items() if at <= month) == off.get(month, 0)


def test_which_months_can_be_closed() -> None:
    assert closable(JUNE, None, date(2026, 4, 1)) == [MAY, date(2026, 4, 1)]
    assert closable(JUNE, date(2026, 4, 1), date(2025, 1, 1)) == [MAY]
    assert closable(JUNE, MAY, date(2025, 1, 1)) == []
    assert closable(JUNE, None, None) == []


def test_two_leaders_close_it_once(committed_cast: Cast) -> None:
    results: list[Any] = []
    gate = threading.Barrier(2)

    def work() -> None:
        try:
            gate.wait(10)
            results.append(close(committed_cast))
        except Clash as refusal:
            results.append(refusal)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(type(result).__name__ for result in results) == ["Clash", "ClosedMonth"]


@pytest.mark.parametrize(
    ("metric", "period"),
    [
        ("sourced_won", ("2026-05", "2026-05")),
        ("sourced_won", ("2026-06", "2026-06")),
        ("sourced_won", ("2026-01", "2026-06")),
        ("sourced_pipeline", ("2026-01", "2026-04")),
        ("sourced_pipeline", ("2026-01", "2026-06")),
        ("minutes", ("2026-04", "2026-04")),
    ],
)
def test_every_number_is_its_rows_and_the_corrections(
    cast: Cast, won: Opportunity, metric: str, period: tuple[str, str]
) -> None:
    changed(cast, won, source="direct", partner_id=None)
    with program_scope(cast.program.pk):
        activity(cast.program, cast.alder, date(2026, 4, 9), "call", 20)
    settle(cast.program)
    address = f"/p/northwind/pipeline/rows/{metric}/?from={period[0]}&to={period[1]}"
    page = cast.client("leader").get(address)
    assert page.status_code == 200
    assert not page.context["differs"]
    adjusted = sum(line.value for line in page.context["adjusted"])
    assert page.context["total"] + adjusted == page.context["cell"]


def test_closing_by_screen_and_by_api(cast: Cast) -> None:
    leader = cast.client("leader")
    with program_scope(cast.program.pk):
        activity(cast.program, cast.alder, date(2026, 4, 9), "call", 20)
    settle(cast.program)
    page = leader.get("/p/northwind/pipeline/months/")
    assert [value for value, _label in page.context["choices"]] == ["2026-05", "2026-04"]
    assert leader.post("/p/northwind/pipeline/months/close/", {"month": "2026-04"}).status_code == 302
    address = "/api/v1/programs/northwind/closed-months/"
    again = leader.post(address, {"month": "2026-04"}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "closed")
    assert leader.post(address, {"month": "2026-05"}, content_type="application/json").status_code == 201
    early = leader.post(address, {"month": "2026-06"}, content_type="application/json")
    assert (early.status_code, early.json()["code"]) == (422, "month_runs")
    assert [row["month"] for row in leader.get(address).json()["results"]] == ["2026-05", "2026-04"]
    assert leader.get("/api/v1/programs/northwind/metrics/").json()["closed_through"] == "2026-05"
    assert "Closed up to May 2026" in leader.get("/p/northwind/pipeline/").content.decode()
