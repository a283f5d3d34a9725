"""Returned for information: only what was asked opens up, the clock stops, the claim time stays (R117)."""

from datetime import UTC, datetime, timedelta

import pytest

from deals.models import Account, Conflict, Protection, Registration
from deals.registrations.returns import decline_unanswered
from deals.registrations.submit import withdraw
from deals.rules.lifecycle import Reason, State
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, FieldErrors, NotAllowed, RuleBroken, Stale
from partners.core.scope import program_scope
from partners.models import LedgerEntry
from tests.deals.making import account, registered
from tests.deals.registrations.life import (
    FERNHILL,
    acting,
    answered,
    asked,
    charter,
    edited,
    fresh,
    later,
    open_kinds,
    ruled,
)

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)  # ten in Berlin; the workday is 9 to 17


@pytest.fixture
def waiting(cast) -> Registration:
    """Alder's claim on an existing customer, made on Monday at ten: due on Wednesday at ten."""
    account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", is_customer=True)
    with clock.at(MONDAY):
        return registered(cast, **FERNHILL)


def test_the_clock_stops_and_goes_on_where_it_stopped(cast, waiting) -> None:
    assert waiting.decision_due_at == MONDAY + timedelta(days=2)
    with clock.at(MONDAY + timedelta(hours=2)):
        asked(cast, waiting)
    row = fresh(cast, waiting)
    assert (row.state, row.clock_left) == (State.NEEDS_INFO, timedelta(hours=14))
    assert row.answer_due_at == MONDAY + timedelta(hours=2, days=14)
    with clock.at(MONDAY + timedelta(days=7, hours=1)):  # the Monday after, at eleven
        answered(cast, row, note="The head of operations.")
    row = fresh(cast, waiting)
    assert (row.state, row.clock_left, row.asked_fields) == (State.IN_REVIEW, None, [])
    assert row.decision_due_at == MONDAY + timedelta(days=8, hours=7)  # fourteen hours: Tuesday at five
    assert row.claimed_at == waiting.claimed_at
    assert row.note == "The head of operations."
    with program_scope(cast.program.pk):
        assert Conflict.objects.get().due_at == row.decision_due_at


def test_a_late_answer_of_ours_leaves_no_time_and_no_debt(cast, waiting) -> None:
    with clock.at(MONDAY + timedelta(days=4)):
        asked(cast, waiting)
        row = fresh(cast, waiting)
        assert row.clock_left == timedelta(0)
    with clock.at(MONDAY + timedelta(days=5)):  # Saturday
        answered(cast, row)
    assert fresh(cast, waiting).decision_due_at == MONDAY + timedelta(days=6, hours=23)  # Monday at nine


@pytest.mark.parametrize(
    ("who", "changes", "error"),
    [
        ("manager", {}, NotAllowed),  # the charter names sales ops
        ("rep", {}, NotAllowed),
        ("alder_seller", {}, NotAllowed),
        ("ops", {"question": " "}, RuleBroken),
        ("ops", {"question": "x" * 1001}, RuleBroken),
        ("ops", {"question": "Do you know that Birch Systems is there?"}, RuleBroken),
        ("ops", {"fields": []}, RuleBroken),
        ("ops", {"fields": ["claimed_at"]}, RuleBroken),
        ("ops", {"expected_version": 9}, Stale),
    ],
)
def test_asking_is_refused_and_nothing_changes(cast, waiting, who, changes, error) -> None:
    with pytest.raises(error):
        asked(cast, waiting, who=who, **changes)
    row = fresh(cast, waiting)
    assert (row.state, row.version, row.question) == (State.IN_REVIEW, waiting.version, "")


def test_only_what_was_asked_for_may_be_answered(cast, waiting) -> None:
    asked(cast, waiting, "amount")
    row = fresh(cast, waiting)
    with pytest.raises(FieldErrors) as refused:
        answered(cast, row, note="And also this", country="DE", amount=row.amount + 1)
    assert sorted(refused.value.errors) == ["country", "note"]
    assert fresh(cast, waiting).version == row.version
    answered(cast, row, amount=row.amount + 1, currency="USD")
    assert fresh(cast, waiting).currency == "USD"


def test_what_is_not_asked_cannot_be_answered_and_nothing_is_asked_twice(cast, waiting) -> None:
    with pytest.raises(Clash) as refused:
        answered(cast, waiting, note="Anyway")
    assert refused.value.code == "illegal_move"
    asked(cast, waiting)
    with pytest.raises(Clash):
        asked(cast, waiting)
    row = fresh(cast, waiting)
    answered(cast, row)
    with pytest.raises(Clash):
        answered(cast, row)


