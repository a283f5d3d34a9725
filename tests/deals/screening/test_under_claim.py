"""Moves of our own side under a partner's claim: each opens one conflict with evidence, never two."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from deals.cases.flags import raise_conflict
from deals.cases.ruling import rule
from deals.cases.selectors.our_side import immune_signals
from deals.models import Account, Conflict, Opportunity, OpportunityState, Registration, Source, Touch
from deals.opportunities.selectors import attribution_of
from deals.opportunities.source import Deal, change_source, open_opportunity
from deals.opportunities.touches import log_touch, remove_touch
from deals.registrations.outcome import close_opportunity
from deals.rules.attribution import TouchKind
from deals.rules.lifecycle import ConflictKind, Outcome, Reason, State
from partners.core import clock
from partners.core.errors import Clash, FieldErrors, NotAllowed, NotFound, RuleBroken, Stale
from partners.core.scope import program_scope
from partners.models import CellMark, LedgerEntry, Offering
from tests.deals.making import account, decision, direct_opportunity, registered

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FERNHILL = {"customer_name": "Fernhill Logistics", "website": "fernhill-logistics.com", "country": "GB"}


@pytest.fixture(autouse=True)
def _monday():
    with clock.at(MONDAY):
        yield


@pytest.fixture
def claim(cast) -> Registration:
    """Alder's approved claim, protected from Monday on."""
    return registered(cast, **FERNHILL)


def opened(cast, who="rep", **changes) -> Opportunity:
    with program_scope(cast.program.pk):
        values: dict[str, Any] = {
            "name": "Fernhill platform",
            "account": Account.objects.earliest("pk"),
            "amount": Decimal(9000),
        }
        return open_opportunity(actor=cast.actor(who), deal=Deal(**(values | changes)))


def found(cast) -> list[tuple[str, str, str]]:
    with program_scope(cast.program.pk):
        return list(Conflict.objects.order_by("pk").values_list("kind", "severity", "raised_by"))


def closed(cast, row: Opportunity, state="won", who="ops") -> Opportunity:
    with program_scope(cast.program.pk):
        return close_opportunity(actor=cast.actor(who), opportunity=row, state=OpportunityState(state))


def test_a_rep_who_opens_under_protection_meets_the_partner(cast, claim) -> None:
    with clock.at(MONDAY + timedelta(days=1)):
        row = opened(cast)
    assert found(cast) == [("rep_opportunity", "review", "Rep")]
    with program_scope(cast.program.pk):
        conflict = Conflict.objects.get()
        assert (conflict.registration, conflict.rival_opportunity) == (claim, row)
        # Two business days from Tuesday, 10:00 in Berlin.
        assert conflict.due_at == datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
        facts = [fact["fact"] for fact in conflict.evidence]
        assert facts == [
            "Alder Consulting claimed Fernhill Logistics for Northwind",
            "Alder Consulting is protected, until 21 Feb 2027",
            "Opportunity “Fernhill platform” opened (our own, stage Opened, owner Rep).",
            "Added by Rep",
        ]
        assert all(fact["at"] for fact in conflict.evidence)
        entry = LedgerEntry.objects.get(verb="conflict.opened")
        assert (entry.subject_id, entry.partner) == (conflict.public_id, None)
        assert (row.owner_name, row.source) == ("Rep", "direct")
        assert Registration.objects.get().state == State.APPROVED


def test_without_a_claim_in_the_way_nothing_is_found(cast, claim) -> None:
    with program_scope(cast.program.pk):
        other = Offering.objects.create(program=cast.program, name="Other")
    elsewhere = account(cast, "Quillmark", "quillmark.com", "DE")
    opened(cast, offering=other)
    opened(cast, account=elsewhere)
    with clock.at(MONDAY + timedelta(days=91)):
        opened(cast, name="After the protection")
    assert found(cast) == []


def test_a_claim_that_is_being_weighed_is_met_too_and_is_due_with_it(cast) -> None:
    account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", is_named=True)
    waiting = registered(cast, **FERNHILL)
    opened(cast)
    with program_scope(cast.program.pk):
        conflict = Conflict.objects.get(kind="rep_opportunity")
        assert conflict.due_at == waiting.decision_due_at


