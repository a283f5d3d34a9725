"""Second reviews: an appeal once and in time, and a change after approval (R125)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from deals.models import Account, Conflict, Opportunity, Protection, Registration, StageChange
from deals.registrations.protect import expire_protections
from deals.registrations.submit import submit_registration, withdraw
from deals.rules.lifecycle import Outcome, Reason, Review, State
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, FieldErrors, NotAllowed, NotFound, RuleBroken, Stale
from partners.core.scope import program_scope
from partners.models import LedgerEntry, Offering
from tests.deals.making import account, direct_opportunity, registered
from tests.deals.registrations.life import (
    FERNHILL,
    acting,
    again,
    appealed,
    asked,
    charter,
    edited,
    extension_asked,
    fresh,
    later,
    open_kinds,
    revoked,
    ruled,
    taken_back,
)

NO = {
    "outcome": Outcome.UPHOLD_INCUMBENT,
    "reason": Reason.EXISTING_CUSTOMER,
    "sentence": "Not open now.",
    "note": "Customer since 2021.",
}


@pytest.fixture
def declined(cast) -> Registration:
    """Alder's claim on an existing customer, declined by sales ops."""
    account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", is_customer=True)
    row = registered(cast, **FERNHILL)
    ruled(cast, row, **NO)
    return fresh(cast, row)


@pytest.fixture
def held(cast) -> Registration:
    return registered(cast)


def test_an_appeal_goes_to_whom_the_charter_names_with_the_first_ruling_as_evidence(cast, declined) -> None:
    appealed(cast, declined)
    row = fresh(cast, declined)
    assert (row.state, row.reviewed_for) == (State.IN_REVIEW, Review.APPEAL)
    assert row.decision_due_at > clock.now()
    assert row.claimed_at == declined.claimed_at
    assert open_kinds(cast, row) == ["appeal"]
    with program_scope(cast.program.pk):
        told = " ".join(fact["fact"] for fact in Conflict.objects.get(kind="appeal").evidence)
    assert "The buyer asked for us by name." in told
    assert "Customer since 2021." in told
    assert "is an existing customer" in told
    with pytest.raises(NotAllowed):
        ruled(cast, row, who="ops")
    ruled(cast, row, who="leader")
    row = fresh(cast, row)
    assert row.state == State.APPROVED
    assert row.protection.period.upper - row.protection.period.lower == timedelta(days=90)


def test_a_no_is_appealed_once(cast, declined) -> None:
    appealed(cast, declined)
    with pytest.raises(Clash) as twice:
        appealed(cast, declined)
    assert twice.value.code == "illegal_move"
    ruled(cast, fresh(cast, declined), who="leader", **NO)
    with pytest.raises(Clash) as again:
        appealed(cast, declined)
    assert again.value.code == "appealed"
    assert fresh(cast, declined).state == State.DECLINED


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"text": ""}, RuleBroken),
        ({"text": "x" * 4001}, RuleBroken),
        ({"who": "ops"}, NotAllowed),
        ({"expected_version": 99}, Stale),
    ],
)
def test_an_appeal_is_refused_and_nothing_changes(cast, declined, changes, error) -> None:
    with pytest.raises(error):
        appealed(cast, declined, **changes)
    row = fresh(cast, declined)
    assert (row.state, row.version, row.appealed_at) == (State.DECLINED, declined.version, None)
    assert open_kinds(cast, declined) == []


def test_an_appeal_too_late_or_where_there_is_none(cast, declined) -> None:
    with later(15), pytest.raises(Clash) as late:
        appealed(cast, declined)
    assert late.value.code == "appeal_late"
    charter(cast, appeal_days=0)
    with pytest.raises(Clash) as none:
        appealed(cast, declined)
    assert none.value.code == "no_appeals"


def test_what_was_registered_anew_is_not_appealed(cast, declined) -> None:
    again = registered(cast, **FERNHILL)
    with pytest.raises(Clash) as refused:
        appealed(cast, declined)
    assert (refused.value.code, refused.value.extra["registration"]) == ("registered_again", again.public_id)
    assert fresh(cast, declined).state == State.DECLINED


