"""Drafting, submitting and withdrawing a claim, at the services that every door calls."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from deals.models import Account, AccountKey, Conflict, Opportunity, Protection, Registration, StageChange
from deals.registrations.submit import edit_draft, register, save_draft, submit_registration, withdraw
from deals.rules.lifecycle import Reason, State
from partners.core.errors import Clash, FieldErrors, NotAllowed, NotFound, RuleBroken, Stale
from partners.core.scope import program_scope
from partners.models import CellMark, LedgerEntry, Offering
from tests.deals.making import account, claim, direct_opportunity, registered

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 10:00 in Berlin


def test_the_first_registration_of_an_empty_program_is_approved_at_once(cast) -> None:
    with time_machine.travel(MONDAY, tick=False):
        row = registered(cast)
    with program_scope(cast.program.pk):
        row = Registration.objects.get(pk=row.pk)
        assert (row.state, row.reason, row.claimed_at, row.decided_at) == (
            "approved",
            "clean",
            MONDAY,
            MONDAY,
        )
        assert row.decision_due_at is None
        assert row.seller == cast.seats["alder_seller"]
        made = Account.objects.get()
        assert (made.name, made.domain, made.country) == (
            "Quillmark Robotics GmbH",
            "quillmark-robotics.com",
            "DE",
        )
        assert AccountKey.objects.filter(account=made, kind="d", value="quillmark-robotics.com").count() == 1
        protection = Protection.objects.get()
        assert (protection.period.lower, protection.period.upper) == (MONDAY, MONDAY + timedelta(days=90))
        opportunity = Opportunity.objects.get()
        assert row.opportunity == opportunity
        assert (opportunity.source, opportunity.partner, opportunity.program_amount) == (
            "sourced",
            cast.alder,
            Decimal("25000.00"),
        )
        assert StageChange.objects.get().program_amount == Decimal("25000.00")
        assert Conflict.objects.count() == 0
        verbs = list(
            LedgerEntry.objects.filter(subject_id=row.public_id).order_by("pk").values_list("verb", flat=True)
        )
        assert verbs == ["registration.submitted", "registration.approved"]
        assert CellMark.objects.filter(partner=cast.alder).exists()


def test_a_draft_for_a_customer_nobody_knew_keeps_the_account_that_is_made_for_it(cast) -> None:
    actor = cast.actor("alder_seller")
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        row = submit_registration(actor=actor, registration=save_draft(actor=actor, claim=claim()))
    with program_scope(cast.program.pk):
        made = Account.objects.get()
        row = Registration.objects.get(pk=row.pk)
        assert (row.state, row.account, row.opportunity.account) == (State.APPROVED, made, made)
        assert Protection.objects.get().account == made
    second = registered(cast, "alder_admin", customer_name="Quillmark-Robotics")
    assert (second.state, second.reason, second.duplicate_of_id) == ("duplicate", "same_partner", row.pk)


def test_an_amount_in_another_currency_is_converted_and_the_rate_kept(cast) -> None:
    with time_machine.travel(datetime(2026, 3, 10, 9, tzinfo=UTC), tick=False):
        row = registered(cast, amount=Decimal("1000.00"), currency="usd")
    with program_scope(cast.program.pk):
        opportunity = Opportunity.objects.get(registration=row)
        assert (opportunity.amount, opportunity.currency) == (Decimal("1000.00"), "USD")
        assert opportunity.program_amount == (1000 * opportunity.rate).quantize(Decimal("0.01"))
        assert opportunity.rate_on.isoformat() == "2026-03-10"


def test_a_currency_without_a_rate_is_kept_and_not_guessed(cast) -> None:
    row = registered(cast, currency="AED")
    with program_scope(cast.program.pk):
        opportunity = Opportunity.objects.get(registration=row)
        assert (opportunity.currency, opportunity.program_amount, opportunity.rate_on) == ("AED", None, None)


def test_a_draft_may_be_incomplete_and_a_submission_may_not(cast) -> None:
    actor = cast.actor("alder_seller")
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        draft = save_draft(actor=actor, claim=claim(customer_name="", country="", amount=None))
        with pytest.raises(FieldErrors) as refused:
            submit_registration(actor=actor, registration=draft)
        assert sorted(refused.value.errors) == ["amount", "country", "customer_name"]
        draft.refresh_from_db()
        assert (draft.state, draft.claimed_at) == ("draft", None)
        draft = edit_draft(actor=actor, registration=draft, claim=claim())
        assert submit_registration(actor=actor, registration=draft).state == State.APPROVED


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("customer_name", "x" * 256),
        ("customer_name", "—!?"),
        ("website", "not a site"),
        ("website", "http://" + "a" * 300),
        ("country", "ZZ"),
        ("country", "Germany"),
        ("amount", Decimal("-0.01")),
        ("amount", Decimal("0.001")),
        ("amount", Decimal("1e13")),
        ("amount", Decimal("NaN")),
        ("amount", Decimal("Infinity")),
        ("currency", "ZZZ"),
        ("note", "n" * 4001),
    ],
)
def test_what_cannot_be_is_refused_by_field_and_nothing_is_kept(cast, field, value) -> None:
    actor = cast.actor("alder_seller")
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        with pytest.raises(FieldErrors) as refused:
            register(actor=actor, claim=claim(**{field: value}))
        assert list(refused.value.errors) == [field]
        assert Registration.objects.count() == 0


@pytest.mark.parametrize("days", [-1, 5 * 366 + 2])
def test_the_expected_close_lies_ahead_and_not_too_far(cast, days) -> None:
    actor = cast.actor("alder_seller")
    day = claim().expected_close + timedelta(days=days - 60)
    with program_scope(cast.program.pk, partner_id=cast.alder.pk), pytest.raises(FieldErrors) as refused:
        register(actor=actor, claim=claim(expected_close=day))
    assert list(refused.value.errors) == ["expected_close"]


def test_text_is_made_storable(cast) -> None:
    row = registered(cast, customer_name="Ac\x00me\u202f Löwe\ud800 AG", note="line\nnext\x07")
    assert row.customer_name == "Acme Löwe? AG"
    assert row.note == "line\nnext"


def test_with_several_offerings_one_is_chosen(cast) -> None:
    actor = cast.actor("alder_seller")
    with program_scope(cast.program.pk):
        second = Offering.objects.create(program=cast.program, name="Second")
        hidden = Offering.objects.create(program=cast.program, name="Old", active=False)
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        for offering_id in (None, hidden.pk, 10**9):
            with pytest.raises(FieldErrors) as refused:
                save_draft(actor=actor, claim=claim(offering_id=offering_id))
            assert list(refused.value.errors) == ["offering"]
        assert register(actor=actor, claim=claim(offering_id=second.pk)).offering == second


def test_a_form_sent_twice_makes_one_registration(cast) -> None:
    actor = cast.actor("alder_seller")
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        save_draft(actor=actor, claim=claim(), public_id="abcdefghjkmnpq")
        with pytest.raises(Clash) as refused:
            save_draft(actor=actor, claim=claim(), public_id="abcdefghjkmnpq")
        assert refused.value.code == "sent_twice"
        assert Registration.objects.count() == 1


def test_submitting_twice_is_refused_and_the_claim_time_stays(cast) -> None:
    with time_machine.travel(MONDAY, tick=False):
        row = registered(cast)
    actor = cast.actor("alder_admin")
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        with pytest.raises(Clash):
            submit_registration(actor=actor, registration=row)
        row.refresh_from_db()
        assert row.claimed_at == MONDAY


def test_staff_register_for_a_partner_and_must_say_for_which(cast) -> None:
    actor = cast.actor("manager")
    with program_scope(cast.program.pk):
        with pytest.raises(RuleBroken):
            register(actor=actor, claim=claim())
        with pytest.raises(NotFound):
            register(actor=actor, claim=claim(), partner_id=cast.cedar.pk)
        row = register(actor=actor, claim=claim(), partner_id=cast.birch.pk)
        assert (row.partner, row.seller, row.submitted_by) == (cast.birch, None, "Manager")


@pytest.mark.parametrize("who", ["ops", "rep", "sponsor"])
def test_other_roles_register_nothing(cast, who) -> None:
    with program_scope(cast.program.pk):
        with pytest.raises(NotAllowed):
            register(actor=cast.actor(who), claim=claim(), partner_id=cast.birch.pk)
        assert Registration.objects.count() == 0


def test_an_ended_partner_registers_nothing(cast) -> None:
    with program_scope(cast.program.pk):
        cast.alder.status = "ended"
        cast.alder.save_fields("status")
    with pytest.raises(RuleBroken, match="ended"):
        registered(cast)


def test_a_partner_cannot_claim_for_another(cast) -> None:
    actor = cast.actor("alder_seller")
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        row = register(actor=actor, claim=claim(), partner_id=cast.birch.pk)
        assert row.partner == cast.alder


def test_the_same_deal_again_is_a_duplicate_that_names_the_first(cast) -> None:
    first = registered(cast)
    again = registered(cast, "alder_admin", customer_name="QUILLMARK ROBOTICS")
    assert (again.state, again.reason, again.duplicate_of) == ("duplicate", Reason.SAME_PARTNER, first)
    with program_scope(cast.program.pk):
        assert Protection.objects.count() == Account.objects.count() == Opportunity.objects.count() == 1


def test_a_duplicate_of_a_claim_still_in_review_is_seen(cast) -> None:
    known = account(cast, "Fernhill Logistics", "fernhill.com", "GB")
    direct_opportunity(cast, known)
    first = registered(cast, customer_name="Fernhill Logistics Ltd", website=known.website, country="GB")
    again = registered(cast, customer_name="Fernhill Logistics", website=known.website, country="GB")
    assert first.state == State.IN_REVIEW
    assert (again.state, again.duplicate_of) == (State.DUPLICATE, first)


def test_withdrawing_an_approved_claim_frees_the_customer(cast) -> None:
    row = registered(cast)
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        row = withdraw(actor=cast.actor("alder_seller"), registration=row)
    assert row.state == State.WITHDRAWN
    with program_scope(cast.program.pk):
        opportunity = Opportunity.objects.get()
        assert (opportunity.state, opportunity.stage) == ("lost", "Withdrawn")
        assert [change.state for change in StageChange.objects.order_by("pk")] == ["open", "lost"]
    other = registered(cast, "birch_admin")
    assert other.state == State.APPROVED
    with program_scope(cast.program.pk):
        assert Account.objects.count() == 1


def test_withdrawing_a_claim_in_review_closes_what_stood_against_it(cast) -> None:
    known = account(cast, "Fernhill Logistics", "fernhill.com", "GB", is_customer=True)
    row = registered(cast, customer_name=known.name, website=known.website, country="GB")
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        withdraw(actor=cast.actor("alder_seller"), registration=row)
        with pytest.raises(Clash):
            withdraw(actor=cast.actor("alder_seller"), registration=row)
    with program_scope(cast.program.pk):
        conflict = Conflict.objects.get()
        assert conflict.closed_at is not None
        assert conflict.ruling is None


def test_a_stale_version_changes_nothing(cast) -> None:
    row = registered(cast)
    with program_scope(cast.program.pk, partner_id=cast.alder.pk), pytest.raises(Stale):
        withdraw(actor=cast.actor("alder_seller"), registration=row, expected_version=row.version - 1)
    with program_scope(cast.program.pk):
        assert Registration.objects.get().state == State.APPROVED
        assert Opportunity.objects.get().state == "open"
