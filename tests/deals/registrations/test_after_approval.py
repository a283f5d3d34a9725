"""After approval: word on progress, extensions, revocation, and how a claim ends from every new state."""

from datetime import timedelta

import pytest
from psycopg.types.range import TimestamptzRange

from deals.models import Opportunity, OpportunityState, Protection, Registration, StageChange
from deals.registrations.outcome import close_opportunity
from deals.registrations.protect import expire_protections
from deals.registrations.submit import submit_registration, withdraw
from deals.rules.lifecycle import Reason, State
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, NotAllowed, RuleBroken, Stale
from partners.core.scope import program_scope
from partners.models import CellMark, LedgerEntry
from tests.deals.making import account, registered
from tests.deals.registrations.life import (
    FERNHILL,
    acting,
    again,
    answered,
    asked,
    charter,
    edited,
    extension_asked,
    extension_decided,
    fresh,
    later,
    open_kinds,
    reported,
    revoked,
    ruled,
)


@pytest.fixture
def held(cast) -> Registration:
    """Alder's approved claim, protected for 90 days."""
    return registered(cast)


def until(cast, row: Registration):
    return fresh(cast, row).protection.period.upper


def swept(cast) -> int:
    with program_scope(cast.program.pk):
        return expire_protections(actor=Actor.system(program_id=cast.program.pk, name="Clock"))


def test_word_on_progress_is_kept_and_dated(cast, held) -> None:
    with later(20):
        moment = clock.now()
        reported(cast, held)
    row = fresh(cast, held)
    assert (row.progress_at, row.state) == (moment, State.APPROVED)
    with acting(cast, "alder_seller"):
        assert LedgerEntry.objects.get(verb="registration.reported").sentence == "Second meeting on Monday."


@pytest.mark.parametrize("text", ["", "  \x00", "x" * 2001])
def test_word_that_says_nothing_or_too_much_is_refused(cast, held, text) -> None:
    with pytest.raises(RuleBroken):
        reported(cast, held, text=text)
    assert fresh(cast, held).progress_at is None


def test_two_reports_of_one_page_are_one(cast, held) -> None:
    reported(cast, held, expected_version=held.version)
    with pytest.raises(Stale):
        reported(cast, held, expected_version=held.version)


def test_an_extension_is_granted_at_once_while_word_is_fresh(cast, held) -> None:
    end = until(cast, held)
    with later(70):
        reported(cast, held)
        extension_asked(cast, held)
    row = fresh(cast, held)
    assert row.protection.period.upper == end + timedelta(days=30)
    assert (row.extensions, row.extension_asked_at) == (1, None)
    with later(80):
        reported(cast, held)
        extension_asked(cast, held)  # the second one is a person's to decide
    assert fresh(cast, held).extension_asked_at is not None
    assert until(cast, held) == end + timedelta(days=30)


def test_without_word_a_person_decides_and_nothing_expires_meanwhile(cast, held) -> None:
    end = until(cast, held)
    with later(89):
        extension_asked(cast, held)
        with pytest.raises(Clash) as refused:
            extension_asked(cast, held)
        assert refused.value.code == "asked_already"
    with later(95):
        assert swept(cast) == 0
        rival = registered(cast, "birch_admin")
        assert rival.state == State.IN_REVIEW
        moment = clock.now()
        extension_decided(cast, held, True, who="ops")
    row = fresh(cast, held)
    # We were late to say so, so the partner has its full days from now.
    assert row.protection.period.upper == moment + timedelta(days=30) > end
    assert row.state == State.APPROVED


def test_a_refused_extension_lets_the_protection_end(cast, held) -> None:
    with later(89):
        extension_asked(cast, held)
    with later(91):
        extension_decided(cast, held, False, sentence="It has been quiet for long.")
        assert swept(cast) == 1
    assert fresh(cast, held).state == State.EXPIRED
    with acting(cast, "alder_seller"):
        assert LedgerEntry.objects.filter(sentence="It has been quiet for long.").count() == 1


