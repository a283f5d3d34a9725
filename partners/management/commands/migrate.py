"""``migrate`` as the owner of the tables, then the rights of the role the application runs as.

The application's role owns nothing, so it can neither switch row-level security off nor change the schema.
"""

from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections
from psycopg import sql

CREATE_ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {name}) THEN
        CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""
# The application appends to the ledger and reads the migrations; more is nobody's business at run time.
RIGHTS = """
GRANT {role} TO CURRENT_USER;
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role};
REVOKE UPDATE, DELETE ON partners_ledgerentry FROM {role};
"""


class Command(Migrate):
    """Django's own command, run through the owner's connection."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        application = dict(connection.settings_dict)
        connection.close()
        connection.settings_dict.update(
            {key: settings.DATABASE_OWNER[key] for key in ("USER", "PASSWORD", "HOST", "PORT")},
            OPTIONS=dict(settings.DATABASE_OWNER.get("OPTIONS", {})),
        )
        try:
            role = sql.Identifier(settings.DATABASE_APP_ROLE)
            with connection.cursor() as cursor:
                cursor.execute(
                    sql.SQL(CREATE_ROLE)
                    .format(name=sql.Literal(settings.DATABASE_APP_ROLE), role=role)
                    .as_string(cursor.connection)
                )
            super().handle(*args, **options)
            if not options.get("plan") and not options.get("check_unapplied"):
                with connection.cursor() as cursor:
                    cursor.execute(sql.SQL(RIGHTS).format(role=role).as_string(cursor.connection))
        except psycopg.errors.InsufficientPrivilege as error:
            raise CommandError(
                "The database login of DATABASE_OWNER_URL (or DATABASE_URL) may not create tables or roles. "
                "Use the login that owns the database."
            ) from error
        finally:
            connection.close()
            connection.settings_dict.clear()
            connection.settings_dict.update(application)
