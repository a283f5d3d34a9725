"""Migration operations for wall 3: row-level security and references that cannot leave the program.

Every migration that adds a tenant table adds ``wall(...)`` for it, and ``same_program(...)`` for each key to
another tenant table. The guard test in ``tests/architecture`` names what is missing.
"""

from django.db.migrations.operations import RunSQL

FUNCTIONS = RunSQL(
    sql="""
    CREATE FUNCTION prm_program() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
        $$ SELECT NULLIF(current_setting('prm.program', true), '')::bigint $$;
    CREATE FUNCTION prm_partner() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
        $$ SELECT NULLIF(current_setting('prm.partner', true), '')::bigint $$;
    CREATE FUNCTION prm_user() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
        $$ SELECT NULLIF(current_setting('prm.user', true), '')::bigint $$;
    """,
    reverse_sql="DROP FUNCTION prm_program(); DROP FUNCTION prm_partner(); DROP FUNCTION prm_user();",
)


def policy(table: str, using: str) -> RunSQL:
    """Row-level security on ``table``: ``using`` decides what is seen and what may be written."""
    return RunSQL(
        sql=f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY {table}_wall ON {table} USING ({using}) WITH CHECK ({using});
        """,
        reverse_sql=f"""
        DROP POLICY {table}_wall ON {table};
        ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
        """,
    )


# Nobody's partner: the vendor's own people and its jobs. The same as ``(SELECT prm_partner()) IS NULL``, in
# words PostgreSQL expects to hold: of a value it only learns when it begins, it takes IS NULL to hold for one
# row in two hundred, and IS NOT NULL for nearly all. Expecting a handful of rows behind every wall, it joined
# and sorted whole tables to show a page of fifty.
STAFF = "(SELECT CASE WHEN prm_partner() IS NULL THEN 1 END) IS NOT NULL"


def wall(table: str, *, partner_column: str | None = None, shared: bool = False) -> RunSQL:
    """The usual wall: rows of the program in force, and for partner people their own (none, or all shared).

    The scalar sub-selects make PostgreSQL read the settings once per query instead of once per row.
    """
    using = "program_id = (SELECT prm_program())"
    if partner_column:
        using += f" AND ({STAFF} OR {partner_column} = (SELECT prm_partner()))"
    elif not shared:
        using += f" AND {STAFF}"
    return policy(table, using)


def walls_expecting_staff(floor: str) -> RunSQL:
    """Says ``STAFF`` in the walls of a floor that were made in other words. They let in whom they did before,
    so there is nothing to take back."""
    return RunSQL(
        sql=f"""
        DO $$
        DECLARE
            one record;
            before text := '(( SELECT prm_partner() AS prm_partner) IS NULL)';
            staff text := '({STAFF})';
        BEGIN
            FOR one IN SELECT * FROM pg_policies WHERE schemaname = 'public'
                AND starts_with(tablename, '{floor}_') AND strpos(coalesce(qual, with_check), before) > 0
            LOOP
                EXECUTE format('ALTER POLICY %I ON %I', one.policyname, one.tablename)
                    || coalesce(' USING (' || replace(one.qual, before, staff) || ')', '')
                    || coalesce(' WITH CHECK (' || replace(one.with_check, before, staff) || ')', '');
            END LOOP;
        END $$;
        """,  # noqa: S608 # our own names
        reverse_sql=RunSQL.noop,
    )


def same_program(table: str, column: str, parent: str) -> RunSQL:
    """``table.column`` may only point at a row of ``parent`` in the same program, refused by the database.

    Foreign-key checks do not pass through row-level security, so without this a guessed id of another
    program would be accepted.
    """
    return RunSQL(
        sql=f"""
        CREATE UNIQUE INDEX IF NOT EXISTS {parent}_program_and_id ON {parent} (program_id, id);
        ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_same_program
            FOREIGN KEY (program_id, {column}) REFERENCES {parent} (program_id, id)
            DEFERRABLE INITIALLY IMMEDIATE;
        """,
        reverse_sql=f"ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_same_program;",
    )
