"""The figures, as SQL: one statement per family of fact rows, each giving (partner_id, month, metric, value).

Every statement takes the same parameters: ``program``, ``zone`` (IANA name), ``partners`` (ids; 0 is the
vendor itself) or ``everything`` (all of them), ``since`` and ``current`` (first days of the first and last
month wanted) and ``from_start`` (since the beginning, so there is nothing to build on). Django binds on the
client, so ``%(everything)s OR …`` is folded away before planning and each use gets a plan of its own. Values
of zero are left out. What each metric means: ``prm.rules.metrics``.
"""

from collections.abc import Iterable

# Every stage change is read beside the one before it, so that a month's figure is the sum of what moved in
# it, and a level is the running sum of those. Only opportunities that moved since then are read, whole,
# because the one before is needed too; what was open earlier is the cell of the month before.
_OPPORTUNITIES = """
WITH moved AS (
    SELECT DISTINCT s.opportunity_id FROM deals_stagechange s
    WHERE s.program_id = %(program)s AND s."on" >= %(since)s
), steps AS (
    SELECT o.partner_id, o.source, date_trunc('month', s."on"::timestamp)::date AS month,
        date_trunc('month', (first_value(s."on") OVER history)::timestamp)::date AS first_month,
        s.state, coalesce({credit}, 0) AS amount,
        coalesce(lag(s.state) OVER history, '') AS state_before,
        coalesce(lag({credit}) OVER history, 0) AS amount_before
    FROM deals_stagechange s JOIN deals_opportunity o ON o.id = s.opportunity_id
    WHERE s.program_id = %(program)s AND o.program_id = %(program)s AND o.removed_at IS NULL
        AND (o.source = 'sourced' OR o.source = 'direct')
        AND (%(everything)s OR (
            o.partner_id = ANY(%(partners)s) OR (o.partner_id IS NULL AND 0 = ANY(%(partners)s))))
        {only}
    WINDOW history AS (PARTITION BY s.opportunity_id ORDER BY s."on", s.id)
), months AS (
    SELECT partner_id, source, month,
        coalesce(sum(amount) FILTER (WHERE state = 'open'), 0)
            - coalesce(sum(amount_before) FILTER (WHERE state_before = 'open'), 0) AS opening,
        coalesce(sum(amount) FILTER (WHERE month = first_month), 0)
            - coalesce(sum(amount_before) FILTER (WHERE month = first_month), 0) AS opened,
        count(*) FILTER (WHERE state_before = '') AS opened_count,
        coalesce(sum(amount) FILTER (WHERE state = 'won'), 0)
            - coalesce(sum(amount_before) FILTER (WHERE state_before = 'won'), 0) AS won,
        count(*) FILTER (WHERE state = 'won') - count(*) FILTER (WHERE state_before = 'won') AS won_count,
        count(*) FILTER (WHERE state = 'lost') - count(*) FILTER (WHERE state_before = 'lost') AS lost_count
    FROM steps WHERE (%(from_start)s OR month >= %(since)s) AND month <= %(current)s
    GROUP BY partner_id, source, month
), moves AS (
    SELECT partner_id, source || '_pipeline' AS metric, month, opening AS value FROM months
    UNION ALL
    SELECT c.partner_id, c.metric, %(since)s::date, c.value FROM prm_metriccell c
    WHERE c.program_id = %(program)s AND c.month = (%(since)s::date - interval '1 month')::date
        AND c.metric IN ('sourced_pipeline', 'direct_pipeline') AND NOT %(from_start)s
        AND (c.partner_id = ANY(%(partners)s) OR (c.partner_id IS NULL AND 0 = ANY(%(partners)s)))
), summed AS (
    SELECT coalesce(partner_id, 0) AS partner, metric, month, sum(value) AS value
    FROM moves GROUP BY coalesce(partner_id, 0), metric, month
), levels AS (
    SELECT span.partner, span.metric, calendar.month::date AS month, sum(coalesce(summed.value, 0))
        OVER (PARTITION BY span.partner, span.metric ORDER BY calendar.month) AS value
    FROM (SELECT partner, metric, min(month) AS first FROM summed GROUP BY partner, metric) span
    CROSS JOIN LATERAL generate_series(span.first::timestamp, %(current)s::timestamp, '1 month')
        calendar(month)
    LEFT JOIN summed ON summed.partner = span.partner AND summed.metric = span.metric
        AND summed.month = calendar.month
)
SELECT nullif(partner, 0) AS partner_id, month, metric, value FROM levels WHERE value <> 0
UNION ALL
SELECT months.partner_id, months.month, flow.metric, flow.value
FROM months CROSS JOIN LATERAL (VALUES
    ('sourced_opened', opened), ('sourced_count', opened_count::numeric), ('sourced_won', won),
    ('sourced_won_count', won_count::numeric), ('sourced_lost_count', lost_count::numeric)
) flow(metric, value)
WHERE months.source = 'sourced' AND flow.value <> 0
"""
# Of a sourced deal whose credit a ruling shared, the partner's part; to the cent, so that steps add up.
_CREDIT = """CASE WHEN o.partner_share = 100 OR o.source <> 'sourced' THEN s.program_amount
            ELSE round(s.program_amount * o.partner_share / 100, 2) END"""
