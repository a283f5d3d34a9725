"""Rulings beyond yes and no: suggestion, shares, pay, the other side, appeals, merges, our later moves."""

from datetime import date, timedelta

import pytest

from deals.cases.rules.suggestion import Basis, basis_of
from deals.cases.ruling import rule
from deals.models import (
    Account,
    CompEffect,
    Conflict,
    CustomerChoice,
    Opportunity,
    Protection,
    Registration,
    Ruling,
)
from deals.rules.lifecycle import ConflictKind, Outcome, Reason, State
from deals.screening.choices import record_choice
from deals.screening.under_claim import watch
from partners.core import clock
from partners.core.errors import Clash, FieldErrors, NotAllowed, Stale
from partners.core.scope import program_scope
from partners.models import CellMark, Charter, LedgerEntry
from tests.deals.making import account, decided, decision, direct_opportunity, registered
from tests.deals.registrations.life import FERNHILL, appealed, asked, fresh

SHARE = {"outcome": Outcome.SHARE, "reason": Reason.BOTH_WORKED, "partner_share": 60}


@pytest.fixture
def known(cast) -> Account:
    return account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB")


@pytest.fixture
def waiting(cast, known) -> Registration:
    """Alder's claim against an open opportunity of our own."""
    direct_opportunity(cast, known)
    return registered(cast, **FERNHILL)


def ruled(cast, row, who="ops", **changes) -> Ruling:
    with program_scope(cast.program.pk):
        return rule(actor=cast.actor(who), registration=row, decision=decision(**changes))


def told_to(cast, partner) -> list[str]:
    """The sentences a partner may read in the ledger, oldest first."""
    with program_scope(cast.program.pk, partner_id=partner.pk):
        rows = LedgerEntry.objects.filter(subject="registration").exclude(sentence="").order_by("pk")
        return [row.sentence for row in rows]


# What the rules said


def test_the_suggestion_is_kept_with_the_ruling(cast, waiting) -> None:
    ruling = ruled(cast, waiting)
    assert ruling.suggested == Outcome.UPHOLD_INCUMBENT
    assert basis_of(ruling.suggested, ruling.outcome) == Basis.EXCEPTION


def test_what_the_rules_leave_open_is_neither_rule_nor_exception(cast) -> None:
    account(cast, "Fernhill Logistics", "fernway.org", "GB")
    row = registered(cast, customer_name="Fernhill Logistics", website="fhl-group.co.uk", country="GB")
    assert decided(cast, row).suggested == ""


# Shares and pay


def test_a_share_goes_to_the_opportunity_and_marks_its_history(cast, waiting) -> None:
    with program_scope(cast.program.pk):
        CellMark.objects.all().delete()
    ruling = ruled(cast, waiting, **SHARE)
    assert ruling.partner_share == 60
    row = fresh(cast, waiting)
    assert (row.state, row.opportunity.partner_share) == (State.APPROVED, 60)
    with program_scope(cast.program.pk):
        mine = CellMark.objects.filter(partner=cast.alder).values_list("since", flat=True)
        assert row.opportunity.opened_on.replace(day=1) in list(mine)
    assert "Your part of the credit is 60%." in [
        entry.sentence for entry in entries(cast, "opportunity.credited")
    ]


def entries(cast, verb) -> list[LedgerEntry]:
    with program_scope(cast.program.pk):
        return list(LedgerEntry.objects.filter(verb=verb).order_by("pk"))


