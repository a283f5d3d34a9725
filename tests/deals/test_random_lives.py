"""Random lives of registrations, through the services people use; DESIGN §5 must hold after every step.

Two partners claim a few customers under several spellings, staff rule, time passes and the clocks run. Acts that
are not open are tried as well: they must be refused with a typed answer and leave everything as it was.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from deals.models import Conflict, Opportunity, OpportunityState, Protection, Registration
from deals.rules.lifecycle import LATER_KINDS, MOVES, Move, Outcome, Reason, State
from deals.rules.possible import open_moves
from deals.selectors.registrations import facts_of, terms_of
from deals.services.appeals import appeal
from deals.services.changes import change_registration, register_again
from deals.services.contents import claim_of
from deals.services.opportunities import close_opportunity
from deals.services.registrations import register, save_draft, submit_registration, withdraw
from deals.services.returns import answer, ask_for_information
from deals.services.rulings import rule as decide
from deals.services.upkeep import ask_extension, decide_extension, report_progress, revoke
from deals.tasks import CLOCKS
from partners.core import clock
from partners.core.actor import Actor, Role
from partners.core.errors import DomainError
from partners.core.scope import program_scope
from partners.models import LedgerEntry
from partners.selectors import charter_in_force
from tests.deals.making import account, claim, decision, direct_opportunity
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

pick = st.integers(min_value=0, max_value=7)


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
    return protection.period.isempty or protection.period.upper <= moment


class Lives(RuleBasedStateMachine):
    """``cast`` is set by the test."""

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

    # What people do

    @rule(who=st.sampled_from(SELLERS), customer=st.sampled_from(CUSTOMERS), draft=st.booleans())
    def claims(self, who: str, customer: dict[str, str], draft: bool) -> None:
        told = replace(claim(**customer), expected_close=self.moment.date() + timedelta(days=60))
        with self.by(who) as actor:
            act = save_draft if draft else register
            act(actor=actor, claim=told)

    @precondition(lambda self: self.rows())
    @rule(number=pick)
    def submits(self, number: int) -> None:
        row = self.one(number, Move.SUBMIT)
        self.tried(
            row,
            self.seller_of(row),
            Move.SUBMIT,
            lambda actor, row: submit_registration(actor=actor, registration=row),
        )

    @precondition(lambda self: self.rows())
    @rule(number=pick, who=st.sampled_from(RULERS), fields=st.sampled_from([["note"], ["amount", "website"]]))
    def asks(self, number: int, who: str, fields: list[str]) -> None:
        self.tried(
            self.one(number, Move.ASK),
            who,
            Move.ASK,
            lambda actor, row: ask_for_information(
                actor=actor, registration=row, question="Who signs there?", fields=fields
            ),
        )

    @precondition(lambda self: self.rows())
    @rule(number=pick, amount=st.integers(min_value=1, max_value=9))
    def answers(self, number: int, amount: int) -> None:
        row = self.one(number, Move.ANSWER)
        changed = {"amount": Decimal(amount * 1000)} if "amount" in row.asked_fields else {"note": "Ms Ade."}
        self.tried(
            row,
            self.seller_of(row),
            Move.ANSWER,
            lambda actor, row: answer(actor=actor, registration=row, claim=replace(claim_of(row), **changed)),
        )

    @precondition(lambda self: self.rows())
    @rule(number=pick)
    def appeals(self, number: int) -> None:
        row = self.one(number, Move.APPEAL)
        self.tried(
            row,
            self.seller_of(row),
            Move.APPEAL,
            lambda actor, row: appeal(actor=actor, registration=row, text="The buyer asked for us."),
        )

    @precondition(lambda self: self.rows())
    @rule(number=pick)
    def reports(self, number: int) -> None:
        row = self.one(number, Move.REPORT)
        self.tried(
            row,
            self.seller_of(row),
            Move.REPORT,
            lambda actor, row: report_progress(actor=actor, registration=row, text="Second meeting."),
        )

    @precondition(lambda self: self.rows())
    @rule(number=pick)
    def asks_for_longer(self, number: int) -> None:
        row = self.one(number, Move.ASK_EXTENSION)
        self.tried(
            row,
            self.seller_of(row),
            Move.ASK_EXTENSION,
            lambda actor, row: ask_extension(actor=actor, registration=row, note="The board meets later."),
        )

    @precondition(lambda self: self.rows())
    @rule(number=pick, granted=st.booleans())
    def decides_on_longer(self, number: int, granted: bool) -> None:
        self.tried(
            self.one(number, Move.EXTEND),
            "leader",
            Move.EXTEND,
            lambda actor, row: decide_extension(
                actor=actor, registration=row, granted=granted, sentence="We looked at it."
            ),
        )

    @precondition(lambda self: self.rows())
    @rule(number=pick, amount=st.integers(1, 3), customer=st.sampled_from([None, *CUSTOMERS]))
    def changes(self, number: int, amount: int, customer: dict[str, str] | None) -> None:
        row = self.one(number, Move.CHANGE)
        told = replace(claim_of(row), amount=Decimal(amount * 7000), **(customer or {}))
        self.tried(
            row,
            self.seller_of(row),
            Move.CHANGE,
            lambda actor, row: change_registration(actor=actor, registration=row, claim=told),
        )

    @precondition(lambda self: self.rows())
    @rule(number=pick)
    def withdraws(self, number: int) -> None:
        row = self.one(number, Move.WITHDRAW)
        self.tried(
            row,
            self.seller_of(row),
            Move.WITHDRAW,
            lambda actor, row: withdraw(actor=actor, registration=row),
        )

    @precondition(lambda self: self.rows())
    @rule(number=pick)
    def begins_again(self, number: int) -> None:
        row = self.one(number, Move.AGAIN)
        self.tried(
            row,
            self.seller_of(row),
            Move.AGAIN,
            lambda actor, row: register_again(actor=actor, registration=row),
        )

    @precondition(lambda self: self.rows())
    @rule(number=pick)
    def revokes(self, number: int) -> None:
        self.tried(
            self.one(number, Move.REVOKE),
            "ops",
            Move.REVOKE,
            lambda actor, row: revoke(
                actor=actor,
                registration=row,
                reason=Reason.WRONG_CLAIM,
                sentence="It was not so.",
                note="The buyer denies it.",
            ),
        )

    @precondition(lambda self: self.rows())
    @rule(number=pick, who=st.sampled_from(RULERS), outcome=st.sampled_from(Outcome), new=st.booleans())
    def rules(self, number: int, who: str, outcome: Outcome, new: bool) -> None:
        grounds = {
            Outcome.UPHOLD_PARTNER: Reason.PARTNER_FIRST,
            Outcome.UPHOLD_INCUMBENT: Reason.NAMED_ACCOUNT,
            Outcome.NOT_A_CONFLICT: Reason.NOT_A_CONFLICT,
        }
        row = self.one(number, Move.APPROVE)
        with program_scope(self.cast.program.pk):
            found = Conflict.objects.filter(registration=row, closed_at__isnull=True, account__isnull=False)
            weighed = found.select_related("account").first()
            before = everything()
        chosen = "" if row.account_id else "new" if new or weighed is None else weighed.account.public_id
        told = decision(
            outcome=outcome,
            reason=grounds.get(outcome, Reason.PARTNER_FIRST),
            account=chosen,
            partner_share=40 if outcome is Outcome.SHARE else None,
        )
        try:
            with self.by(who) as actor, transaction.atomic():
                decide(actor=actor, registration=row, decision=told)
        except DomainError:
            with program_scope(self.cast.program.pk):
                assert everything() == before

    @precondition(lambda self: any(row.opportunity_id for row in self.rows()))
    @rule(number=pick, state=st.sampled_from([OpportunityState.WON, OpportunityState.LOST]))
    def closes(self, number: int, state: OpportunityState) -> None:
        with_deal = [row for row in self.rows() if row.opportunity_id]
        row = with_deal[number % len(with_deal)]
        with program_scope(self.cast.program.pk):
            before = everything()
        try:
            with self.by("ops") as actor, transaction.atomic():
                assert row.opportunity is not None
                close_opportunity(actor=actor, opportunity=row.opportunity, state=state)
        except DomainError:
            with program_scope(self.cast.program.pk):
                assert everything() == before

    @rule(hours=st.sampled_from([1, 7, 24, 24 * 6, 24 * 20, 24 * 45]), sweep=st.booleans())
    def time_passes(self, hours: int, sweep: bool) -> None:
        self.moment += timedelta(hours=hours)
        if sweep:
            self.clocks_run()

    @rule()
    def clocks_run(self) -> None:
        for which in CLOCKS.values():
            with clock.at(self.moment), program_scope(self.cast.program.pk):
                actor = Actor.system(program_id=self.cast.program.pk, name="Clock")
                for _ in range(20):
                    if not which(actor=actor):
                        break
                else:
                    raise AssertionError(f"{which.__name__} never ends")

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


def test_random_lives_keep_the_promises(cast: Cast) -> None:
    class Here(Lives):
        pass

    Here.cast = cast
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
