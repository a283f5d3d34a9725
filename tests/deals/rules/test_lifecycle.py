"""What can be done with a registration now: the state table and what the row itself adds to it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from deals.rules.lifecycle import MOVES, Move, Review, State, moves_for
from deals.rules.possible import (
    ClaimFacts,
    ClaimTerms,
    appeal_until,
    granted_by_rule,
    open_moves,
    progress_due,
    why_not,
)
from deals.rules.protection import again_until, lengthened
from deals.rules.reviews import ASKABLE, differing, in_words, opened
from partners.core.actor import Role

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TERMS = ClaimTerms(appeal_days=14, extension_days=30, extensions_by_rule=1, keepalive_days=30)
SELLER = Role.PARTNER_SELLER


def approved(**changes: object) -> ClaimFacts:
    values: dict[str, object] = {
        "state": State.APPROVED,
        "has_deal": True,
        "protected": (NOW - 60 * DAY, NOW + 30 * DAY),
    }
    return ClaimFacts(**(values | changes))  # type: ignore[arg-type]


def code(move: Move, facts: ClaimFacts, terms: ClaimTerms = TERMS) -> str:
    refusal = why_not(move, facts, terms, NOW)
    return refusal.code if refusal else ""


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("role", [Role.PARTNER_SELLER, Role.SALES_OPS, Role.REP, Role.SPONSOR])
def test_what_is_open_is_never_more_than_the_table_says(state: State, role: Role) -> None:
    facts = approved(state=state, decided_at=NOW, extension_asked_at=NOW)
    found = open_moves(facts, role, TERMS, NOW)
    assert set(found) <= set(moves_for(state, role))
    assert all(state in MOVES[move].sources and role in MOVES[move].roles for move in found)


def test_while_the_partner_is_asked_only_the_clock_declines() -> None:
    asked = ClaimFacts(state=State.NEEDS_INFO)
    assert open_moves(asked, Role.SALES_OPS, TERMS, NOW) == []
    assert Move.DECLINE in open_moves(asked, Role.SYSTEM, TERMS, NOW)
    assert open_moves(asked, SELLER, TERMS, NOW) == [Move.ANSWER, Move.WITHDRAW]


def test_only_a_change_under_review_can_be_taken_back() -> None:
    for state in (State.IN_REVIEW, State.NEEDS_INFO):
        for review in Review:
            facts = approved(state=state, reviewed_for=review)
            offered = Move.TAKE_BACK in open_moves(facts, SELLER, TERMS, NOW)
            assert offered == (review is Review.CHANGE)
            assert Move.TAKE_BACK not in open_moves(facts, Role.SALES_OPS, TERMS, NOW)
    assert code(Move.TAKE_BACK, ClaimFacts(state=State.IN_REVIEW)) == "no_change"
    assert Move.TAKE_BACK not in open_moves(approved(reviewed_for=Review.CHANGE), SELLER, TERMS, NOW)


def test_what_stands_again_is_not_registered_again() -> None:
    for state in (State.DECLINED, State.WITHDRAWN, State.EXPIRED, State.DUPLICATE, State.REVOKED, State.LOST):
        assert Move.AGAIN in open_moves(ClaimFacts(state=state), SELLER, TERMS, NOW)
        assert Move.AGAIN not in open_moves(ClaimFacts(state=state, stands_again=True), SELLER, TERMS, NOW)
    assert code(Move.AGAIN, ClaimFacts(state=State.EXPIRED, stands_again=True)) == "registered_again"


def test_only_what_became_a_deal_is_won_or_lost() -> None:
    ruler = Role.SALES_OPS
    review = [Move.ASK, Move.APPROVE, Move.DECLINE]
    assert open_moves(ClaimFacts(state=State.IN_REVIEW), ruler, TERMS, NOW) == review
    changed = ClaimFacts(state=State.IN_REVIEW, has_deal=True)
    assert open_moves(changed, ruler, TERMS, NOW) == [*review, Move.WIN, Move.LOSE]
    assert code(Move.WIN, ClaimFacts(state=State.IN_REVIEW)) == "no_deal"


def test_every_state_can_be_reached_and_left_by_people_except_the_good_end() -> None:
    reached = {target for rule in MOVES.values() for target in rule.targets} | {State.DRAFT}
    by_people = [rule for rule in MOVES.values() if rule.roles != {Role.SYSTEM}]
    left = {source for rule in by_people for source in rule.sources - rule.by_clock}
    assert reached == set(State)
    assert set(State) - left == {State.WON}


@pytest.mark.parametrize(
    ("facts", "terms", "expected"),
    [
        (ClaimFacts(state=State.DECLINED, decided_at=NOW - 14 * DAY), TERMS, ""),
        (ClaimFacts(state=State.DECLINED, decided_at=NOW - 14.01 * DAY), TERMS, "appeal_late"),
        (ClaimFacts(state=State.REVOKED, decided_at=NOW, appealed_at=NOW), TERMS, "appealed"),
        (ClaimFacts(state=State.DECLINED, decided_at=NOW), None, "no_appeals"),
    ],
)
def test_an_appeal_is_possible_once_and_in_time(
    facts: ClaimFacts, terms: ClaimTerms | None, expected: str
) -> None:
    none = ClaimTerms(appeal_days=0, extension_days=0, extensions_by_rule=0, keepalive_days=0)
    assert code(Move.APPEAL, facts, terms or none) == expected
    assert (appeal_until(facts, terms or none) is None) == (expected in ("appealed", "no_appeals"))


def test_an_extension_is_asked_for_once_and_before_the_end() -> None:
    assert code(Move.ASK_EXTENSION, approved()) == ""
    assert code(Move.ASK_EXTENSION, approved(extension_asked_at=NOW)) == "asked_already"
    over = approved(protected=(NOW - 60 * DAY, NOW))
    assert code(Move.ASK_EXTENSION, over) == "protection_over"
    assert code(Move.CHANGE, over) == "protection_over"
    none = ClaimTerms(appeal_days=1, extension_days=0, extensions_by_rule=1, keepalive_days=0)
    assert code(Move.ASK_EXTENSION, approved(), none) == "no_extensions"
    assert code(Move.EXTEND, approved()) == "not_asked"
    assert code(Move.EXTEND, approved(extension_asked_at=NOW)) == ""


def test_an_extension_needs_nobody_while_the_partner_keeps_us_up_to_date() -> None:
    assert not granted_by_rule(approved(), TERMS, NOW)
    assert granted_by_rule(approved(progress_at=NOW - 30 * DAY), TERMS, NOW)
    assert not granted_by_rule(approved(progress_at=NOW - 31 * DAY), TERMS, NOW)
    assert not granted_by_rule(approved(progress_at=NOW, extensions=1), TERMS, NOW)
    unasked = ClaimTerms(appeal_days=1, extension_days=30, extensions_by_rule=1, keepalive_days=0)
    assert granted_by_rule(approved(), unasked, NOW)
    assert progress_due(approved(), unasked) is None
    assert progress_due(approved(), TERMS) == NOW - 30 * DAY
    assert progress_due(approved(progress_at=NOW - 8 * DAY), TERMS) == NOW + 22 * DAY
    # Asked a week ahead it is due when it was; asked when it was due, a week after that.
    assert progress_due(approved(progress_asked_at=NOW - 37 * DAY), TERMS) == NOW - 30 * DAY
    assert progress_due(approved(progress_asked_at=NOW - 2 * DAY), TERMS) == NOW + 5 * DAY
    told = approved(progress_asked_at=NOW - 10 * DAY, progress_at=NOW - 8 * DAY)
    assert progress_due(told, TERMS) == NOW + 22 * DAY
    assert progress_due(approved(state=State.EXPIRED), TERMS) is None
    # Word that would keep nothing is not waited for, nor any while the answer is ours.
    soon = (NOW - 80 * DAY, NOW + 10 * DAY)
    assert progress_due(approved(progress_at=NOW - 28 * DAY, protected=soon), TERMS) == NOW + 2 * DAY
    assert progress_due(approved(progress_at=NOW - 27 * DAY, protected=soon), TERMS) is None
    assert progress_due(approved(progress_at=NOW, extension_asked_at=NOW), TERMS) is None


def test_when_a_protection_ends_that_is_approved_again() -> None:
    end = NOW + 10 * DAY
    assert again_until(NOW, NOW, 90, revoked_until=end) == end
    assert again_until(NOW - 5 * DAY, NOW, 90, revoked_until=NOW - DAY) == NOW + 90 * DAY
    assert again_until(end, NOW, 90, changed_at=NOW - 3 * DAY) == end + 3 * DAY
    assert lengthened(end, NOW, 30) == end + 30 * DAY
    assert lengthened(NOW - 4 * DAY, NOW, 30) == NOW + 30 * DAY


def test_a_change_is_said_in_words() -> None:
    old = {
        "customer_name": "Acme",
        "website": "",
        "country": "DE",
        "offering": "Suite",
        "amount": Decimal(100),
        "currency": "EUR",
        "expected_close": None,
        "note": "",
    }
    new = old | {"customer_name": "Acme Holding", "website": "acme.com", "currency": "USD"}
    assert differing(old, new) == {"customer_name", "website", "currency"}
    assert in_words(old, new) == [
        "Customer: Acme → Acme Holding",
        "Website: nothing → acme.com",
        "Expected amount: EUR 100 → USD 100",
    ]
    assert opened(["amount"]) == {"amount", "currency"}
    assert set(old) - {"currency"} == set(ASKABLE)


def test_a_seller_is_offered_one_life_and_staff_another() -> None:
    facts = approved()
    assert open_moves(facts, SELLER, TERMS, NOW) == [
        Move.REPORT,
        Move.ASK_EXTENSION,
        Move.CHANGE,
        Move.WITHDRAW,
    ]
    assert open_moves(facts, Role.SALES_OPS, TERMS, NOW) == [Move.REVOKE, Move.WIN, Move.LOSE]
    ended = ClaimFacts(state=State.DECLINED, decided_at=NOW - DAY)
    assert open_moves(ended, SELLER, TERMS, NOW) == [Move.APPEAL, Move.AGAIN]
    assert open_moves(ClaimFacts(state=State.WON), SELLER, TERMS, NOW) == []
