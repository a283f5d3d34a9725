"""Test databases: one migrated template, cloned for every xdist worker, used as the application's own role.

The server is the one of ``DATABASE_URL`` or, without it, an embedded one that lives as long as the test run.
"""

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

REPOSITORY = Path(__file__).resolve().parent.parent.parent


def _owner(dbname: str) -> psycopg.Connection:
    owner = settings.DATABASE_OWNER
    return psycopg.connect(
        host=owner["HOST"] or None,
        port=owner["PORT"] or None,
        user=owner["USER"] or None,
        password=owner["PASSWORD"] or None,
        dbname=dbname,
        autocommit=True,
    )


def _schema_stamp() -> str:
    """Changes with every migration, so a stale template is never cloned."""
    files = sorted(REPOSITORY.glob("*/migrations/*.py"))
    files += [REPOSITORY / "partners/core/walls.py", REPOSITORY / "requirements.txt"]
    files += [REPOSITORY / "partners/management/commands/migrate.py"]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:10]


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    """One process at a time builds the template."""
    path = Path(settings.PRM_DATA)
    path.mkdir(parents=True, exist_ok=True)
    with (path / "template.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _use(name: str) -> None:
    connections["default"].close()
    connections["default"].settings_dict["NAME"] = name
    settings.DATABASES["default"]["NAME"] = name


def create(worker: str) -> str:
    """A fresh migrated database for this worker; the connection is pointed at it. Returns its name."""
    base = f"{settings.DATABASE_OWNER['NAME']}_test"
    template = f"{base}_{_schema_stamp()}"
    name = f"{base}_{worker}_{os.getpid()}"
    with _only_one(), _owner("postgres") as server:
        known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone()
        if not known:
            _drop_old_templates(server, base)
            building = f"{template}_building"
            server.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(building))
            )
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(building)))
            _use(building)
            call_command("migrate", verbosity=0)
            _use(building)
            server.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(building), sql.Identifier(template)
                )
            )
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    _use(name)
    return name


def _drop_old_templates(server: psycopg.Connection, base: str) -> None:
    rows = server.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{base}\\_%"]).fetchall()
    for (old,) in rows:
        if len(old) == len(base) + 11:  # templates only: other runs' worker databases stay
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(old)))


def drop(name: str) -> None:
    """Remove a worker's database."""
    connections["default"].close()
    with _owner("postgres") as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def empty(name: str) -> None:
    """Truncate every table but the migrations, as the owner (the application's role may not)."""
    with _owner(name) as server:
        rows = server.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')"
        ).fetchall()
        tables = sql.SQL(", ").join(sql.Identifier(row[0]) for row in rows)
        server.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(tables))


def owner_connection() -> psycopg.Connection:
    """A connection with the owner's rights to the database in use: for looking behind the walls in tests."""
    return _owner(str(connections["default"].settings_dict["NAME"]))