_OPPORTUNITIES = _OPPORTUNITIES.replace("{credit}", _CREDIT)
OPPORTUNITIES = _OPPORTUNITIES.replace("{only}", "")
# Only as a condition of its own is it looked up row by row; beside an OR, all opportunities would be read.
MOVED_OPPORTUNITIES = _OPPORTUNITIES.replace("{only}", "AND o.id IN (SELECT opportunity_id FROM moved)")

# A claim that has, or ever had, protection was approved, in the month the protection was first given,
# whatever was decided on it afterwards (a change, a revocation, an appeal).
REGISTRATIONS = """
WITH claims AS (
    SELECT r.partner_id, r.seller_id, r.state, p.id IS NOT NULL AS protected,
        date_trunc('month', r.claimed_at AT TIME ZONE %(zone)s)::date AS claimed,
        date_trunc('month', r.decided_at AT TIME ZONE %(zone)s)::date AS decided,
        date_trunc('month', p.created_at AT TIME ZONE %(zone)s)::date AS approved
    FROM deals_registration r
    LEFT JOIN deals_protection p ON p.registration_id = r.id AND p.program_id = r.program_id
    WHERE r.program_id = %(program)s AND r.claimed_at IS NOT NULL AND r.state <> 'duplicate'
        AND (%(everything)s OR r.partner_id = ANY(%(partners)s))
)
SELECT partner_id, month, metric, sum(value) AS value FROM (
    SELECT partner_id, claimed AS month, 'registrations_submitted' AS metric, count(*)::numeric AS value
    FROM claims GROUP BY partner_id, claimed
    UNION ALL
    SELECT partner_id, claimed, 'sellers_active', count(DISTINCT seller_id)
    FROM claims WHERE seller_id IS NOT NULL GROUP BY partner_id, claimed
    UNION ALL
    SELECT partner_id, approved, 'registrations_approved', count(*)
    FROM claims WHERE protected GROUP BY partner_id, approved
    UNION ALL
    SELECT partner_id, decided, 'registrations_declined', count(*)
    FROM claims WHERE state = 'declined' AND NOT protected GROUP BY partner_id, decided
) counted
WHERE month BETWEEN %(since)s AND %(current)s GROUP BY partner_id, month, metric
"""

CONFLICTS = """
SELECT partner_id, month, 'conflicts_opened' AS metric, count(*)::numeric AS value FROM (
    SELECT r.partner_id, date_trunc('month', c.opened_at AT TIME ZONE %(zone)s)::date AS month
    FROM deals_conflict c
    JOIN deals_registration r ON r.id = c.registration_id AND r.program_id = c.program_id
    WHERE c.program_id = %(program)s AND c.severity <> 'note'
        AND (%(everything)s OR r.partner_id = ANY(%(partners)s))
) opened
WHERE month BETWEEN %(since)s AND %(current)s GROUP BY partner_id, month
"""

# Grouped by month and kind at once, so that kinds are told apart a thousand times and not ten million times.
# Not by day: an index has that order, and PostgreSQL would read the table row by row through it.
ACTIVITIES = """
SELECT months.partner_id, months.month, flow.metric, flow.value FROM (
    SELECT partner_id, month, sum(acts) FILTER (WHERE kind <> ALL(%(participation)s)) AS work,
        sum(minutes) AS minutes, sum(acts) FILTER (WHERE kind = ANY(%(participation)s)) AS participation
    FROM (
        SELECT a.partner_id, date_trunc('month', a.happened_on::timestamp)::date AS month, a.kind,
            count(*) AS acts, sum(a.minutes) AS minutes
        FROM partners_activity a
        WHERE a.program_id = %(program)s AND (%(from_start)s OR a.happened_on >= %(since)s)
            AND a.happened_on < (%(current)s::date + interval '1 month')::date
            AND (%(everything)s OR a.partner_id = ANY(%(partners)s))
        GROUP BY a.partner_id, date_trunc('month', a.happened_on::timestamp), a.kind
    ) kinds
    GROUP BY partner_id, month
) months CROSS JOIN LATERAL (VALUES
    ('activities_work', work), ('minutes', minutes), ('participation', participation)
) flow(metric, value)
WHERE flow.value <> 0
"""

