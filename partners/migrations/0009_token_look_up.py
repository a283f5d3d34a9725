"""The look-up of a token also says its seat's partner and its last use, so that one query lets it in."""

from django.db import migrations
from django.db.migrations.operations import RunSQL

_LOOK_UP = """
    DROP FUNCTION prm_token(text);
    CREATE FUNCTION prm_token(wanted text) RETURNS TABLE ({columns})
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
        $$ SELECT token.program_id, seat.id, seat.user_id{more} FROM partners_apitoken token
           JOIN partners_seat seat ON seat.id = token.seat_id
           WHERE token.digest = wanted AND token.revoked_at IS NULL AND seat.ended_at IS NULL $$;
"""
_IDS = "program_id bigint, seat_id bigint, user_id bigint"


class Migration(migrations.Migration):
    dependencies = [("partners", "0008_notices")]

    operations = [
        RunSQL(
            sql=_LOOK_UP.format(
                columns=f"{_IDS}, partner_id bigint, last_used_at timestamptz",
                more=", seat.partner_id, token.last_used_at",
            ),
            reverse_sql=_LOOK_UP.format(columns=_IDS, more=""),
        ),
    ]
