"""The nightly proof: what was stored is held against the rows, differences are reported and put right."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F

from partners.core.scope import program_scope
from partners.models import CellMark
from prm.models import MetricCell, RebuildRun
from prm.selectors.cells import last_rebuild
from prm.services import cells
from prm.tasks import rebuild_cells, rebuild_program, sweep_marks
from tests.prm.facts import activity, at, deal, settle, stored
from tests.support.cast import Cast


@pytest.fixture(autouse=True)
def june() -> Iterator[None]:
    """Everything happens on 15 June 2026."""
    with time_machine.travel(at(2026, 6, 15), tick=False):
        yield


@pytest.fixture
def counted(cast: Cast) -> Cast:
    """Nine cells, all right."""
    with program_scope(cast.program.pk):
        deal(cast.program, cast.alder, [(date(2026, 4, 1), "open", 100)])
        deal(cast.program, None, [(date(2026, 6, 1), "open", 400)])
        activity(cast.program, cast.alder, date(2026, 5, 1), "meeting", 30)
        activity(cast.program, cast.birch, date(2026, 5, 1), "login")
    settle(cast.program)
    assert len(stored(cast.program)) == 9
    return cast


def newest(cast: Cast) -> RebuildRun:
    with program_scope(cast.program.pk):
        run = last_rebuild()
    assert run is not None
    return run


def test_right_cells_are_found_right(counted: Cast) -> None:
    before = stored(counted.program)
    assert rebuild_program(counted.program.pk) == 0
    run = newest(counted)
    assert (run.cells, run.differed, run.differences) == (9, 0, [])
    assert str(run) == "0 of 9 cells differed"
    assert stored(counted.program) == before


def test_planted_differences_are_reported_and_put_right(counted: Cast) -> None:
    before = stored(counted.program)
    with program_scope(counted.program.pk):
        wrong = MetricCell.objects.filter(partner=counted.alder, metric="minutes")
        assert wrong.update(value=F("value") + 7) == 1
        MetricCell.objects.get(partner=counted.birch, metric="participation").delete()
        MetricCell.objects.create(
            program=counted.program, month=date(2026, 1, 1), metric="direct_pipeline", value=5
        )
    assert rebuild_program(counted.program.pk) == 3
    run = newest(counted)
    assert (run.cells, run.differed) == (10, 3)
    found = {
        (cell["partner"], cell["month"], cell["metric"]): (
            int(Decimal(cell["old"])),
            int(Decimal(cell["new"])),
        )
        for cell in run.differences
    }
    assert found == {
        ("Alder Consulting", "2026-05", "minutes"): (37, 30),
        ("Birch Systems", "2026-05", "participation"): (0, 1),
        ("", "2026-01", "direct_pipeline"): (5, 0),
    }
    assert stored(counted.program) == before


def test_a_cell_that_a_mark_names_is_not_yet_wrong(counted: Cast) -> None:
    with program_scope(counted.program.pk):
        activity(counted.program, counted.alder, date(2026, 5, 2), "meeting", 30)
        run = cells.rebuild_cells()
        assert run.differed == 0
        assert CellMark.objects.count() == 1


def test_a_change_without_its_mark_is_found(counted: Cast) -> None:
    with program_scope(counted.program.pk):
        activity(counted.program, counted.alder, date(2026, 5, 2), "meeting", 30)
        CellMark.objects.all().delete()
    assert rebuild_program(counted.program.pk) == 2
    assert stored(counted.program)[("alder", "2026-05", "minutes")] == 60


def test_the_command_says_what_it_found(counted: Cast) -> None:
    with program_scope(counted.program.pk):
        MetricCell.objects.filter(partner=counted.alder, metric="minutes").update(value=1)
    out = StringIO()
    call_command("rebuild_cells", "--program", "northwind", stdout=out)
    assert out.getvalue().splitlines() == [
        "northwind: 1 of 9 cells differed.",
        "  Alder Consulting 2026-05 minutes: 1.00 is 30 now",
    ]
    out = StringIO()
    call_command("rebuild_cells", stdout=out)
    assert out.getvalue().splitlines() == [
        "northwind: 0 of 9 cells differed.",
        "southgate: 0 of 0 cells differed.",
    ]
    with pytest.raises(CommandError, match=r"There is no program 'nowhere'\."):
        call_command("rebuild_cells", "--program", "nowhere")


def test_the_sweep_wakes_only_programs_with_marks(counted: Cast, django_capture_on_commit_callbacks) -> None:
    settle(counted.other_program)
    with program_scope(counted.program.pk):
        activity(counted.program, counted.alder, date(2026, 5, 2), "meeting", 30)
    connection.run_on_commit.clear()  # as if nobody had been woken at the time of the change
    with django_capture_on_commit_callbacks() as callbacks:
        assert sweep_marks() == 1
    assert len(callbacks) == 1
    settle(counted.program)
    assert sweep_marks() == 0
    assert rebuild_cells() == 2