def test_an_upheld_appeal_of_a_revocation_gives_the_old_end_and_the_deal_back(cast, held) -> None:
    end = fresh(cast, held).protection.period.upper
    with later(30):
        revoked(cast, held)
    with later(35):
        appealed(cast, held)
        moment = clock.now()
        ruled(cast, fresh(cast, held), who="leader")
    row = fresh(cast, held)
    assert row.state == State.APPROVED
    assert (row.protection.period.lower, row.protection.period.upper) == (moment, end)
    assert (row.opportunity.state, row.opportunity.stage, row.opportunity.closed_on) == (
        "open",
        "Registered",
        None,
    )
    with program_scope(cast.program.pk):
        assert Opportunity.objects.count() == 1
        history = StageChange.objects.order_by("on", "pk").values_list("state", flat=True)
        assert list(history) == ["open", "lost", "open"]


def test_an_appeal_after_the_old_end_is_a_full_protection(cast, held) -> None:
    with later(85):
        revoked(cast, held)
    with later(95):
        appealed(cast, held)
        moment = clock.now()
        ruled(cast, fresh(cast, held), who="leader")
    assert fresh(cast, held).protection.period.upper == moment + timedelta(days=90)


def test_an_appeal_cannot_take_what_another_holds_by_now(cast, held) -> None:
    revoked(cast, held)
    rival = registered(cast, "birch_admin")
    assert rival.state == State.APPROVED
    appealed(cast, held)
    with pytest.raises(Clash) as refused:
        ruled(cast, fresh(cast, held), who="leader")
    assert refused.value.code == "protected"
    row = fresh(cast, held)
    assert (row.state, row.opportunity.state) == (State.IN_REVIEW, "lost")
    with acting(cast, "alder_seller"):
        told = " ".join(entry.sentence + str(entry.new) for entry in LedgerEntry.objects.all())
        assert "Birch" not in told
        assert rival.public_id not in told
        assert Conflict.objects.count() == 0


def test_a_change_of_day_or_note_counts_at_once(cast, held) -> None:
    day = held.expected_close + timedelta(days=9)
    edited(cast, held, expected_close=day, note="They want a pilot.")
    row = fresh(cast, held)
    assert (row.state, row.expected_close, row.opportunity.closes_on) == (State.APPROVED, day, day)
    version = row.version
    edited(cast, row, expected_close=day)
    assert fresh(cast, held).version == version  # nothing changed, nothing done


@pytest.mark.parametrize("field", ["amount", "currency", "customer_name", "website", "country", "offering"])
def test_a_change_of_customer_offering_or_amount_is_reviewed(cast, held, field) -> None:
    with program_scope(cast.program.pk):
        second = Offering.objects.create(program=cast.program, name="Second")
    values: dict[str, Any] = {
        "amount": Decimal(99000),
        "currency": "USD",
        "customer_name": "Quillmark Holding",
        "website": "quillmark-holding.com",
        "country": "AT",
        "offering": second.pk,
    }
    edited(cast, held, **{"offering_id" if field == "offering" else field: values[field]})
    row = fresh(cast, held)
    assert (row.state, row.reviewed_for, row.claimed_at) == (
        State.IN_REVIEW,
        Review.CHANGE,
        held.claimed_at,
    )
    assert "change" in open_kinds(cast, held)
    with program_scope(cast.program.pk):
        assert Protection.objects.get().period.upper > clock.now()  # what was approved is held meanwhile
        assert "→" in Conflict.objects.get(kind="change").evidence[0]["fact"]


def test_an_accepted_amount_goes_on_to_the_deal_and_the_time_is_given_back(cast, held) -> None:
    end = fresh(cast, held).protection.period.upper
    edited(cast, held, amount=Decimal(60000))
    with later(3):
        asked_at = fresh(cast, held).approved_as["changed_at"]
        ruled(cast, fresh(cast, held))
        moment = clock.now()
    row = fresh(cast, held)
    assert (row.state, row.amount, row.approved_as) == (State.APPROVED, Decimal(60000), {})
    assert (row.opportunity.amount, row.opportunity.program_amount) == (Decimal(60000), Decimal(60000))
    given_back = row.protection.period.upper - end
    assert timedelta(days=3) <= given_back <= timedelta(days=3, minutes=1)
    assert asked_at < moment.isoformat()
    assert row.protection.period.lower == held.decided_at
    with program_scope(cast.program.pk):
        amounts = StageChange.objects.order_by("on", "pk").values_list("program_amount", flat=True)
        assert list(amounts) == [Decimal(25000), Decimal(60000)]


