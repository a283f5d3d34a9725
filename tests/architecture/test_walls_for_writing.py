"""Wall 3, writes: what a scope may read beyond its own share it may not change."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.db.utils import ProgrammingError

from partners.core.scope import person_scope, program_scope
from partners.models import Offering, Program, Seat

REFUSED = "row-level security"
NEW_SEAT = (
    "INSERT INTO partners_seat (program_id, public_id, created_at, user_id, role)"
    " VALUES (%s, 'intruder', now(), %s, 'leader')"
)


@contextmanager
def as_person(cast: Any, who: str) -> Iterator[Any]:
    with person_scope(cast.users[who].pk), connection.cursor() as cursor:
        yield cursor


@contextmanager
def as_alder(cast: Any) -> Iterator[Any]:
    with program_scope(cast.program.pk, partner_id=cast.alder.pk), connection.cursor() as cursor:
        yield cursor


def test_a_person_cannot_seat_themselves_in_a_program(cast) -> None:
    with pytest.raises(ProgrammingError, match=REFUSED), as_person(cast, "alder_seller") as cursor:
        cursor.execute(NEW_SEAT, [cast.other_program.pk, cast.users["alder_seller"].pk])
    with program_scope(cast.other_program.pk):
        assert not Seat.objects.filter(user=cast.users["alder_seller"]).exists()


def test_a_person_reads_their_seat_and_cannot_promote_or_remove_it(cast) -> None:
    seat = cast.seats["rep"]
    with as_person(cast, "rep") as cursor:
        cursor.execute("SELECT role FROM partners_seat WHERE id = %s", [seat.pk])
        assert cursor.fetchall() == [("rep",)]
        cursor.execute("UPDATE partners_seat SET role = 'leader' WHERE id = %s", [seat.pk])
        assert cursor.rowcount == 0
        cursor.execute("DELETE FROM partners_seat WHERE id = %s", [seat.pk])
        assert cursor.rowcount == 0
    with program_scope(cast.program.pk):
        assert Seat.objects.get(pk=seat.pk).role == "rep"


@pytest.mark.parametrize("scope", ["person", "partner"])
def test_program_is_read_and_not_written_by_partner_people(cast, scope: str) -> None:
    inside = as_person(cast, "alder_admin") if scope == "person" else as_alder(cast)
    with inside as cursor:
        cursor.execute("SELECT name FROM partners_program")
        assert cursor.fetchall() == [(cast.program.name,)]
        cursor.execute("UPDATE partners_program SET name = 'Mine'")
        assert cursor.rowcount == 0
    with program_scope(cast.program.pk):
        assert Program.objects.get(pk=cast.program.pk).name == cast.program.name


def test_offerings_are_read_and_not_written_by_partner_people(cast) -> None:
    with as_alder(cast) as cursor:
        cursor.execute("SELECT name FROM partners_offering")
        assert cursor.fetchall() == [(cast.offering.name,)]
        cursor.execute("UPDATE partners_offering SET active = false")
        assert cursor.rowcount == 0
        cursor.execute("DELETE FROM partners_offering")
        assert cursor.rowcount == 0
    with pytest.raises(ProgrammingError, match=REFUSED), as_alder(cast):
        Offering.objects.create(program_id=cast.program.pk, name="Theirs")
    with program_scope(cast.program.pk):
        assert list(Offering.objects.values_list("name", "active")) == [(cast.offering.name, True)]


def test_a_partner_scope_still_changes_its_own_people(cast) -> None:
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        assert Seat.objects.filter(pk=cast.seats["alder_seller"].pk).update(role="partner_admin") == 1
        assert Seat.objects.filter(pk=cast.seats["birch_admin"].pk).update(role="partner_admin") == 0


def test_a_partner_scope_sees_only_its_own_people_among_the_users(cast) -> None:
    with as_alder(cast) as cursor:
        cursor.execute("SELECT email FROM partners_user ORDER BY email")
        assert cursor.fetchall() == [("alder_admin@example.com",), ("alder_seller@example.com",)]
        cursor.execute("UPDATE partners_user SET name = 'x' WHERE email LIKE 'birch%'")
        assert cursor.rowcount == 0
    with program_scope(cast.program.pk), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM partners_user WHERE email = 'birch_admin@example.com'")
        assert cursor.fetchone() == (1,)
