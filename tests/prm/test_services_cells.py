"""The cells hold what the definitions say, counted by hand."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine

from deals.models import Registration
from partners.core.scope import program_scope
from partners.models import Activity, CellMark
from prm.services import cells
from tests.prm.facts import activity, at, claim, conflict, deal, move, of, rebuilt, settle, stored
from tests.support.cast import Cast


@pytest.fixture(autouse=True)
def june() -> Iterator[None]:
    """Everything happens on 15 June 2026."""
    with time_machine.travel(at(2026, 6, 15), tick=False):
        yield


@pytest.fixture
def facts(cast: Cast) -> Cast:
    """A small history of two partners and the vendor itself."""
    with program_scope(cast.program.pk):
        # Open from February, raised in March, won in May.
        deal(
            cast.program,
            cast.alder,
            [
                (date(2026, 2, 10), "open", 1000),
                (date(2026, 3, 5), "open", 1500),
                (date(2026, 5, 20), "won", 1400),
            ],
        )
        # Opened and raised within April, still open.
        deal(
            cast.program,
            cast.alder,
            [(date(2026, 4, 1), "open", 200), (date(2026, 4, 30), "open", 300)],
        )
        # Without an amount, lost in the month it was opened.
        deal(cast.program, cast.birch, [(date(2026, 3, 1), "open", None), (date(2026, 3, 9), "lost", None)])
        # Routed to a partner: neither sourced nor direct.
        deal(cast.program, cast.birch, [(date(2026, 3, 1), "open", 9000)], source="routed")
        deal(cast.program, None, [(date(2026, 1, 3), "open", 5000), (date(2026, 3, 31), "lost", 5000)])
    return cast


def test_sourced_pipeline_stands_as_it_was_at_each_month_end(facts: Cast) -> None:
    settle(facts.program)
    found = stored(facts.program)
    assert of(found, "alder", "sourced_pipeline") == {
        "2026-02": 1000,
        "2026-03": 1500,
        "2026-04": 1800,
        "2026-05": 300,
        "2026-06": 300,
    }
    assert of(found, "birch", "sourced_pipeline") == {}
    assert of(found, None, "direct_pipeline") == {"2026-01": 5000, "2026-02": 5000}


def test_opened_won_and_lost_are_counted_in_their_month(facts: Cast) -> None:
    settle(facts.program)
    found = stored(facts.program)
    assert of(found, "alder", "sourced_opened") == {"2026-02": 1000, "2026-04": 300}
    assert of(found, "alder", "sourced_count") == {"2026-02": 1, "2026-04": 1}
    assert of(found, "alder", "sourced_won") == {"2026-05": 1400}
    assert of(found, "alder", "sourced_won_count") == {"2026-05": 1}
    assert of(found, "birch", "sourced_count") == {"2026-03": 1}
    assert of(found, "birch", "sourced_lost_count") == {"2026-03": 1}


def test_a_later_move_leaves_past_months_alone(facts: Cast) -> None:
    settle(facts.program)
    before = stored(facts.program)
    with program_scope(facts.program.pk):
        late = deal(facts.program, facts.alder, [(date(2026, 6, 1), "open", 70)])
        move(late, date(2026, 6, 14), "won", 80)
    settle(facts.program)
    after = stored(facts.program)
    assert {key: value for key, value in after.items() if key[1] != "2026-06"} == {
        key: value for key, value in before.items() if key[1] != "2026-06"
    }
    assert of(after, "alder", "sourced_won") == {"2026-05": 1400, "2026-06": 80}
    assert after == rebuilt(facts.program)


def test_a_win_taken_back_counts_back_when_it_was_taken_back(facts: Cast) -> None:
    with program_scope(facts.program.pk):
        undone = deal(
            facts.program, facts.birch, [(date(2026, 2, 1), "open", 50), (date(2026, 2, 2), "won", 50)]
        )
        move(undone, date(2026, 6, 3), "open", 60)
    settle(facts.program)
    found = stored(facts.program)
    assert of(found, "birch", "sourced_won") == {"2026-02": 50, "2026-06": -50}
    assert of(found, "birch", "sourced_won_count") == {"2026-02": 1, "2026-06": -1}
    assert of(found, "birch", "sourced_pipeline") == {"2026-06": 60}


def test_registrations_sellers_and_conflicts(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        # 23:30 UTC on the last of April is May in Berlin.
        first = claim(cast, cast.alder, at(2026, 4, 30, 23), seller="alder_seller")
        claim(cast, cast.alder, at(2026, 5, 4), seller="alder_seller")
        claim(cast, cast.alder, at(2026, 5, 5), seller="alder_admin", state="won", decided_at=at(2026, 5, 6))
        claim(cast, cast.alder, at(2026, 5, 6), state="declined", decided_at=at(2026, 6, 1))
        claim(cast, cast.alder, at(2026, 5, 7), state="duplicate", duplicate_of=first)
        conflict(first, at(2026, 5, 1))
        conflict(first, at(2026, 5, 1), severity="note")
    settle(cast.program)
    found = stored(cast.program)
    assert of(found, "alder", "registrations_submitted") == {"2026-05": 4}
    assert of(found, "alder", "registrations_approved") == {"2026-05": 1}
    assert of(found, "alder", "registrations_declined") == {"2026-06": 1}
    assert of(found, "alder", "sellers_active") == {"2026-05": 2}
    assert of(found, "alder", "conflicts_opened") == {"2026-05": 1}


def test_a_later_decision_does_not_move_the_month_of_an_approval(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        claim(cast, cast.alder, at(2026, 4, 2), state="approved", decided_at=at(2026, 4, 3))
        # Revoked in May, or an appeal against that declined: neither takes back that April said yes.
        Registration.objects.update(state="declined", decided_at=at(2026, 5, 20))
    settle(cast.program)
    found = stored(cast.program)
    assert of(found, "alder", "registrations_approved") == {"2026-04": 1}
    assert of(found, "alder", "registrations_declined") == {}


def test_work_and_participation_are_never_one_number(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        activity(cast.program, cast.alder, date(2026, 5, 1), "meeting", 45)
        activity(cast.program, cast.alder, date(2026, 5, 31), "training_given", 120)
        activity(cast.program, cast.alder, date(2026, 5, 31), "login")
        activity(cast.program, cast.alder, date(2026, 6, 1), "certificate")
    settle(cast.program)
    found = stored(cast.program)
    assert of(found, "alder", "activities_work") == {"2026-05": 2}
    assert of(found, "alder", "minutes") == {"2026-05": 165}
    assert of(found, "alder", "participation") == {"2026-05": 1, "2026-06": 1}


def test_a_change_and_its_mark_are_one_transaction(cast: Cast) -> None:
    settle(cast.program)

    def cut_short() -> None:
        with program_scope(cast.program.pk):
            activity(cast.program, cast.alder, date(2026, 5, 1))
            assert CellMark.objects.count() == 1
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power"):
        cut_short()
    with program_scope(cast.program.pk):
        assert Activity.objects.count() == 0
        assert CellMark.objects.count() == 0


def test_what_is_gone_leaves_no_cell(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        row = activity(cast.program, cast.alder, date(2026, 5, 1))
    settle(cast.program)
    assert len(stored(cast.program)) == 1
    with program_scope(cast.program.pk):
        row.delete()
        CellMark.objects.create(program=cast.program, partner=cast.alder, since=date(2026, 5, 1))
    settle(cast.program)
    assert stored(cast.program) == {}


def test_the_turn_of_the_month_carries_open_pipeline_forward(facts: Cast) -> None:
    settle(facts.program)
    with time_machine.travel(at(2026, 8, 1), tick=False):
        assert settle(facts.program) == 3  # two partners and the vendor itself
        found = stored(facts.program)
        assert of(found, "alder", "sourced_pipeline")["2026-08"] == 300
        assert found == rebuilt(facts.program)
        assert settle(facts.program) == 0


def test_a_fact_dated_ahead_counts_when_its_month_comes(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        activity(cast.program, cast.alder, date(2026, 7, 2), "meeting", 30)
    settle(cast.program)
    assert stored(cast.program) == {}
    with time_machine.travel(at(2026, 7, 1), tick=False):
        settle(cast.program)
        assert of(stored(cast.program), "alder", "minutes") == {"2026-07": 30}


def test_marks_in_any_order_end_in_the_same_cells(facts: Cast) -> None:
    settle(facts.program)
    with program_scope(facts.program.pk):
        # The later month is marked first, and computed while the earlier one is still wrong.
        deal(facts.program, facts.alder, [(date(2026, 6, 2), "open", 10)])
        cells.recompute_cells(batch=1)
        deal(facts.program, facts.alder, [(date(2026, 3, 2), "open", 7), (date(2026, 6, 3), "lost", 7)])
        while cells.recompute_cells(batch=1):
            pass
    found = stored(facts.program)
    assert of(found, "alder", "sourced_pipeline")["2026-05"] == 307
    assert found == rebuilt(facts.program)


def test_another_programs_rows_are_not_counted(facts: Cast) -> None:
    with program_scope(facts.other_program.pk):
        activity(facts.other_program, facts.cedar, date(2026, 5, 1), "meeting", 30)
    settle(facts.program)
    settle(facts.other_program)
    assert {key[0] for key in stored(facts.program)} == {None, "alder", "birch"}
    assert {key[0] for key in stored(facts.other_program)} == {"cedar"}