def test_an_accepted_customer_moves_protection_and_deal_to_the_other_account(cast, held) -> None:
    edited(cast, held, customer_name="Marrowby Steel", website="marrowby-steel.com", country="GB")
    assert open_kinds(cast, held) == ["change"]
    ruled(cast, fresh(cast, held))
    row = fresh(cast, held)
    with program_scope(cast.program.pk):
        moved = Account.objects.get(domain="marrowby-steel.com")
        assert Account.objects.count() == 2
    assert (row.account, row.protection.account_id, row.opportunity.account_id) == (moved, moved.pk, moved.pk)
    assert row.opportunity.name == "Marrowby Steel"
    assert row.protection.period.lower > held.decided_at  # it did not hold that account before
    rival = registered(cast, "birch_admin")
    assert rival.state == State.APPROVED  # the old customer is free


def test_a_refused_change_leaves_what_was_approved(cast, held) -> None:
    before = fresh(cast, held)
    owned = account(cast, "Marrowby Steel", "marrowby-steel.com", "GB", is_named=True)
    direct_opportunity(cast, owned)
    edited(
        cast,
        held,
        customer_name="Marrowby Steel",
        website="marrowby-steel.com",
        country="GB",
        amount=Decimal(1),
    )
    assert open_kinds(cast, held) == ["change", "named_account", "open_opportunity"]
    ruled(cast, fresh(cast, held), **NO | {"reason": Reason.NAMED_ACCOUNT})
    row = fresh(cast, held)
    assert (row.state, row.reason, row.sentence) == (State.APPROVED, Reason.CHANGE_REFUSED, "Not open now.")
    for name in ("customer_name", "website", "country", "amount", "expected_close", "account_id"):
        assert getattr(row, name) == getattr(before, name), name
    assert row.protection.period == before.protection.period
    assert row.opportunity.version == before.opportunity.version


def test_a_change_into_an_own_live_deal_is_refused_at_once(cast, held) -> None:
    other = registered(cast, customer_name="Marrowby Steel", website="marrowby-steel.com", country="GB")
    with pytest.raises(Clash) as refused:
        edited(cast, held, customer_name="Marrowby Steel", website="marrowby-steel.com", country="GB")
    assert (refused.value.code, refused.value.extra["registration"]) == ("duplicate", other.public_id)
    row = fresh(cast, held)
    assert (row.state, row.customer_name, row.version) == (State.APPROVED, held.customer_name, held.version)


def test_a_change_is_refused_whole_when_a_field_is_wrong_or_the_page_is_old(cast, held) -> None:
    with pytest.raises(FieldErrors):
        edited(cast, held, customer_name="", amount=Decimal(5))
    with pytest.raises(NotAllowed):
        edited(cast, held, who="ops", amount=Decimal(5))
    with later(91), pytest.raises(Clash):
        edited(cast, held, amount=Decimal(5))
    row = fresh(cast, held)
    assert (row.state, row.amount, row.version) == (State.APPROVED, held.amount, held.version)


def test_an_extension_asked_for_before_a_change_still_waits_after_it(cast, held) -> None:
    extension_asked(cast, held)
    edited(cast, held, amount=Decimal(5))
    ruled(cast, fresh(cast, held))
    assert fresh(cast, held).extension_asked_at is not None


def test_what_stands_again_is_not_registered_again(cast, held) -> None:
    with acting(cast, "alder_seller") as by:
        withdraw(**by, registration=held)
    first = fresh(cast, held)
    draft = again(cast, first)
    with acting(cast, "alder_seller") as by:
        second = submit_registration(**by, registration=draft)
    assert second.state == State.APPROVED
    before = fresh(cast, first)
    with pytest.raises(Clash) as refused:
        again(cast, first)
    assert (refused.value.code, refused.value.extra) == (
        "registered_again",
        {"registration": second.public_id},
    )
    with program_scope(cast.program.pk):
        assert Registration.objects.count() == 2
    assert fresh(cast, first).version == before.version
    with acting(cast, "alder_seller") as by:
        withdraw(**by, registration=second)
    other = registered(cast, "birch_admin")  # a rival's claim is no reason, and is not told of
    assert (other.state, again(cast, first).state) == (State.APPROVED, State.DRAFT)


