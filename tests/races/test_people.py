"""What happens when two do it at once, on real connections. Each race is shown first, then closed."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from partners.core.errors import DomainError
from partners.core.scope import program_scope
from partners.models import Invitation, LedgerEntry, Partner, Seat, StoredAnswer, User
from partners.services import people
from partners.services.invitations import accept_invitation, invite
from partners.services.people import change_role
from partners.services.tokens import create_token, digest_of
from tests.support.cast import Cast


def both(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts at once, each on a connection of its own; results or refusals, in order."""
    gate, results = Barrier(len(acts)), [None] * len(acts)

    def run(position: int, act: Callable[[], Any]) -> None:
        gate.wait(10)
        try:
            results[position] = act()
        except DomainError as refusal:
            results[position] = refusal  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [Thread(target=run, args=item) for item in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_an_invitation_is_taken_once(committed_cast: Cast) -> None:
    cast = committed_cast
    secret = "a secret of the test"
    with program_scope(cast.program.pk):
        row = invite(
            actor=cast.actor("leader"), email="new@example.com", role="partner_seller", partner=cast.alder
        )
        Invitation.objects.filter(pk=row.pk).update(digest=digest_of(secret))
    results = both(*[lambda: accept_invitation(secret=secret, user=None, name="Ada")] * 4)
    assert sum(isinstance(result, tuple) for result in results) == 1
    assert {result.code for result in results if isinstance(result, DomainError)} <= {"used", "sign_in"}
    assert User.objects.filter(email="new@example.com").count() == 1
    with program_scope(cast.program.pk):
        assert Seat.objects.filter(user__email="new@example.com").count() == 1


def _two_leaders(cast: Cast) -> list[Callable[[], Any]]:
    with program_scope(cast.program.pk):
        Seat.objects.filter(pk=cast.seats["manager"].pk).update(role="leader")
    cast.seats["manager"].role = "leader"

    def step_back(who: str) -> Seat:
        with program_scope(cast.program.pk):
            return change_role(actor=cast.actor(who), public_id=cast.seats[who].public_id, role="rep")

    return [lambda: step_back("leader"), lambda: step_back("manager")]


def _leaders(cast: Cast) -> int:
    with program_scope(cast.program.pk):
        return Seat.objects.filter(role="leader", ended_at__isnull=True).count()


def test_control_without_the_lock_both_leaders_step_back(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    meet = Barrier(2)
    check = people._keep_one_leader

    def unlocked(_actor: Any, public_id: str) -> Seat:
        return Seat.objects.select_related("user").get(public_id=public_id)

    def slow_check(seat: Seat) -> None:
        check(seat)
        meet.wait(10)

    monkeypatch.setattr(people, "_locked", unlocked)
    monkeypatch.setattr(people, "_keep_one_leader", slow_check)
    both(*_two_leaders(committed_cast))
    assert _leaders(committed_cast) == 0


def test_two_leaders_cannot_step_back_at_once(committed_cast: Cast) -> None:
    results = both(*_two_leaders(committed_cast))
    assert sorted(isinstance(result, DomainError) for result in results) == [False, True]
    assert _leaders(committed_cast) == 1


def _send_together(cast: Cast, headers: dict[str, str], times: int) -> list[Any]:
    with program_scope(cast.program.pk):
        _token, secret = create_token(actor=cast.actor("leader"), seat=cast.seats["leader"], name="race")

    def send() -> Any:
        return Client().post(
            "/api/v1/programs/northwind/partners/",
            {"name": "Elm"},
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}", **headers},
        )

    return both(*[send] * times)


def _elms(cast: Cast) -> int:
    with program_scope(cast.program.pk):
        return Partner.objects.filter(name="Elm").count()


def test_control_without_a_key_each_request_is_an_act(committed_cast: Cast) -> None:
    answers = _send_together(committed_cast, {}, 3)
    made = [answer.status_code for answer in answers].count(201)
    assert made >= 2 or {answer.status_code for answer in answers} == {201, 409}
    assert _elms(committed_cast) == made


def test_the_same_key_is_one_act_and_one_answer(committed_cast: Cast) -> None:
    answers = _send_together(committed_cast, {"Idempotency-Key": "k-1"}, 5)
    assert [answer.status_code for answer in answers] == [201] * 5
    assert len({answer.content for answer in answers}) == 1
    replayed = [answer.headers.get("Idempotent-Replayed") for answer in answers]
    assert replayed.count("true") == 4
    assert {answer.headers["ETag"] for answer in answers} == {'"v1"'}
    assert _elms(committed_cast) == 1
    with program_scope(committed_cast.program.pk):
        assert StoredAnswer.objects.count() == 1
        assert LedgerEntry.objects.filter(verb="partner.created").count() == 1
