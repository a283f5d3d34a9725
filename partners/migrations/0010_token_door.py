"""The look-up of a token says all that is asked when it comes in: person, seat, program and partner."""

from django.db import migrations
from django.db.migrations.operations import RunSQL

_BEFORE = """
    DROP FUNCTION prm_token(text);
    CREATE FUNCTION prm_token(wanted text) RETURNS TABLE (
            program_id bigint, seat_id bigint, user_id bigint, partner_id bigint, last_used_at timestamptz)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
        $$ SELECT token.program_id, seat.id, seat.user_id, seat.partner_id, token.last_used_at
           FROM partners_apitoken token
           JOIN partners_seat seat ON seat.id = token.seat_id
           WHERE token.digest = wanted AND token.revoked_at IS NULL AND seat.ended_at IS NULL $$;
"""
_AFTER = """
    DROP FUNCTION prm_token(text);
    CREATE FUNCTION prm_token(wanted text) RETURNS TABLE (
            person partners_user, seat partners_seat, program partners_program, partner partners_partner,
            last_used_at timestamptz)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
        $$ SELECT person, seat, program, partner, token.last_used_at
           FROM partners_apitoken token
           JOIN partners_seat seat ON seat.id = token.seat_id AND seat.ended_at IS NULL
           JOIN partners_user person ON person.id = seat.user_id AND person.is_active
           JOIN partners_program program ON program.id = seat.program_id
           LEFT JOIN partners_partner partner ON partner.id = seat.partner_id
           WHERE token.digest = wanted AND token.revoked_at IS NULL $$;
"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0009_token_look_up")]

    operations = [RunSQL(sql=_AFTER, reverse_sql=_BEFORE)]