@pytest.mark.parametrize("who", ["rep", "sponsor", "alder_seller"])
def test_who_may_decide_on_an_extension(cast, held, who) -> None:
    extension_asked(cast, held)
    with pytest.raises(NotAllowed):
        extension_decided(cast, held, True, who=who)
    assert fresh(cast, held).extensions == 0


def test_an_extension_is_refused_by_the_database_when_another_holds_the_account(cast, held) -> None:
    with later(89):
        extension_asked(cast, held)
    with later(91):
        rival = registered(cast, "birch_admin")
        ruled(cast, rival)
        with pytest.raises(Clash) as refused:
            extension_decided(cast, held, True)
    assert refused.value.code == "protected"
    assert fresh(cast, held).extensions == 0


def test_after_the_end_and_without_extensions_nothing_can_be_asked(cast, held) -> None:
    with later(91), pytest.raises(Clash) as late:
        extension_asked(cast, held)
    assert late.value.code == "protection_over"
    charter(cast, extension_days=0)
    with pytest.raises(Clash) as none:
        extension_asked(cast, held)
    assert none.value.code == "no_extensions"
    with pytest.raises(Clash) as never:
        extension_decided(cast, held, True)
    assert never.value.code == "not_asked"


def test_a_revocation_ends_protection_and_opportunity_and_keeps_the_past(cast, held) -> None:
    with later(40):
        moment = clock.now()
        revoked(cast, held)
    row = fresh(cast, held)
    assert (row.state, row.reason, row.sentence) == (State.REVOKED, Reason.NO_PROGRESS, "We heard nothing.")
    assert row.protection.period.upper == moment
    assert (row.opportunity.state, row.opportunity.stage) == (OpportunityState.LOST, "Revoked")
    assert row.opportunity.source == "sourced"
    with program_scope(cast.program.pk):
        assert LedgerEntry.objects.get(verb="registration.revoked_because").partner_id is None
        assert CellMark.objects.filter(partner=cast.alder).exists()
    with later(41):
        rival = registered(cast, "birch_admin")
    assert rival.state == State.APPROVED


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"who": "alder_seller"}, NotAllowed),
        ({"who": "rep"}, NotAllowed),
        ({"reason": Reason.CLEAN}, RuleBroken),
        ({"sentence": ""}, RuleBroken),
        ({"note": ""}, RuleBroken),
        ({"sentence": "Birch Systems has it now."}, RuleBroken),
        ({"expected_version": 9}, Stale),
    ],
)
def test_a_revocation_is_refused_and_nothing_changes(cast, held, changes, error) -> None:
    with pytest.raises(error):
        revoked(cast, held, **changes)
    row = fresh(cast, held)
    assert (row.state, row.version, row.approved_as) == (State.APPROVED, held.version, {})
    assert row.opportunity.state == OpportunityState.OPEN


def test_revoking_twice_is_an_illegal_move(cast, held) -> None:
    revoked(cast, held)
    with pytest.raises(Clash) as refused:
        revoked(cast, held)
    assert refused.value.code == "illegal_move"


def test_register_again_is_a_new_claim_with_a_new_time(cast, held) -> None:
    with later(1):
        revoked(cast, held)
        draft = again(cast, held)
        assert again(cast, held).pk == draft.pk
    assert (draft.state, draft.claimed_at, draft.again_of_id) == (State.DRAFT, None, held.pk)
    assert (draft.customer_name, draft.amount) == (held.customer_name, held.amount)
    with later(2), acting(cast, "alder_seller") as by:
        new = submit_registration(**by, registration=draft)
    assert new.state == State.APPROVED
    assert new.claimed_at > held.claimed_at
    assert fresh(cast, held).state == State.REVOKED


def test_what_is_registered_again_after_its_end_goes_on_with_its_deal(cast, held) -> None:
    """The same sale stood in the sourced pipeline twice."""
    with later(91):
        assert swept(cast) == 1
        row = registered(cast)
        assert row.state == State.APPROVED
        deal = held.opportunity_id
        assert (fresh(cast, row).opportunity_id, fresh(cast, held).opportunity_id) == (deal, None)
        with program_scope(cast.program.pk):
            assert Opportunity.objects.get().opened_on == clock.today("Europe/Berlin") - timedelta(days=91)
        with acting(cast, "alder_seller"):
            told = LedgerEntry.objects.get(verb="registration.passed_on")
            assert (told.subject_id, told.partner_id) == (held.public_id, cast.alder.pk)


