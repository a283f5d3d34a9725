"""Two people at once. Each race is shown to be real first, then to end well."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from partners.core.errors import Clash, DomainError
from partners.core.scope import program_scope
from partners.models import LedgerEntry
from plans.models import CheckIn, Commitment, Plan
from plans.rules.lifecycle import State
from plans.services import acts
from plans.services.checkins import log_check_in
from plans.services.commitments import break_commitment, keep_commitment
from plans.services.plans import agree_to_plan, draft_plan
from tests.plans.support import Made, made_in_scope, today_of
from tests.support.cast import Cast


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run the works at the same moment on connections of their own; results or refusals, in order."""
    barrier = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(index: int, work: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=20)
            results[index] = work()
        except DomainError as error:
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def signing(cast: Cast, made: Made, who: str) -> Callable[[], Plan]:
    def sign() -> Plan:
        actor = cast.actor(who)
        with program_scope(cast.program.pk, partner_id=actor.partner_id):
            return agree_to_plan(actor=actor, plan=made.plan, edition=1)

    return sign


def test_control_without_the_lock_both_sign_and_nobody_agrees(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = committed_cast
    made = made_in_scope(cast, "proposed")
    both_have_read = threading.Barrier(2)

    def unlocked(plan: Plan, *, expected_version: int | None = None) -> Plan:
        fresh = Plan.objects.get(pk=plan.pk)
        both_have_read.wait(timeout=20)
        return fresh

    def save_over(self: Plan, *fields: str, expected_version: int | None = None) -> None:
        Plan.objects.filter(pk=self.pk).update(**{name: getattr(self, name) for name in fields})

    monkeypatch.setattr(acts, "locked", unlocked)
    monkeypatch.setattr(Plan, "save_fields", save_over)
    together(signing(cast, made, "leader"), signing(cast, made, "alder_admin"))
    with program_scope(cast.program.pk):
        plan = Plan.objects.get()
    assert plan.signed_by_us_at
    assert plan.signed_by_them_at
    assert plan.state == State.PROPOSED  # each thought it was the first: the agreement is lost


def test_both_sides_sign_at_once_and_the_plan_is_agreed_once(committed_cast: Cast) -> None:
    cast = committed_cast
    made = made_in_scope(cast, "proposed")
    results = together(signing(cast, made, "leader"), signing(cast, made, "alder_admin"))
    assert sorted(plan.state for plan in results) == [State.AGREED, State.PROPOSED]
    with program_scope(cast.program.pk):
        plan = Plan.objects.get()
        verbs = list(LedgerEntry.objects.filter(subject="plan").values_list("verb", flat=True))
    assert (plan.state, plan.signed_by_us, plan.signed_by_them) == (State.AGREED, "Leader", "Alder Admin")
    assert (verbs.count("plan.signed"), verbs.count("plan.agreed")) == (2, 1)


def test_the_same_conversation_is_logged_once(committed_cast: Cast) -> None:
    cast = committed_cast
    made = made_in_scope(cast, "agreed")

    def log(who: str) -> Callable[[], CheckIn]:
        def work() -> CheckIn:
            with program_scope(cast.program.pk):
                return log_check_in(
                    actor=cast.actor(who), plan=made.plan, held_on=today_of(cast), said=who,
                    purpose_confirmed=True,
                )  # fmt: skip

        return work

    results = together(*(log(who) for who in ("leader", "manager", "leader", "manager")))
    refused = [result for result in results if isinstance(result, Clash)]
    assert [error.code for error in refused] == ["logged_already"] * 3
    with program_scope(cast.program.pk):
        assert CheckIn.objects.count() == 1
        assert LedgerEntry.objects.filter(verb="check_in.held").count() == 1


def test_a_promise_gets_one_answer(committed_cast: Cast) -> None:
    cast = committed_cast
    made = made_in_scope(cast, "agreed")

    def keep() -> Commitment:
        actor = cast.actor("alder_admin")
        with program_scope(cast.program.pk, partner_id=actor.partner_id):
            return keep_commitment(actor=actor, commitment=made.theirs)

    def fail() -> Commitment:
        with program_scope(cast.program.pk):
            return break_commitment(actor=cast.actor("manager"), commitment=made.theirs, reason="Late")

    results = together(keep, fail)
    assert sum(isinstance(result, Clash) for result in results) == 1
    winner = next(result for result in results if not isinstance(result, DomainError))
    with program_scope(cast.program.pk):
        assert Commitment.objects.get(pk=made.theirs.pk).state == winner.state
        assert LedgerEntry.objects.filter(verb__in=["commitment.kept", "commitment.broken"]).count() == 1


def test_two_drafts_at_once_are_one_plan(committed_cast: Cast) -> None:
    cast = committed_cast

    def begin(who: str) -> Callable[[], Plan]:
        def work() -> Plan:
            with program_scope(cast.program.pk):
                return draft_plan(actor=cast.actor(who), partner=cast.alder)

        return work

    results = together(*(begin(who) for who in ("leader", "manager") * 2))
    assert sum(isinstance(result, Plan) for result in results) == 1
    assert {result.code for result in results if isinstance(result, Clash)} == {"one_live_plan"}
    with program_scope(cast.program.pk):
        assert Plan.objects.count() == 1
