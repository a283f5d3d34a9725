"""What screening reads besides accounts and rivals: choices, engagement, coverage, late claims."""

import html
from datetime import UTC, date, datetime
from typing import Any

import pytest

from deals.cases.decision import NEW_ACCOUNT
from deals.cases.ruling import rule
from deals.cases.selectors.case_facts import who_of
from deals.models import Account, Conflict, CustomerChoice, Opportunity, Registration
from deals.rules.engagement import Stance
from deals.rules.lifecycle import ConflictKind, Outcome, Reason, State
from deals.screening.choices import end_choice, record_choice
from deals.screening.engagement import RuleTerms, add_rule, change_rule
from partners.core import clock
from partners.core.errors import Clash, FieldErrors, NotAllowed, RuleBroken, Stale
from partners.core.scope import program_scope
from partners.models import LedgerEntry, Offering
from tests.deals.making import account, decision, direct_opportunity, registered

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FERNHILL = {"customer_name": "Fernhill Logistics", "website": "fernhill-logistics.com", "country": "GB"}


@pytest.fixture(autouse=True)
def _monday():
    with clock.at(MONDAY):
        yield


@pytest.fixture
def fernhill(cast) -> Account:
    return account(
        cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", segment="Enterprise", vertical="Transport"
    )


def chosen(cast, on, partner, **more) -> CustomerChoice:
    with program_scope(cast.program.pk):
        values: dict[str, Any] = {
            "chosen_on": date(2026, 11, 2),
            "proof": "Mail of their CFO, in the deal folder.",
        } | more
        return record_choice(actor=cast.actor("ops"), account=on, partner=partner, **values)


def ruled_by(cast, **terms):
    with program_scope(cast.program.pk):
        return add_rule(actor=cast.actor("leader"), terms=RuleTerms(**({"name": "Rule"} | terms)))


def conflicts(cast) -> list[tuple[str, str, bool]]:
    with program_scope(cast.program.pk):
        rows = Conflict.objects.order_by("pk")
        return [(row.kind, row.severity, row.closed_at is None) for row in rows]


def test_a_written_choice_for_another_blocks_with_its_proof(cast, fernhill) -> None:
    choice = chosen(cast, fernhill, cast.birch)
    row = registered(cast, **FERNHILL)
    assert row.state == State.IN_REVIEW
    assert conflicts(cast) == [("customer_choice", "block", True)]
    with program_scope(cast.program.pk):
        (fact,) = Conflict.objects.get().evidence
    assert "Birch Systems" in fact["fact"]
    assert "Mail of their CFO" in fact["fact"]
    assert fact["who"] == "Birch Systems"
    assert (fact["at"], fact["id"]) == ("2026-11-02T00:00:00+01:00", choice.public_id)
    assert "Birch" not in row.sentence


def test_a_choice_for_us_blocks_every_partner(cast, fernhill) -> None:
    chosen(cast, fernhill, None)
    registered(cast, **FERNHILL)
    assert conflicts(cast) == [("customer_choice", "block", True)]


def test_a_choice_for_the_partner_stands_beside_what_speaks_against(cast, fernhill) -> None:
    chosen(cast, fernhill, cast.alder)
    direct_opportunity(cast, fernhill)
    registered(cast, **FERNHILL)
    assert conflicts(cast) == [("open_opportunity", "block", True), ("customer_choice", "note", True)]


def test_a_choice_for_the_partner_alone_leaves_it_approved_at_once(cast, fernhill) -> None:
    chosen(cast, fernhill, cast.alder)
    assert registered(cast, **FERNHILL).state == State.APPROVED
    assert conflicts(cast) == []


def test_the_newest_choice_for_the_offering_counts(cast, fernhill) -> None:
    with program_scope(cast.program.pk):
        other = Offering.objects.create(program=cast.program, name="Other")
    chosen(cast, fernhill, cast.birch)
    chosen(cast, fernhill, cast.alder, chosen_on=date(2026, 11, 9))
    chosen(cast, fernhill, cast.birch, chosen_on=date(2026, 11, 12), offering=other)
    assert registered(cast, offering_id=cast.offering.pk, **FERNHILL).state == State.APPROVED


def test_an_ended_choice_counts_no_more_and_ends_once(cast, fernhill) -> None:
    choice = chosen(cast, fernhill, cast.birch)
    with program_scope(cast.program.pk):
        end_choice(actor=cast.actor("ops"), choice=choice)
        with pytest.raises(Clash):
            end_choice(actor=cast.actor("ops"), choice=choice)
        assert LedgerEntry.objects.filter(subject_id=choice.public_id).count() == 2
    assert registered(cast, **FERNHILL).state == State.APPROVED


