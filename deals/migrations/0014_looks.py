"""Two looks that every claim waits for, as functions: PostgreSQL plans what a function asks once in a
connection, and what is asked from outside anew each time, which took as long as the answer.

They ask with the rights of whoever calls, so row-level security stands. No rule of ours is in them: what an
entry weighs, how far an entry is read and how many are told is said by the caller.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

# The entries come as one text, a line each that begins with the letter of its kind; ``kinds`` are all letters
# with their ``weights`` in the same order, ``counted`` the letters of those that tell how rare a word is.
# Every entry is read up to a limit, so that a word of ten thousand accounts costs no more than one of three
# hundred; what an account shares with the claim counts the less the more accounts share it, and one that
# shares next to nothing beside the best is not read.
_CANDIDATES = """
    CREATE FUNCTION prm_candidates(program bigint, entries text, kinds text, weights int[], counted text,
            per_key int, candidates int, share float8)
        RETURNS TABLE (id bigint, sharers bigint, parent_id bigint, name varchar, website varchar,
            domain varchar, other_domains varchar[], country varchar, other_names varchar[])
        LANGUAGE plpgsql STABLE ROWS 24 SET enable_seqscan = off AS $$
    #variable_conflict use_column
    BEGIN RETURN QUERY
        SELECT account.id, told.sharers, account.parent_id, account.name, account.website, account.domain,
            account.other_domains, account.country, account.other_names
        FROM (
            SELECT found.account_id,
                sum(weights[strpos(kinds, wanted.kind)] / (1 + ln(found.many))) AS telling,
                max(sum(weights[strpos(kinds, wanted.kind)] / (1 + ln(found.many)))) OVER () AS most,
                coalesce(min(found.many) FILTER (WHERE strpos(counted, wanted.kind) > 0), per_key) AS sharers
            FROM (
                SELECT left(line, 1) AS kind, substr(line, 2) AS value
                FROM string_to_table(entries, E'\\n') AS line
            ) AS wanted
            CROSS JOIN LATERAL (
                SELECT sharer.account_id, count(*) OVER () AS many FROM (
                    SELECT one.account_id FROM deals_accountkey AS one
                    WHERE one.program_id = program AND one.kind = wanted.kind AND one.value = wanted.value
                    LIMIT per_key
                ) AS sharer
            ) AS found
            GROUP BY found.account_id
            ORDER BY telling DESC, found.account_id
            LIMIT candidates
        ) AS told
        JOIN deals_account AS account
            ON account.id = told.account_id AND account.program_id = program AND account.removed_at IS NULL
        WHERE told.telling >= share * told.most
        ORDER BY told.telling DESC, account.id;
    END $$;
"""

# A look at a few indexes. Most accounts have nothing on them, and then their rows need not be asked for. A
# protection may be on another account than its registration, whose change is under review.
_STANDS_ON = """
    CREATE FUNCTION prm_stands_on(program bigint, accounts bigint[])
        RETURNS TABLE (conflicts bool, registrations bool, protections bool, opportunities bool,
            choices bool, rules bool)
        LANGUAGE plpgsql STABLE ROWS 1 SET enable_seqscan = off AS $$
    BEGIN RETURN QUERY SELECT
        EXISTS (SELECT FROM deals_conflict AS one
            WHERE one.program_id = program AND one.account_id = ANY(accounts) AND one.closed_at IS NULL),
        EXISTS (SELECT FROM deals_registration AS one
            WHERE one.program_id = program AND one.account_id = ANY(accounts)),
        EXISTS (SELECT FROM deals_protection AS one
            WHERE one.program_id = program AND one.account_id = ANY(accounts)),
        EXISTS (SELECT FROM deals_opportunity AS one
            WHERE one.program_id = program AND one.account_id = ANY(accounts) AND one.state <> 'lost'),
        EXISTS (SELECT FROM deals_customerchoice AS one
            WHERE one.program_id = program AND one.account_id = ANY(accounts) AND one.ended_at IS NULL),
        EXISTS (SELECT FROM deals_engagementrule AS one WHERE one.program_id = program AND one.active);
    END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("deals", "0013_benefits")]

    operations = [
        RunSQL(
            sql=_CANDIDATES,
            reverse_sql="DROP FUNCTION prm_candidates(bigint, text, text, int[], text, int, int, float8);",
        ),
        RunSQL(sql=_STANDS_ON, reverse_sql="DROP FUNCTION prm_stands_on(bigint, bigint[]);"),
    ]
