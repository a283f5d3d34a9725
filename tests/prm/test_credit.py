"""Whose figures a deal is: shared credit, a source that changes, a deal that came late."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
import time_machine

from deals.models import Opportunity, Source
from deals.opportunities.source import change_source
from partners.core.scope import program_scope
from prm.rules.periods import Period
from prm.selectors import cells
from tests.prm.facts import at, deal, of, settle, stored
from tests.prm.test_views_pipeline import rows_of
from tests.support.cast import Cast

MONTHS = Period(date(2026, 2, 1), date(2026, 6, 1))


@pytest.fixture(autouse=True)
def june() -> Iterator[None]:
    with time_machine.travel(at(2026, 6, 15), tick=False):
        yield


@pytest.fixture
def shared(cast: Cast) -> Opportunity:
    """Open in February, raised in March, won in May; a ruling gave Alder a third of it."""
    with program_scope(cast.program.pk):
        row = deal(
            cast.program,
            cast.alder,
            [
                (date(2026, 2, 10), "open", 1000),
                (date(2026, 3, 5), "open", 1503),
                (date(2026, 5, 20), "won", 1400),
            ],
        )
        row.partner_share = 33
        row.save_fields("partner_share")
        return row


def test_shared_credit_counts_by_the_partners_part(cast: Cast, shared: Opportunity) -> None:
    settle(cast.program)
    found = stored(cast.program)
    assert of(found, "alder", "sourced_pipeline") == {
        "2026-02": 330,
        "2026-03": 495,
        "2026-04": 495,
    }
    assert of(found, "alder", "sourced_won") == {"2026-05": 462}
    assert of(found, "alder", "sourced_won_count") == {"2026-05": 1}


@pytest.mark.parametrize("key", ["sourced_pipeline", "sourced_opened", "sourced_won", "sourced_won_count"])
def test_the_rows_behind_shared_credit_sum_to_it(cast: Cast, shared: Opportunity, key: str) -> None:
    settle(cast.program)
    for last in ("2026-03", "2026-06"):
        period = Period(MONTHS.first, date.fromisoformat(f"{last}-01"))
        with program_scope(cast.program.pk):
            figures = cells.totals(period, partner_id=None)
        rows = rows_of(cast, key, **{"from": "2026-02", "to": last})
        assert sum((Decimal(row[key]) for row in rows), Decimal(0)) == figures[key]


def test_a_changed_source_moves_the_figures_from_the_beginning(cast: Cast, shared: Opportunity) -> None:
    settle(cast.program)
    with program_scope(cast.program.pk):
        change_source(
            actor=cast.actor("ops"), opportunity=shared, source=Source.DIRECT, reason="It was our own."
        )
    settle(cast.program)
    found = stored(cast.program)
    assert of(found, "alder", "sourced_pipeline") == of(found, "alder", "sourced_won") == {}
    # Our own deal counts in full, whatever part of it was once a partner's.
    assert of(found, None, "direct_pipeline") == {"2026-02": 1000, "2026-03": 1503, "2026-04": 1503}


def test_a_deal_fulfilled_by_a_partner_is_in_nobodys_sourced_figures(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        deal(cast.program, cast.alder, [(date(2026, 3, 1), "open", 500)], source="routed")
    settle(cast.program)
    assert not [key for key in stored(cast.program) if key[1].startswith(("sourced", "direct"))]