def test_what_screening_weighed_is_not_raised_again(cast) -> None:
    fernhill = account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB")
    direct = direct_opportunity(cast, fernhill)
    waiting = registered(cast, **FERNHILL)
    closed(cast, direct, "lost")
    with program_scope(cast.program.pk):
        rule(actor=cast.actor("ops"), registration=waiting, decision=decision())
        assert Conflict.objects.get().kind == "open_opportunity"


def test_closing_without_the_partner_is_a_route_around(cast, claim) -> None:
    row = opened(cast)
    closed(cast, row)
    assert [kind for kind, _, _ in found(cast)] == ["rep_opportunity", "route_around"]
    with program_scope(cast.program.pk):
        conflict = Conflict.objects.get(kind="route_around")
        assert conflict.severity == "block"
        assert "“Fernhill platform” won without Alder Consulting" in [
            fact["fact"] for fact in conflict.evidence
        ]


@pytest.mark.parametrize("outcome", ["lost", "elsewhere"])
def test_a_loss_or_a_win_elsewhere_goes_round_nobody(cast, claim, outcome) -> None:
    if outcome == "lost":
        closed(cast, opened(cast), "lost")
        assert [kind for kind, _, _ in found(cast)] == ["rep_opportunity"]
    else:
        closed(cast, direct_opportunity(cast, account(cast, "Quillmark", "quillmark.com", "DE")))
        assert found(cast) == []


def test_the_partners_own_win_is_no_conflict(cast, claim) -> None:
    with clock.at(MONDAY + timedelta(days=30)), program_scope(cast.program.pk):
        own = Opportunity.objects.get()
    with clock.at(MONDAY + timedelta(days=30)):
        assert closed(cast, own).source == "sourced"
    assert found(cast) == []


def test_a_win_within_the_notice_period_is_fulfilled_not_sourced(cast, claim) -> None:
    with program_scope(cast.program.pk):
        own = Opportunity.objects.get()
    with clock.at(MONDAY + timedelta(days=13)):
        row = closed(cast, own)
    assert (row.source, row.partner_id) == ("routed", cast.alder.pk)
    with program_scope(cast.program.pk):
        conflict = Conflict.objects.get()
        assert (conflict.kind, conflict.severity, conflict.ruling) == ("late", "note", None)
        assert conflict.closed_at is not None
        assert Registration.objects.get().state == State.WON
        assert CellMark.objects.filter(partner=cast.alder, since=date(2026, 11, 1)).exists()
        told = LedgerEntry.objects.get(verb="opportunity.source_changed")
        assert (told.partner, "within 14 days" in told.sentence) == (cast.alder, True)


def sourced_by(cast, row, who="ops", **changes) -> Opportunity:
    values: dict[str, Any] = {"source": Source.DIRECT, "reason": "The buyer came to us."} | changes
    with program_scope(cast.program.pk):
        return change_source(actor=cast.actor(who), opportunity=row, **values)


def test_changing_the_source_is_on_record_and_a_conflict(cast, claim) -> None:
    with program_scope(cast.program.pk):
        own = Opportunity.objects.get()
    sourced_by(cast, own)
    assert found(cast) == [("source_changed", "block", "Ops")]
    with program_scope(cast.program.pk):
        entry = LedgerEntry.objects.get(verb="opportunity.source_changed")
        assert (entry.old, entry.partner) == ({"source": "sourced by Alder Consulting"}, None)
        assert entry.new == {"source": "direct", "reason": "The buyer came to us."}
        assert CellMark.objects.filter(partner=cast.alder, since=date(2026, 11, 1)).exists()
        assert CellMark.objects.filter(partner=None, since=date(2026, 11, 1)).exists()
        told = Conflict.objects.get().evidence[-1]["fact"]
        assert told.endswith("from sourced by Alder Consulting to direct, by Ops: “The buyer came to us.”")
    with pytest.raises(Clash):
        sourced_by(cast, own)
    # Back and forth while it waits is one case; and to its own partner is none.
    back: dict[str, Any] = {"source": Source.SOURCED, "partner": cast.alder}
    assert sourced_by(cast, own, **back).partner_id == cast.alder.pk
    sourced_by(cast, own, source=Source.ROUTED, partner=cast.birch)
    assert len(found(cast)) == 1