@pytest.mark.parametrize(
    ("who", "changes", "refusal"),
    [
        ("rep", {}, NotAllowed),
        ("ops", {"proof": "  "}, RuleBroken),
        ("ops", {"chosen_on": date(2026, 11, 24)}, RuleBroken),
    ],
)
def test_a_choice_needs_a_right_a_proof_and_a_day_that_has_come(
    cast, fernhill, who, changes, refusal
) -> None:
    values: dict[str, Any] = {"chosen_on": date(2026, 11, 2), "proof": "Mail."} | changes
    with program_scope(cast.program.pk):
        with pytest.raises(refusal):
            record_choice(actor=cast.actor(who), account=fernhill, partner=cast.alder, **values)
        assert not CustomerChoice.objects.exists()


@pytest.mark.parametrize(
    ("terms", "against"),
    [
        ({"stance": Stance.DIRECT, "countries": ["GB"]}, [("engagement", "block", True)]),
        ({"stance": Stance.DIRECT, "verticals": ["transport"]}, [("engagement", "block", True)]),
        ({"stance": Stance.DIRECT, "segments": ["Enterprise"]}, [("engagement", "block", True)]),
        ({"stance": Stance.DIRECT, "countries": ["FR"]}, []),
        ({"stance": Stance.DIRECT, "countries": ["GB"], "active": False}, []),
        ({"stance": Stance.WELCOME}, []),
    ],
)
def test_rules_of_engagement_by_country_vertical_and_segment(cast, fernhill, terms, against) -> None:
    ruled_by(cast, **terms)
    row = registered(cast, **FERNHILL)
    assert row.state == (State.IN_REVIEW if against else State.APPROVED)
    assert conflicts(cast) == against


def test_a_rule_for_one_partner_keeps_the_others_waiting(cast, fernhill) -> None:
    ruled_by(cast, stance=Stance.PARTNER, partner=cast.birch, text="Agreed in May.")
    assert registered(cast, **FERNHILL).state == State.IN_REVIEW
    with program_scope(cast.program.pk):
        assert "Agreed in May." in Conflict.objects.get().evidence[0]["fact"]
    other = {"customer_name": "Quillmark Robotics GmbH", "website": "quillmark-robotics.com"}
    assert registered(cast, "birch_admin", **other).state == State.APPROVED


def test_a_customer_nobody_knows_is_told_by_the_country_of_the_claim(cast) -> None:
    ruled_by(cast, stance=Stance.DIRECT, countries=["GB"])
    row = registered(cast, **FERNHILL)
    assert (row.state, row.account) == (State.IN_REVIEW, None)
    assert registered(cast, "birch_admin").state == State.APPROVED
    with program_scope(cast.program.pk):
        assert Conflict.objects.get().account is None
        rule(actor=cast.actor("ops"), registration=row, decision=decision(account=NEW_ACCOUNT))
        assert Registration.objects.get(pk=row.pk).state == State.APPROVED


def test_of_two_claims_on_an_unknown_customer_the_later_sees_the_earlier(cast) -> None:
    ruled_by(cast, stance=Stance.DIRECT, countries=["GB"])
    first = registered(cast, **FERNHILL)
    again = registered(cast, **FERNHILL | {"customer_name": "Fernhill Logistics Ltd"})
    assert (again.state, again.duplicate_of) == (State.DUPLICATE, first)
    rival = registered(cast, "birch_admin", **FERNHILL)
    with program_scope(cast.program.pk):
        kinds = set(Conflict.objects.filter(registration=rival).values_list("kind", flat=True))
    assert kinds == {"engagement", "earlier_claim"}


def covering(cast, **lists) -> None:
    with program_scope(cast.program.pk):
        for name, values in lists.items():
            setattr(cast.alder, name, values)
        cast.alder.save_fields(*lists)


def test_outside_the_partners_coverage_is_noted(cast, fernhill) -> None:
    covering(cast, countries=["DE"])
    assert registered(cast, **FERNHILL).state == State.APPROVED
    assert conflicts(cast) == [("coverage", "note", False)]


def test_outside_coverage_needs_a_look_where_a_rule_says_so(cast, fernhill) -> None:
    covering(cast, verticals=["Retail"])
    ruled_by(cast, stance=Stance.COVERED, countries=["GB"])
    assert registered(cast, **FERNHILL).state == State.IN_REVIEW
    assert conflicts(cast) == [("coverage", "review", True)]


def test_inside_coverage_nothing_is_noted(cast, fernhill) -> None:
    covering(cast, countries=["GB"], segments=["enterprise"])
    ruled_by(cast, stance=Stance.COVERED)
    assert registered(cast, **FERNHILL).state == State.APPROVED
    assert conflicts(cast) == []


