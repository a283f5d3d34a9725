"""Screening alone: finding the customer of a claim among the accounts of a program.

``--rows N`` accounts (100,000), made up, or from ``--data DIR`` with ``accounts.csv`` and ``queries.csv``.
Budget: p95 at most 15 ms at 100,000 accounts and 50 ms at 1,000,000; the index is in PostgreSQL.
"""

import time

from benchmarks._accounts import accounts, fill, questions
from benchmarks._scratch import scratch
from benchmarks.frame import Options, Report, percentile

ASKED = 600


def run(options: Options) -> Report:
    """Time every question once, after some to warm up, and look at the plan of the slowest part."""
    rows = options.rows or 100_000
    report = Report("screening")
    with scratch() as owner:
        lines = accounts(options, rows)
        program = fill(owner, lines)
        from django.db import connection

        from deals.rules.matching import Party, keys_for
        from deals.selectors import matching
        from partners.core.scope import program_scope

        looked, whole, found = [], [], 0
        with program_scope(program.pk):
            for number, (name, website, country) in enumerate(questions(options, lines, ASKED)):
                party = Party(name=name, websites=(website,) if website else (), country=country)
                start = time.perf_counter()
                matching.candidate_ids(keys_for(name, website, country))
                middle = time.perf_counter()
                matches = matching.matching_accounts(party)
                end = time.perf_counter()
                found += any(match.is_same for match in matches)
                if number >= ASKED // 10:
                    looked.append((middle - start) * 1000)
                    whole.append((end - middle) * 1000)
            plan = _plan(connection, matching, program.pk)
    budget = 15 if rows <= 100_000 else 50
    report.figures = {
        "rows": rows,
        "asked": len(whole),
        "p50_ms": round(percentile(whole, 50), 2),
        "p95_ms": round(percentile(whole, 95), 2),
        "index_p95_ms": round(percentile(looked, 95), 2),
        "budget_p95_ms": budget,
        "same": found,
        "index_only": "Index Only Scan" in plan,
    }
    report.table(
        f"Screening against {rows:,} accounts, milliseconds",
        ["", "p50", "p95"],
        [
            ["candidates from the index", percentile(looked, 50), percentile(looked, 95)],
            ["the whole answer, explained", percentile(whole, 50), percentile(whole, 95)],
            ["budget", "", budget],
        ],
    )
    report.tables.append("Plan of the look-up\n" + plan)
    return report


def _plan(connection: object, matching: object, program_id: int) -> str:
    from deals.rules.matching import WEIGHT, keys_for

    wanted = sorted(keys_for("Almarvale Logistics Ltd", "almarvale7.com", "DE"))
    values = [
        [key.kind.value for key in wanted],
        [key.value for key in wanted],
        [WEIGHT[key.kind] for key in wanted],
        program_id,
        matching._PER_KEY,  # type: ignore[attr-defined]
        matching._CANDIDATES,  # type: ignore[attr-defined]
    ]
    with connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) " + matching._FIND, values)  # type: ignore[attr-defined]
        return "\n".join("  " + line for (line,) in cursor.fetchall())
