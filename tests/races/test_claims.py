"""Claims and rulings that meet at one instant, on real connections. A race is shown before it is closed."""

import contextlib
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from deals.accounts.lookup import Matched
from deals.cases import ruling as rulings
from deals.cases.decision import NEW_ACCOUNT
from deals.cases.ruling import rule
from deals.models import Account, Conflict, Opportunity, OpportunityState, Protection, Registration, Ruling
from deals.registrations import submit as registrations
from deals.registrations.outcome import close_opportunity
from deals.registrations.protect import expire_protections
from deals.registrations.submit import register, save_draft, submit_registration, withdraw
from deals.rules.lifecycle import Outcome, Reason, State
from deals.screening import screen as screening
from deals.screening.selectors.standing import findings_against, tables_with
from partners.core.actor import Actor, Door
from partners.core.errors import Clash, DomainError
from partners.core.scope import program_scope
from partners.models import LedgerEntry, StoredAnswer
from tests.deals.making import account, claim, decision, registered
from tests.races.meeting import meeting
from tests.support.cast import Cast

FERNHILL = {"customer_name": "Fernhill Logistics", "website": "fernhill-logistics.com", "country": "GB"}
SPELLINGS = [
    pytest.param(FERNHILL, FERNHILL, id="same website"),
    pytest.param(
        {"customer_name": "Fernhill Logistics", "website": "", "country": "GB"},
        {"customer_name": "Fernhill Logistics Ltd", "website": "", "country": "GB"},
        id="same name without a website",
    ),
    pytest.param(
        FERNHILL,
        {
            "customer_name": "FERNHILL  LOGISTICS plc",
            "website": "www.fernhill-logistics.com/uk",
            "country": "",
        },
        id="different spellings that share a key",
    ),
]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts in threads that start together; their results or refusals, in order."""
    gate = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait(10)
            results[place] = act()
        except DomainError as refusal:
            results[place] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return results


def claiming(cast, who: str, **changes: Any) -> Callable[[], Registration]:
    actor = cast.actor(who, Door.PORTAL)
    changes = changes | ({"country": "GB"} if not changes.get("country") else {})

    def act() -> Registration:
        with program_scope(cast.program.pk, partner_id=actor.partner_id):
            return register(actor=actor, claim=claim(**changes))

    return act


def meet_after_looking(monkeypatch) -> None:
    """Make both submissions look before either writes: what two web processes do when they are unlucky."""
    both_looked = threading.Barrier(2)
    looked = screening.matches_of  # type: ignore[attr-defined]

    def look(party, **told):
        found = looked(party, **told)
        # Broken when the other one waits for our lock, as it should.
        with contextlib.suppress(threading.BrokenBarrierError):
            both_looked.wait(3)
        return found

    monkeypatch.setattr(screening, "matches_of", look)


@pytest.mark.parametrize(("first", "second"), SPELLINGS)
def test_control_without_the_lock_one_customer_becomes_two(
    committed_cast, monkeypatch, first, second
) -> None:
    cast = committed_cast
    monkeypatch.setattr(screening, "identity_held", lambda *_: None)
    meet_after_looking(monkeypatch)
    at_once(claiming(cast, "alder_seller", **first), claiming(cast, "birch_admin", **second))
    with program_scope(cast.program.pk):
        assert Account.objects.count() == 2
        assert Protection.objects.count() == 2


@pytest.mark.parametrize(("first", "second"), SPELLINGS)
def test_one_new_customer_claimed_twice_at_once_is_one_account(
    committed_cast, monkeypatch, first, second
) -> None:
    cast = committed_cast
    meet_after_looking(monkeypatch)
    rows = at_once(claiming(cast, "alder_seller", **first), claiming(cast, "birch_admin", **second))
    assert sorted(row.state for row in rows) == [State.APPROVED, State.IN_REVIEW]
    with program_scope(cast.program.pk):
        assert Account.objects.count() == 1
        assert Protection.objects.count() == 1
        assert Conflict.objects.get().kind == "protected"


def test_many_partners_people_at_once_lose_no_claim(committed_cast) -> None:
    cast = committed_cast
    acts = [claiming(cast, who, **FERNHILL) for who in ("alder_seller", "alder_admin", "birch_admin") * 3]
    rows = at_once(*acts)
    states = sorted(row.state for row in rows)
    assert states.count(State.APPROVED) == 1
    with program_scope(cast.program.pk):
        assert Registration.objects.count() == len(acts)
        assert Account.objects.count() == Protection.objects.count() == Opportunity.objects.count() == 1


def test_a_double_click_submits_once(committed_cast) -> None:
    cast = committed_cast
    actor = cast.actor("alder_seller", Door.PORTAL)
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        draft = save_draft(actor=actor, claim=claim())

    def submit() -> Registration:
        with program_scope(cast.program.pk, partner_id=cast.alder.pk):
            return submit_registration(actor=actor, registration=draft)

    results = at_once(submit, submit)
    assert sorted(type(result).__name__ for result in results) == ["Clash", "Registration"]
    with program_scope(cast.program.pk):
        assert Protection.objects.count() == 1


def two_waiting(cast) -> tuple[Registration, Registration]:
    """Two partners' claims in review on one named account."""
    account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", is_named=True)
    return registered(cast, "alder_seller", **FERNHILL), registered(cast, "birch_admin", **FERNHILL)


