"""Rulings: who may, on which grounds, what the partner reads, and what an approval brings about."""

from datetime import timedelta

import pytest
import time_machine

from deals.cases.decision import NEW_ACCOUNT
from deals.cases.ruling import rule
from deals.models import Account, Conflict, Opportunity, Protection, Registration, Ruling
from deals.rules.lifecycle import ConflictKind, Outcome, Reason, State
from partners.core import clock
from partners.core.errors import Clash, FieldErrors, NotAllowed, Stale
from partners.core.scope import program_scope
from partners.models import Charter, LedgerEntry
from tests.deals.making import account, decision, direct_opportunity, registered

FERNHILL = {"customer_name": "Fernhill Logistics Ltd", "website": "fernhill-logistics.com", "country": "GB"}
DECLINE = {
    "outcome": Outcome.UPHOLD_INCUMBENT,
    "reason": Reason.OPEN_OPPORTUNITY,
    "sentence": "Not open now.",
}


@pytest.fixture
def waiting(cast) -> Registration:
    """Alder's claim against an open opportunity of our own."""
    direct_opportunity(cast, account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB"))
    return registered(cast, **FERNHILL)


def ruled(cast, registration, who="ops", **changes):
    with program_scope(cast.program.pk):
        return rule(actor=cast.actor(who), registration=registration, decision=decision(**changes))


def unchanged(cast, registration) -> bool:
    with program_scope(cast.program.pk):
        row = Registration.objects.get(pk=registration.pk)
        return (
            row.state == State.IN_REVIEW
            and row.version == registration.version
            and not Ruling.objects.exists()
            and not Protection.objects.exists()
            and Conflict.objects.filter(closed_at__isnull=True).exists()
        )


def test_a_ruling_for_the_partner_approves_protects_and_opens_the_deal(cast, waiting) -> None:
    ruling = ruled(cast, waiting)
    with program_scope(cast.program.pk):
        row = Registration.objects.get(pk=waiting.pk)
        assert (row.state, row.reason, row.sentence) == (
            State.APPROVED,
            Reason.PARTNER_FIRST,
            "Approved: your work came first.",
        )
        assert row.claimed_at == waiting.claimed_at
        conflict = Conflict.objects.get()
        assert (conflict.ruling, conflict.closed_at) == (ruling, ruling.decided_at)
        assert (ruling.authority, ruling.charter_number, ruling.decided_by) == (
            "sales_ops",
            1,
            cast.users["ops"],
        )
        assert Protection.objects.get().partner == cast.alder
        assert Opportunity.objects.filter(source="sourced").count() == 1
        assert LedgerEntry.objects.get(verb="ruling.given").partner_id is None
        assert LedgerEntry.objects.get(verb="registration.approved").partner == cast.alder


def test_a_ruling_for_the_incumbent_declines_with_one_reason_for_all(cast, waiting) -> None:
    ruling = ruled(cast, waiting, **DECLINE)
    with program_scope(cast.program.pk):
        row = Registration.objects.get(pk=waiting.pk)
        assert (row.state, row.reason, row.sentence) == (
            State.DECLINED,
            Reason.NOT_AVAILABLE,
            "Not open now.",
        )
        assert ruling.reason == Reason.OPEN_OPPORTUNITY
        assert not Protection.objects.exists()


@pytest.mark.parametrize("who", ["manager", "rep", "sponsor", "alder_admin"])
def test_only_the_role_of_the_charter_rules(cast, waiting, who) -> None:
    with pytest.raises(NotAllowed):
        ruled(cast, waiting, who)
    assert unchanged(cast, waiting)


def test_the_leader_always_may(cast, waiting) -> None:
    assert ruled(cast, waiting, "leader").authority == "leader"


def test_the_charter_moves_the_authority_by_kind(cast, waiting) -> None:
    with program_scope(cast.program.pk):
        authority = {"*": "sales_ops", ConflictKind.OPEN_OPPORTUNITY.value: "partner_manager"}
        Charter.objects.create(program=cast.program, number=2, benefit="Ten characters.", authority=authority)
    with pytest.raises(NotAllowed, match="partner manager or program leader"):
        ruled(cast, waiting, "ops")
    assert unchanged(cast, waiting)
    assert ruled(cast, waiting, "manager").charter_number == 2


def test_two_kinds_with_two_roles_leave_only_the_leader(cast) -> None:
    with program_scope(cast.program.pk):
        authority = {"*": "sales_ops", ConflictKind.NAMED_ACCOUNT.value: "partner_manager"}
        Charter.objects.create(program=cast.program, number=2, benefit="Ten characters.", authority=authority)
    known = account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", is_named=True)
    direct_opportunity(cast, known)
    row = registered(cast, **FERNHILL)
    for who in ("ops", "manager"):
        with pytest.raises(NotAllowed, match="the program leader rules"):
            ruled(cast, row, who)
    assert ruled(cast, row, "leader").outcome == Outcome.UPHOLD_PARTNER


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"note": "  "}, "note"),
        ({"sentence": "\x00 "}, "sentence"),
        ({"note": "x" * 4001}, "note"),
        ({"sentence": "x" * 1001}, "sentence"),
        ({"reason": Reason.EARLIER_CLAIM}, "reason"),
        ({"reason": Reason.CLEAN}, "reason"),
        ({"outcome": Outcome.UPHOLD_INCUMBENT, "reason": Reason.PARTNER_FIRST}, "reason"),
        ({"outcome": Outcome.UPHOLD_INCUMBENT, "reason": Reason.NOT_AVAILABLE}, "reason"),
        ({"sentence": "Birch Systems was there first."}, "sentence"),
        ({"sentence": "Sorry, BIRCH  systems had it."}, "sentence"),
        ({"account": "zzzz"}, "account"),
    ],
)
def test_a_decision_without_grounds_or_with_a_rivals_name_is_refused(cast, waiting, changes, field) -> None:
    with pytest.raises(FieldErrors) as refused:
        ruled(cast, waiting, **changes)
    assert list(refused.value.errors) == [field]
    assert unchanged(cast, waiting)