COMMITMENTS = """
SELECT partner_id, month, metric, count(*)::numeric AS value FROM (
    SELECT c.partner_id, date_trunc('month', c.settled_on::timestamp)::date AS month,
        'commitments_' || c.state AS metric
    FROM plans_commitment c
    WHERE c.program_id = %(program)s AND c.side = 'us' AND c.state IN ('kept', 'broken')
        AND c.settled_on >= %(since)s AND (%(everything)s OR c.partner_id = ANY(%(partners)s))
) settled
WHERE month <= %(current)s GROUP BY partner_id, month, metric
"""

_OTHERS = (REGISTRATIONS, CONFLICTS, ACTIVITIES, COMMITMENTS)
FAMILIES = (OPPORTUNITIES, *_OTHERS)
"""What to run with ``from_start``."""
FAMILIES_SINCE = (MOVED_OPPORTUNITIES, *_OTHERS)
"""What to run without."""

# What the cells have to say: the fact rows, and what was changed about closed months after they were closed.
# A correction counts in the month it was booked in and is taken out of the month it is about, which stays as
# it was closed; of a level each is a step, so both are carried on.
_EXPECTED = """
fresh AS (
    SELECT coalesce(partner_id, 0) AS partner, month, metric, value FROM ({fresh}) families
), corrected AS (
    SELECT partner, metric, month, sum(value) AS value FROM (
        SELECT coalesce(partner_id, 0) AS partner, metric, booked AS month, value
        FROM prm_correction WHERE program_id = %(program)s
        UNION ALL
        SELECT coalesce(partner_id, 0), metric, about, -value
        FROM prm_correction WHERE program_id = %(program)s
    ) both_ways
    WHERE month BETWEEN %(since)s AND %(current)s AND (%(everything)s OR partner = ANY(%(partners)s))
    GROUP BY partner, metric, month
), carried AS (
    SELECT span.partner, span.metric, calendar.month::date AS month, sum(coalesce(corrected.value, 0))
        OVER (PARTITION BY span.partner, span.metric ORDER BY calendar.month) AS value
    FROM (
        SELECT partner, metric, min(month) AS first FROM corrected
        WHERE metric = ANY(%(levels)s) GROUP BY partner, metric
    ) span
    CROSS JOIN LATERAL generate_series(span.first::timestamp, %(current)s::timestamp, '1 month')
        calendar(month)
    LEFT JOIN corrected ON corrected.partner = span.partner AND corrected.metric = span.metric
        AND corrected.month = calendar.month
), expected AS (
    SELECT partner, month, metric, sum(value) AS value FROM (
        SELECT partner, month, metric, value FROM fresh
        UNION ALL SELECT partner, month, metric, value FROM corrected WHERE metric <> ALL(%(levels)s)
        UNION ALL SELECT partner, month, metric, value FROM carried
    ) parts
    GROUP BY partner, month, metric
)
"""


def expected(fresh: str) -> str:
    """The common table expressions that end in ``expected(partner, month, metric, value)``.

    ``fresh`` is a query for what the fact rows come to. Takes ``levels`` besides the usual parameters.
    """
    return _EXPECTED.replace("{fresh}", fresh)


def united(families: Iterable[str]) -> str:
    """The families as one query."""
    return " UNION ALL ".join(f"({family})" for family in families)


# Facts, cells and marks in one statement, hence at one instant, for the months from ``since`` to ``until``.
# A cell that a waiting mark names is not wrong yet, unless we are ``settling`` it. A number of different ones
# cannot be corrected in another month, so up to ``closed`` those are not compared. The last row carries the
# number compared.
_COMPARISON = """
WITH {expected}, stored AS (
    SELECT coalesce(partner_id, 0) AS partner, month, metric, value
    FROM prm_metriccell WHERE program_id = %(program)s AND month BETWEEN %(since)s AND %(until)s
        AND (%(everything)s OR partner_id = ANY(%(partners)s)
            OR (partner_id IS NULL AND 0 = ANY(%(partners)s)))
), waiting AS (
    SELECT coalesce(partner_id, 0) AS partner, min(since) AS since
    FROM partners_cellmark WHERE program_id = %(program)s AND NOT %(settling)s GROUP BY 1
), compared AS MATERIALIZED (
    SELECT partner, month, metric, coalesce(stored.value, 0) AS old, coalesce(expected.value, 0) AS new
    FROM expected FULL JOIN stored USING (partner, month, metric)
    WHERE NOT (month <= %(closed)s AND metric = ANY(%(distinct)s))
)
SELECT nullif(compared.partner, 0), compared.month, compared.metric, old, new, NULL::bigint
FROM compared LEFT JOIN waiting ON waiting.partner = compared.partner AND waiting.since <= compared.month
WHERE old <> new AND waiting.partner IS NULL
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, count(*) FROM compared
"""
COMPARISON, COMPARISON_SINCE = (
    _COMPARISON.replace("{expected}", expected(united(families))) for families in (FAMILIES, FAMILIES_SINCE)
)
