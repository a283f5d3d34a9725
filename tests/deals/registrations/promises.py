"""What DESIGN §5 promises of registrations, as invariants of a machine that walks their lives."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
)

from deals.common.claim_facts import facts_of, terms_of
from deals.models import Conflict, Opportunity, OpportunityState, Protection, Registration
from deals.rules.lifecycle import LATER_KINDS, MOVES, Move, State
from deals.rules.possible import open_moves
from partners.core import clock
from partners.core.actor import Actor, Role
from partners.core.errors import DomainError
from partners.core.scope import program_scope
from partners.models import LedgerEntry
from partners.selectors import charter_in_force
from tests.deals.making import account, direct_opportunity
from tests.support.cast import Cast

CUSTOMERS = [
    {"customer_name": "Quillmark Robotics GmbH", "website": "quillmark-robotics.com", "country": "DE"},
    {"customer_name": "QUILLMARK ROBOTICS", "website": "www.quillmark-robotics.com/at", "country": "AT"},
    {"customer_name": "Fernhill Logistics Ltd", "website": "fernhill-logistics.com", "country": "GB"},
    {"customer_name": "Fernhill Logistic", "website": "", "country": "GB"},
    {"customer_name": "Ostrava Foundry", "website": "ostrava-foundry.cz", "country": "CZ"},
    {"customer_name": "Marram Dairy", "website": "marram-dairy.ie", "country": "IE"},
]
SELLERS = ["alder_seller", "alder_admin", "birch_admin"]
RULERS = ["ops", "leader", "manager"]
START = datetime(2027, 1, 11, 10, tzinfo=UTC)


def everything() -> dict[str, Any]:
    """What a refusal must leave as it was."""
    return {
        "registrations": list(Registration.objects.order_by("pk").values()),
        "protections": list(Protection.objects.order_by("pk").values()),
        "conflicts": list(Conflict.objects.order_by("pk").values()),
        "opportunities": list(Opportunity.objects.order_by("pk").values()),
        "ledger": LedgerEntry.objects.count(),
    }


def ended(protection: Protection, moment: datetime) -> bool:
    """Whether it is over; one that was ended at the instant it began holds no time at all."""
    period = protection.period
    return bool(period.isempty or period.upper <= moment)


class Promises(RuleBasedStateMachine):
    """A small world, and what must hold in it after every step. ``cast`` is set by the test."""

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.moment = START
        self.claimed: dict[int, datetime] = {}
        self.states: dict[int, str] = {}
        self.block = transaction.atomic()
        self.block.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @initialize()
    def world(self) -> None:
        with clock.at(START - timedelta(days=30)):
            account(self.cast, "Ostrava Foundry", "ostrava-foundry.cz", "CZ", is_named=True)
            marram = account(self.cast, "Marram Dairy", "marram-dairy.ie", "IE")
            direct_opportunity(self.cast, marram)

    # Acting

    @contextmanager
    def by(self, who: str) -> Iterator[Actor]:
        actor = self.cast.actor(who)
        with clock.at(self.moment), program_scope(self.cast.program.pk, partner_id=actor.partner_id):
            yield actor

    def rows(self) -> list[Registration]:
        with program_scope(self.cast.program.pk):
            return list(Registration.objects.select_related("offering", "opportunity").order_by("pk"))

    def one(self, number: int, move: Move) -> Registration:
        """A registration: mostly one whose state allows the move, now and then any."""
        rows = self.rows()
        fitting = [row for row in rows if State(row.state) in MOVES[move].sources]
        rows = fitting if fitting and number else rows
        return rows[number % len(rows)]

    def seller_of(self, row: Registration) -> str:
        return "birch_admin" if row.partner_id == self.cast.birch.pk else "alder_seller"

    def tried(self, row: Registration, who: str, move: Move, act: Any) -> None:
        """Do ``act``; what the table does not hold open must be refused, and a refusal changes nothing."""
        with clock.at(self.moment), program_scope(self.cast.program.pk):
            seen, before = Registration.objects.get(pk=row.pk), everything()
            role = Role(self.cast.seats[who].role)
            is_open = move in open_moves(facts_of(seen), role, terms_of(charter_in_force()), self.moment)
        refused = False
        try:
            with self.by(who) as actor, transaction.atomic():
                act(actor, row)
        except DomainError:
            refused = True
        assert is_open or refused, f"{move} was not open to {who} in {row.state} and was done"
        if refused:
            with program_scope(self.cast.program.pk):
                assert everything() == before, f"a refused {move} changed something"

    # What must hold

    @invariant()
    def no_two_hold_one_account(self) -> None:
        with program_scope(self.cast.program.pk):
            held = list(
                Protection.objects.filter(period__contains=self.moment).values_list("account", "offering")
            )
        assert len(held) == len(set(held))

    @invariant()
    def the_claim_time_stays(self) -> None:
        for row in self.rows():
            if row.claimed_at is not None:
                assert self.claimed.setdefault(row.pk, row.claimed_at) == row.claimed_at
            else:
                assert row.state in (State.DRAFT, State.WITHDRAWN)

    @invariant()
    def decisions_say_why(self) -> None:
        for row in self.rows():
            if row.state in (State.APPROVED, State.DECLINED, State.REVOKED, State.DUPLICATE):
                assert row.reason, row.state
                assert row.sentence, row.state
                assert row.decided_at, row.state

    @invariant()
    def what_waits_has_a_deadline_and_something_to_decide(self) -> None:
        with program_scope(self.cast.program.pk):
            for row in self.rows():
                conflicts = Conflict.objects.filter(registration=row, closed_at__isnull=True)
                if row.state == State.IN_REVIEW:
                    assert row.decision_due_at is not None
                    assert conflicts.exists(), row.reviewed_for
                elif row.state == State.NEEDS_INFO:
                    assert row.clock_left is not None
                    assert row.question
                else:
                    assert not conflicts.exclude(kind__in=LATER_KINDS).exists(), row.state
                assert (row.clock_left is not None) == (row.state == State.NEEDS_INFO)

    @invariant()
    def approved_means_protected(self) -> None:
        with program_scope(self.cast.program.pk):
            for row in self.rows():
                protection = Protection.objects.filter(registration=row).first()
                live = protection is not None and not ended(protection, self.moment)
                if row.state == State.APPROVED:
                    assert protection is not None
                    assert protection.account_id == row.account_id
                elif row.state not in (State.IN_REVIEW, State.NEEDS_INFO):
                    assert not live, row.state

    @invariant()
    def the_deal_agrees_with_its_registration(self) -> None:
        for row in self.rows():
            if row.opportunity is None:
                assert row.state not in (State.APPROVED, State.WON, State.LOST)
            elif row.state == State.WON:
                assert row.opportunity.state == OpportunityState.WON
            elif row.state in (State.LOST, State.WITHDRAWN):
                assert row.opportunity.state != OpportunityState.OPEN
            elif row.state == State.APPROVED:
                assert row.opportunity.state == OpportunityState.OPEN
                assert row.opportunity.account_id == row.account_id

    @invariant()
    def every_change_of_state_is_on_the_ledger(self) -> None:
        with program_scope(self.cast.program.pk):
            for row in self.rows():
                if self.states.get(row.pk) != row.state:
                    told = LedgerEntry.objects.filter(subject="registration", subject_id=row.public_id)
                    assert told.exists()
                    if row.pk in self.states:
                        assert told.filter(partner_id=row.partner_id).count() >= 2
                    self.states[row.pk] = row.state

    @invariant()
    def a_partner_reads_nothing_of_the_other(self) -> None:
        names = {self.cast.alder.pk: "birch", self.cast.birch.pk: "alder"}
        for partner, other in names.items():
            with program_scope(self.cast.program.pk, partner_id=partner):
                entries = LedgerEntry.objects.values_list("sentence", "old", "new", "actor_name")
                claims = Registration.objects.values()
                said = f"{list(entries)}{list(claims)}".lower()
            assert other not in said
