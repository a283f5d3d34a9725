"""Computing every metric cell again, beside the bare aggregates, and one change until its figure is right.

``--rows N`` opportunities (100,000) and ten times as many activities. Budget: at most 1.5 times the
bare aggregates.
"""

from datetime import date
from typing import Any

from benchmarks._scratch import fill, scratch, timed
from benchmarks.frame import Options, Report

# The least that could give these figures: each fact table once, grouped, with no history looked at.
BARE = (
    """
    SELECT o.partner_id, date_trunc('month', s."on"::timestamp), s.state, sum(s.program_amount), count(*)
    FROM deals_stagechange s JOIN deals_opportunity o ON o.id = s.opportunity_id
    WHERE s.program_id = %(program)s GROUP BY 1, 2, 3
    """,
    """
    SELECT partner_id, date_trunc('month', happened_on::timestamp), kind, count(*), sum(minutes)
    FROM partners_activity WHERE program_id = %(program)s GROUP BY 1, 2, 3
    """,
)


def run(options: Options) -> Report:
    """Time the bare aggregates, the nightly proof, a full recompute, and single changes."""
    rows = options.rows or 100_000
    with scratch() as owner:
        program_id = fill(owner, rows)
        from django.db import connection

        from partners.core.scope import program_scope
        from partners.models import CellMark, Partner
        from prm.models import MetricCell
        from prm.services import cells

        def bare() -> None:
            with program_scope(program_id), connection.cursor() as cursor:
                for statement in BARE:
                    cursor.execute(statement, {"program": program_id})
                    cursor.fetchall()

        def recompute(partners: list[int | None], since: date) -> None:
            with program_scope(program_id):
                CellMark.objects.bulk_create(
                    CellMark(program_id=program_id, partner_id=partner, since=since) for partner in partners
                )
                while cells.recompute_cells():
                    pass

        def proof() -> Any:
            with program_scope(program_id):
                return cells.rebuild_cells()

        with program_scope(program_id):
            everybody: list[int | None] = [None, *Partner.objects.values_list("pk", flat=True)]
        recompute([], cells.BEGINNING)  # the first meeting of a program marks everything
        owner.execute("VACUUM ANALYZE")
        differed = proof().differed
        month = date.today().replace(day=1)  # noqa: DTZ011
        floor = timed(bare, 3)
        times = {
            "nightly proof": timed(proof, 3),
            "all cells again": timed(lambda: recompute(everybody, cells.BEGINNING), 3),
            "one change of a partner": timed(lambda: recompute([everybody[1]], month), 5),
            "one change of the vendor's own": timed(lambda: recompute([None], month), 5),
        }
        with program_scope(program_id):
            count = MetricCell.objects.count()
    return _report(rows, count, differed, floor, times)


def _report(rows: int, count: int, differed: int, floor: float, times: dict[str, float]) -> Report:
    """The figures and the table."""
    report = Report("recompute")
    report.figures = {
        "rows": rows,
        "activities": rows * 10,
        "cells": count,
        "differed": differed,
        "bare_s": round(floor, 3),
        "proof_ratio": round(times["nightly proof"] / floor, 3),
        "recompute_ratio": round(times["all cells again"] / floor, 3),
        "budget": 1.5,
        "change_ms": round(times["one change of a partner"] * 1000, 1),
        "direct_change_ms": round(times["one change of the vendor's own"] * 1000, 1),
    }
    report.table(
        f"{rows:,} opportunities, {rows * 10:,} activities, {count:,} cells",
        ["", "s", "times the floor"],
        [["bare aggregates", floor, 1.0], *([name, took, took / floor] for name, took in times.items())],
    )
    return report