def test_won_as_direct_after_its_source_was_changed_is_a_route_around(cast, claim) -> None:
    with program_scope(cast.program.pk):
        own = Opportunity.objects.get()
    closed(cast, sourced_by(cast, own))
    assert [kind for kind, _, _ in found(cast)] == ["source_changed", "route_around"]


@pytest.mark.parametrize(
    ("who", "changes", "refusal"),
    [
        ("rep", {}, NotAllowed),
        ("manager", {}, NotAllowed),
        ("ops", {"reason": " "}, RuleBroken),
        ("ops", {"source": Source.ROUTED}, RuleBroken),
        ("ops", {"expected_version": 9}, Stale),
    ],
)
def test_a_source_is_not_changed_without_right_reason_or_partner(cast, claim, who, changes, refusal) -> None:
    with program_scope(cast.program.pk):
        own = Opportunity.objects.get()
    with pytest.raises(refusal):
        sourced_by(cast, own, who, **changes)
    with program_scope(cast.program.pk):
        assert Opportunity.objects.get().source == "sourced"
        assert not Conflict.objects.exists()


def test_sourced_takes_an_approved_registration_that_was_not_late(cast, claim) -> None:
    direct = opened(cast)
    with pytest.raises(RuleBroken) as refused:
        sourced_by(cast, direct, source=Source.SOURCED, partner=cast.alder)
    assert refused.value.code == "not_registered"
    with program_scope(cast.program.pk):
        own = Opportunity.objects.get(registration=claim)
    late = closed(cast, own)
    with pytest.raises(RuleBroken) as refused:
        sourced_by(cast, late, source=Source.SOURCED, partner=cast.alder)
    assert refused.value.code == "late"


def raised(cast, row, who="rep", kind=ConflictKind.COMPETING, text="They sell Rivalware there.") -> Conflict:
    with program_scope(cast.program.pk):
        return raise_conflict(actor=cast.actor(who), registration=row, kind=kind, text=text)


def test_a_person_flags_what_the_rules_do_not_see(cast, claim) -> None:
    raised(cast, claim)
    assert found(cast) == [("competing", "review", "Rep")]
    with pytest.raises(Clash):
        raised(cast, claim)
    raised(cast, claim, kind=ConflictKind.EXCLUSIVITY)
    assert len(found(cast)) == 2
    with program_scope(cast.program.pk):
        assert Registration.objects.get().state == State.APPROVED
        assert not LedgerEntry.objects.filter(verb="conflict.opened", partner__isnull=False).exists()


def test_what_was_raised_counts_at_once(cast, claim) -> None:
    with program_scope(cast.program.pk):
        CellMark.objects.all().delete()
    raised(cast, claim)
    with program_scope(cast.program.pk):
        assert CellMark.objects.filter(partner=cast.alder, since=date(2026, 11, 1)).exists()


@pytest.mark.parametrize(
    ("who", "changes", "refusal"),
    [
        ("sponsor", {}, NotAllowed),
        ("alder_admin", {}, NotAllowed),
        ("ops", {"kind": ConflictKind.PROTECTED}, RuleBroken),
        ("ops", {"text": ""}, RuleBroken),
    ],
)
def test_what_cannot_be_raised(cast, claim, who, changes, refusal) -> None:
    with pytest.raises(refusal):
        raised(cast, claim, who, **changes)
    assert found(cast) == []


def test_nothing_is_raised_about_what_is_over(cast, claim) -> None:
    with program_scope(cast.program.pk):
        own = Opportunity.objects.get()
    closed(cast, own, "lost")
    with pytest.raises(Clash):
        raised(cast, claim)


def touched(cast, row, who="ops", **changes) -> Touch:
    values: dict[str, Any] = {
        "on": date(2026, 11, 20),
        "kind": TouchKind.DEMO,
        "note": "Shown to their CTO.",
    } | changes
    actor = cast.actor(who)
    if not actor.is_partner:
        values = {"partner": cast.alder} | values
    with program_scope(cast.program.pk, partner_id=actor.partner_id):
        return log_touch(actor=actor, opportunity=row, **values)


