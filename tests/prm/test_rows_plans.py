"""The rows behind a number at a size: what is read for them does not grow with what is beside them."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.core.scope import program_scope
from partners.models import Seat, User
from prm.rules.metrics import METRICS
from prm.rules.periods import Period
from prm.selectors.rows import Question, rows_behind
from tests.support.database import owner_connection
from tests.support.explained import explained, pages_read

_CLAIMS = """
    INSERT INTO deals_registration (program_id, public_id, created_at, version, updated_at, submitted_by,
        state, customer_name, website, country, currency, note, benefit, claimed_at, reason, sentence,
        offering_id, partner_id, seller_id, approved_as, asked_fields, extension_note, extensions, question,
        reviewed_for)
    SELECT %s, 'r' || n, now(), 1, now(), '', 'withdrawn', 'Halvorne', '', '', 'EUR', '', '', %s, '', '', %s,
        %s, %s, '{}', '{}', '', 0, '', 'claim'
    FROM generate_series(1, 2000) n
"""


def test_sellers_are_found_without_reading_every_claim_for_each(committed_cast: Any) -> None:
    cast = committed_cast
    claimed = datetime(2026, 3, 3, 12, tzinfo=UTC)
    with program_scope(cast.program.pk), connection.cursor() as cursor:
        for number in range(10):
            user = User.objects.create(email=f"seller{number}@example.com")
            Seat.objects.create(program=cast.program, user=user, role="partner_seller", partner=cast.alder)
        seller = cast.seats["birch_admin"].pk
        cursor.execute(_CLAIMS, [cast.program.pk, claimed, cast.offering.pk, cast.birch.pk, seller])
    with owner_connection() as owner:
        owner.execute("ANALYZE")
        (claims,) = owner.execute("SELECT pg_relation_size('deals_registration') / 8192").fetchone() or (0,)
    first = claimed.date().replace(day=1)
    question = Question(
        metric=METRICS["sellers_active"], period=Period(first=first, last=first), zone=ZoneInfo("UTC")
    )
    with program_scope(cast.program.pk):
        with CaptureQueriesContext(connection) as asked:
            assert [row.pk for row in rows_behind(question)] == [seller]
        read = pages_read(explained(asked.captured_queries[0]["sql"]))
    assert read < 2 * claims