def test_a_change_taken_back_leaves_what_was_approved_as_if_never_asked(cast, held) -> None:
    before = fresh(cast, held)
    owned = account(cast, "Marrowby Steel", "marrowby-steel.com", "GB", is_named=True)
    direct_opportunity(cast, owned)
    asked_for = {"customer_name": "Marrowby Steel", "website": "marrowby-steel.com", "country": "GB"}
    edited(cast, held, amount=Decimal(1), **asked_for)
    assert open_kinds(cast, held) == ["change", "named_account", "open_opportunity"]
    asked(cast, fresh(cast, held), "amount", who="leader")
    with later(2):
        taken_back(cast, held)
    row = fresh(cast, held)
    kept = ("state", "customer_name", "website", "country", "amount", "account_id", "reason", "sentence")
    for name in (*kept, "decided_at", "claimed_at", "expected_close", "opportunity_id"):
        assert getattr(row, name) == getattr(before, name), name
    assert (row.approved_as, row.asked_fields, row.answer_due_at, row.clock_left) == ({}, [], None, None)
    assert (row.protection.period, row.opportunity.version) == (
        before.protection.period,
        before.opportunity.version,
    )
    assert open_kinds(cast, held) == []
    rival = registered(cast, "birch_admin", **asked_for)
    assert open_kinds(cast, rival) == ["named_account", "open_opportunity"]  # nobody's claim holds it
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        entry = LedgerEntry.objects.filter(subject_id=row.public_id).order_by("-pk").first()
    assert (entry.verb, entry.actor_name) == (
        "registration.change_taken_back",
        cast.actor("alder_seller").name,
    )
    assert entry.sentence == "What was approved stands as it was."
    assert (entry.old["state"], entry.new["state"]) == ("needs_info", "approved")
    assert (entry.old["customer_name"], entry.new["customer_name"]) == (
        "Marrowby Steel",
        "Quillmark Robotics GmbH",
    )


def test_only_a_change_under_review_is_taken_back_and_only_by_its_partner(cast, held, declined) -> None:
    with pytest.raises(Clash) as refused:
        taken_back(cast, held)
    assert refused.value.code == "illegal_move"
    appealed(cast, declined)
    with pytest.raises(Clash) as refused:
        taken_back(cast, declined)
    assert refused.value.code == "no_change"
    edited(cast, held, amount=Decimal(5))
    changing = fresh(cast, held)
    for who in ("ops", "rep", "sponsor"):
        with pytest.raises(NotAllowed):
            taken_back(cast, held, who)
    with pytest.raises(Stale):
        taken_back(cast, held, version=changing.version - 1)
    with pytest.raises(NotFound):
        taken_back(cast, held, "birch_admin")
    row = fresh(cast, held)
    assert (row.state, row.amount, row.version) == (State.IN_REVIEW, Decimal(5), changing.version)
    assert open_kinds(cast, held) == ["change"]
    taken_back(cast, held, "manager")
    assert (fresh(cast, held).state, fresh(cast, held).amount) == (State.APPROVED, held.amount)
    with pytest.raises(Clash):
        taken_back(cast, held)


def test_what_was_noticed_of_the_deal_itself_stays_open_when_a_change_is_taken_back(cast, held) -> None:
    with program_scope(cast.program.pk):
        row = fresh(cast, held)
        told = {"rule": "As noticed.", "opened_at": clock.now(), "due_at": clock.now()}
        Conflict.objects.create(
            program=cast.program, registration=row, kind="raised", severity="review", **told
        )
    edited(cast, held, amount=Decimal(5))
    taken_back(cast, held)
    assert open_kinds(cast, held) == ["raised"]


def test_the_protection_of_a_change_taken_back_too_late_is_over(cast, held) -> None:
    edited(cast, held, amount=Decimal(5))
    with later(91):
        taken_back(cast, held)
        with program_scope(cast.program.pk):
            assert expire_protections(actor=Actor.system(program_id=cast.program.pk, name="clock")) == 1
    row = fresh(cast, held)
    assert (row.state, row.amount) == (State.EXPIRED, held.amount)
