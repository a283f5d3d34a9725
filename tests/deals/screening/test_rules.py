"""Rules of engagement, coverage, attribution and acts under a claim, without a database."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from deals.rules.attribution import Attribution, attribution, won_in_notice
from deals.rules.engagement import Customer, EngagementTerms, Stance, outside_coverage, rule_for
from deals.rules.lifecycle import ConflictKind, Outcome, Severity, State
from deals.screening.rules.standing import GRAVITY, RULES, How, severity_of
from deals.screening.rules.under_claim import Known, OurMove, Standing, met

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
BANK = Customer.of("de", "Mid-market", "Banking")


def rule(key: int, stance: Stance, **more) -> EngagementTerms:
    return EngagementTerms(key=key, stance=stance, **more)


def test_every_kind_has_its_rule_in_words_and_its_place() -> None:
    assert set(RULES) == set(ConflictKind) == set(GRAVITY)
    assert len(GRAVITY) == len(ConflictKind)


def test_doubt_about_the_account_turns_a_block_into_a_look_and_leaves_the_rest() -> None:
    assert severity_of(ConflictKind.NAMED_ACCOUNT) == Severity.BLOCK
    assert severity_of(ConflictKind.NAMED_ACCOUNT, sure=False) == Severity.REVIEW
    assert severity_of(ConflictKind.CUSTOMER_CHOICE, How.FOR, sure=False) == Severity.NOTE
    assert severity_of(ConflictKind.RAISED) == Severity.REVIEW


@pytest.mark.parametrize(
    ("rules", "counts"),
    [
        ([], None),
        ([rule(1, Stance.DIRECT, countries=["FR"])], None),
        ([rule(1, Stance.DIRECT, countries=["DE"])], 1),
        ([rule(1, Stance.DIRECT), rule(2, Stance.WELCOME, countries=["DE"])], 2),
        ([rule(1, Stance.WELCOME, countries=["DE"]), rule(2, Stance.DIRECT, verticals=["banking"])], 2),
        (
            [
                rule(1, Stance.WELCOME, countries=["DE"], verticals=["BANKING"]),
                rule(2, Stance.DIRECT, countries=["DE"]),
            ],
            1,
        ),
        ([rule(1, Stance.DIRECT), rule(2, Stance.DIRECT)], 2),
        ([rule(1, Stance.DIRECT, segments=["Enterprise"])], None),
        # A CRM's industry may stand in either column.
        ([rule(1, Stance.DIRECT, segments=["Banking"])], 1),
    ],
)
def test_the_most_specific_then_the_strictest_then_the_newest_rule_counts(rules, counts) -> None:
    found = rule_for(BANK, rules)
    assert (found.key if found else None) == counts


def test_what_is_not_known_about_a_customer_fits_no_list() -> None:
    assert rule_for(Customer(), [rule(1, Stance.DIRECT, countries=["DE"])]) is None
    assert rule_for(Customer.of("DE"), [rule(1, Stance.DIRECT, verticals=["Banking"])]) is None


@pytest.mark.parametrize(
    ("countries", "verticals", "segments", "reasons"),
    [
        ([], [], [], 0),
        (["DE", "AT"], [], [], 0),
        (["FR"], [], [], 1),
        ([], ["banking"], [], 0),
        ([], ["Retail"], ["mid-market"], 0),
        (["FR"], ["Retail"], [], 2),
    ],
)
def test_coverage_is_what_the_partner_named(countries, verticals, segments, reasons) -> None:
    found = outside_coverage(BANK, countries=countries, verticals=verticals, segments=segments)
    assert len(found) == reasons


def test_countries_are_said_by_name() -> None:
    found = outside_coverage(Customer.of("AT"), countries=["SE", "DK"], verticals=[], segments=[])
    assert found == ["works in Denmark, Sweden; the customer is in Austria"]


def test_nothing_is_held_against_a_partner_that_nobody_knows() -> None:
    assert outside_coverage(Customer(), countries=["FR"], verticals=["Retail"], segments=[]) == []


def test_an_opportunity_is_sourced_influenced_or_neither() -> None:
    closed = date(2026, 11, 20)
    assert attribution(is_sourced=True, touched_on=[closed], closed_on=closed) is Attribution.SOURCED
    assert attribution(is_sourced=False, touched_on=[closed], closed_on=closed) is Attribution.INFLUENCED
    assert attribution(is_sourced=False, touched_on=[closed], closed_on=None) is Attribution.INFLUENCED
    after = closed + DAY
    assert attribution(is_sourced=False, touched_on=[after], closed_on=closed) is Attribution.NEITHER
    assert attribution(is_sourced=False, touched_on=[], closed_on=None) is Attribution.NEITHER


@pytest.mark.parametrize(
    ("days", "notice", "late"),
    [(0, 14, True), (13, 14, True), (14, 14, False), (0, 0, False), (-1, 0, True)],
)
def test_the_notice_period_counts_from_the_claim(days, notice, late) -> None:
    claimed = date(2026, 11, 1)
    assert won_in_notice(claimed, claimed + timedelta(days=days), notice) is late


def standing(state: State = State.APPROVED, **changes) -> Standing:
    values: dict[str, Any] = {
        "state": state,
        "claimed_at": NOON - 10 * DAY,
        "protected": (NOON - 9 * DAY, NOON + DAY),
    }
    return Standing(**(values | changes))


WON_TODAY = OurMove(won_since=NOON - timedelta(hours=12), won_until=NOON + timedelta(hours=12))


@pytest.mark.parametrize(
    ("move", "claim", "known", "kind"),
    [
        (OurMove(), standing(), [], ConflictKind.REP_OPPORTUNITY),
        (OurMove(), standing(protected=(NOON - 9 * DAY, NOON)), [], None),
        (OurMove(), standing(State.EXPIRED), [], None),
        (OurMove(), standing(State.IN_REVIEW, protected=None), [], ConflictKind.REP_OPPORTUNITY),
        (OurMove(), standing(), [Known(ConflictKind.OPEN_OPPORTUNITY)], None),
        (OurMove(), standing(), [Known(ConflictKind.REP_OPPORTUNITY)], None),
        (WON_TODAY, standing(), [], ConflictKind.ROUTE_AROUND),
        (WON_TODAY, standing(), [Known(ConflictKind.REP_OPPORTUNITY)], ConflictKind.ROUTE_AROUND),
        (WON_TODAY, standing(), [Known(ConflictKind.ROUTE_AROUND)], None),
        (
            WON_TODAY,
            standing(),
            [Known(ConflictKind.OPEN_OPPORTUNITY, Outcome.UPHOLD_PARTNER)],
            ConflictKind.ROUTE_AROUND,
        ),
        (WON_TODAY, standing(), [Known(ConflictKind.REP_OPPORTUNITY, Outcome.UPHOLD_INCUMBENT)], None),
        (WON_TODAY, standing(), [Known(ConflictKind.OPEN_OPPORTUNITY, Outcome.SHARE)], None),
        # It is being decided on with the claim.
        (
            WON_TODAY,
            standing(State.IN_REVIEW, protected=None),
            [Known(ConflictKind.OPEN_OPPORTUNITY)],
            None,
        ),
        # It has expired since, and was running on the day.
        (
            WON_TODAY,
            standing(State.EXPIRED, protected=(NOON - 9 * DAY, NOON)),
            [],
            ConflictKind.ROUTE_AROUND,
        ),
        (WON_TODAY, standing(State.EXPIRED, protected=(NOON - 9 * DAY, NOON - DAY)), [], None),
        (WON_TODAY, standing(State.WITHDRAWN, protected=None), [], None),
    ],
)
def test_when_a_move_of_our_side_meets_a_claim(move, claim, known, kind) -> None:
    assert met(move, claim, known, NOON) == kind
