"""What the rules suggest: every rule, the order in which they speak, and what counts as following them."""

from datetime import UTC, datetime, timedelta

import pytest

from deals.cases.rules.suggestion import Against, Basis, CaseFacts, basis_of, suggest
from deals.rules.lifecycle import APPROVING, DECLINING, ConflictKind, Outcome, Reason, Severity

CLAIMED = datetime(2026, 11, 2, 9, tzinfo=UTC)
BLOCK, REVIEW, NOTE = Severity.BLOCK, Severity.REVIEW, Severity.NOTE
FOR, AGAINST = Outcome.UPHOLD_PARTNER, Outcome.UPHOLD_INCUMBENT


def against(kind: ConflictKind, severity: Severity = BLOCK, *, days: float | None = -30) -> Against:
    """Something that came about ``days`` after the claim."""
    since = CLAIMED + timedelta(days=days) if days is not None else None
    return Against(kind=kind, severity=severity, who="Birch Systems", since=since, fact="Mail of 1 Nov")


def facts(*rows: Against, **changes: object) -> CaseFacts:
    return CaseFacts(against=rows, partner="Alder Consulting", claimed_at=CLAIMED, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "outcome", "reason"),
    [
        (against(ConflictKind.CUSTOMER_CHOICE), AGAINST, Reason.CUSTOMER_CHOICE),
        (against(ConflictKind.CUSTOMER_CHOICE, NOTE), FOR, Reason.CUSTOMER_CHOICE),
        (against(ConflictKind.PROTECTED), AGAINST, Reason.EARLIER_CLAIM),
        (against(ConflictKind.ENGAGEMENT), AGAINST, Reason.OUT_OF_SCOPE),
        (against(ConflictKind.NAMED_ACCOUNT), AGAINST, Reason.NAMED_ACCOUNT),
        (against(ConflictKind.OPEN_OPPORTUNITY), AGAINST, Reason.OPEN_OPPORTUNITY),
        (against(ConflictKind.OPEN_OPPORTUNITY, days=1), FOR, Reason.PARTNER_FIRST),
        (against(ConflictKind.EXISTING_CUSTOMER), AGAINST, Reason.EXISTING_CUSTOMER),
        (against(ConflictKind.EARLIER_CLAIM, REVIEW), AGAINST, Reason.EARLIER_CLAIM),
        (against(ConflictKind.LATE), AGAINST, Reason.OPEN_OPPORTUNITY),
        (against(ConflictKind.REP_OPPORTUNITY, days=30), FOR, Reason.PARTNER_FIRST),
        (against(ConflictKind.SOURCE_CHANGED, days=30), FOR, Reason.PARTNER_FIRST),
        (against(ConflictKind.ROUTE_AROUND, days=30), FOR, Reason.PARTNER_FIRST),
        (against(ConflictKind.CHANGE, REVIEW), Outcome.NOT_A_CONFLICT, Reason.NOT_A_CONFLICT),
        (against(ConflictKind.PROTECTED, NOTE), Outcome.NOT_A_CONFLICT, Reason.NOT_A_CONFLICT),
    ],
)
def test_each_rule_says_what_it_suggests_and_why(row, outcome, reason) -> None:
    found = suggest(facts(row))
    assert (found.outcome, found.reason) == (outcome, reason)
    assert found.why
    assert found.why.endswith(".")
    assert reason in (DECLINING if outcome == AGAINST else APPROVING)


@pytest.mark.parametrize(
    "kind", [ConflictKind.APPEAL, ConflictKind.RAISED, ConflictKind.COMPETING, ConflictKind.EXCLUSIVITY]
)
def test_what_no_rule_decides_is_left_open_with_a_reason(kind) -> None:
    found = suggest(facts(against(kind, REVIEW)))
    assert found.is_open
    assert found.reason is None
    assert found.why


def test_nothing_is_suggested_before_the_customer_is_known() -> None:
    row = against(ConflictKind.EXISTING_CUSTOMER, REVIEW)
    assert suggest(facts(row, known=False)).is_open
    assert suggest(facts(row, known=True)).outcome == AGAINST


@pytest.mark.parametrize("known", [True, False])
def test_the_customers_choice_comes_before_everything(known) -> None:
    rows = [against(kind) for kind in ConflictKind if kind != ConflictKind.CUSTOMER_CHOICE]
    found = suggest(facts(*rows, against(ConflictKind.CUSTOMER_CHOICE, NOTE), known=known))
    assert (found.outcome, found.reason) == (FOR, Reason.CUSTOMER_CHOICE)


@pytest.mark.parametrize(("worked", "outcome"), [(-31, FOR), (-29, AGAINST), (None, AGAINST)])
def test_between_an_opportunity_and_a_claim_the_first_dated_work_counts(worked, outcome) -> None:
    first = CLAIMED + timedelta(days=worked) if worked else None
    assert suggest(facts(against(ConflictKind.OPEN_OPPORTUNITY), first_work=first)).outcome == outcome


def test_of_several_opportunities_the_oldest_counts() -> None:
    rows = [against(ConflictKind.OPEN_OPPORTUNITY, days=days) for days in (3, -3)]
    assert suggest(facts(*rows)).outcome == AGAINST


def test_a_rule_of_engagement_for_the_partner_opens_a_named_account() -> None:
    welcome = against(ConflictKind.ENGAGEMENT, NOTE)
    assert suggest(facts(against(ConflictKind.NAMED_ACCOUNT), welcome)).outcome is None


def test_a_claim_that_is_not_earlier_is_no_reason() -> None:
    assert suggest(facts(against(ConflictKind.EARLIER_CLAIM, REVIEW, days=1))).is_open


@pytest.mark.parametrize(
    ("suggested", "outcome", "basis"),
    [
        ("", Outcome.SHARE, Basis.OPEN),
        (FOR, FOR, Basis.RULE),
        (FOR, Outcome.NOT_A_CONFLICT, Basis.RULE),
        (Outcome.NOT_A_CONFLICT, FOR, Basis.RULE),
        (AGAINST, AGAINST, Basis.RULE),
        (AGAINST, FOR, Basis.EXCEPTION),
        (FOR, Outcome.SHARE, Basis.EXCEPTION),
        (AGAINST, Outcome.SHARE, Basis.EXCEPTION),
    ],
)
def test_a_ruling_follows_the_rules_or_is_an_exception(suggested, outcome, basis) -> None:
    assert basis_of(suggested, outcome) == basis
