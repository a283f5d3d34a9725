"""Wall 3 for writes: what may be read is not always to be changed.

The walls of programs, seats and offerings let more be seen than may be written: a person sees all their own
seats and the programs those are in before one is chosen, and partner people read the program and its
offerings. Restrictive policies take the writing out of that, so that neither scope can make a seat, promote
one, or change what belongs to all partners.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

STAFF = "(SELECT prm_partner()) IS NULL"
IN_PROGRAM = "program_id = (SELECT prm_program())"


def only_written(table: str, when: str) -> RunSQL:
    """Rows of ``table`` are inserted, updated and deleted only where ``when`` holds; reads stay as they were."""
    return RunSQL(
        sql=f"""
        CREATE POLICY {table}_insert ON {table} AS RESTRICTIVE FOR INSERT WITH CHECK ({when});
        CREATE POLICY {table}_update ON {table} AS RESTRICTIVE FOR UPDATE USING ({when}) WITH CHECK ({when});
        CREATE POLICY {table}_delete ON {table} AS RESTRICTIVE FOR DELETE USING ({when});
        """,
        reverse_sql=f"""
        DROP POLICY {table}_delete ON {table};
        DROP POLICY {table}_update ON {table};
        DROP POLICY {table}_insert ON {table};
        """,
    )


class Migration(migrations.Migration):
    dependencies = [("partners", "0003_invitations_are_sent")]

    operations = [
        only_written("partners_program", f"id = (SELECT prm_program()) AND {STAFF}"),
        # A partner's admin may end a colleague's seat; which rows those are the first wall says already.
        only_written("partners_seat", IN_PROGRAM),
        only_written("partners_offering", f"{IN_PROGRAM} AND {STAFF}"),
    ]
