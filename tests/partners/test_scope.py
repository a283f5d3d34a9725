"""The scope of a piece of work: what a connection remembers of it, and what a token's scope is."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import NotFound
from partners.core.scope import (
    Scope,
    ScopeMissing,
    current_scope,
    move_scope,
    person_scope,
    program_scope,
    whole_program,
)
from partners.core.writing import together
from partners.models import ApiToken, LedgerEntry, Offering, Partner, Seat
from partners.services.ledger import record
from partners.services.tokens import create_token
from tests.support.cast import Cast

OFFERINGS = "/api/v1/programs/northwind/offerings/"


def told() -> tuple[str, ...]:
    """What the database would show rows by at this moment: program, partner, person."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting('prm.program', true), ''),"
            " coalesce(current_setting('prm.partner', true), ''),"
            " coalesce(current_setting('prm.user', true), '')"
        )
        return tuple(cursor.fetchone())


def bearer(cast: Cast, who: str) -> dict[str, str]:
    with program_scope(cast.seats[who].program_id):
        _token, secret = create_token(actor=cast.actor(who), seat=cast.seats[who], name="test")
    return {"Authorization": f"Bearer {secret}"}


def test_a_connection_carries_nothing_over(committed_cast: Cast) -> None:
    cast = committed_cast
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        assert told() == (str(cast.program.pk), str(cast.alder.pk), "")
    assert (told(), current_scope()) == (("", "", ""), None)
    with pytest.raises(ZeroDivisionError), person_scope(cast.users["leader"].pk):
        _ = 1 / 0
    assert (told(), current_scope()) == (("", "", ""), None)
    for who, status in (("alder_seller", 200), ("other_leader", 404)):
        headers = bearer(cast, who)
        assert Client().get(OFFERINGS, headers=headers).status_code == status
        assert (told(), current_scope()) == (("", "", ""), None)


def test_inside_another_transaction_the_scope_before_comes_back(committed_cast: Cast) -> None:
    program = committed_cast.program.pk
    with transaction.atomic():
        with program_scope(program):
            assert told()[0] == str(program)
        assert told() == ("", "", "")
        with program_scope(program, partner_id=committed_cast.alder.pk):
            with whole_program("a test"):
                assert told() == (str(program), "", "")
            assert told() == (str(program), str(committed_cast.alder.pk), "")


def test_moving_a_scope_replaces_it_to_its_end(committed_cast: Cast) -> None:
    cast = committed_cast
    with pytest.raises(ScopeMissing), move_scope(Scope(program_id=cast.program.pk)):
        pass
    alder = Scope(program_id=cast.program.pk, partner_id=cast.alder.pk)
    with person_scope(cast.users["alder_seller"].pk), move_scope(alder):
        assert told() == (str(cast.program.pk), str(cast.alder.pk), "")
        assert [partner.pk for partner in Partner.objects.all()] == [cast.alder.pk]
    assert (told(), current_scope()) == (("", "", ""), None)


def test_a_token_of_an_ended_seat_or_person_opens_nothing(cast: Cast) -> None:
    headers = bearer(cast, "alder_seller")
    assert Client().get(OFFERINGS, headers=headers).status_code == 200
    with program_scope(cast.program.pk):
        Seat.objects.filter(pk=cast.seats["alder_seller"].pk).update(ended_at=clock.now())
    assert Client().get(OFFERINGS, headers=headers).status_code == 401
    headers = bearer(cast, "birch_admin")
    user = cast.users["birch_admin"]
    user.is_active = False
    user.save(update_fields=["is_active"])
    assert Client().get(OFFERINGS, headers=headers).status_code == 401


def test_the_use_of_a_token_is_noted_once_in_ten_minutes(cast: Cast) -> None:
    headers = bearer(cast, "leader")
    start = clock.now()

    def used(minutes: int) -> Any:
        with clock.at(start + timedelta(minutes=minutes)):
            assert Client().get(OFFERINGS, headers=headers).status_code == 200
        with program_scope(cast.program.pk):
            return ApiToken.objects.get().last_used_at - start

    assert [used(minutes) for minutes in (0, 9, 11, 12)] == [
        timedelta(minutes=minutes) for minutes in (0, 0, 11, 11)
    ]


def _record_and_fail(offering: Offering, actor: Actor) -> None:
    record("offering.never", offering, actor=actor)
    raise NotFound


def test_entries_recorded_together_are_written_at_once_in_order(cast: Cast) -> None:
    actor = cast.actor("leader")
    with program_scope(cast.program.pk):
        offering = Offering.objects.get()
        with CaptureQueriesContext(connection) as seen, together():
            for verb in ("offering.first", "offering.second", "offering.third"):
                record(verb, offering, actor=actor)
        assert len(seen) == 2  # their numbers, and the rows
        assert list(LedgerEntry.objects.order_by("pk").values_list("verb", flat=True))[-3:] == [
            "offering.first",
            "offering.second",
            "offering.third",
        ]
        with pytest.raises(NotFound), together():
            _record_and_fail(offering, actor)
        record("offering.alone", offering, actor=actor)
        assert not LedgerEntry.objects.filter(verb="offering.never").exists()
        assert LedgerEntry.objects.filter(verb="offering.alone").count() == 1
