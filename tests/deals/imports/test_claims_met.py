"""What a CRM's file tells about claims: moves of our side, deals that end, customers claimed before."""

from datetime import UTC, date, datetime, timedelta

import pytest

from deals.cases.decision_clocks import escalate_decisions, note_missed_decisions
from deals.models import Account, AccountKey, Conflict, Opportunity, Registration, StageChange
from deals.rules.lifecycle import State
from partners.core import clock
from partners.core.actor import Actor
from partners.core.scope import program_scope
from partners.models import CellMark, LedgerEntry, Notice
from tests.deals.making import account, registered
from tests.support.imports import counts, load_file, notes

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FERNHILL = {"customer_name": "Fernhill Logistics", "website": "fernhill-logistics.com", "country": "GB"}
HEADER = (
    "Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Close Date,Created Date,Opportunity Owner\n"
)


@pytest.fixture(autouse=True)
def _monday():
    with clock.at(MONDAY):
        yield


@pytest.fixture
def claim(cast) -> Registration:
    account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", external_id="A-1")
    return registered(cast, **FERNHILL)


def deals(cast, *rows: str, days: int = 2):
    """Load these rows some days after the claim."""
    with clock.at(MONDAY + timedelta(days=days)), program_scope(cast.program.pk):
        return load_file(cast, (HEADER + "\n".join(rows) + "\n").encode(), name="pipeline.csv")


def found(cast) -> list[str]:
    with program_scope(cast.program.pk):
        return list(Conflict.objects.order_by("pk").values_list("kind", flat=True))


OPEN = "O-1,Fernhill renewal,Fernhill Logistics,Proposal,5000,2027-01-31,2026-11-24,Jo March"
WON = "O-1,Fernhill renewal,Fernhill Logistics,Closed Won,5000,2026-12-02,2026-11-24,Jo March"


def test_a_loaded_opportunity_under_protection_is_a_conflict_once(cast, claim) -> None:
    deals(cast, OPEN)
    deals(cast, OPEN, days=3)
    deals(cast, OPEN.replace("5000", "6000"), days=4)
    assert found(cast) == ["rep_opportunity"]
    with program_scope(cast.program.pk):
        conflict = Conflict.objects.get()
        assert (conflict.registration, conflict.severity, conflict.raised_by) == (claim, "review", "")
        assert conflict.due_at == datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
        facts = [fact["fact"] for fact in conflict.evidence]
        assert facts[2:] == [
            "Opportunity “Fernhill renewal” opened (our own, stage Proposal, owner Jo March).",
            "Added from the file pipeline.csv",
        ]


def test_a_move_of_our_side_counts_at_once_and_promises_the_partner_nothing(cast, claim) -> None:
    """The figure of conflicts was put right by the nightly proof only."""
    with program_scope(cast.program.pk):
        CellMark.objects.all().delete()
    deals(cast, OPEN)
    with program_scope(cast.program.pk):
        assert CellMark.objects.filter(partner=cast.alder, since=date(2026, 11, 1)).exists()
    for sweep, when in ((escalate_decisions, 8), (note_missed_decisions, 20)):
        with clock.at(datetime(2026, 11, 27, when, tzinfo=UTC)), program_scope(cast.program.pk):
            assert sweep(actor=Actor.system(program_id=cast.program.pk, name="Clock")) == 1
    with program_scope(cast.program.pk):
        bodies = [row.body for row in Notice.objects.filter(seat=cast.seats["ops"]).order_by("pk")]
    assert len(bodies) == 3
    assert not any("We promised" in body for body in bodies)
    assert "It is to be decided by Fri 27 Nov, 10:00." in bodies[0]
    assert "It was to be decided by Fri 27 Nov, 10:00, and is not." in bodies[2]


def test_one_that_was_there_before_the_claim_says_so(cast, claim) -> None:
    deals(cast, OPEN.replace("2026-11-24", "2026-10-01"))
    with program_scope(cast.program.pk):
        assert Conflict.objects.get().evidence[2]["fact"].endswith("Its opening day lies before the claim.")


def test_control_elsewhere_or_lost_or_long_ago_it_is_none(cast, claim) -> None:
    deals(
        cast,
        OPEN.replace("Fernhill Logistics", "Quillmark"),
        "O-2,Old,Fernhill Logistics,Closed Won,5000,2026-10-02,2026-09-24,Jo March",
        "O-3,Gone,Fernhill Logistics,Closed Lost,5000,2026-11-24,2026-11-24,Jo March",
    )
    assert found(cast) == []
    deals(cast, OPEN, days=95)
    assert found(cast) == []