def test_control_a_deal_that_is_over_does_not_go_on(cast, held) -> None:
    with later(91):
        assert swept(cast) == 1
        with program_scope(cast.program.pk):
            deal = Opportunity.objects.get()
            close_opportunity(actor=cast.actor("ops"), opportunity=deal, state=OpportunityState.LOST)
        row = registered(cast)
    assert row.state == State.APPROVED
    assert fresh(cast, held).opportunity_id == deal.pk != row.opportunity_id


def test_register_again_forgets_a_day_that_has_passed_and_needs_an_ended_claim(cast, held) -> None:
    with pytest.raises(Clash):
        again(cast, held)
    with later(100):
        assert swept(cast) == 1
        draft = again(cast, held)
    assert draft.expected_close is None


def test_staff_do_not_get_a_partners_own_draft_in_hand(cast, held) -> None:
    revoked(cast, held)
    theirs = again(cast, held)
    ours = again(cast, held, who="manager")
    assert ours.pk != theirs.pk
    assert ours.partner == cast.alder


@pytest.mark.parametrize("with_question", [False, True])
def test_a_deal_won_in_the_crm_while_its_change_is_reviewed_ends_as_approved(
    cast, held, with_question
) -> None:
    edited(cast, held, amount=held.amount * 2)
    if with_question:
        asked(cast, held)
    with program_scope(cast.program.pk):
        close_opportunity(
            actor=cast.actor("ops"), opportunity=Opportunity.objects.get(), state=OpportunityState.WON
        )
    row = fresh(cast, held)
    assert (row.state, row.amount, row.clock_left) == (State.WON, held.amount, None)
    assert open_kinds(cast, held) == []
    with pytest.raises(Clash):
        answered(cast, row)


def test_withdrawing_during_a_review_withdraws_the_whole(cast, held) -> None:
    edited(cast, held, amount=held.amount * 2)
    with acting(cast, "alder_seller") as by:
        withdraw(**by, registration=held)
    row = fresh(cast, held)
    assert (row.state, row.amount, row.opportunity.state) == (State.WITHDRAWN, held.amount, "lost")
    assert open_kinds(cast, held) == []
    with program_scope(cast.program.pk):
        assert Protection.objects.get().period.upper <= clock.now()
        assert StageChange.objects.count() == 2


def test_an_appeal_of_a_claim_on_a_named_account_is_not_a_way_round_the_state_table(cast) -> None:
    account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", is_named=True)
    row = registered(cast, **FERNHILL)
    for act in (reported, extension_asked, revoked):
        with pytest.raises(Clash) as refused:
            act(cast, row)
        assert refused.value.code == "illegal_move"
    assert fresh(cast, row).version == row.version


def test_an_extension_that_meets_another_protection_is_refused_to_a_partner_without_a_word_of_it(
    cast, held
) -> None:
    reported(cast, held)  # so that the charter's rule grants it
    other, before = registered(cast, "birch_admin", **FERNHILL), fresh(cast, held)
    ends = before.protection.period.upper
    with program_scope(cast.program.pk):  # what no act of ours brings about
        Protection.objects.filter(registration=other).update(
            account=before.account, period=TimestamptzRange(ends, ends + timedelta(days=90), "[)")
        )
        entries = LedgerEntry.objects.count()
    with pytest.raises(Clash) as refused:
        extension_asked(cast, held)
    sentence = "This could not be finished at this moment. Nothing is lost: please send it again."
    assert (refused.value.code, str(refused.value), refused.value.extra) == ("busy", sentence, {})
    with pytest.raises(Clash) as refused:
        extension_asked(cast, held, who="manager")
    assert refused.value.code == "protected"  # our own people may know
    row = fresh(cast, held)
    assert (row.version, row.extension_asked_at) == (before.version, None)
    assert row.protection.period == before.protection.period
    with program_scope(cast.program.pk):
        assert LedgerEntry.objects.count() == entries
