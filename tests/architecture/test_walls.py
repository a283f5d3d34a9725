"""The three walls, each tested alone (DESIGN §8)."""

from typing import Any

import pytest
from django.db import connection
from django.db.utils import ProgrammingError

from partners.core.records import TenantRow
from partners.core.scope import ScopeMissing, program_scope
from partners.models import Activity, Partner, Seat
from tests.architecture.test_tenancy import tenants
from tests.support.database import owner_connection
from tests.support.world import fill


def test_the_application_connects_without_rights(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)
        cursor.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user"
        )
        assert cursor.fetchone() == (0,)


def test_no_scope_no_rows_in_the_database(cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('prm.program', '', true), set_config('prm.partner', '', true)")
        for table in ("partners_partner", "partners_seat", "partners_program", "deals_account"):
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
            assert cursor.fetchone() == (0,), table


def test_row_level_security_alone_hides_rival_and_other_program(cast) -> None:
    with program_scope(cast.program.pk, partner_id=cast.alder.pk), connection.cursor() as cursor:
        cursor.execute("SELECT name FROM partners_partner")
        assert cursor.fetchall() == [("Alder Consulting",)]
        cursor.execute("SELECT count(*) FROM partners_seat")
        assert cursor.fetchone() == (2,)
        cursor.execute("SELECT count(*) FROM partners_charter")
        assert cursor.fetchone() == (0,)


def test_row_level_security_alone_refuses_writing_elsewhere(cast) -> None:
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        program_scope(cast.program.pk, partner_id=cast.alder.pk),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO partners_activity (program_id, public_id, created_at, partner_id, kind, happened_on,"
            " minutes, note, logged_by, external_id)"
            " VALUES (%s, 'x', now(), %s, 'call', now(), 1, '', '', '')",
            [cast.program.pk, cast.birch.pk],
        )


def test_the_manager_alone_refuses_without_a_scope(cast) -> None:
    for act in (
        lambda: list(Partner.objects.all()),
        lambda: Partner.objects.exists(),
        lambda: Partner.objects.bulk_create([]),
        lambda: Partner.objects.filter(pk=cast.alder.pk).update(name="x"),
        lambda: cast.alder.refresh_from_db(),
    ):
        with pytest.raises(ScopeMissing):
            act()


def test_the_manager_alone_filters_by_program_and_partner(cast) -> None:
    with program_scope(cast.program.pk):
        sql = str(Partner.objects.all().query)
        assert f'"partners_partner"."program_id" = {cast.program.pk}' in sql
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        assert f'"partners_partner"."id" = {cast.alder.pk}' in str(Partner.objects.all().query)
        assert f'"partners_seat"."partner_id" = {cast.alder.pk}' in str(Seat.objects.all().query)
        assert Activity.objects.all().query.is_empty()  # staff only: nothing is even asked


def _rows_of_others(cursor: Any, model: type[TenantRow], program_id: int, partner_id: int) -> int:
    """Rows of the table that are not this partner's."""
    table = model._meta.db_table
    own = f" AND {model.partner_path} = {partner_id}" if model.partner_path else ""
    shared = "" if model.shared_with_partners or model.partner_path else " AND false"
    return int(
        cursor.execute(
            f"SELECT count(*) FROM {table} WHERE NOT (program_id = {program_id}{own}{shared}) IS TRUE"  # noqa: S608
        ).fetchone()[0]
    )


def test_with_the_third_wall_alone_no_table_shows_anything_of_others(committed_cast) -> None:
    """The control first: behind the walls every kind of row of others is there. Then raw SQL finds none."""
    cast = committed_cast
    fill(cast)
    partner_tables = [model for model in tenants() if model.partner_path]
    ids = cast.program.pk, cast.alder.pk
    with owner_connection() as owner:
        there = {model._meta.label: _rows_of_others(owner, model, *ids) for model in tenants()}
    assert [label for model in partner_tables if not there[label := model._meta.label]] == []
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        seen = {
            model._meta.label: _rows_of_others(connection.cursor().cursor, model, *ids) for model in tenants()
        }
    assert {label: count for label, count in seen.items() if count} == {}
