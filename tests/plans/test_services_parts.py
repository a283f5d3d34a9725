"""Promises, readiness steps and check-ins through their services, and what is due of them."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from partners.core import clock
from partners.core.errors import Clash, DomainError, FieldErrors, NotAllowed, RuleBroken, Stale
from partners.core.scope import program_scope
from partners.models import CellMark, LedgerEntry
from plans.models import CheckIn, Commitment, Milestone, Plan
from plans.rules.lifecycle import CommitmentState, Quota, Side, State
from plans.selectors import (
    CommitmentFact,
    commitment_facts,
    open_commitments,
    overdue_promises,
    partners_without_plan,
    plan_page,
    plans_due,
)
from plans.services.checkins import log_check_in
from plans.services.commitments import (
    add_commitment,
    break_commitment,
    change_commitment,
    drop_commitment,
    keep_commitment,
)
from plans.services.milestones import add_milestone, change_milestone, drop_milestone, prove_milestone
from plans.services.plans import agree_to_plan, change_plan
from tests.plans.support import agreed, draft, proposed, today_of
from tests.support.cast import Cast


@pytest.fixture(autouse=True)
def scope(cast: Cast):
    with program_scope(cast.program.pk):
        yield


def refused(kind: type[DomainError], code: str, act) -> DomainError:
    """``act`` is refused with this code and no row of a plan, mark or ledger changed."""

    def everything() -> list:
        models = (Plan, Commitment, Milestone, CheckIn, CellMark)
        return [list(model.objects.order_by("pk").values()) for model in models] + [
            LedgerEntry.objects.count()
        ]

    before = everything()
    with pytest.raises(kind) as caught, transaction.atomic():
        act()
    assert caught.value.code == code
    assert everything() == before
    return caught.value


def ours(cast: Cast, plan: Plan, days: int = 5, side: Side = Side.US, what: str = "A visit") -> Commitment:
    return add_commitment(
        actor=cast.actor("manager"),
        plan=plan,
        side=side,
        what=what,
        owner_name="Mara",
        due_on=today_of(cast) + timedelta(days=days),
    )


# ---- promises ------------------------------------------------------------------------------------------


def test_a_promise_marks_its_month_and_is_on_record(cast: Cast) -> None:
    made = agreed(cast)
    CellMark.objects.all().delete()
    promise = ours(cast, made.plan, 40)
    marks = list(CellMark.objects.values_list("partner_id", "since"))
    assert marks == [(cast.alder.pk, promise.due_on.replace(day=1))]
    entry = LedgerEntry.objects.get(verb="commitment.made", subject_id=promise.public_id)
    assert (entry.partner_id, entry.new["side"], entry.new["what"]) == (cast.alder.pk, "us", "A visit")


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("what", {"what": " "}), ("what", {"what": "x" * 301}), ("owner_name", {"owner_name": ""}),
        ("owner_name", {"owner_name": "x" * 121}),
    ],
)  # fmt: skip
def test_a_promise_says_what_and_who(cast: Cast, field: str, values: dict) -> None:
    made = agreed(cast)
    given = {"what": "A", "owner_name": "B", **values}
    error = refused(
        FieldErrors,
        "invalid",
        lambda: add_commitment(
            actor=cast.actor("manager"), plan=made.plan, side=Side.US, due_on=today_of(cast), **given
        ),
    )
    assert isinstance(error, FieldErrors)
    assert list(error.errors) == [field]


@pytest.mark.parametrize(("days", "code"), [(-1, "day_over"), (1200, "day_too_far")])
def test_a_promise_looks_ahead(cast: Cast, days: int, code: str) -> None:
    made = agreed(cast)
    refused(RuleBroken, code, lambda: ours(cast, made.plan, days))


def test_a_changed_promise_is_a_changed_term(cast: Cast) -> None:
    made = agreed(cast)
    change_commitment(
        actor=cast.actor("manager"), commitment=made.ours, what="Two visits", owner_name="Mara",
        due_on=made.ours.due_on,
    )  # fmt: skip
    made.plan.refresh_from_db()
    assert (made.plan.state, made.plan.edition, made.plan.signed_by_them) == (State.PROPOSED, 2, "")
    entry = LedgerEntry.objects.get(verb="commitment.changed")
    assert (entry.old["what"], entry.new["what"]) == ("Joint visit at two bakeries", "Two visits")


def test_the_same_words_change_nothing(cast: Cast) -> None:
    made = agreed(cast)
    rows = LedgerEntry.objects.count()
    change_commitment(
        actor=cast.actor("manager"), commitment=made.ours, what=made.ours.what, owner_name="Mara",
        due_on=made.ours.due_on,
    )  # fmt: skip
    made.plan.refresh_from_db()
    assert (made.plan.state, LedgerEntry.objects.count()) == (State.AGREED, rows)


def test_a_promise_that_is_late_is_kept_or_broken_and_never_dropped(cast: Cast) -> None:
    made = agreed(cast)
    made.ours.due_on = today_of(cast) - timedelta(days=1)
    made.ours.save_fields("due_on")
    manager = cast.actor("manager")
    refused(
        Clash,
        "day_over",
        lambda: drop_commitment(actor=manager, commitment=made.ours, reason="Late-registration window"),
    )
    kept = keep_commitment(actor=manager, commitment=made.ours)
    assert (kept.state, kept.settled_on, kept.settled_by) == ("kept", today_of(cast), "Manager")
    assert LedgerEntry.objects.get(verb="commitment.kept").new["late"] is True


def test_dropping_before_the_day_says_why(cast: Cast) -> None:
    made = agreed(cast)
    manager = cast.actor("manager")
    refused(FieldErrors, "invalid", lambda: drop_commitment(actor=manager, commitment=made.ours, reason=" "))
    dropped = drop_commitment(actor=manager, commitment=made.ours, reason="The fair was called off")
    assert (dropped.state, dropped.reason) == (CommitmentState.DROPPED, "The fair was called off")
    made.plan.refresh_from_db()
    assert made.plan.state == State.PROPOSED


@pytest.mark.parametrize("act", [keep_commitment, break_commitment, drop_commitment, change_commitment])
def test_what_is_settled_stays(cast: Cast, act) -> None:
    made = agreed(cast)
    keep_commitment(actor=cast.actor("manager"), commitment=made.ours)
    values: dict = {
        keep_commitment: {},
        break_commitment: {"reason": "x"},
        drop_commitment: {"reason": "x"},
        change_commitment: {"what": "x", "owner_name": "x", "due_on": date(2030, 1, 1)},
    }
    refused(Clash, "settled", lambda: act(actor=cast.actor("manager"), commitment=made.ours, **values[act]))


def test_a_stale_version_is_refused(cast: Cast) -> None:
    made = agreed(cast)
    refused(
        Stale,
        "stale",
        lambda: keep_commitment(actor=cast.actor("manager"), commitment=made.ours, expected_version=7),
    )


def test_a_promise_in_a_draft_is_not_made_yet(cast: Cast) -> None:
    made = draft(cast)
    error = refused(
        Clash, "illegal_move", lambda: keep_commitment(actor=cast.actor("leader"), commitment=made.ours)
    )
    assert "has not been made yet" in error.sentence


def test_partner_people_settle_their_own_and_mark_the_vendors_cells(cast: Cast) -> None:
    made = agreed(cast)
    CellMark.objects.all().delete()
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        with pytest.raises(NotAllowed):
            keep_commitment(actor=cast.actor("alder_admin"), commitment=made.ours)
        keep_commitment(actor=cast.actor("alder_seller"), commitment=made.theirs)
        assert not CellMark.objects.exists()
    assert CellMark.objects.count() == 1


@pytest.mark.parametrize("who", ["ops", "rep", "sponsor"])
def test_other_roles_settle_nothing(cast: Cast, who: str) -> None:
    made = agreed(cast)
    refused(NotAllowed, "not_allowed", lambda: keep_commitment(actor=cast.actor(who), commitment=made.ours))


# ---- steps ---------------------------------------------------------------------------------------------


def test_steps_have_places_and_proof(cast: Cast) -> None:
    made = draft(cast)
    second = add_milestone(actor=cast.actor("manager"), plan=made.plan, name="B", proves="Seen")
    assert (made.step.position, second.position) == (1, 2)
    proven = prove_milestone(
        actor=cast.actor("manager"), milestone=made.step, proof_link="https://example.com/a"
    )
    assert (proven.state, proven.proven_on, proven.proven_by) == ("proven", today_of(cast), "Manager")
    made.plan.refresh_from_db()
    assert made.plan.ready_on is None
    drop_milestone(actor=cast.actor("manager"), milestone=second, reason="Not needed")
    made.plan.refresh_from_db()
    assert made.plan.ready_on == today_of(cast)
    with pytest.raises(IntegrityError, match="milestone_proven_has_proof"), transaction.atomic():
        Milestone.objects.filter(pk=proven.pk).update(proof="", proof_link="")


@pytest.mark.parametrize(
    ("given", "kind", "code"),
    [
        ({}, FieldErrors, "invalid"),
        ({"proof": "  "}, FieldErrors, "invalid"),
        ({"proof_link": "ftp://example.com"}, RuleBroken, "link"),
        ({"proof_link": "javascript:alert(1)"}, RuleBroken, "link"),
        ({"proof_link": "https://[bad"}, RuleBroken, "link"),
        ({"proof_link": "https://a b.com"}, RuleBroken, "link"),
        ({"proof": "x", "proven_on": date(2999, 1, 1)}, RuleBroken, "day_ahead"),
        ({"proof": "x", "proven_on": date(1999, 1, 1)}, RuleBroken, "day_too_old"),
    ],
)
def test_proof_that_is_none(cast: Cast, given: dict, kind: type[DomainError], code: str) -> None:
    made = agreed(cast)
    refused(kind, code, lambda: prove_milestone(actor=cast.actor("manager"), milestone=made.step, **given))


def test_proof_is_no_change_of_terms(cast: Cast) -> None:
    made = agreed(cast)
    prove_milestone(actor=cast.actor("manager"), milestone=made.step, proof="Seen")
    made.plan.refresh_from_db()
    assert (made.plan.state, made.plan.edition) == (State.AGREED, 1)
    assert LedgerEntry.objects.filter(verb="plan.ready", partner=cast.alder).count() == 1
    manager = cast.actor("manager")
    refused(
        Clash,
        "settled",
        lambda: change_milestone(actor=manager, milestone=made.step, name="Else", proves="Else"),
    )


def test_a_plan_takes_forty_steps(cast: Cast) -> None:
    made = draft(cast)
    for number in range(39):
        add_milestone(actor=cast.actor("manager"), plan=made.plan, name=f"S{number}", proves="Seen")
    refused(
        Clash,
        "too_many_steps",
        lambda: add_milestone(actor=cast.actor("manager"), plan=made.plan, name="41", proves="Seen"),
    )
    page = plan_page(made.plan, today=today_of(cast))
    assert (len(page.open_steps), len(page.next_steps), page.later) == (40, 3, 37)


# ---- check-ins -----------------------------------------------------------------------------------------


def check_in(cast: Cast, plan: Plan, **values: object) -> CheckIn:
    given = {"held_on": today_of(cast), "said": "Well", "purpose_confirmed": True, **values}
    return log_check_in(actor=cast.actor("manager"), plan=plan, **given)  # type: ignore[arg-type]


def test_a_check_in_keeps_the_purpose_and_sets_the_next_day(cast: Cast) -> None:
    made = agreed(cast)
    row = check_in(cast, made.plan, agreed="More visits", purpose_confirmed=False)
    made.plan.refresh_from_db()
    assert made.plan.next_check_in_on == row.next_on
    assert row.next_on.weekday() < 5
    assert 28 <= (row.next_on - today_of(cast)).days <= 30
    assert (row.purpose, row.purpose_confirmed, made.plan.state) == (
        made.plan.purpose, False, State.AGREED,
    )  # fmt: skip


def test_holidays_of_the_program_are_stepped_over(cast: Cast) -> None:
    made = agreed(cast)
    first = check_in(cast, made.plan).next_on
    CheckIn.objects.all().delete()
    cast.program.holidays = [first.isoformat()]
    cast.program.save_fields("holidays")
    assert check_in(cast, made.plan).next_on > first


@pytest.mark.parametrize(("days", "code"), [(0, "day_over"), (-3, "day_over"), (241, "day_too_far")])
def test_the_next_contact_is_ahead_and_near(cast: Cast, days: int, code: str) -> None:
    made = agreed(cast)
    next_on = today_of(cast) + timedelta(days=days)
    refused(RuleBroken, code, lambda: check_in(cast, made.plan, next_on=next_on))


@pytest.mark.parametrize("days", [1, -1200])
def test_a_check_in_has_been_held(cast: Cast, days: int) -> None:
    made = agreed(cast)
    with pytest.raises(RuleBroken):
        check_in(cast, made.plan, held_on=today_of(cast) + timedelta(days=days))
    assert not CheckIn.objects.exists()


# ---- what is due, for the upper floor ------------------------------------------------------------------


def test_open_promises_are_those_in_force_ours_first(cast: Cast) -> None:
    manager = cast.actor("manager")
    made = proposed(cast)
    assert open_commitments(manager, cast.alder.pk) == []
    for who in ("leader", "alder_admin"):
        agree_to_plan(actor=cast.actor(who), plan=made.plan, edition=1)
    late = ours(cast, made.plan, 60)
    assert open_commitments(manager, cast.alder.pk) == [made.ours, late, made.theirs]
    made.plan.refresh_from_db()
    change_plan(
        actor=manager, plan=made.plan, purpose="New", why_call_us=made.plan.why_call_us,
        retires_quota=Quota(made.plan.retires_quota), starts_on=made.plan.starts_on, check_in_days=14,
    )  # fmt: skip
    assert len(open_commitments(manager, cast.alder.pk)) == 3  # a new proposal suspends no promise
    assert open_commitments(cast.actor("birch_admin"), cast.alder.pk) == []


def test_overdue_promises_and_next_contacts(cast: Cast) -> None:
    made = agreed(cast)
    manager, today = cast.actor("manager"), today_of(cast)
    later = today + timedelta(days=22)
    assert overdue_promises(manager, today) == []
    assert overdue_promises(manager, later) == [made.ours]
    assert overdue_promises(manager, later, side=None) == [made.ours, made.theirs]
    assert plans_due(manager, today).contacts == []
    assert plans_due(manager, today + timedelta(days=31)).contacts == [made.plan]


def test_agreements_without_a_plan(cast: Cast) -> None:
    assert [partner.name for partner in partners_without_plan()] == ["Alder Consulting", "Birch Systems"]
    draft(cast)
    assert [partner.name for partner in partners_without_plan()] == ["Birch Systems"]


def test_facts_by_month_and_side(cast: Cast) -> None:
    start = clock.now()
    made = agreed(cast)
    today = today_of(cast)
    with clock.at(start + timedelta(days=20)):  # six days late
        keep_commitment(actor=cast.actor("manager"), commitment=made.ours)
        settled = today_of(cast)
    due = made.theirs.due_on
    facts = commitment_facts(today - timedelta(days=5), today + timedelta(days=90), due + timedelta(days=1))
    us = CommitmentFact(cast.alder.pk, settled.replace(day=1), Side.US, 1, 1, 0, 0)
    them = CommitmentFact(cast.alder.pk, due.replace(day=1), Side.THEM, 0, 0, 0, 1)
    assert sorted(facts, key=lambda fact: fact.side) == sorted([us, them], key=lambda fact: fact.side)
