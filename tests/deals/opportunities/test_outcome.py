"""How an opportunity ends, and how a protection does."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from deals.models import Account, Opportunity, OpportunityState, Protection, Registration, StageChange
from deals.registrations.outcome import close_opportunity
from deals.registrations.protect import expire_protections
from deals.rules.lifecycle import State
from partners.core.actor import Actor
from partners.core.errors import Clash, NotAllowed, RuleBroken, Stale
from partners.core.scope import program_scope
from partners.models import CellMark, LedgerEntry
from tests.deals.making import account, direct_opportunity, registered

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def sourced(cast) -> Opportunity:
    with time_machine.travel(MONDAY, tick=False):
        row = registered(cast)
    with program_scope(cast.program.pk):
        return Opportunity.objects.get(registration=row)


def closed(cast, opportunity, who="ops", **changes):
    values = {"state": OpportunityState.WON} | changes
    with program_scope(cast.program.pk):
        return close_opportunity(actor=cast.actor(who), opportunity=opportunity, **values)


def test_winning_ends_the_registration_its_protection_and_makes_a_customer(cast, sourced) -> None:
    with time_machine.travel(MONDAY + timedelta(days=10), tick=False):
        row = closed(cast, sourced)
        assert (row.state, row.closed_on, row.stage) == ("won", date(2026, 12, 3), "Won")
        with program_scope(cast.program.pk):
            registration = Registration.objects.get()
            assert registration.state == State.WON
            assert Protection.objects.get().period.upper == MONDAY + timedelta(days=10)
            assert Account.objects.get().is_customer
            assert [str(change.on) for change in StageChange.objects.order_by("pk")] == [
                "2026-11-23",
                "2026-12-03",
            ]
            assert CellMark.objects.filter(partner=cast.alder, since=date(2026, 12, 1)).exists()


def test_losing_frees_the_customer_for_others(cast, sourced) -> None:
    closed(cast, sourced, state=OpportunityState.LOST)
    with program_scope(cast.program.pk):
        assert Registration.objects.get().state == State.LOST
        assert not Account.objects.get().is_customer
    assert registered(cast, "birch_admin").state == State.APPROVED


def test_an_opportunity_ends_once(cast, sourced) -> None:
    closed(cast, sourced)
    with pytest.raises(Clash):
        closed(cast, sourced, state=OpportunityState.LOST)
    with program_scope(cast.program.pk):
        assert StageChange.objects.count() == 2


def test_a_direct_opportunity_has_no_registration_to_end(cast) -> None:
    deal = direct_opportunity(cast, account(cast, "Fernhill", "fernhill.org", "GB"))
    assert closed(cast, deal, closed_on=date(2026, 10, 2)).closed_on == date(2026, 10, 2)


@pytest.mark.parametrize("who", ["manager", "rep", "sponsor", "alder_admin"])
def test_other_roles_close_nothing(cast, sourced, who) -> None:
    with pytest.raises(NotAllowed):
        closed(cast, sourced, who)
    with program_scope(cast.program.pk):
        assert Opportunity.objects.get().state == "open"


def test_the_closing_day_lies_between_opening_and_today(cast, sourced) -> None:
    for day in (date(2026, 11, 22), date(2100, 1, 1)):
        with pytest.raises(RuleBroken) as refused:
            closed(cast, sourced, closed_on=day)
        assert refused.value.field == "closed_on"
    with pytest.raises(RuleBroken):
        closed(cast, sourced, state=OpportunityState.OPEN)
    with pytest.raises(Stale):
        closed(cast, sourced, expected_version=7)
    with program_scope(cast.program.pk):
        assert Opportunity.objects.get().state == "open"
        assert StageChange.objects.count() == 1


def expire(cast) -> int:
    with program_scope(cast.program.pk):
        return expire_protections(actor=Actor.system(program_id=cast.program.pk, name="clock"))


def test_a_protection_that_is_over_expires_once_and_the_deal_stays_open(cast, sourced) -> None:
    with time_machine.travel(MONDAY + timedelta(days=90, seconds=-1), tick=False):
        assert expire(cast) == 0
    with time_machine.travel(MONDAY + timedelta(days=90), tick=False):
        assert expire(cast) == 1
        assert expire(cast) == 0
    with program_scope(cast.program.pk):
        assert Registration.objects.get().state == State.EXPIRED
        assert Opportunity.objects.get().state == "open"
        entry = LedgerEntry.objects.get(verb="registration.expired")
        assert (entry.partner, entry.actor_name) == (cast.alder, "clock")


def test_the_customer_is_free_at_the_end_even_before_the_sweep(cast, sourced) -> None:
    with time_machine.travel(MONDAY + timedelta(days=91), tick=False):
        row = registered(cast, "birch_admin")
        # Alder's opportunity is still open, so a person looks; nothing is held any more.
        assert row.state == State.IN_REVIEW
        assert expire(cast) == 1