def ruling_on(cast, row: Registration, **changes: Any) -> Callable[[], Ruling]:
    def act() -> Ruling:
        with program_scope(cast.program.pk):
            return rule(actor=cast.actor("ops"), registration=row, decision=decision(**changes))

    return act


def test_control_without_the_constraint_two_are_protected(committed_cast) -> None:
    from tests.support.database import owner_connection

    cast = committed_cast
    first, second = two_waiting(cast)
    name = "protection_is_one_per_account_and_offering"
    with owner_connection() as owner:
        definition = owner.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name]
        ).fetchone()[0]  # type: ignore[index]
        owner.execute(f"ALTER TABLE deals_protection DROP CONSTRAINT {name}")
        try:
            at_once(ruling_on(cast, first), ruling_on(cast, second))
            with program_scope(cast.program.pk):
                assert Protection.objects.count() == 2
        finally:
            connection.close()
            owner.execute("TRUNCATE deals_protection CASCADE")
            owner.execute(f"ALTER TABLE deals_protection ADD CONSTRAINT {name} {definition}")


def test_two_approvals_of_one_account_and_offering_leave_one(committed_cast) -> None:
    cast = committed_cast
    first, second = two_waiting(cast)
    results = at_once(ruling_on(cast, first), ruling_on(cast, second))
    refused = [result for result in results if isinstance(result, Clash)]
    assert [clash.code for clash in refused] == ["protected"]
    with program_scope(cast.program.pk):
        assert Protection.objects.count() == Ruling.objects.count() == 1
        assert sorted(Registration.objects.values_list("state", flat=True)) == ["approved", "in_review"]


def test_two_rulings_on_one_claim_leave_one(committed_cast) -> None:
    cast = committed_cast
    row, _other = two_waiting(cast)
    declined = {"outcome": Outcome.UPHOLD_INCUMBENT, "reason": Reason.NAMED_ACCOUNT}
    results = at_once(ruling_on(cast, row), ruling_on(cast, row, **declined))
    assert sorted(type(result).__name__ for result in results) == ["Clash", "Ruling"]
    with program_scope(cast.program.pk):
        assert Ruling.objects.count() == 1


def test_approval_and_withdrawal_at_once_end_in_one_consistent_state(committed_cast) -> None:
    cast = committed_cast
    row, _other = two_waiting(cast)

    def withdrawing() -> Registration:
        with program_scope(cast.program.pk, partner_id=cast.alder.pk):
            return withdraw(actor=cast.actor("alder_seller"), registration=row)

    results = at_once(ruling_on(cast, row), withdrawing)
    assert isinstance(results[1], Registration)
    with program_scope(cast.program.pk):
        row = Registration.objects.get(pk=row.pk)
        # Withdrawn either way; were it approved first, its protection ended and its opportunity was closed.
        assert row.state == State.WITHDRAWN
        assert not Opportunity.objects.filter(state="open").exists()
        assert not Conflict.objects.filter(registration=row, closed_at__isnull=True).exists()


