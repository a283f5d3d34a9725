"""Pipeline by partner, from the cells, beside one bare GROUP BY over the opportunities.

``--rows N`` opportunities (100,000). Budget: at most once the bare statement. Both run as the
application's role.
"""

from benchmarks._scratch import fill, scratch, timed
from benchmarks.frame import Options, Report

BARE = """
SELECT partner_id, sum(program_amount) FROM deals_opportunity
WHERE program_id = %s AND source = 'sourced' AND state = 'open' GROUP BY partner_id
"""


def run(options: Options) -> Report:
    """Time both, and check that they say the same."""
    rows = options.rows or 100_000
    report = Report("pipeline")
    with scratch() as owner:
        program_id = fill(owner, rows)
        from django.db import connection

        from partners.core.scope import program_scope
        from partners.selectors import program_in_force
        from prm.rules.periods import last_months
        from prm.selectors.pipeline import partner_lines
        from prm.services.cells import running_month
        from prm.tasks import recompute_cells

        recompute_cells(program_id)
        owner.execute("VACUUM ANALYZE prm_metriccell")
        with program_scope(program_id):
            period = last_months(12, running_month(program_in_force()))

            def bare() -> dict[int, object]:
                with connection.cursor() as cursor:
                    cursor.execute(BARE, [program_id])
                    return dict(cursor.fetchall())

            def ready() -> dict[int, object]:
                lines = partner_lines(period)
                return {line.partner.pk: line.figures["sourced_pipeline"] for line in lines}

            same = bare() == {partner: amount for partner, amount in ready().items() if amount}
            floor, ours = timed(bare, 15), timed(ready, 15)
    report.figures = {
        "rows": rows,
        "bare_ms": round(floor * 1000, 2),
        "pipeline_ms": round(ours * 1000, 2),
        "ratio": round(ours / floor, 3),
        "budget": 1.0,
        "same": same,
    }
    report.table(
        f"Pipeline by partner, {rows:,} opportunities",
        ["", "ms", "times the floor"],
        [
            ["one bare GROUP BY, one figure", floor * 1000, 1.0],
            ["nine figures of every partner, from the cells", ours * 1000, ours / floor],
        ],
    )
    return report
