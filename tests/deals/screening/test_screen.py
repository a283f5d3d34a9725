"""What stands against a claim: each kind, how hard it stands, and the evidence kept."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deals.accounts.lookup import FIND, candidates, wanted
from deals.matching.keys import lookup_keys
from deals.models import Account, Conflict, Opportunity, Protection, Registration, Source
from deals.registrations.submit import register
from deals.rules.lifecycle import ConflictKind, Severity, State
from deals.screening.selectors.standing import tables_with
from partners.core.reading import answers
from partners.core.scope import program_scope
from partners.models import LedgerEntry, Offering, Seat
from tests.deals.making import account, claim, direct_opportunity, registered

FERNHILL = {"customer_name": "Fernhill Logistics Ltd", "website": "fernhill-logistics.com", "country": "GB"}
FRIDAY = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # 16:00 in Berlin


def fernhill(cast, **fields):
    return account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", **fields)


def conflicts(cast) -> list[Conflict]:
    with program_scope(cast.program.pk):
        return list(Conflict.objects.select_related("account", "rival_registration").order_by("pk"))


def test_a_known_account_with_nothing_against_it_is_approved_on_it(cast) -> None:
    known = fernhill(cast)
    row = registered(cast, **FERNHILL)
    assert row.state == State.APPROVED
    with program_scope(cast.program.pk):
        assert Registration.objects.get(pk=row.pk).account == known
        assert Account.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"is_customer": True}, ConflictKind.EXISTING_CUSTOMER),
        ({"is_named": True}, ConflictKind.NAMED_ACCOUNT),
    ],
)
def test_what_the_account_says_blocks(cast, fields, kind) -> None:
    known = fernhill(cast, owner_name="Ada Reed", **fields)
    with time_machine.travel(FRIDAY, tick=False):
        row = registered(cast, **FERNHILL)
    assert (row.state, row.decision_due_at) == (State.IN_REVIEW, datetime(2026, 11, 24, 15, 0, tzinfo=UTC))
    (conflict,) = conflicts(cast)
    assert (conflict.kind, conflict.severity, conflict.account) == (kind, Severity.BLOCK, known)
    assert (conflict.due_at, conflict.opened_at) == (row.decision_due_at, FRIDAY)
    assert "Ada Reed" in conflict.evidence[1]["fact"]
    assert (
        "same website" in conflict.evidence[0]["fact"]
        or "fernhill-logistics.com" in conflict.evidence[0]["fact"]
    )
    with program_scope(cast.program.pk):
        assert not Protection.objects.exists()
        assert not Opportunity.objects.exists()


def test_an_open_opportunity_of_our_own_blocks_with_its_day_as_evidence(cast) -> None:
    deal = direct_opportunity(cast, fernhill(cast), opened_on=date(2026, 9, 1))
    registered(cast, **FERNHILL)
    (conflict,) = conflicts(cast)
    assert (conflict.kind, conflict.severity) == (ConflictKind.OPEN_OPPORTUNITY, Severity.BLOCK)
    assert conflict.rival_opportunity_id == deal.pk
    assert conflict.evidence[1]["at"] == "2026-09-01T00:00:00+02:00"
    assert conflict.evidence[1]["id"] == deal.public_id


@pytest.mark.parametrize(
    "fields", [{"state": "lost", "closed_on": date(2026, 10, 1)}, {"removed_at": FRIDAY}]
)
def test_a_closed_or_removed_opportunity_does_not_count(cast, fields) -> None:
    direct_opportunity(cast, fernhill(cast), **fields)
    assert registered(cast, **FERNHILL).state == State.APPROVED


def test_an_opportunity_for_another_offering_needs_a_look(cast) -> None:
    with program_scope(cast.program.pk):
        other = Offering.objects.create(program=cast.program, name="Other")
    direct_opportunity(cast, fernhill(cast), offering=other)
    row = registered(cast, **FERNHILL, offering_id=cast.offering.pk)
    assert row.state == State.IN_REVIEW
    assert [found.severity for found in conflicts(cast)] == [Severity.REVIEW]


def test_a_removed_account_stands_against_nobody(cast) -> None:
    fernhill(cast, is_customer=True, removed_at=FRIDAY)
    assert registered(cast, **FERNHILL).state == State.APPROVED


def test_another_partners_protection_blocks(cast) -> None:
    first = registered(cast, **FERNHILL)
    second = registered(cast, "birch_admin", **FERNHILL)
    assert (first.state, second.state) == (State.APPROVED, State.IN_REVIEW)
    (conflict,) = conflicts(cast)
    assert (conflict.kind, conflict.rival_registration) == (ConflictKind.PROTECTED, first)
    assert "Alder Consulting" in conflict.evidence[1]["fact"]


def test_a_protection_for_another_offering_is_a_note_and_stops_nothing(cast) -> None:
    with program_scope(cast.program.pk):
        other = Offering.objects.create(program=cast.program, name="Other")
    registered(cast, **FERNHILL, offering_id=cast.offering.pk)
    second = registered(cast, "birch_admin", **FERNHILL, offering_id=other.pk)
    assert second.state == State.APPROVED
    (conflict,) = conflicts(cast)
    assert (conflict.severity, conflict.closed_at, conflict.ruling) == (
        Severity.NOTE,
        second.claimed_at,
        None,
    )


def test_another_partners_undecided_claim_is_seen(cast) -> None:
    fernhill(cast, is_named=True)
    first = registered(cast, **FERNHILL)
    registered(cast, "birch_admin", **FERNHILL)
    kinds = {(found.kind, found.rival_registration_id) for found in conflicts(cast)[1:]}
    assert kinds == {(ConflictKind.NAMED_ACCOUNT, None), (ConflictKind.EARLIER_CLAIM, first.pk)}


def test_a_routed_opportunity_of_another_partner_needs_a_look(cast) -> None:
    known = fernhill(cast)
    with program_scope(cast.program.pk):
        Opportunity.objects.create(
            program=cast.program,
            account=known,
            name="Routed",
            currency="EUR",
            amount=Decimal(5),
            opened_on=date(2026, 9, 1),
            source=Source.ROUTED,
            partner=cast.birch,
        )
    row = registered(cast, **FERNHILL)
    assert row.state == State.IN_REVIEW
    (conflict,) = conflicts(cast)
    assert conflict.severity == Severity.REVIEW
    assert "routed to Birch Systems" in conflict.evidence[1]["fact"]


def test_only_a_possible_account_is_put_to_a_person_and_no_account_is_made(cast) -> None:
    known = account(cast, "Fernhill Logistics", "fernway.org", "GB")
    row = registered(cast, customer_name="Fernhill Logistics", website="fhl-group.co.uk", country="GB")
    assert row.state == State.IN_REVIEW
    (conflict,) = conflicts(cast)
    assert (conflict.kind, conflict.severity, conflict.account) == (
        ConflictKind.POSSIBLE_ACCOUNT,
        Severity.REVIEW,
        known,
    )
    assert 0 < conflict.score < 1
    with program_scope(cast.program.pk):
        assert Account.objects.count() == 1
        assert Registration.objects.get().account is None


def test_two_claims_that_are_only_possibly_an_account_see_each_other(cast) -> None:
    account(cast, "Fernhill Logistics", "fernway.org", "GB")
    same = {"customer_name": "Fernhill Logistics", "website": "fhl-group.co.uk", "country": "GB"}
    first = registered(cast, **same)
    registered(cast, "birch_admin", **same)
    kinds = {(found.kind, found.rival_registration_id) for found in conflicts(cast)[1:]}
    assert kinds == {(ConflictKind.POSSIBLE_ACCOUNT, None), (ConflictKind.EARLIER_CLAIM, first.pk)}


def test_a_free_mail_address_makes_nobody_the_same(cast) -> None:
    registered(cast, customer_name="Ophelia Bakery", website="ophelia@gmail.com")
    row = registered(cast, "birch_admin", customer_name="Marlow Shipyards", website="info@gmail.com")
    assert row.state == State.APPROVED
    with program_scope(cast.program.pk):
        assert Account.objects.count() == 2


def test_conflicts_are_on_the_ledger_for_staff_only(cast) -> None:
    fernhill(cast, is_customer=True)
    registered(cast, **FERNHILL)
    with program_scope(cast.program.pk):
        entry = LedgerEntry.objects.get(verb="conflict.opened")
        assert entry.partner_id is None
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        assert set(LedgerEntry.objects.values_list("subject", flat=True)) == {"registration"}
        assert not Conflict.objects.exists()


def test_the_other_program_has_customers_of_its_own(cast) -> None:
    registered(cast, **FERNHILL)
    actor = cast.actor("cedar_admin")
    with program_scope(cast.other_program.pk, partner_id=cast.cedar.pk):
        assert register(actor=actor, claim=claim(**FERNHILL)).state == State.APPROVED


def test_a_protection_that_began_while_the_claim_waited_its_turn_is_seen(cast) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        registered(cast, **FERNHILL)
    with time_machine.travel(FRIDAY - timedelta(milliseconds=20), tick=False):
        row = registered(cast, "birch_admin", **FERNHILL)
    assert row.state == State.IN_REVIEW
    assert [found.kind for found in conflicts(cast)] == [ConflictKind.PROTECTED]


def test_the_looks_of_a_screening_see_what_the_caller_may_see(cast) -> None:
    known = fernhill(cast, is_named=True)
    registered(cast, **FERNHILL)
    keys = lookup_keys(*FERNHILL.values())
    with program_scope(cast.program.pk):
        values = list(wanted(keys).values())
        assert [found.pk for found in candidates(keys)] == [known.pk]
        assert tables_with([known.pk]) == {Conflict, Registration}
        assert tables_with([]) == tables_with([known.pk + 1]) == set()
    there = ("SELECT true IN (conflicts, registrations) FROM prm_stands_on(%s, %s::bigint[])",)
    for scope in (
        {"program_id": cast.program.pk, "partner_id": cast.birch.pk},
        {"program_id": cast.other_program.pk},
    ):
        with program_scope(**scope):
            # Asked for that program all the same: row-level security answers.
            found, stands = answers((FIND, values), (*there, [cast.program.pk, [known.pk]]))
            assert (found, stands) == ([], [(False,)])


@pytest.mark.parametrize(("known", "most"), [(False, 8), (True, 8)])
def test_a_registration_takes_few_round_trips(cast, known, most) -> None:
    if known:
        fernhill(cast)
    registered(cast, customer_name="Marlow Shipyards", website="marlow-ships.co.uk", country="GB")
    actor = cast.actor("alder_seller")
    with program_scope(cast.program.pk, partner_id=actor.partner_id):
        seat = Seat.objects.select_related("program", "partner").get(user_id=actor.user_id)
        with CaptureQueriesContext(connection) as seen:
            register(actor=actor, claim=claim(**FERNHILL), seat=seat, savepoint=False)
    assert len(seen.captured_queries) <= most, [query["sql"][:60] for query in seen.captured_queries]
