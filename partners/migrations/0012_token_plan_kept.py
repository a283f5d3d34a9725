"""Who a token is asks for a plan once in a connection, on PostgreSQL before 18 too.

There, a function in plain SQL that acts with its owner's rights is planned at each call: half of what a
request by token waited for before it began.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

_LOOK_UP = """
    CREATE OR REPLACE FUNCTION prm_token(wanted text) RETURNS TABLE (
            person partners_user, seat partners_seat, program partners_program, partner partners_partner,
            last_used_at timestamptz)
        LANGUAGE {language} STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
        $$ {begin} SELECT a_person, a_seat, a_program, a_partner, token.last_used_at
           FROM partners_apitoken token
           JOIN partners_seat a_seat ON a_seat.id = token.seat_id AND a_seat.ended_at IS NULL
           JOIN partners_user a_person ON a_person.id = a_seat.user_id AND a_person.is_active
           JOIN partners_program a_program ON a_program.id = a_seat.program_id
           LEFT JOIN partners_partner a_partner ON a_partner.id = a_seat.partner_id
           WHERE token.digest = wanted AND token.revoked_at IS NULL; {end} $$;
"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0011_personal_links")]

    operations = [
        RunSQL(
            sql=_LOOK_UP.format(language="plpgsql", begin="BEGIN RETURN QUERY", end="END"),
            reverse_sql=_LOOK_UP.format(language="sql", begin="", end=""),
        )
    ]
