"""The figures of fairness, from rulings as facts; no database."""

from datetime import UTC, datetime, timedelta

import pytest

from deals.cases.rules.suggestion import Basis
from deals.registrations.rules.benefits import BenefitAnswer
from deals.rules.lifecycle import ConflictKind, Outcome
from prm.rules.fairness import Ruled, Side, Watched, benefits, measured, override, side_of

DUE = datetime(2026, 6, 10, 12, tzinfo=UTC)


def ruled(
    side: Side = Side.PARTNER,
    *kinds: str,
    hours: float = 4,
    late: bool = False,
    reps: tuple[str, ...] = (),
    basis: Basis = Basis.RULE,
    corrected: bool = False,
) -> Ruled:
    return Ruled(
        conflict="c",
        customer="Fernhill",
        partner="Alder",
        kinds=frozenset(kinds or (ConflictKind.OPEN_OPPORTUNITY,)),
        side=side,
        basis=basis,
        decided_at=DUE + timedelta(seconds=1 if late else 0),
        due_at=DUE,
        took=timedelta(hours=hours),
        reps=reps,
        corrected=corrected,
    )


def test_every_outcome_is_for_somebody() -> None:
    assert {outcome: side_of(outcome) for outcome in Outcome} == {
        Outcome.UPHOLD_PARTNER: Side.PARTNER,
        Outcome.UPHOLD_INCUMBENT: Side.INCUMBENT,
        Outcome.SHARE: Side.SHARED,
        Outcome.NOT_A_CONFLICT: Side.NO_CONFLICT,
        Outcome.MERGE: Side.NO_CONFLICT,
    }


def test_a_ruling_at_its_deadline_is_in_time() -> None:
    found = measured([ruled()] * 6 + [ruled(late=True)] * 2)
    assert (found.in_time.part, found.in_time.whole, found.in_time.headline) == (6, 8, "75%")


def test_the_median_and_not_the_mean() -> None:
    assert measured([ruled(hours=1), ruled(hours=2), ruled(hours=90)]).hours == 2
    assert measured([]).hours is None


def test_a_ruling_on_two_kinds_counts_once_in_all_and_in_both_lines() -> None:
    both = (ConflictKind.OPEN_OPPORTUNITY, ConflictKind.EXISTING_CUSTOMER)
    found = measured([ruled(Side.SHARED, *both), ruled(Side.INCUMBENT)])
    assert found.rulings == 2
    lines = {line.kind: (line.all, line.sides[Side.SHARED]) for line in found.kinds}
    assert lines == {ConflictKind.OPEN_OPPORTUNITY: (2, 1), ConflictKind.EXISTING_CUSTOMER: (1, 1)}


def test_what_the_rules_left_open_is_neither_rule_nor_exception() -> None:
    rows = [ruled()] * 6 + [ruled(basis=Basis.EXCEPTION)] * 2 + [ruled(basis=Basis.OPEN)] * 3
    found = measured(rows)
    assert (found.by_rule.part, found.by_rule.whole) == (6, 8)
    assert found.bases[Basis.OPEN] == 3


def test_appeals_turned_and_corrections_are_counted() -> None:
    appeal = ConflictKind.APPEAL
    rows = [
        ruled(Side.PARTNER, appeal),
        ruled(Side.SHARED, appeal),
        ruled(Side.INCUMBENT, appeal),
        ruled(corrected=True),
    ]
    found = measured(rows)
    assert (found.appeals.part, found.appeals.whole, found.corrected) == (2, 3, 1)
    assert found.appeals.headline == "Cannot tell"


def test_override_counts_only_what_our_own_sales_stood_against() -> None:
    rows = [
        ruled(Side.PARTNER),
        ruled(Side.INCUMBENT),
        ruled(Side.SHARED),
        ruled(Side.NO_CONFLICT),
        ruled(Side.PARTNER, ConflictKind.EARLIER_CLAIM),
    ]
    found = override(rows).share
    assert (found.part, found.whole) == (1, 3)


@pytest.mark.parametrize(
    ("ann", "bob", "headline", "says"),
    [
        ((9, 10), (1, 10), "It depends on the rep", "From 10% to 90% between 2 reps, more than chance"),
        ((5, 10), (4, 10), "Yes", "no more than chance may do"),
        ((0, 10), (0, 10), "Not so far", "From 0% to 0%"),
        ((4, 4), (0, 10), "Yes", "Cannot tell whether it depends"),
        ((1, 2), (1, 2), "Cannot tell", "Cannot tell whether it depends"),
    ],
)
def test_whether_it_depends_on_the_rep(
    ann: tuple[int, int], bob: tuple[int, int], headline: str, says: str
) -> None:
    rows = [
        ruled(Side.PARTNER if number < part else Side.INCUMBENT, reps=(name,))
        for name, (part, whole) in (("Zoe", ann), ("Bob", bob))
        for number in range(whole)
    ]
    found = override(rows)
    assert [name for name, _ in found.reps] == ["Bob", "Zoe"]
    assert found.headline == headline
    assert says in found.range


def test_benefits_without_a_word_are_in_no_share() -> None:
    answers = (
        [BenefitAnswer.DELIVERED] * 6
        + [BenefitAnswer.NOT_DELIVERED, BenefitAnswer.DISPUTED]
        + [BenefitAnswer.UNKNOWN] * 4
    )
    found = benefits(answers)
    assert found.approved == 12
    assert (found.delivered.part, found.delivered.whole, found.delivered.headline) == (6, 8, "75%")


@pytest.mark.parametrize(
    ("approved", "delivered", "came", "only"),
    [(3, 0, 1, True), (2, 0, 9, False), (9, 1, 9, False), (9, 0, 0, False)],
)
def test_watched_only(approved: int, delivered: int, came: int, only: bool) -> None:
    line = Watched(partner="Alder", public_id="a", approved=approved, delivered=delivered, came=came)
    assert line.only is only
