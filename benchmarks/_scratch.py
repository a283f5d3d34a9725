"""A database of its own for a benchmark, made on the server of ``DATABASE_URL`` and dropped afterwards."""

import atexit
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any


def _serve() -> None:
    """Start the embedded servers where none are named, and stop them when the process ends.

    ``PRM_BENCH_DATA`` names their folder; left out, it is ``.data-bench`` here. Their settings are those of
    ``make run``: a commit is on disk when it returns.
    """
    from config import servers

    data = Path(os.environ.get("PRM_BENCH_DATA", ".data-bench")).resolve()
    os.environ.setdefault("PRM_DATA", str(data))
    if "DATABASE_URL" not in os.environ:
        postgres = servers.start_postgres(data)
        atexit.register(postgres.stop)
        os.environ["DATABASE_URL"] = postgres.app_url
        os.environ["DATABASE_OWNER_URL"] = postgres.owner_url
    if "REDIS_URL" not in os.environ:
        valkey = servers.start_valkey(data)
        atexit.register(valkey.stop)
        os.environ["REDIS_URL"] = valkey.url


@contextmanager
def scratch() -> Iterator[Any]:
    """A migrated, empty database in place of the configured one. Yields a connection of its owner.

    On the servers of ``DATABASE_URL`` and ``REDIS_URL``, else on embedded ones started for the run. Django's
    own connection is the application's, behind the walls.
    """
    _serve()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    import psycopg
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    name = f"prm_bench_{secrets.token_hex(4)}"
    owner = settings.DATABASE_OWNER
    login = {
        "host": owner["HOST"],
        "port": owner["PORT"],
        "user": owner["USER"],
        "password": owner["PASSWORD"],
    }
    login = {key: value for key, value in login.items() if value}
    with psycopg.connect(**login, dbname="postgres", autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            connection.close()
            connection.settings_dict["NAME"] = name
            call_command("migrate", verbosity=0)
            with psycopg.connect(**login, dbname=name, autocommit=True) as inside:
                yield inside
        finally:
            connection.close()
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def timed(act: Callable[[], object], times: int) -> float:
    """The median time of ``act`` in seconds, after one run to warm up."""
    act()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return median(taken)


PARTNERS = 100
_FACTS = """
INSERT INTO deals_opportunity (program_id, public_id, created_at, version, updated_at, name, state, stage,
    amount, currency, program_amount, rate, opened_on, closed_on, owner_name, source, partner_id,
    external_id, other_ids)
SELECT %(program)s, 'o' || n, now(), 1, now(), 'Deal ' || n, (ARRAY['open', 'won', 'lost'])[1 + n %% 3], '',
    amount, 'EUR', amount, 1, day, CASE WHEN n %% 3 = 0 THEN NULL ELSE day + 60 END, '',
    CASE WHEN n %% 5 = 0 THEN 'direct' ELSE 'sourced' END,
    CASE WHEN n %% 5 = 0 THEN NULL ELSE %(first)s + n %% %(partners)s END, '', '{}'
FROM (SELECT n, 1000 + n %% 977 * 100 AS amount, current_date - 60 - (n * 7919 %% 1000)::int AS day
    FROM generate_series(1, %(rows)s::bigint) n) made;
INSERT INTO deals_stagechange (program_id, opportunity_id, "on", state, stage, program_amount,
    recorded_at)
SELECT program_id, id, opened_on, 'open', '', program_amount, now() FROM deals_opportunity;
INSERT INTO deals_stagechange (program_id, opportunity_id, "on", state, stage, program_amount,
    recorded_at)
SELECT program_id, id, closed_on, state, '', program_amount, now() FROM deals_opportunity
WHERE closed_on IS NOT NULL;
INSERT INTO partners_activity (program_id, public_id, created_at, partner_id, kind, happened_on, minutes,
    note, logged_by, external_id)
SELECT %(program)s, 'a' || n, now(), %(first)s + n %% %(partners)s,
    (ARRAY['meeting', 'call', 'email', 'login'])[1 + n %% 4], current_date - (n * 31 %% 1000)::int, n %% 90,
    '', '', ''
FROM generate_series(1, %(rows)s::bigint * 10) n;
"""


def fill(owner: Any, rows: int) -> int:
    """A program with ``rows`` opportunities over some 33 months and ten times as many activities; its id."""
    import psycopg

    from partners.core.scope import program_scope
    from partners.models import Partner
    from partners.services.programs import create_program

    program = create_program(slug="bench", name="Bench", currency="EUR", timezone="Europe/Berlin")
    with program_scope(program.pk):
        made = Partner.objects.bulk_create(
            Partner(program=program, name=f"Partner {index}", slug=f"p{index}") for index in range(PARTNERS)
        )
    owner.execute("SET session_replication_role = replica")  # they refer rightly: not to be checked
    facts = {"program": program.pk, "first": made[0].pk, "partners": PARTNERS, "rows": rows}
    with psycopg.ClientCursor(owner) as cursor:
        cursor.execute(_FACTS, facts)
        cursor.execute("VACUUM ANALYZE")
    owner.execute("RESET session_replication_role")
    return int(program.pk)
