"""Random lives of registrations, through the services people use; DESIGN §5 must hold after every step.

Two partners claim a few customers under several spellings, staff rule, time passes and the clocks run. Acts
that are not open are tried as well: they must be refused with a typed answer and leave everything as it was.
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    precondition,
    rule,
    run_state_machine_as_test,
)

from deals.cases.ruling import rule as decide
from deals.models import Conflict, OpportunityState
from deals.registrations.appeal import appeal
from deals.registrations.change import change_registration, register_again, withdraw_change
from deals.registrations.content import claim_of
from deals.registrations.extensions import ask_extension, decide_extension
from deals.registrations.keepalive import report_progress
from deals.registrations.outcome import close_opportunity
from deals.registrations.returns import answer, ask_for_information
from deals.registrations.revocation import revoke
from deals.registrations.submit import register, save_draft, submit_registration, withdraw
from deals.rules.lifecycle import Move, Outcome, Reason
from deals.tasks import CLOCKS
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import DomainError
from partners.core.scope import program_scope
from tests.deals.making import claim, decision
from tests.deals.registrations.life import changed
from tests.deals.registrations.promises import CUSTOMERS, RULERS, SELLERS, Promises, everything
from tests.support.cast import Cast

pick = st.integers(min_value=0, max_value=7)


class Lives(Promises):
    """What people and clocks do."""

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
        told: dict[str, Any] = (
            {"amount": Decimal(amount * 1000)} if "amount" in row.asked_fields else {"note": "Ms Ade."}
        )
        self.tried(
            row,
            self.seller_of(row),
            Move.ANSWER,
            lambda actor, row: answer(actor=actor, registration=row, claim=changed(claim_of(row), **told)),
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
        told = changed(claim_of(row), amount=Decimal(amount * 7000), **(customer or {}))
        self.tried(
            row,
            self.seller_of(row),
            Move.CHANGE,
            lambda actor, row: change_registration(actor=actor, registration=row, claim=told),
        )

    @precondition(lambda self: self.rows())
    @rule(number=pick)
    def takes_a_change_back(self, number: int) -> None:
        row = self.one(number, Move.TAKE_BACK)
        self.tried(
            row,
            self.seller_of(row),
            Move.TAKE_BACK,
            lambda actor, row: withdraw_change(actor=actor, registration=row),
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
    def is_ruled_on(self, number: int, who: str, outcome: Outcome, new: bool) -> None:
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
