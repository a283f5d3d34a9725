"""Two sweeps of one clock at once act once. A race is shown before it is closed."""

import contextlib
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.db.models import QuerySet

from deals.cases import decision_clocks as clocks
from deals.cases.decision_clocks import escalate_decisions, note_missed_decisions
from deals.models import Protection, Registration
from deals.registrations import keepalive as reminders
from deals.registrations.extensions import ask_extension
from deals.registrations.keepalive import keep_alive, remind_of_protections, report_progress
from deals.registrations.protect import expire_protections
from deals.rules.lifecycle import State
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash
from partners.core.scope import program_scope
from partners.models import LedgerEntry, Notice
from tests.deals.making import account, registered
from tests.races.test_claims import at_once
from tests.support.cast import Cast

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
# A sweep, the step it takes between reading and writing, when it has something to do, and what it writes.
SWEEPS = [
    pytest.param(
        escalate_decisions,
        (clocks, "_mark"),
        MONDAY + 30 * timedelta(hours=1),
        "conflict.escalated",
        id="escalate",
    ),
    pytest.param(note_missed_decisions, (clocks, "_mark"), MONDAY + 3 * DAY, "conflict.missed", id="missed"),
    pytest.param(
        remind_of_protections,
        (reminders, "reminder_due"),
        MONDAY + 61 * DAY,
        "registration.reminded",
        id="remind",
    ),
    pytest.param(keep_alive, (reminders, "_ask"), MONDAY + 24 * DAY, "registration.progress_asked", id="ask"),
]


@pytest.fixture
def deals(committed_cast: Cast) -> Cast:
    """One claim that waits for a ruling, one that is protected."""
    cast = committed_cast
    account(cast, "Fernhill", "fernhill-logistics.com", "GB", is_named=True)
    with clock.at(MONDAY):
        registered(cast, customer_name="Fernhill", website="fernhill-logistics.com", country="GB")
        registered(cast)
    return cast


def sweep_twice(
    cast: Cast, monkeypatch: Any, sweep: Callable[..., int], step: tuple[Any, str], moment: datetime
) -> None:
    """Two workers run the sweep; each has read before either writes, if the locks let it."""
    both_read = threading.Barrier(2)
    module, name = step
    taken = getattr(module, name)

    def meet(*args: Any, **kwargs: Any) -> Any:
        # Broken when the other found the row taken, as it should.
        with contextlib.suppress(threading.BrokenBarrierError):
            both_read.wait(2)
        return taken(*args, **kwargs)

    monkeypatch.setattr(module, name, meet)

    def work() -> int:
        with clock.at(moment), program_scope(cast.program.pk):
            return sweep(actor=Actor.system(program_id=cast.program.pk, name="Clock"))

    at_once(work, work)


def written(cast: Cast, verb: str) -> int:
    with program_scope(cast.program.pk):
        return LedgerEntry.objects.filter(verb=verb).count()


@pytest.mark.parametrize(("sweep", "step", "moment", "verb"), SWEEPS)
def test_control_without_the_lock_two_sweeps_act_twice(
    deals: Cast, monkeypatch: Any, sweep: Any, step: Any, moment: datetime, verb: str
) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows.all())
    sweep_twice(deals, monkeypatch, sweep, step, moment)
    assert written(deals, verb) == 2


@pytest.mark.parametrize(("sweep", "step", "moment", "verb"), SWEEPS)
def test_two_sweeps_at_once_act_once(
    deals: Cast, monkeypatch: Any, sweep: Any, step: Any, moment: datetime, verb: str
) -> None:
    sweep_twice(deals, monkeypatch, sweep, step, moment)
    assert written(deals, verb) == 1
    with program_scope(deals.program.pk):
        told = list(Notice.objects.exclude(kind="to_decide").values_list("seat_id", "key"))
    assert len(told) == len(set(told)) == 2


def test_expiry_against_an_extension_asked_in_time(deals: Cast) -> None:
    """Whichever comes first, the partner is not told both that it has ended and that it goes on."""
    cast, end = deals, MONDAY + 90 * DAY
    with program_scope(cast.program.pk):
        row = Registration.objects.get(state=State.APPROVED)
        partner = cast.actor("alder_seller")
        with clock.at(end - 2 * DAY):
            report_progress(actor=partner, registration=row, text="They sign next week")

    def extend() -> Registration:
        with clock.at(end - timedelta(seconds=1)), program_scope(cast.program.pk, partner_id=cast.alder.pk):
            return ask_extension(actor=partner, registration=row, note="Next week")

    def expire() -> int:
        with clock.at(end), program_scope(cast.program.pk):
            return expire_protections(actor=Actor.system(program_id=cast.program.pk, name="Clock"))

    extended, expired = at_once(extend, expire)
    with program_scope(cast.program.pk):
        row.refresh_from_db()
        until = Protection.objects.get(registration=row).period.upper
    if isinstance(extended, Clash):
        assert (expired, row.state, until) == (1, State.EXPIRED, end)
    else:
        assert (expired, row.state, until) == (0, State.APPROVED, end + 30 * DAY)


def test_a_sweep_that_dies_in_the_middle_leaves_everything_to_the_next(deals: Cast, monkeypatch: Any) -> None:
    cast, moment = deals, MONDAY + 3 * DAY

    def run() -> int:
        with clock.at(moment), program_scope(cast.program.pk):
            return note_missed_decisions(actor=Actor.system(program_id=cast.program.pk, name="Clock"))

    def dies(**_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(clocks, "tell", dies)
        with pytest.raises(SystemExit):
            run()
    connections.close_all()
    assert written(cast, "conflict.missed") == 0
    assert run() == 1
    assert written(cast, "conflict.missed") == 1
