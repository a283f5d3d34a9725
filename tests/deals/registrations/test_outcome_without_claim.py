"""A deal that the CRM goes on with after its registration was taken back or revoked: it is our own (R127)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from deals.models import Conflict, Opportunity, Registration, StageChange
from deals.registrations.submit import withdraw
from deals.rules.lifecycle import Reason, State
from partners.core import clock
from partners.core.scope import program_scope
from partners.models import CellMark, LedgerEntry
from tests.deals.making import account, registered
from tests.deals.registrations.life import FERNHILL, acting, appealed, edited, fresh, revoked, ruled
from tests.support.imports import counts, load_file

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HEADER = "Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Close Date,Created Date\n"


@pytest.fixture(autouse=True)
def _monday():
    with clock.at(MONDAY):
        yield


@pytest.fixture
def claim(cast) -> Registration:
    """An approved registration whose deal the CRM knows as O-9."""
    account(cast, "Fernhill Logistics Ltd", "fernhill-logistics.com", "GB", external_id="A-1")
    row = registered(cast, **FERNHILL)
    told(cast, "Qualified", days=1)
    return row


def told(cast, stage: str, *, days: int, closes: str = "2027-01-31"):
    """Load what the CRM says of the deal some days after the claim."""
    row = f"O-9,Fernhill Logistics Ltd,Fernhill Logistics Ltd,{stage},25000,{closes},2026-11-23\n"
    with clock.at(MONDAY + timedelta(days=days)), program_scope(cast.program.pk):
        return load_file(cast, (HEADER + row).encode(), name="pipeline.csv")


def whose(cast) -> tuple[str, int | None, str]:
    with program_scope(cast.program.pk):
        row = Opportunity.objects.get()
        return row.source, row.partner_id, row.state


def taken_back(cast, row: Registration) -> None:
    with acting(cast, "alder_seller") as by:
        withdraw(**by, registration=row)


@pytest.mark.parametrize("end", [taken_back, revoked])
@pytest.mark.parametrize(
    ("stage", "closes", "state"), [("Negotiation", "2027-01-31", "open"), ("Closed Won", "2026-12-24", "won")]
)
def test_what_goes_on_without_its_registration_is_our_own(cast, claim, end, stage, closes, state) -> None:
    """The next file made it pipeline sourced by a partner who had no approved registration for it."""
    with clock.at(MONDAY + timedelta(days=20)):
        end(cast, claim)
    assert whose(cast) == ("sourced", cast.alder.pk, "lost")
    before = fresh(cast, claim).state
    with program_scope(cast.program.pk):
        CellMark.objects.all().delete()
    told(cast, stage, days=40, closes=closes)
    assert whose(cast) == ("direct", None, state)
    assert fresh(cast, claim).state == before
    with program_scope(cast.program.pk):
        marked = set(CellMark.objects.filter(since=date(2026, 11, 1)).values_list("partner_id", flat=True))
        assert marked == {cast.alder.pk, None}
        entry = LedgerEntry.objects.get(verb="opportunity.source_changed")
        assert (entry.old["source"], entry.new["source"]) == ("sourced by Alder Consulting", "direct")
        assert Conflict.objects.count() == 0
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        assert not LedgerEntry.objects.filter(verb="opportunity.source_changed").exists()
    assert counts(told(cast, stage, days=41, closes=closes))[1:4] == (0, 0, 1)
    with program_scope(cast.program.pk):
        assert LedgerEntry.objects.filter(verb="opportunity.source_changed").count() == 1


@pytest.mark.parametrize("end", [taken_back, revoked])
def test_control_what_the_crm_calls_lost_too_stays_what_it_was(cast, claim, end) -> None:
    with clock.at(MONDAY + timedelta(days=20)):
        end(cast, claim)
    told(cast, "Closed Lost", days=40, closes="2026-12-13")
    assert whose(cast) == ("sourced", cast.alder.pk, "lost")


def test_a_revocation_that_falls_gives_the_deal_back(cast, claim) -> None:
    with clock.at(MONDAY + timedelta(days=20)):
        revoked(cast, claim)
    told(cast, "Negotiation", days=21)
    with clock.at(MONDAY + timedelta(days=22)):
        appealed(cast, fresh(cast, claim))
        told(cast, "Proposal", days=22)  # under appeal
        assert whose(cast) == ("direct", None, "open")
        with program_scope(cast.program.pk):
            CellMark.objects.all().delete()
        ruled(cast, fresh(cast, claim), who="leader")
    row = fresh(cast, claim)
    assert (row.state, row.approved_as) == (State.APPROVED, {})
    assert whose(cast) == ("sourced", cast.alder.pk, "open")
    with program_scope(cast.program.pk):
        marked = set(CellMark.objects.filter(since=date(2026, 11, 1)).values_list("partner_id", flat=True))
        assert marked == {cast.alder.pk, None}
        assert list(StageChange.objects.order_by("pk").values_list("state", "stage")) == [
            ("open", "Registered"),
            ("open", "Qualified"),
            ("lost", "Revoked"),
            ("open", "Negotiation"),
            ("open", "Proposal"),
        ]


def test_a_revocation_that_falls_after_the_deal_was_won_wins_the_registration(cast, claim) -> None:
    with clock.at(MONDAY + timedelta(days=20)):
        revoked(cast, claim)
    told(cast, "Closed Won", days=30, closes="2026-12-20")
    with clock.at(MONDAY + timedelta(days=31)):
        appealed(cast, fresh(cast, claim))
        ruled(cast, fresh(cast, claim), who="leader")
        row = fresh(cast, claim)
        assert (row.state, row.protection.period.isempty) == (State.WON, True)
    assert whose(cast) == ("sourced", cast.alder.pk, "won")
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        told_partner = list(LedgerEntry.objects.order_by("pk").values_list("verb", "sentence"))[-2:]
    assert [verb for verb, _ in told_partner] == ["registration.approved", "registration.won"]
    assert told_partner[1][1] == "The deal was won. Thank you."


def test_a_revocation_under_appeal_that_stands_leaves_the_deal_ours(cast, claim) -> None:
    with clock.at(MONDAY + timedelta(days=20)):
        revoked(cast, claim)
        appealed(cast, fresh(cast, claim))
    told(cast, "Negotiation", days=21)  # it was lost when the appeal came
    assert whose(cast) == ("direct", None, "open")
    with clock.at(MONDAY + timedelta(days=22)):
        ruled(cast, fresh(cast, claim), who="leader", outcome="uphold_incumbent", reason=Reason.NOT_VIABLE)
    assert fresh(cast, claim).state == State.DECLINED
    assert whose(cast) == ("direct", None, "open")


def test_what_the_crm_goes_on_with_under_a_change_is_the_partners_still(cast, claim) -> None:
    with clock.at(MONDAY + timedelta(days=5)):
        edited(cast, fresh(cast, claim), amount=fresh(cast, claim).amount * 3)
    told(cast, "Negotiation", days=6)
    assert whose(cast) == ("sourced", cast.alder.pk, "open")
