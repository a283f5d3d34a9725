"""The plan through its services: every act, every refusal, and nothing changed after one."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from partners.core.errors import Clash, DomainError, FieldErrors, NotAllowed, RuleBroken, Stale
from partners.core.scope import program_scope
from partners.models import CellMark, LedgerEntry, Partner
from plans.models import Plan
from plans.rules.lifecycle import CommitmentState, Quota, Side, State
from plans.services.checkins import log_check_in
from plans.services.commitments import add_commitment, keep_commitment
from plans.services.milestones import add_milestone, drop_milestone
from plans.services.plans import (
    Aim,
    agree_to_plan,
    change_plan,
    close_plan,
    draft_plan,
    propose_plan,
)
from tests.plans.support import GAIN, PURPOSE, agreed, draft, proposed, ready, today_of
from tests.support.cast import Cast


@pytest.fixture(autouse=True)
def scope(cast: Cast):
    with program_scope(cast.program.pk):
        yield


def terms(plan: Plan, **changes: object) -> dict:
    return {
        "plan": plan,
        "purpose": plan.purpose,
        "why_call_us": plan.why_call_us,
        "retires_quota": Quota(plan.retires_quota),
        "starts_on": plan.starts_on,
        "check_in_days": plan.check_in_days,
        "aim": Aim(plan.aim_amount, plan.aim_by) if plan.aim_amount and plan.aim_by else None,
        **changes,
    }


def verbs() -> list[str]:
    return list(LedgerEntry.objects.filter(subject="plan").order_by("pk").values_list("verb", flat=True))


def refused(kind: type[DomainError], code: str, act) -> DomainError:
    """``act`` is refused with this code, and neither plans nor ledger changed."""
    before = list(Plan.objects.order_by("pk").values()), LedgerEntry.objects.count()
    with pytest.raises(kind) as caught, transaction.atomic():
        act()
    assert caught.value.code == code
    assert (list(Plan.objects.order_by("pk").values()), LedgerEntry.objects.count()) == before
    return caught.value


def test_a_draft_is_the_vendors_own(cast: Cast) -> None:
    plan = draft_plan(actor=cast.actor("manager"), partner=cast.alder, purpose=" Joint \x00work ")
    assert (plan.state, plan.purpose, plan.starts_on) == (State.DRAFT, "Joint work", today_of(cast))
    entry = LedgerEntry.objects.get(verb="plan.drafted")
    assert (entry.partner_id, entry.actor_name) == (None, "Manager")


@pytest.mark.parametrize("who", ["ops", "rep", "sponsor", "alder_admin", "alder_seller"])
def test_who_may_not_draft(cast: Cast, who: str) -> None:
    refused(NotAllowed, "not_allowed", lambda: draft_plan(actor=cast.actor(who), partner=cast.alder))


def test_one_live_plan_per_partner(cast: Cast) -> None:
    made = draft(cast)
    manager = cast.actor("manager")
    refused(Clash, "one_live_plan", lambda: draft_plan(actor=manager, partner=cast.alder))
    close_plan(actor=manager, plan=made.plan, note="Wrong start")
    assert draft_plan(actor=manager, partner=cast.alder).state == State.DRAFT


def test_no_plan_with_a_partner_that_ended(cast: Cast) -> None:
    Partner.objects.filter(pk=cast.alder.pk).update(status="ended")
    cast.alder.refresh_from_db()
    refused(Clash, "partner_ended", lambda: draft_plan(actor=cast.actor("leader"), partner=cast.alder))


def test_a_proposal_names_everything_it_lacks(cast: Cast) -> None:
    plan = draft_plan(actor=cast.actor("manager"), partner=cast.alder)
    error = refused(FieldErrors, "invalid", lambda: propose_plan(actor=cast.actor("manager"), plan=plan))
    assert isinstance(error, FieldErrors)
    assert list(error.errors) == ["purpose", "why_call_us", "commitments", "milestones"]


def test_a_revenue_number_alone_is_no_plan(cast: Cast) -> None:
    plan = draft_plan(actor=cast.actor("manager"), partner=cast.alder, purpose=PURPOSE, why_call_us=GAIN)
    aim = Aim(Decimal("50000"), today_of(cast) + timedelta(days=90))
    error = refused(
        RuleBroken,
        "aim_before_readiness",
        lambda: change_plan(actor=cast.actor("manager"), **terms(plan, aim=aim)),
    )
    assert error.field == "aim_amount"
    assert "names no readiness step yet" in error.sentence


def test_both_sides_sign_and_a_next_contact_exists(cast: Cast) -> None:
    made = proposed(cast)
    first = agree_to_plan(actor=cast.actor("alder_admin"), plan=made.plan, edition=1)
    assert (first.state, first.signed_by_them, first.signed_by_us) == (State.PROPOSED, "Alder Admin", "")
    plan = agree_to_plan(actor=cast.actor("leader"), plan=made.plan, edition=1)
    assert (plan.state, plan.signed_by_us, plan.signed_by_them) == (State.AGREED, "Leader", "Alder Admin")
    assert plan.next_check_in_on is not None
    assert plan.next_check_in_on > today_of(cast)
    assert plan.next_check_in_on.weekday() < 5
    assert verbs() == ["plan.drafted", "plan.proposed", "plan.signed", "plan.signed", "plan.agreed"]
    shown = LedgerEntry.objects.filter(verb__in=["plan.signed", "plan.agreed"])
    assert {entry.partner_id for entry in shown} == {cast.alder.pk}


def test_signing_twice_is_one_signature(cast: Cast) -> None:
    made = proposed(cast)
    agree_to_plan(actor=cast.actor("leader"), plan=made.plan, edition=1)
    again = agree_to_plan(actor=cast.actor("manager"), plan=made.plan, edition=1)
    assert (again.state, again.signed_by_us) == (State.PROPOSED, "Leader")
    assert verbs().count("plan.signed") == 1


def test_nobody_signs_what_they_did_not_read(cast: Cast) -> None:
    made = proposed(cast)
    add_commitment(
        actor=cast.actor("manager"), plan=made.plan, side=Side.THEM, what="One more",
        owner_name="Jo", due_on=today_of(cast),
    )  # fmt: skip
    refused(Stale, "stale", lambda: agree_to_plan(actor=cast.actor("alder_admin"), plan=made.plan, edition=1))
    assert agree_to_plan(actor=cast.actor("alder_admin"), plan=made.plan, edition=2).signed_by_them


def test_a_seller_reads_and_does_not_sign(cast: Cast) -> None:
    made = proposed(cast)
    refused(
        NotAllowed,
        "not_allowed",
        lambda: agree_to_plan(actor=cast.actor("alder_seller"), plan=made.plan, edition=1),
    )


def test_a_draft_cannot_be_signed(cast: Cast) -> None:
    made = draft(cast)
    error = refused(
        Clash, "illegal_move", lambda: agree_to_plan(actor=cast.actor("leader"), plan=made.plan, edition=1)
    )
    assert error.sentence == "This plan has not been proposed yet."


def test_a_changed_term_is_a_new_proposal(cast: Cast) -> None:
    made = agreed(cast)
    agreed_at, contact = made.plan.agreed_at, made.plan.next_check_in_on
    plan = change_plan(actor=cast.actor("manager"), **terms(made.plan, purpose="Something else"))
    assert (plan.state, plan.edition) == (State.PROPOSED, 2)
    assert (plan.signed_by_us, plan.signed_by_them) == ("", "")
    assert (plan.signed_by_us_at, plan.signed_by_them_at) == (None, None)
    assert (plan.agreed_at, plan.next_check_in_on) == (agreed_at, contact)
    entry = LedgerEntry.objects.get(verb="plan.changed")
    assert entry.sentence == "The terms changed, so both sides sign again."
    assert entry.old == {"purpose": PURPOSE}
    assert entry.new == {"purpose": "Something else"}


def test_the_quota_answer_is_no_term_and_not_the_partners_to_read(cast: Cast) -> None:
    made = agreed(cast)
    plan = change_plan(actor=cast.actor("manager"), **terms(made.plan, retires_quota=Quota.NO))
    assert (plan.state, plan.edition, plan.retires_quota) == (State.AGREED, 1, "no")
    assert LedgerEntry.objects.get(verb="plan.quota_answered").partner_id is None
    change_plan(actor=cast.actor("manager"), **terms(plan, retires_quota=Quota.YES, purpose="New"))
    for entry in LedgerEntry.objects.filter(partner_id=cast.alder.pk):
        assert "retires_quota" not in entry.new


def test_nothing_changed_is_no_act(cast: Cast) -> None:
    made = agreed(cast)
    rows = LedgerEntry.objects.count()
    plan = change_plan(actor=cast.actor("manager"), **terms(made.plan))
    assert (plan.state, plan.version, LedgerEntry.objects.count()) == (
        State.AGREED, made.plan.version, rows,
    )  # fmt: skip


def test_one_more_promise_of_ours_leaves_the_agreement_alone(cast: Cast) -> None:
    made = agreed(cast)
    add_commitment(
        actor=cast.actor("manager"), plan=made.plan, side=Side.US, what="A second visit",
        owner_name="Mara", due_on=today_of(cast),
    )  # fmt: skip
    made.plan.refresh_from_db()
    assert (made.plan.state, made.plan.edition) == (State.AGREED, 1)


def test_two_people_changing_at_once_lose_nothing(cast: Cast) -> None:
    made = agreed(cast)
    seen = made.plan.version
    change_plan(actor=cast.actor("manager"), **terms(made.plan, purpose="First"), expected_version=seen)
    refused(
        Stale,
        "stale",
        lambda: change_plan(
            actor=cast.actor("leader"), **terms(made.plan, purpose="Second"), expected_version=seen
        ),
    )
    assert Plan.objects.get().purpose == "First"


def test_an_aim_only_after_readiness(cast: Cast) -> None:
    made = agreed(cast)
    aim = Aim(Decimal("250000.00"), today_of(cast) + timedelta(days=200))
    act = lambda: change_plan(actor=cast.actor("manager"), **terms(made.plan, aim=aim))  # noqa: E731
    error = refused(RuleBroken, "aim_before_readiness", act)
    assert "1 readiness step is not proven yet" in error.sentence


def test_an_aim_after_readiness_stands_on_it(cast: Cast) -> None:
    made = ready(cast)
    assert made.plan.ready_on == today_of(cast)
    aim = Aim(Decimal("250000.00"), today_of(cast) + timedelta(days=200))
    plan = change_plan(actor=cast.actor("manager"), **terms(made.plan, aim=aim))
    assert (plan.aim_amount, plan.aim_currency, plan.aim_by) == (aim.amount, "EUR", aim.by)
    assert plan.state == State.PROPOSED  # an aim is a term
    refused(
        Clash,
        "aim_stands_on_readiness",
        lambda: add_milestone(actor=cast.actor("manager"), plan=plan, name="More", proves="Proof"),
    )
    plan = change_plan(actor=cast.actor("manager"), **terms(plan, aim=None))
    assert (plan.aim_amount, plan.aim_currency, plan.aim_by) == (None, "", None)


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "100000000000", "NaN"])
def test_an_aim_is_a_sane_amount(cast: Cast, amount: str) -> None:
    made = ready(cast)
    aim = Aim(Decimal(amount), today_of(cast) + timedelta(days=9))
    refused(
        RuleBroken, "amount", lambda: change_plan(actor=cast.actor("manager"), **terms(made.plan, aim=aim))
    )


def test_the_database_refuses_an_aim_before_readiness(cast: Cast) -> None:
    made = agreed(cast)
    with pytest.raises(IntegrityError, match="plan_aim_comes_after_readiness"), transaction.atomic():
        Plan.objects.filter(pk=made.plan.pk).update(aim_amount=1, aim_currency="EUR", aim_by=date(2027, 1, 1))


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("plan_agreed_is_signed_by_both", {"signed_by_them_at": None}),
        ("plan_agreed_has_next_contact", {"next_check_in_on": None}),
        ("plan_proposed_says_purpose_and_gain", {"why_call_us": ""}),
        ("plan_rhythm_is_sane", {"check_in_days": 3}),
        ("plan_closed_has_time", {"state": "closed"}),
        ("plan_draft_was_never_proposed", {"state": "draft"}),
    ],
)
def test_what_the_database_refuses(cast: Cast, constraint: str, values: dict) -> None:
    made = agreed(cast)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Plan.objects.filter(pk=made.plan.pk).update(**values)


def test_dropping_the_only_step_stops_the_agreement(cast: Cast) -> None:
    made = proposed(cast)
    drop_milestone(actor=cast.actor("manager"), milestone=made.step, reason="Not needed")
    error = refused(
        FieldErrors, "invalid", lambda: agree_to_plan(actor=cast.actor("leader"), plan=made.plan, edition=2)
    )
    assert isinstance(error, FieldErrors)
    assert list(error.errors) == ["milestones"]


def test_closing_settles_what_is_open(cast: Cast) -> None:
    made = agreed(cast)
    made.ours.due_on = today_of(cast) - timedelta(days=1)
    made.ours.save_fields("due_on")
    CellMark.objects.all().delete()
    refused(FieldErrors, "invalid", lambda: close_plan(actor=cast.actor("leader"), plan=made.plan, note="  "))
    plan = close_plan(actor=cast.actor("leader"), plan=made.plan, note="They were bought.")
    made.ours.refresh_from_db()
    made.theirs.refresh_from_db()
    assert (plan.state, plan.closing_note, plan.next_check_in_on) == (State.CLOSED, "They were bought.", None)
    assert (made.ours.state, made.theirs.state) == (CommitmentState.BROKEN, CommitmentState.DROPPED)
    assert CellMark.objects.filter(partner=cast.alder).count() == 2


@pytest.mark.parametrize(
    "act",
    [
        lambda cast, made: propose_plan(actor=cast.actor("leader"), plan=made.plan),
        lambda cast, made: agree_to_plan(actor=cast.actor("leader"), plan=made.plan, edition=1),
        lambda cast, made: change_plan(actor=cast.actor("leader"), **terms(made.plan, purpose="x")),
        lambda cast, made: close_plan(actor=cast.actor("leader"), plan=made.plan, note="again"),
        lambda cast, made: keep_commitment(actor=cast.actor("leader"), commitment=made.ours),
        lambda cast, made: log_check_in(
            actor=cast.actor("leader"), plan=made.plan, held_on=date(2026, 1, 5), said="x",
            purpose_confirmed=True,
        ),
    ],
)  # fmt: skip
def test_a_closed_plan_stays_as_it_is(cast: Cast, act) -> None:
    made = agreed(cast)
    close_plan(actor=cast.actor("leader"), plan=made.plan, note="Over")
    error = refused(Clash, "illegal_move", lambda: act(cast, made))
    assert error.sentence == "This plan is closed. Write a new one for what comes next."
