"""Wall 3 on the ground floor: row-level security, references that stay in the program, and four look-ups.

The look-ups run with the owner's rights because they answer before any scope can be open; each gives ids only.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from partners.core.walls import FUNCTIONS, policy, same_program, wall

LOOKUPS = RunSQL(
    sql="""
    CREATE FUNCTION prm_program_ids() RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS
        $$ SELECT id FROM partners_program ORDER BY id $$;
    CREATE FUNCTION prm_program_id(wanted text) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS
        $$ SELECT id FROM partners_program WHERE slug = wanted $$;
    CREATE FUNCTION prm_token(wanted text) RETURNS TABLE (program_id bigint, seat_id bigint, user_id bigint)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
        $$ SELECT token.program_id, seat.id, seat.user_id FROM partners_apitoken token
           JOIN partners_seat seat ON seat.id = token.seat_id
           WHERE token.digest = wanted AND token.revoked_at IS NULL AND seat.ended_at IS NULL $$;
    CREATE FUNCTION prm_invitation(wanted text) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS
        $$ SELECT program_id FROM partners_invitation WHERE digest = wanted $$;
    """,
    reverse_sql="""
    DROP FUNCTION prm_invitation(text); DROP FUNCTION prm_token(text);
    DROP FUNCTION prm_program_id(text); DROP FUNCTION prm_program_ids();
    """,
)


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_start")]

    operations = [
        FUNCTIONS,
        # A signed-in person sees their own seats, and the programs those are in, before one is chosen.
        policy(
            "partners_program",
            "id = (SELECT prm_program())"
            " OR id IN (SELECT program_id FROM partners_seat WHERE user_id = (SELECT prm_user()))",
        ),
        policy(
            "partners_seat",
            "(program_id = (SELECT prm_program())"
            " AND ((SELECT prm_partner()) IS NULL OR partner_id = (SELECT prm_partner())))"
            " OR user_id = (SELECT prm_user())",
        ),
        wall("partners_charter", shared=False),
        wall("partners_offering", shared=True),
        wall("partners_partner", partner_column="id"),
        wall("partners_invitation", partner_column="partner_id"),
        wall("partners_apitoken", partner_column="partner_id"),
        wall("partners_storedanswer", partner_column="partner_id"),
        wall("partners_activity"),
        wall("partners_ledgerentry", partner_column="partner_id"),
        wall("partners_cellmark"),
        same_program("partners_partner", "manager_id", "partners_seat"),
        same_program("partners_seat", "partner_id", "partners_partner"),
        same_program("partners_invitation", "partner_id", "partners_partner"),
        same_program("partners_apitoken", "seat_id", "partners_seat"),
        same_program("partners_apitoken", "partner_id", "partners_partner"),
        same_program("partners_storedanswer", "partner_id", "partners_partner"),
        same_program("partners_activity", "partner_id", "partners_partner"),
        same_program("partners_ledgerentry", "partner_id", "partners_partner"),
        same_program("partners_cellmark", "partner_id", "partners_partner"),
        LOOKUPS,
    ]