def test_won_without_the_partner_is_a_route_around_even_when_told_later(cast, claim) -> None:
    deals(cast, OPEN)
    deals(cast, WON, days=200)
    deals(cast, WON, days=201)
    assert found(cast) == ["rep_opportunity", "route_around"]
    with program_scope(cast.program.pk):
        evidence = Conflict.objects.latest("pk").evidence
    # It had that stage when it was won, not when it was opened.
    assert evidence[2]["fact"] == "Opportunity “Fernhill renewal” opened (our own, owner Jo March)."


def test_the_crms_copy_of_a_registered_deal_is_that_deal(cast, claim) -> None:
    copy = "O-9,fernhill logistics,Fernhill Logistics,Negotiation,25000,2027-01-31,2026-11-24,Jo March"
    summary = deals(cast, copy)
    assert counts(summary)[1:4] == (0, 1, 0)
    assert notes(summary)["A registered deal of this name and account was here; it took the id of the file."]
    with program_scope(cast.program.pk):
        own = Opportunity.objects.get()
        assert (own.external_id, own.source, own.stage) == ("O-9", "sourced", "Negotiation")
    assert counts(deals(cast, copy, days=3))[1:4] == (0, 0, 1)
    assert found(cast) == []


def test_won_in_the_crm_wins_the_registration(cast, claim) -> None:
    deals(
        cast, "O-9,Fernhill Logistics,Fernhill Logistics,Closed Won,25000,2026-12-20,2026-11-24,Jo", days=30
    )
    with program_scope(cast.program.pk):
        assert Registration.objects.get().state == State.WON
        assert Opportunity.objects.get().source == "sourced"
    assert found(cast) == []


def test_won_in_the_crm_within_the_notice_period_is_late(cast, claim) -> None:
    deals(
        cast, "O-9,Fernhill Logistics,Fernhill Logistics,Closed Won,25000,2026-12-02,2026-11-24,Jo", days=30
    )
    with program_scope(cast.program.pk):
        assert Opportunity.objects.get().source == "routed"
    assert found(cast) == ["late"]
    late = "Won within 14 days of the claim: it counts as fulfilled by you, not as sourced."
    with program_scope(cast.program.pk):
        assert [row.state for row in StageChange.objects.order_by("pk")] == ["open", "won"]
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        assert LedgerEntry.objects.get(verb="registration.won").sentence.endswith(late)
        assert Notice.objects.filter(kind="closed", body__endswith=late).count() == 2
    shown = cast.client("alder_seller").get(f"/portal/northwind/deals/{claim.public_id}/").content.decode()
    assert "It counts as fulfilled by you, not as sourced." in shown


def own(stage: str, closes: str = "2026-12-20") -> str:
    return f"O-9,Fernhill Logistics,Fernhill Logistics,{stage},25000,{closes},2026-11-24,Jo"


def end_and_state(cast) -> tuple[datetime, str, str]:
    with program_scope(cast.program.pk):
        row = Registration.objects.select_related("protection", "opportunity").get(partner=cast.alder)
        assert row.opportunity is not None
        return row.protection.period.upper, row.state, row.opportunity.state


@pytest.mark.parametrize("stage", ["Closed Won", "Closed Lost"])
def test_a_deal_the_crm_opens_again_is_held_for_the_days_that_were_left(cast, claim, stage) -> None:
    """Its partner read "Won. Thank you." while the deal was open, and was protected no more."""
    deals(cast, own(stage), days=30)
    assert end_and_state(cast)[1:] == (("won", "won") if stage == "Closed Won" else ("lost", "lost"))
    for days in (31, 32):
        deals(cast, own("Negotiation", "2027-02-01"), days=days)
    assert end_and_state(cast) == (MONDAY + timedelta(days=90), "approved", "open")
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        told = list(LedgerEntry.objects.filter(verb="registration.reopened"))
        assert [entry.sentence for entry in told] == ["The deal is open again, and so is your protection."]
        assert Notice.objects.filter(kind="closed", subject__endswith="the deal is open again").count() == 2
    with clock.at(MONDAY + timedelta(days=33)):
        assert registered(cast, "birch_admin", **FERNHILL).state == State.IN_REVIEW