def test_another_customer_is_screened_again_and_replaces_what_stood(cast, waiting) -> None:
    named = account(cast, "Marrowby Steel", "marrowby-steel.com", "GB", is_named=True)
    asked(cast, waiting, "customer_name", "website")
    answered(cast, fresh(cast, waiting), customer_name="Marrowby Steel", website="marrowby-steel.com")
    assert open_kinds(cast, waiting) == ["named_account"]
    row = fresh(cast, waiting)
    assert (row.state, row.account, row.claimed_at) == (State.IN_REVIEW, named, waiting.claimed_at)
    with program_scope(cast.program.pk):
        gone = Conflict.objects.get(kind="existing_customer")
        assert (gone.closed_at is not None, gone.ruling) == (True, None)


def test_an_answer_never_wins_by_itself_with_its_old_claim_time(cast, waiting) -> None:
    asked(cast, waiting, "customer_name", "website")
    answered(cast, fresh(cast, waiting), customer_name="Nobody Knows It", website="nobody-knows-it.com")
    row = fresh(cast, waiting)
    assert (row.state, row.account) == (State.IN_REVIEW, None)
    assert open_kinds(cast, waiting) == ["existing_customer"]
    with program_scope(cast.program.pk):
        assert "nothing was found" in Conflict.objects.get().evidence[-1]["fact"]
        assert not Protection.objects.exists()
    ruled(cast, row)
    assert fresh(cast, waiting).state == State.APPROVED
    with program_scope(cast.program.pk):
        assert Account.objects.count() == 2


def test_an_answer_that_names_an_own_live_deal_ends_as_a_duplicate(cast, waiting) -> None:
    first = registered(cast)
    asked(cast, waiting, "customer_name", "website", "country")
    answered(
        cast,
        fresh(cast, waiting),
        customer_name=first.customer_name,
        website=first.website,
        country=first.country,
    )
    row = fresh(cast, waiting)
    assert (row.state, row.duplicate_of_id, row.clock_left) == (State.DUPLICATE, first.pk, None)
    assert open_kinds(cast, waiting) == []


def test_a_rivals_claim_that_waits_for_an_answer_keeps_its_place(cast, waiting) -> None:
    asked(cast, waiting)
    with program_scope(cast.program.pk):
        Account.objects.update(is_customer=False)
    rival = registered(cast, "birch_admin", **FERNHILL)
    assert rival.state == State.IN_REVIEW
    assert open_kinds(cast, rival) == ["earlier_claim"]


def test_no_answer_in_time_is_declined_by_the_clock_once(cast, waiting) -> None:
    asked(cast, waiting)
    system = Actor.system(program_id=cast.program.pk, name="Clock")
    with program_scope(cast.program.pk):
        assert not decline_unanswered(actor=system, registration=waiting)
    with later(15), program_scope(cast.program.pk):
        assert decline_unanswered(actor=system, registration=waiting)
        assert not decline_unanswered(actor=system, registration=waiting)
    row = fresh(cast, waiting)
    assert (row.state, row.reason, row.clock_left) == (State.DECLINED, Reason.NO_ANSWER, None)
    assert open_kinds(cast, waiting) == []


def test_a_change_nobody_explained_is_undone_by_the_clock(cast) -> None:
    row = registered(cast)
    edited(cast, row, amount=row.amount * 3)
    asked(cast, row)
    with later(15), program_scope(cast.program.pk):
        system = Actor.system(program_id=cast.program.pk, name="Clock")
        assert decline_unanswered(actor=system, registration=row)
    now = fresh(cast, row)
    assert (now.state, now.amount, now.reason) == (State.APPROVED, row.amount, Reason.CHANGE_REFUSED)


def test_a_question_that_waits_can_be_withdrawn_from_or_declined(cast, waiting) -> None:
    asked(cast, waiting)
    with acting(cast, "alder_seller") as by:
        withdraw(**by, registration=waiting)
    row = fresh(cast, waiting)
    assert (row.state, row.clock_left, row.answer_due_at) == (State.WITHDRAWN, None, None)
    assert row.question == "Who signs there?"


def test_both_sides_read_question_and_answer_and_no_more(cast, waiting) -> None:
    charter(cast, answer_days=3)
    asked(cast, waiting)
    answered(cast, fresh(cast, waiting), note="The head of operations.")
    with acting(cast, "alder_seller"):
        told = {entry.verb: entry.sentence for entry in LedgerEntry.objects.all()}
        assert told["registration.asked"] == "Who signs there?"
        assert told["registration.answered"] == "What we should know: nothing → The head of operations."
        assert "conflict.opened" not in told
