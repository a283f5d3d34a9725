"""What changes between the look of a sweep and its lock, on real connections.

A lock that comes late reads its own row again, but not the rows joined to it. A policy made for the test
stops the sweep exactly there: it has looked, and locked nothing yet.
"""

import threading
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, connections

from deals.registrations.extensions import ask_extension
from deals.registrations.protect import expire_protections
from deals.rules.lifecycle import State
from partners.core.actor import Actor
from tests.deals.making import registered
from tests.deals.registrations.life import charter, fresh
from tests.races.meeting import by, waits_or_ended
from tests.support.cast import Cast
from tests.support.database import owner_connection

_STOP = """
    CREATE FUNCTION stop_once() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
        IF current_setting('prm.stop', true) = 'on' THEN
            PERFORM set_config('prm.stop', 'off', true);
            PERFORM pg_advisory_xact_lock(1);
        END IF;
        RETURN true;
    END $$;
    CREATE POLICY stop_once ON deals_registration AS RESTRICTIVE FOR SELECT USING (stop_once());
"""


@pytest.fixture
def gate(committed_cast: Cast) -> Iterator[psycopg.Connection]:
    """The owner's connection; while it holds the advisory lock 1, who asked to be stopped waits."""
    with owner_connection() as owner:
        owner.execute(_STOP)
        try:
            yield owner
        finally:
            connection.close()
            owner.execute("DROP POLICY stop_once ON deals_registration; DROP FUNCTION stop_once()")


def test_an_extension_granted_between_look_and_lock_is_not_expired(committed_cast: Cast, gate) -> None:
    cast, expired = committed_cast, []
    charter(cast, extensions_by_rule=1, keepalive_days=0)
    row = registered(cast)
    end = fresh(cast, row).protection.period.upper
    moment = end - timedelta(seconds=1)
    extend = by(cast, "alder_seller", ask_extension, at=moment, registration=row, note="Until May.")

    def stopped(*, actor: Actor) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('prm.stop', 'on', true)")
        return expire_protections(actor=actor)

    def sweep() -> None:
        try:
            expired.append(by(cast, "clock", stopped, at=end)())
        finally:
            connections.close_all()

    gate.execute("SELECT pg_advisory_lock(1)")
    thread = threading.Thread(target=sweep)
    thread.start()
    waits_or_ended(thread)
    assert thread.is_alive()  # it has looked
    extend()
    gate.execute("SELECT pg_advisory_unlock(1)")
    thread.join(60)
    assert expired == [0]
    now = fresh(cast, row)
    assert (now.state, now.protection.period.upper) == (State.APPROVED, end + timedelta(days=30))