def test_the_partners_own_name_may_be_said(cast, waiting) -> None:
    assert (
        ruled(cast, waiting, sentence="Alder Consulting was first.").sentence == "Alder Consulting was first."
    )


def test_it_is_ruled_on_once(cast, waiting) -> None:
    ruled(cast, waiting)
    with pytest.raises(Clash):
        ruled(cast, waiting, **DECLINE)
    with program_scope(cast.program.pk):
        assert Ruling.objects.count() == 1


def test_a_stale_ruling_changes_nothing(cast, waiting) -> None:
    with program_scope(cast.program.pk), pytest.raises(Stale):
        rule(actor=cast.actor("ops"), registration=waiting, decision=decision(), expected_version=99)
    assert unchanged(cast, waiting)


def test_the_database_refuses_a_second_protection_and_the_refusal_is_a_sentence(cast) -> None:
    registered(cast, **FERNHILL)
    second = registered(cast, "birch_admin", **FERNHILL)
    with pytest.raises(Clash, match="Two cannot be protected at once") as refused:
        ruled(cast, second)
    assert refused.value.code == "protected"
    with program_scope(cast.program.pk):
        assert Registration.objects.get(pk=second.pk).state == State.IN_REVIEW
        assert Protection.objects.count() == 1
        assert not Ruling.objects.exists()
    with time_machine.travel(clock.now() + timedelta(days=91), tick=False):
        assert ruled(cast, second).outcome == Outcome.UPHOLD_PARTNER


@pytest.fixture
def doubtful(cast) -> tuple[Registration, Account]:
    """A claim that may or may not be about a known account."""
    known = account(cast, "Fernhill Logistics", "fernway.org", "GB")
    row = registered(cast, customer_name="Fernhill Logistics", website="fhl-group.co.uk", country="GB")
    return row, known


def test_a_possible_account_has_to_be_settled_before_approval(cast, doubtful) -> None:
    row, known = doubtful
    with pytest.raises(FieldErrors) as refused:
        ruled(cast, row)
    assert list(refused.value.errors) == ["account"]
    assert unchanged(cast, row)
    ruled(cast, row, account=known.public_id)
    with program_scope(cast.program.pk):
        assert Registration.objects.get(pk=row.pk).account == known


def test_a_possible_account_may_turn_out_to_be_somebody_else(cast, doubtful) -> None:
    row, known = doubtful
    ruled(cast, row, outcome=Outcome.NOT_A_CONFLICT, reason=Reason.NOT_A_CONFLICT, account=NEW_ACCOUNT)
    with program_scope(cast.program.pk):
        made = Registration.objects.get(pk=row.pk).account
        assert made != known
        assert (made.name, made.domain, made.keys.exists()) == (
            "Fernhill Logistics",
            "fhl-group.co.uk",
            True,
        )


def test_a_new_account_is_not_made_twice(cast, doubtful) -> None:
    row, _known = doubtful
    same = {"customer_name": "Fernhill Logistics", "website": "fhl-group.co.uk", "country": "GB"}
    other = registered(cast, "birch_admin", **same)
    ruled(cast, row, reason=Reason.PARTNER_FIRST, account=NEW_ACCOUNT)
    with pytest.raises(Clash) as refused:
        ruled(cast, other, account=NEW_ACCOUNT)
    assert refused.value.code == "account_exists"
    ruled(cast, other, outcome=Outcome.UPHOLD_INCUMBENT, reason=Reason.EARLIER_CLAIM, sentence="Not open.")
    with program_scope(cast.program.pk):
        assert Account.objects.count() == 2
        assert Protection.objects.count() == 1