def won(cast, on, day: date) -> Opportunity:
    return direct_opportunity(cast, on, state="won", closed_on=day)


def test_our_own_sale_just_before_the_claim_makes_it_late(cast, fernhill) -> None:
    won(cast, fernhill, date(2026, 11, 12))
    row = registered(cast, **FERNHILL)
    assert conflicts(cast) == [("late", "review", True)]
    with program_scope(cast.program.pk):
        rule(actor=cast.actor("ops"), registration=row, decision=decision())
        deal = Opportunity.objects.get(registration=row)
    # The customer's win stands in the books before the claim: fulfilled by the partner, never sourced.
    assert (deal.source, deal.partner_id) == ("routed", cast.alder.pk)


def test_an_old_sale_makes_nothing_late(cast, fernhill) -> None:
    won(cast, fernhill, date(2026, 11, 8))
    assert registered(cast, **FERNHILL).state == State.APPROVED


@pytest.mark.parametrize(
    ("reason", "outcome", "source"),
    [
        (Reason.PARTNER_FIRST, Outcome.UPHOLD_PARTNER, "sourced"),
        (Reason.CUSTOMER_CHOICE, Outcome.UPHOLD_PARTNER, "routed"),
        (Reason.NOT_A_CONFLICT, Outcome.NOT_A_CONFLICT, "sourced"),
    ],
)
def test_our_open_opportunity_was_first_unless_the_ruling_says_otherwise(
    cast, fernhill, reason, outcome, source
) -> None:
    direct_opportunity(cast, fernhill)
    if reason == Reason.CUSTOMER_CHOICE:
        chosen(cast, fernhill, cast.alder)
    row = registered(cast, **FERNHILL)
    with program_scope(cast.program.pk):
        rule(actor=cast.actor("ops"), registration=row, decision=decision(reason=reason, outcome=outcome))
        assert Opportunity.objects.get(registration=row).source == source


def test_rules_are_checked_versioned_and_told_to_the_ledger(cast) -> None:
    with pytest.raises(NotAllowed), program_scope(cast.program.pk):
        add_rule(actor=cast.actor("ops"), terms=RuleTerms(name="Mine", stance=Stance.DIRECT))
    with pytest.raises(FieldErrors) as refused:
        ruled_by(cast, name=" ", stance=Stance.PARTNER, countries=["Atlantis"])
    assert set(refused.value.errors) == {"name", "partner", "countries"}
    row = ruled_by(cast, name="DACH", stance=Stance.WELCOME, countries=["Germany", "AT"])
    assert row.countries == ["AT", "DE"]
    terms = RuleTerms(name="DACH", stance=Stance.DIRECT, countries=["DE"], verticals=["Banks", " banks "])
    with program_scope(cast.program.pk):
        changed = change_rule(actor=cast.actor("leader"), rule=row, terms=terms, expected_version=1)
        assert (changed.stance, changed.verticals, changed.version) == ("direct", ["Banks"], 2)
        with pytest.raises(Stale):
            change_rule(actor=cast.actor("leader"), rule=row, terms=terms, expected_version=1)
        entry = LedgerEntry.objects.get(verb="engagement_rule.changed")
        assert (entry.old["stance"], entry.new["stance"], entry.partner) == ("welcome", "direct", None)


def test_kinds_are_shown_gravest_first(cast, fernhill) -> None:
    chosen(cast, fernhill, cast.birch)
    direct_opportunity(cast, fernhill)
    covering(cast, countries=["DE"])
    registered(cast, **FERNHILL)
    assert [kind for kind, _, _ in conflicts(cast)] == [
        ConflictKind.CUSTOMER_CHOICE,
        ConflictKind.OPEN_OPPORTUNITY,
        ConflictKind.COVERAGE,
    ]


@pytest.mark.parametrize(
    ("stance", "why"),
    [
        (None, "The customer chose Birch Systems in writing: Mail of their CFO, in the deal folder."),
        (Stance.DIRECT, "Rule “Transport”: Direct sales only"),
    ],
)
def test_the_case_says_by_which_choice_or_rule(cast, fernhill, stance, why) -> None:
    if stance is None:
        chosen(cast, fernhill, cast.birch)
    else:
        ruled_by(cast, name="Transport", stance=stance, verticals=["Transport"])
    registered(cast, **FERNHILL)
    with program_scope(cast.program.pk):
        row = Conflict.objects.get()
        assert who_of(row) == ("Birch Systems" if stance is None else "Transport")
    answer = cast.client("ops").get(f"/p/northwind/conflicts/{row.public_id}/")
    assert html.escape(why) in answer.content.decode()