def test_what_is_opened_again_when_nothing_is_left_or_another_holds_it_has_expired(cast, claim) -> None:
    deals(cast, own("Closed Lost"), days=30)
    with clock.at(MONDAY + timedelta(days=31)):
        assert registered(cast, "birch_admin", **FERNHILL).state == State.APPROVED
    deals(cast, own("Negotiation"), days=32)
    assert end_and_state(cast) == (MONDAY + timedelta(days=30), "expired", "open")
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        assert "Birch" not in LedgerEntry.objects.get(verb="registration.reopened").sentence


def test_what_is_opened_again_after_its_days_has_expired(cast, claim) -> None:
    deals(cast, own("Closed Lost"), days=30)
    deals(cast, own("Negotiation"), days=95)
    assert end_and_state(cast)[1:] == ("expired", "open")


def test_a_deal_that_ended_otherwise_takes_its_registration_along(cast, claim) -> None:
    deals(cast, own("Closed Won"), days=30)
    deals(cast, own("Closed Lost"), days=31)
    assert end_and_state(cast)[1:] == ("lost", "lost")
    deals(cast, own("Closed Won"), days=32)
    assert end_and_state(cast)[1:] == ("won", "won")
    deals(cast, own("Negotiation"), days=33)
    assert end_and_state(cast) == (MONDAY + timedelta(days=90), "approved", "open")


def test_won_and_lost_in_the_crm_are_told_to_the_partner(cast, claim) -> None:
    deals(cast, own("Closed Lost"), days=30)
    deals(cast, own("Closed Lost"), days=31)
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        subjects = [row.subject for row in Notice.objects.filter(kind="closed")]
    assert subjects == ["Fernhill Logistics: closed as lost"] * 2  # its admin and its seller


def test_a_registered_deal_that_vanishes_in_the_crm_is_looked_at(cast, claim) -> None:
    deals(cast, "O-9,Fernhill Logistics,Fernhill Logistics,Negotiation,25000,2027-01-31,2026-11-24,Jo")
    with program_scope(cast.program.pk):
        CellMark.objects.all().delete()
    gone = HEADER.replace("Opportunity Owner", "Is Deleted") + (
        "O-9,Fernhill Logistics,Fernhill Logistics,Negotiation,25000,2027-01-31,2026-11-24,true\n"
    )
    for days in (3, 4):
        with clock.at(MONDAY + timedelta(days=days)), program_scope(cast.program.pk):
            load_file(cast, gone.encode(), name="gone.csv")
    assert found(cast) == ["source_changed"]
    with program_scope(cast.program.pk):
        assert Opportunity.objects.get().removed_at is not None
        assert CellMark.objects.filter(partner=cast.alder, since=date(2026, 11, 1)).exists()


def test_a_dry_run_opens_nothing(cast, claim) -> None:
    with program_scope(cast.program.pk):
        load_file(cast, (HEADER + OPEN + "\n").encode(), dry_run=True)
    assert found(cast) == []


def test_accounts_that_become_named_or_customers_do_not_hurt_a_protection(cast, claim) -> None:
    with program_scope(cast.program.pk):
        load_file(
            cast,
            b"Account ID,Account Name,Website,Type,Named Account\n"
            b"A-1,Fernhill Logistics,fernhill-logistics.com,Customer,true\n",
            kind="accounts",
        )
        row = Account.objects.get()
        assert (row.is_customer, row.is_named) == (True, True)
        assert Registration.objects.get().state == State.APPROVED
    assert found(cast) == []


def test_an_account_made_by_a_claim_is_the_files_of_the_same_website(cast) -> None:
    registered(cast, **FERNHILL)
    content = (
        b"Account ID,Account Name,Website,Billing Country\n"
        b"A-7,Fernhill Logistics Ltd,fernhill-logistics.com,GB\n"
    )
    with program_scope(cast.program.pk):
        summary = load_file(cast, content, kind="accounts")
        assert counts(summary)[1:4] == (0, 1, 0)
        row = Account.objects.get()
        assert (row.external_id, row.name) == ("A-7", "Fernhill Logistics Ltd")
        assert AccountKey.objects.filter(account=row).exists()
        assert counts(load_file(cast, content, kind="accounts"))[1:4] == (0, 0, 1)


def test_control_another_customer_stays_another_account(cast) -> None:
    registered(cast, **FERNHILL)
    with program_scope(cast.program.pk):
        load_file(
            cast,
            b"Account ID,Account Name,Website\nA-7,Harbour Insurance Services,harbour-insurance.com\n",
            kind="accounts",
        )
        assert Account.objects.count() == 2
