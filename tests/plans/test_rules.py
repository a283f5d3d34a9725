"""Rules of plans, without a database."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from partners.core.actor import Role
from plans.rules.cadence import next_contact, working_day
from plans.rules.lifecycle import (
    MOVES,
    CommitmentState,
    MilestoneState,
    PlanMove,
    Quota,
    Side,
    State,
    moves_for,
    refusal,
    role_may,
)
from plans.rules.lint import PlanFacts, Promise, lint, quarter_end
from plans.rules.readiness import aim_refusal, gaps, readiness

TODAY = date(2026, 5, 6)
OPEN, PROVEN, GONE = MilestoneState.OPEN, MilestoneState.PROVEN, MilestoneState.DROPPED


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


# ---- moves ---------------------------------------------------------------------------------------------

EXPECTED = {
    (State.DRAFT, Role.LEADER): {"change", "support", "prove", "propose", "close"},
    (State.PROPOSED, Role.PARTNER_MANAGER): {
        "change", "support", "prove", "settle", "agree", "check_in", "close",
    },
    (State.AGREED, Role.LEADER): {"change", "support", "prove", "settle", "check_in", "close"},
    (State.CLOSED, Role.LEADER): set(),
    (State.DRAFT, Role.PARTNER_ADMIN): set(),
    (State.PROPOSED, Role.PARTNER_ADMIN): {"settle", "agree"},
    (State.PROPOSED, Role.PARTNER_SELLER): {"settle"},
    (State.AGREED, Role.PARTNER_ADMIN): {"settle"},
    (State.AGREED, Role.SALES_OPS): set(),
    (State.PROPOSED, Role.SPONSOR): set(),
    (State.PROPOSED, Role.REP): set(),
}  # fmt: skip


@pytest.mark.parametrize(("place", "moves"), EXPECTED.items())
def test_who_may_do_what_in_which_state(place: tuple[State, Role], moves: set[str]) -> None:
    assert {move.value for move in moves_for(*place)} == moves


def test_only_a_change_leads_back_and_nothing_leads_out_of_closed() -> None:
    assert MOVES[PlanMove.CHANGE].targets[State.AGREED] == {State.PROPOSED}
    assert all(State.CLOSED not in rule.targets for rule in MOVES.values())
    assert all(role_may(move, Role.SYSTEM) for move in PlanMove)


@pytest.mark.parametrize("move", PlanMove)
@pytest.mark.parametrize("state", State)
def test_every_refusal_is_a_sentence(move: PlanMove, state: State) -> None:
    assert refusal(move, state).endswith(".")


# ---- readiness -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "met"),
    [
        ([], False), ([OPEN], False), ([PROVEN], True), ([PROVEN, OPEN], False), ([PROVEN, GONE], True),
        ([GONE], False),
    ],
)  # fmt: skip
def test_readiness_is_every_step_proven_and_at_least_one(states: list[MilestoneState], met: bool) -> None:
    assert readiness(states).met is met
    assert (aim_refusal(readiness(states)) is None) is met


def test_the_aim_refusal_counts_what_is_left() -> None:
    assert "2 readiness steps are not proven yet" in (aim_refusal(readiness([OPEN, OPEN, PROVEN])) or "")


def test_gaps_name_their_field() -> None:
    found = gaps(purpose=" ", why_call_us="", ours=0, milestones=0)
    assert [gap.field for gap in found] == ["purpose", "why_call_us", "commitments", "milestones"]
    assert gaps(purpose="a", why_call_us="b", ours=1, milestones=1) == []


# ---- cadence -------------------------------------------------------------------------------------------


def test_a_next_contact_is_never_on_a_weekend_or_holiday() -> None:
    saturday = date(2026, 5, 9)
    assert working_day(saturday) == date(2026, 5, 11)
    assert working_day(saturday, {date(2026, 5, 11)}) == date(2026, 5, 12)
    days = [next_contact(in_days(n), every) for n in range(40) for every in (7, 28, 120)]
    assert all(day.weekday() < 5 for day in days)
    assert next_contact(TODAY, 28) == date(2026, 6, 3)


# ---- lint ----------------------------------------------------------------------------------------------


def promise(side: Side, days: int, state: CommitmentState = CommitmentState.OPEN) -> Promise:
    return Promise(side, in_days(days), state)


QUIET = PlanFacts(
    today=TODAY,
    state=State.AGREED,
    quota=Quota.YES,
    promises=[promise(Side.US, 10), promise(Side.THEM, 12)],
    steps=[PROVEN, OPEN],
    check_in_days=28,
    starts_on=in_days(-60),
    proposed_on=in_days(-62),
    agreed_on=in_days(-60),
    last_check_in=in_days(-5),
    next_check_in_on=in_days(23),
    signed_on=in_days(-90),
    ramp_months=12,
)


def codes(facts: PlanFacts) -> list[str]:
    return [notice.code for notice in lint(facts)]


def test_a_plan_in_order_raises_no_question() -> None:
    assert codes(QUIET) == []


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("support_overdue", {"promises": [promise(Side.US, -1), promise(Side.US, 3)]}),
        ("no_support_ahead", {"promises": [promise(Side.US, 31)]}),
        (
            "asks_outnumber_support",
            {"promises": [promise(Side.US, 3), promise(Side.THEM, 3), promise(Side.THEM, 4)]},
        ),
        ("many_steps_open", {"steps": [PROVEN, OPEN, OPEN, OPEN, OPEN]}),
        ("one_step_only", {"steps": [PROVEN]}),
        ("readiness_unproven", {"steps": [OPEN, OPEN], "starts_on": in_days(-30)}),
        ("quota_unknown", {"quota": Quota.UNKNOWN}),
        ("long_silence", {"last_check_in": in_days(-43)}),
        ("aim_before_ramp", {"aim_by": in_days(60)}),
    ],
)
def test_each_question_alone(code: str, changes: dict) -> None:
    assert codes(replace(QUIET, **changes)) == [code]


@pytest.mark.parametrize(
    "changes",
    [
        {"promises": [promise(Side.US, 30)]},
        {"steps": [PROVEN, OPEN, OPEN, OPEN]},
        {"last_check_in": in_days(-42)},
        {"steps": [OPEN, OPEN], "starts_on": in_days(-29)},
        {"quota": Quota.NO},
        {"aim_by": in_days(-90 + 360 + 5)},
    ],
)
def test_just_inside_no_question_is_asked(changes: dict) -> None:
    assert codes(replace(QUIET, **changes)) == []


def test_a_proposal_that_waits() -> None:
    waiting = replace(
        QUIET, state=State.PROPOSED, agreed_on=None, proposed_on=in_days(-15), next_check_in_on=None
    )
    assert codes(waiting) == ["no_next_contact", "proposal_waits"]


def test_asks_that_pile_up_at_the_end_of_a_quarter() -> None:
    end = quarter_end(TODAY)
    days = (end - TODAY).days
    ours = [promise(Side.US, n) for n in (5, 6, 7)]
    late = [promise(Side.THEM, days), promise(Side.THEM, days - 13), promise(Side.THEM, 20)]
    assert codes(replace(QUIET, promises=[*ours, *late])) == ["asks_at_quarter_end"]
    early = [promise(Side.THEM, days - 14), promise(Side.THEM, days), promise(Side.THEM, 20)]
    assert codes(replace(QUIET, promises=[*ours, *early])) == []


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 1, 1), date(2026, 3, 31)), (date(2026, 6, 30), date(2026, 6, 30)),
        (date(2026, 12, 31), date(2026, 12, 31)), (date(2026, 8, 15), date(2026, 9, 30)),
    ],
)  # fmt: skip
def test_quarter_ends(day: date, end: date) -> None:
    assert quarter_end(day) == end


def test_a_closed_plan_raises_none() -> None:
    assert lint(replace(QUIET, state=State.CLOSED, quota=Quota.UNKNOWN)) == []