def test_one_deal_that_is_shared_is_counted_once(cast, waiting) -> None:
    ruled(cast, waiting, **SHARE)
    row = fresh(cast, waiting)
    with program_scope(cast.program.pk):
        live = Opportunity.objects.filter(removed_at__isnull=True)
        assert list(live) == [row.opportunity]
        assert row.opportunity.partner == cast.alder


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({**SHARE, "partner_share": None}, "partner_share"),
        ({**SHARE, "partner_share": 0}, "partner_share"),
        ({**SHARE, "partner_share": 100}, "partner_share"),
        ({**SHARE, "reason": Reason.PARTNER_FIRST}, "reason"),
        ({"partner_share": 50}, "partner_share"),
        ({"incumbent_sentence": "x" * 1001}, "incumbent_sentence"),
        ({"revoke": Reason.NO_PROGRESS}, "revoke"),
        ({"merge": "abc"}, "merge"),
    ],
)
def test_what_does_not_go_with_the_decision_is_refused(cast, waiting, changes, field) -> None:
    with pytest.raises(FieldErrors) as refused:
        ruled(cast, waiting, **changes)
    assert list(refused.value.errors) == [field]
    with program_scope(cast.program.pk):
        assert not Ruling.objects.exists()
        assert Conflict.objects.filter(closed_at__isnull=True).exists()
    assert fresh(cast, waiting).state == State.IN_REVIEW


@pytest.mark.parametrize(
    ("neutral", "outcome", "rep", "partner"),
    [
        (False, {}, CompEffect.AS_PLANNED, CompEffect.AS_PLANNED),
        (True, {}, CompEffect.FULL, CompEffect.AS_PLANNED),
        (False, SHARE, CompEffect.SPLIT, CompEffect.SPLIT),
        (True, SHARE, CompEffect.FULL, CompEffect.SPLIT),
    ],
)
def test_pay_follows_the_charter_unless_somebody_says_otherwise(
    cast, waiting, neutral, outcome, rep, partner
) -> None:
    if neutral:
        with program_scope(cast.program.pk):
            Charter.objects.create(
                program=cast.program,
                number=2,
                benefit="Ten characters.",
                comp_redesigned_on=date(2025, 1, 1),
                comp_rate_direct=8,
                comp_rate_partner=8,
            )
    ruling = ruled(cast, waiting, **outcome)
    assert (ruling.comp_rep, ruling.comp_partner) == (rep, partner)


def test_pay_that_is_said_is_kept(cast, waiting) -> None:
    ruling = ruled(cast, waiting, comp_rep=CompEffect.NONE, comp_partner=CompEffect.SPLIT)
    assert (ruling.comp_rep, ruling.comp_partner) == (CompEffect.NONE, CompEffect.SPLIT)


# The other side


@pytest.fixture
def rivals(cast, known) -> tuple[Registration, Registration]:
    """Alder is protected; Birch claims the same."""
    return registered(cast, **FERNHILL), registered(cast, "birch_admin", **FERNHILL)


def test_another_partner_reads_its_own_sentence_and_nothing_else(cast, rivals) -> None:
    mine, theirs = rivals
    before = told_to(cast, cast.alder)
    decided(cast, theirs, reason=Reason.EARLIER_CLAIM, incumbent_sentence="Your protection stands as it is.")
    assert told_to(cast, cast.alder) == [*before, "Your protection stands as it is."]
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        entry = LedgerEntry.objects.get(verb="registration.told")
        assert (entry.subject_id, entry.new, entry.old) == (mine.public_id, {}, {})


def test_left_empty_the_other_partner_is_told_nothing(cast, rivals) -> None:
    before = told_to(cast, cast.alder)
    decided(cast, rivals[1], reason=Reason.EARLIER_CLAIM)
    assert told_to(cast, cast.alder) == before


@pytest.mark.parametrize("text", ["Birch Systems had to wait.", "We told BIRCH systems no."])
def test_the_other_partners_sentence_names_no_rival(cast, rivals, text) -> None:
    with pytest.raises(FieldErrors) as refused:
        decided(cast, rivals[1], reason=Reason.EARLIER_CLAIM, incumbent_sentence=text)
    assert list(refused.value.errors) == ["incumbent_sentence"]


def chosen(cast, on, partner) -> CustomerChoice:
    """The customer's written choice, put on record; ``partner`` None is us."""
    day = date(2026, 11, 2)
    with program_scope(cast.program.pk):
        return record_choice(
            actor=cast.actor("ops"), account=on, partner=partner, chosen_on=day, proof="Mail of their CFO."
        )


