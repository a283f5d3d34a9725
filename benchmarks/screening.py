"""Screening alone: finding the customer of a claim among the accounts of a program.

``--rows N`` accounts (100,000), made up, or from ``--data DIR`` with ``accounts.csv`` and ``queries.csv``.
Budget: p95 at most 15 ms at 100,000 accounts and 50 ms at 1,000,000; the index is in PostgreSQL.
"""

import re
import time
from typing import Any

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

        from deals.accounts import lookup as matching
        from deals.matching.evidence import Party
        from deals.matching.keys import lookup_keys
        from partners.core.scope import program_scope

        looked, whole, found = [], [], 0
        with program_scope(program.pk):
            for number, (name, website, country) in enumerate(questions(options, lines, ASKED)):
                party = Party(name=name, websites=(website,) if website else (), country=country)
                start = time.perf_counter()
                matching.candidates(lookup_keys(name, website, country))
                middle = time.perf_counter()
                matches = matching.matching_accounts(party)
                end = time.perf_counter()
                found += any(match.is_same for match in matches)
                if number >= ASKED // 10:
                    looked.append((middle - start) * 1000)
                    whole.append((end - middle) * 1000)
            plan = _plan(connection, matching)
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


def _plan(connection: Any, matching: Any) -> str:
    """How PostgreSQL answers for a name of common words: all by the index, none past the limit.

    What the function asks is taken out of it, because PostgreSQL explains no function from within.
    """
    from deals.matching.keys import lookup_keys

    wanted = matching.wanted(lookup_keys("National Bank of International Trade Ltd", "nbit.com", "US"))
    types = {"entries": "text", "kinds": "text", "weights": "int[]", "counted": "text", "share": "float"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'prm_candidates'")
        asked = cursor.fetchone()[0].partition("RETURN QUERY")[2].rpartition(";")[0]
        for name in wanted:
            asked = re.sub(rf"\b{name}\b", f"(%({name})s::{types.get(name, 'int')})", asked)
        cursor.execute("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) " + asked, wanted)
        return "\n".join("  " + line for (line,) in cursor.fetchall())