def test_a_dated_act_before_the_close_makes_it_influenced(cast) -> None:
    deal = direct_opportunity(cast, account(cast, "Fernhill", "fernhill.org", "GB"))
    with program_scope(cast.program.pk):
        assert attribution_of(deal) == "neither"
    touch = touched(cast, deal)
    with program_scope(cast.program.pk):
        assert attribution_of(deal) == "influenced"
        assert LedgerEntry.objects.get(verb="touch.logged").partner == cast.alder
        remove_touch(actor=cast.actor("ops"), touch=touch)
        assert attribution_of(deal) == "neither"
        with pytest.raises(Clash):
            remove_touch(actor=cast.actor("ops"), touch=touch)


def test_a_partner_logs_on_its_own_open_deals_only(cast, claim) -> None:
    with program_scope(cast.program.pk):
        own = Opportunity.objects.get()
        assert attribution_of(own) == "sourced"
    touched(cast, own, "alder_seller")
    with pytest.raises(NotFound):
        touched(cast, own, "birch_admin")
    closed(cast, own, "lost")
    with pytest.raises(Clash):
        touched(cast, own, "alder_seller")
    with program_scope(cast.program.pk, partner_id=cast.birch.pk):
        assert not Touch.objects.exists()
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        assert Touch.objects.get().logged_by == "Alder Seller"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"on": date(2026, 11, 24)}, "on"),
        ({"note": "With Birch Systems."}, "note"),
        ({"note": "x" * 1001}, "note"),
        ({"partner": None}, "partner"),
    ],
)
def test_a_touch_that_cannot_be(cast, changes, field) -> None:
    deal = direct_opportunity(cast, account(cast, "Fernhill", "fernhill.org", "GB"))
    with pytest.raises(RuleBroken) as refused:
        touched(cast, deal, **changes)
    assert refused.value.field == field
    with program_scope(cast.program.pk):
        assert not Touch.objects.exists()


def test_staff_may_add_later_what_came_before_the_close(cast) -> None:
    deal = direct_opportunity(cast, account(cast, "Fernhill", "fernhill.org", "GB"))
    closed(cast, deal)
    with clock.at(MONDAY + timedelta(days=3)):
        touched(cast, deal, on=date(2026, 11, 23))
        with pytest.raises(RuleBroken):
            touched(cast, deal, on=date(2026, 11, 24))


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"name": ""}, {"name"}),
        ({"amount": Decimal(-1)}, {"amount"}),
        ({"currency": "XXQ"}, {"currency"}),
        ({"name": "x" * 300, "amount": Decimal(10) ** 13}, {"name", "amount"}),
    ],
)
def test_an_opportunity_that_cannot_be_opened(cast, claim, changes, fields) -> None:
    with pytest.raises(FieldErrors) as refused:
        opened(cast, **changes)
    assert set(refused.value.errors) == fields
    with program_scope(cast.program.pk):
        assert Opportunity.objects.count() == 1


@pytest.mark.parametrize("who", ["manager", "sponsor", "alder_admin"])
def test_who_opens_no_opportunity(cast, claim, who) -> None:
    with pytest.raises(NotAllowed):
        opened(cast, who)


def test_what_our_side_did_is_listed_per_rep_until_ruled_otherwise(cast, claim) -> None:
    closed(cast, opened(cast))
    with program_scope(cast.program.pk):
        seat = cast.seats["leader"]
        (signals,) = immune_signals(seat, since=MONDAY)
        assert (signals.who, signals.opened, signals.closed, signals.changed) == ("Rep", 1, 1, 0)
        assert signals.repeats
        (own,) = immune_signals(cast.seats["rep"], since=MONDAY)
        assert len(own.conflicts) == 2
        assert immune_signals(seat, since=MONDAY + timedelta(days=1)) == []
        for conflict in Conflict.objects.all():
            conflict.closed_at, conflict.ruling = MONDAY, _ruling(cast, claim)
            conflict.save()
        assert immune_signals(seat, since=MONDAY) == []


def _ruling(cast, claim):
    from deals.models import Ruling

    return Ruling.objects.create(
        program=cast.program,
        registration=claim,
        outcome=Outcome.NOT_A_CONFLICT,
        reason=Reason.NOT_A_CONFLICT,
        note="Another deal.",
        sentence="Nothing changes.",
        decided_at=MONDAY,
        decided_by_name="Ops",
        authority="sales_ops",
    )