def test_a_protection_in_the_way_is_taken_back_in_the_same_act(cast, known, rivals) -> None:
    mine, theirs = rivals
    chosen(cast, known, cast.birch)
    ruled(
        cast,
        theirs,
        revoke=Reason.CUSTOMER_CHOICE,
        reason=Reason.CUSTOMER_CHOICE,
        sentence="Approved: the customer chose you.",
        incumbent_sentence="The customer chose otherwise in writing.",
    )
    assert fresh(cast, mine).state == State.REVOKED
    assert fresh(cast, theirs).state == State.APPROVED
    with program_scope(cast.program.pk):
        live = Protection.objects.filter(period__contains=clock.now() + timedelta(seconds=1))
        assert [row.partner for row in live] == [cast.birch]
    told = told_to(cast, cast.alder)
    assert told.count("The customer chose otherwise in writing.") == 1
    assert not any("Birch" in sentence for sentence in told)


def test_a_refused_ruling_takes_no_protection_back(cast, rivals) -> None:
    mine, theirs = rivals
    with program_scope(cast.program.pk), pytest.raises(Stale):
        rule(
            actor=cast.actor("ops"),
            registration=theirs,
            decision=decision(revoke=Reason.NO_PROGRESS, incumbent_sentence="We heard nothing."),
            expected_version=99,
        )
    assert fresh(cast, mine).state == State.APPROVED
    with pytest.raises(FieldErrors, match="why it does"):
        ruled(cast, theirs, revoke=Reason.NO_PROGRESS)
    assert fresh(cast, mine).state == State.APPROVED
    assert fresh(cast, theirs).state == State.IN_REVIEW


# The customer's written choice


@pytest.mark.parametrize("whose", ["none", "ours", "another"])
def test_a_choice_that_is_not_on_record_decides_nothing(cast, known, waiting, whose) -> None:
    if whose != "none":
        chosen(cast, known, cast.birch if whose == "another" else None)
    with pytest.raises(FieldErrors) as refused:
        ruled(cast, waiting, reason=Reason.CUSTOMER_CHOICE)
    assert list(refused.value.errors) == ["reason"]
    assert fresh(cast, waiting).state == State.IN_REVIEW


def test_a_choice_on_record_is_kept_as_the_basis(cast, known, waiting) -> None:
    choice = chosen(cast, known, cast.alder)
    ruled(cast, waiting, reason=Reason.CUSTOMER_CHOICE)
    assert entries(cast, "ruling.given")[0].new["choice"] == choice.public_id


def test_a_choice_for_us_is_a_ground_against_the_partner(cast, known, waiting) -> None:
    chosen(cast, known, None)
    decided(cast, waiting, reason=Reason.CUSTOMER_CHOICE)
    assert fresh(cast, waiting).state == State.DECLINED


# Appeals


def test_who_decided_first_does_not_decide_the_appeal(cast, waiting) -> None:
    with program_scope(cast.program.pk):
        authority = {"*": "sales_ops"}
        Charter.objects.create(program=cast.program, number=2, benefit="Ten characters.", authority=authority)
    first = decided(cast, waiting, reason=Reason.OPEN_OPPORTUNITY)
    row = appealed(cast, fresh(cast, waiting))
    with pytest.raises(NotAllowed, match="Somebody else") as refused:
        ruled(cast, row)
    assert refused.value.code == "own_ruling"
    assert fresh(cast, row).state == State.IN_REVIEW
    second = ruled(cast, row, "leader")
    assert second.appeal_of == first
    assert fresh(cast, row).state == State.APPROVED


def test_a_leader_who_decided_first_may_decide_the_appeal(cast, waiting) -> None:
    decided(cast, waiting, "leader", reason=Reason.OPEN_OPPORTUNITY)
    row = appealed(cast, fresh(cast, waiting))
    assert decided(cast, row, "leader", reason=Reason.OPEN_OPPORTUNITY).appeal_of is not None