def test_two_new_accounts_for_one_customer_are_one(committed_cast, monkeypatch) -> None:
    cast = committed_cast
    account(cast, "Fernhill Logistics", "fernway.org", "GB")
    doubtful = FERNHILL | {"website": "fhl-group.co.uk"}
    first, second = registered(cast, **doubtful), registered(cast, "birch_admin", **doubtful)
    assert (first.state, second.state) == (State.IN_REVIEW, State.IN_REVIEW)
    new = {"account": NEW_ACCOUNT}
    results = at_once(ruling_on(cast, first, **new), ruling_on(cast, second, **new))
    assert [result.code for result in results if isinstance(result, Clash)] == ["account_exists"]
    with program_scope(cast.program.pk):
        assert Account.objects.count() == 2
    assert rulings.NEW_ACCOUNT == "new"


def test_closing_and_withdrawing_at_once_do_not_wait_in_a_circle(committed_cast) -> None:
    cast = committed_cast
    row = registered(cast, **FERNHILL)

    def closing() -> Opportunity:
        with program_scope(cast.program.pk):
            deal = Opportunity.objects.get()
            return close_opportunity(actor=cast.actor("ops"), opportunity=deal, state=OpportunityState.WON)

    def withdrawing() -> Registration:
        with program_scope(cast.program.pk, partner_id=cast.alder.pk):
            return withdraw(actor=cast.actor("alder_seller"), registration=row)

    at_once(closing, withdrawing)
    with program_scope(cast.program.pk):
        pair = (Registration.objects.get().state, Opportunity.objects.get().state)
    assert pair in {("won", "won"), ("withdrawn", "lost")}


def test_two_sweeps_at_once_expire_once(committed_cast) -> None:
    from datetime import timedelta

    import time_machine

    from partners.core import clock

    cast = committed_cast
    registered(cast, **FERNHILL)

    def sweep() -> int:
        with program_scope(cast.program.pk):
            return expire_protections(actor=Actor.system(program_id=cast.program.pk, name="clock"))

    with time_machine.travel(clock.now() + timedelta(days=91), tick=False):
        assert sorted(at_once(sweep, sweep)) == [0, 1]


def slipping_through(cast, monkeypatch, second: Callable[[], Any]) -> Registration | Clash:
    """Birch claims a known customer after Alder was screened and before Alder's protection is written: what
    the locks of the screening prevent, taken away here. What became of Alder's claim."""
    account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB")
    monkeypatch.setattr(screening, "identity_held", lambda *_: None)

    def held_by_nobody(matches):
        rows = {row.pk: row for row in Account.objects.filter(pk__in=list(matches))}
        found = [Matched(rows[pk], match) for pk, match in matches.items()]
        return found, tables_with(matches)

    monkeypatch.setattr(screening, "hold_accounts", held_by_nobody)
    first = claiming(cast, "alder_seller", **FERNHILL)
    became, other = meeting(monkeypatch, (registrations, "approve"), first, second)
    assert other.state == State.APPROVED
    assert isinstance(became, Registration | Clash)
    return became


SEND_AGAIN = "This could not be finished at this moment. Nothing is lost: please send it again."


def test_control_without_a_second_attempt_the_later_claim_is_refused_and_told_of_nobody(
    committed_cast, monkeypatch
) -> None:
    cast = committed_cast
    monkeypatch.setattr(registrations, "_once_more", lambda attempt: attempt())
    refusal = slipping_through(cast, monkeypatch, claiming(cast, "birch_admin", **FERNHILL))
    assert isinstance(refusal, Clash)
    assert (refusal.code, str(refusal), refusal.extra) == ("busy", SEND_AGAIN, {})
    with program_scope(cast.program.pk):
        assert Registration.objects.get().partner_id == cast.birch.pk
        assert Protection.objects.count() == Opportunity.objects.count() == Account.objects.count() == 1
        assert not Conflict.objects.exists()


