"""What PostgreSQL expects to find behind the walls: how it plans everything else hangs on it."""

import json
from typing import Any

import pytest
from django.db import connection

from partners.core.scope import program_scope
from tests.support.database import owner_connection

ROWS = 2000
_FILL = """
    INSERT INTO partners_ledgerentry (program_id, public_id, created_at, at, verb, subject, subject_id,
        actor_name, actor_role, door, partner_id, old, new, sentence)
    SELECT {program}, 'l' || n, now(), now(), 'x', 'x', n, '', 'system', 'job', {first} + n % 2, '{{}}',
        '{{}}', ''
    FROM generate_series(1, {rows}) n;
    INSERT INTO partners_activity (program_id, public_id, created_at, partner_id, kind, happened_on, minutes,
        note, logged_by, external_id)
    SELECT {program}, 'a' || n, now(), {first} + n % 2, 'call', now(), 1, '', '', ''
    FROM generate_series(1, {rows}) n;
    ANALYZE partners_ledgerentry, partners_activity;
"""


@pytest.mark.parametrize("table", ["partners_ledgerentry", "partners_activity"])
def test_staff_are_expected_to_see_what_they_see(committed_cast: Any, table: str) -> None:
    """A table that partners see their share of, and one of staff alone."""
    cast = committed_cast
    first = min(cast.alder.pk, cast.birch.pk)
    with owner_connection() as owner:
        owner.execute(_FILL.format(program=cast.program.pk, first=first, rows=ROWS))
    with program_scope(cast.program.pk), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT * FROM {table}")  # noqa: S608
        ((told,),) = cursor.fetchall()
    expected = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]["Plan Rows"]
    assert ROWS / 4 < expected < ROWS * 2