# What our side did later


@pytest.fixture
def met(cast, known) -> tuple[Registration, Opportunity]:
    """Alder is protected, and our rep opened an opportunity of their own."""
    row = registered(cast, **FERNHILL)
    theirs = direct_opportunity(cast, known, name="Rep's deal", opened_on=clock.today("UTC"))
    with program_scope(cast.program.pk):
        assert watch(actor=cast.actor("ops"), opportunities=[theirs.pk])
    return row, theirs


def test_for_the_partner_the_reps_deal_becomes_the_partners(cast, met) -> None:
    row, theirs = met
    stand_in = fresh(cast, row).opportunity
    version = fresh(cast, row).version
    ruled(cast, row, sentence="It counts as yours.")
    after = fresh(cast, row)
    assert after.state == State.APPROVED
    assert after.opportunity == theirs
    with program_scope(cast.program.pk):
        theirs.refresh_from_db()
        stand_in.refresh_from_db()
        assert (theirs.source, theirs.partner, theirs.partner_share) == ("sourced", cast.alder, 100)
        assert stand_in.removed_at is not None
        assert not Conflict.objects.filter(closed_at__isnull=True).exists()
    assert after.version == version + 1  # only the opportunity behind it changed
    assert told_to(cast, cast.alder)[-1] == "It counts as yours."


def test_a_share_of_the_reps_deal_is_written_to_it(cast, met) -> None:
    row, theirs = met
    ruled(cast, row, **SHARE)
    with program_scope(cast.program.pk):
        theirs.refresh_from_db()
        assert (theirs.source, theirs.partner, theirs.partner_share) == ("sourced", cast.alder, 60)


def test_for_our_side_everything_stays_and_the_partner_is_told(cast, met) -> None:
    row, theirs = met
    decided(cast, row, reason=Reason.OUT_OF_SCOPE, sentence="It stays ours.")
    after = fresh(cast, row)
    assert (after.state, after.version) == (State.APPROVED, fresh(cast, row).version)
    assert after.opportunity != theirs
    with program_scope(cast.program.pk):
        theirs.refresh_from_db()
        assert (theirs.source, theirs.partner) == ("direct", None)
        assert Protection.objects.filter(period__contains=clock.now()).count() == 1
    assert told_to(cast, cast.alder)[-1] == "It stays ours."


def test_of_a_false_alarm_the_partner_hears_nothing(cast, met) -> None:
    before = told_to(cast, cast.alder)
    ruled(cast, met[0], outcome=Outcome.NOT_A_CONFLICT, reason=Reason.NOT_A_CONFLICT)
    assert told_to(cast, cast.alder) == before


def test_a_later_ruling_is_given_once_and_only_on_what_was_seen(cast, met) -> None:
    row, _theirs = met
    with program_scope(cast.program.pk), pytest.raises(Stale):
        rule(actor=cast.actor("ops"), registration=row, decision=decision(), expected_version=99)
    ruled(cast, row)
    with pytest.raises(Clash):
        ruled(cast, row)
    with program_scope(cast.program.pk):
        assert Ruling.objects.count() == 1


def test_the_rules_speak_for_the_partner_when_our_side_moved(cast, met) -> None:
    assert ruled(cast, met[0]).suggested == Outcome.UPHOLD_PARTNER


def test_a_claim_that_was_returned_waits_for_its_answer(cast, waiting) -> None:
    row = asked(cast, waiting, "note")
    with pytest.raises(Clash, match="Wait for the answer"):
        ruled(cast, row)
    assert fresh(cast, row).state == State.NEEDS_INFO
    with program_scope(cast.program.pk):
        assert Conflict.objects.filter(kind=ConflictKind.OPEN_OPPORTUNITY, closed_at__isnull=True).exists()