def test_a_claim_that_meets_a_protection_unseen_is_screened_again_and_waits_for_a_person(
    committed_cast, monkeypatch
) -> None:
    cast = committed_cast
    row = slipping_through(cast, monkeypatch, claiming(cast, "birch_admin", **FERNHILL))
    assert isinstance(row, Registration)
    assert (row.state, row.sentence, row.reason) == (State.IN_REVIEW, "", "")
    with program_scope(cast.program.pk):
        assert Registration.objects.count() == 2
        assert Protection.objects.get().partner_id == cast.birch.pk
        assert Opportunity.objects.count() == Account.objects.count() == 1
        conflict = Conflict.objects.get()
        assert (conflict.registration_id, conflict.kind) == (row.pk, "protected")
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        read = LedgerEntry.objects.filter(subject_id=row.public_id).order_by("pk")
        assert [(entry.verb, entry.sentence) for entry in read] == [
            ("registration.submitted", ""),
            ("registration.in_review", "A person looks at it and answers by the time given."),
        ]


def test_a_draft_that_meets_a_protection_unseen_waits_for_a_person(committed_cast, monkeypatch) -> None:
    cast = committed_cast
    actor = cast.actor("birch_admin", Door.PORTAL)
    with program_scope(cast.program.pk, partner_id=cast.birch.pk):
        draft = save_draft(actor=actor, claim=claim(**FERNHILL))
    account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB")
    with program_scope(cast.program.pk):
        held = registered(cast, **FERNHILL)

    def unseen(*_told: Any, **_more: Any) -> list[Any]:
        monkeypatch.setattr(screening, "findings_against", findings_against)
        return []

    monkeypatch.setattr(screening, "findings_against", unseen)
    with program_scope(cast.program.pk, partner_id=cast.birch.pk):
        row = submit_registration(actor=actor, registration=draft, expected_version=draft.version)
        assert (row.pk, row.state, row.version) == (draft.pk, State.IN_REVIEW, draft.version + 1)
    with program_scope(cast.program.pk):
        assert Protection.objects.get().registration_id == held.pk
        assert Conflict.objects.get().kind == "protected"


def calling(cast: Cast, monkeypatch: Any, unseen: int, **headers: str) -> Any:
    """The API's answer to Birch, who claims what Alder holds, when so many screenings do not see it."""
    account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB")
    registered(cast, **FERNHILL)
    looks = []

    def looked(*told: Any, **more: Any) -> Any:
        looks.append(1)
        return [] if len(looks) <= unseen else findings_against(*told, **more)

    monkeypatch.setattr(screening, "findings_against", looked)
    body = {**FERNHILL, "amount": "100.00", "currency": "EUR", "expected_close": "2030-01-01"}
    path = "/api/v1/programs/northwind/registrations/"
    answer = cast.client("birch_admin").post(path, body, content_type="application/json", headers=headers)
    assert len(looks) == min(unseen, 1) + 1
    return answer


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "once"}])
def test_a_call_to_the_api_that_meets_a_protection_unseen_is_looked_at_once_more(
    committed_cast, monkeypatch, headers
) -> None:
    cast = committed_cast
    answer = calling(cast, monkeypatch, 1, **headers)
    assert (answer.status_code, answer.json()["state"]) == (201, "in_review")
    with program_scope(cast.program.pk):
        assert Protection.objects.get().partner_id == cast.alder.pk
        row = Registration.objects.get(public_id=answer.json()["id"])
        assert Conflict.objects.get().registration_id == row.pk
        verbs = LedgerEntry.objects.filter(subject_id=row.public_id).order_by("pk")
        assert [entry.verb for entry in verbs] == ["registration.submitted", "registration.in_review"]
        assert [stored.key for stored in StoredAnswer.objects.all()] == [*headers.values()]


def test_a_call_that_meets_one_again_is_told_of_nobody(committed_cast, monkeypatch) -> None:
    cast = committed_cast
    answer = calling(cast, monkeypatch, 2, **{"Idempotency-Key": "once"})
    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (409, "busy", SEND_AGAIN)
    with program_scope(cast.program.pk):
        assert Registration.objects.count() == Protection.objects.count() == 1
        assert not StoredAnswer.objects.exists()
