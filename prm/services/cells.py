"""Keeping the metric cells: taking marks, computing what they name, proving the whole.

Safe to kill at any point: marks, cells and the deletion of marks are one transaction, so either a mark is
still there or what it asked for is done. Safe to run many times at once: a mark belongs to one worker (``SKIP
LOCKED``), and the cells of one partner to one worker at a time (an advisory lock taken before the figures are
read, so that what is written is never older than what it replaces).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from partners.core import clock
from partners.core.scope import current_program_id
from partners.models import CellMark, Partner, Program
from partners.rules.activities import ActivityKind, Nature, nature_of
from partners.selectors import closed_through, program_in_force
from prm.models import CellCalendar, Correction, RebuildRun
from prm.rules.corrections import steps
from prm.rules.metrics import LEVELS, METRICS, Grain
from prm.rules.periods import shift
from prm.services.families import (
    COMPARISON,
    COMPARISON_SINCE,
    FAMILIES,
    FAMILIES_SINCE,
    expected,
    united,
)

BEGINNING = date(1900, 1, 1)
"""Marks since then ask for everything, without building on any cell."""
BATCH = 500
KEPT_DIFFERENCES = 1000
DIRECT = 0  # how the vendor's own figures are called among partner ids in SQL

_LOCK = """
SELECT pg_advisory_xact_lock(place) FROM (
    SELECT hashtextextended('prm.cells ' || %(program)s || ' ' || partner, 0) AS place
    FROM unnest(%(partners)s::bigint[]) partner ORDER BY 1
) places
"""
# Recomputes share the months; closing one has them to itself, so no cell is written while it closes.
_SHARE_MONTHS = "SELECT pg_advisory_xact_lock_shared(hashtextextended('prm.months ' || %(program)s, 0))"
_HOLD_MONTHS = "SELECT pg_advisory_xact_lock(hashtextextended('prm.months ' || %(program)s, 0))"
_CLEAR = """
DELETE FROM prm_metriccell WHERE program_id = %(program)s AND month >= %(since)s
    AND (partner_id = ANY(%(partners)s) OR (partner_id IS NULL AND 0 = ANY(%(partners)s)))
"""
# Of these partners only: one that was added a moment ago is another worker's, with marks of its own.
_STORE = """
INSERT INTO prm_metriccell (program_id, partner_id, month, metric, value, as_of)
WITH {expected}
SELECT %(program)s, nullif(partner, 0), month, metric, value, %(as_of)s FROM expected
WHERE value <> 0 AND partner = ANY(%(partners)s)
"""
# From the beginning all rows are read, and only a statement that writes no table of ours runs in parallel.
_GATHER = "CREATE TEMPORARY TABLE prm_fresh_{number} ON COMMIT DROP AS {family}"
_GATHERED = " UNION ALL ".join(
    f"SELECT partner_id, month, metric, value FROM prm_fresh_{number}"  # noqa: S608 - a number of ours
    for number, _family in enumerate(FAMILIES)
)
# Millions of rows become a few thousand cells: grouped in memory instead of sorted on disk, on every core.
# The planner takes each day for a month of its own and thinks that joining the cores' results is dear.
_ROOM = "SET LOCAL work_mem = '64MB'; SET LOCAL parallel_tuple_cost = 0"
_STORE_GATHERED = _STORE.replace("{expected}", expected(_GATHERED))
_STORE_SINCE = _STORE.replace("{expected}", expected(united(FAMILIES_SINCE)))
_DISTINCT = [key for key, metric in METRICS.items() if metric.grain is Grain.DISTINCT]
_PARTICIPATION = [kind.value for kind in ActivityKind if nature_of(kind) is Nature.PARTICIPATION]


@dataclass(frozen=True, slots=True)
class Batch:
    """Marks taken together: whose figures (0 is the vendor itself) and from which month on."""

    marks: list[int]
    partners: list[int]
    since: date


def running_month(program: Program) -> date:
    """First day of the present month in the program's time zone."""
    return clock.now().astimezone(ZoneInfo(program.timezone)).date().replace(day=1)


def _parameters(
    program: Program, *, partners: Iterable[int], since: date, current: date | None = None
) -> dict[str, Any]:
    return {
        "program": program.pk,
        "zone": program.timezone,
        "partners": sorted(partners),
        "since": since,
        "current": current or running_month(program),
        "levels": list(LEVELS),
        "everything": False,
        "from_start": since == BEGINNING,
        "participation": _PARTICIPATION,
        "as_of": clock.now(),
    }


def recompute_cells(*, batch: int = BATCH) -> int:
    """Take up to ``batch`` marks of the program in force and compute what they name, in one transaction.

    Returns how many marks were settled; 0 when there is nothing left that no other worker holds.
    """
    with transaction.atomic():
        program = program_in_force()
        carry_calendar(program)
        _ask_for_months(program, _SHARE_MONTHS)
        taken = _take_marks(batch)
        if not taken.marks:
            return 0
        _lock(program, taken.partners)
        since, closed = taken.since, closed_through()
        if closed is not None and since <= closed:
            _book_corrections(program, partners=taken.partners, since=since, closed=closed)
            since = shift(closed, 1)
        _compute(program, partners=taken.partners, since=since)
        CellMark.objects.filter(pk__in=taken.marks).delete()
    return len(taken.marks)


def _take_marks(batch: int) -> Batch:
    rows = list(
        CellMark.objects.select_for_update(skip_locked=True)
        .order_by("pk")
        .values_list("pk", "partner_id", "since")[:batch]
    )
    return Batch(
        marks=[pk for pk, _partner, _since in rows],
        partners=sorted({partner or DIRECT for _pk, partner, _since in rows}),
        since=min((since.replace(day=1) for _pk, _partner, since in rows), default=BEGINNING),
    )


def _lock(program: Program, partners: list[int]) -> None:
    """Hold the cells of these partners until the transaction ends. In one order everywhere, so none
    deadlock."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"program": str(program.pk), "partners": partners})


def _ask_for_months(program: Program, lock: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(lock, {"program": str(program.pk)})


def hold_months(program: Program) -> None:
    """Keep every recompute of the program waiting until the transaction ends; wait for those that run."""
    _ask_for_months(program, _HOLD_MONTHS)


def _book_corrections(program: Program, *, partners: list[int], since: date, closed: date) -> None:
    """What the rows of closed months come to now and did not when they were closed counts in this month."""
    parameters = _parameters(program, partners=partners, since=since, current=closed)
    _total, rows = _compare(parameters | {"until": closed, "settling": True, "closed": closed})
    found: dict[tuple[int | None, str], dict[date, Decimal]] = {}
    for partner_id, month, metric, old, new in rows:
        found.setdefault((partner_id, metric), {})[month] = new - old
    booked = running_month(program)
    Correction.objects.bulk_create(
        Correction(
            program_id=program.pk,
            partner_id=partner_id,
            metric=metric,
            about=month,
            booked=booked,
            value=value,
        )
        for (partner_id, metric), changes in found.items()
        for month, value in (steps(changes, closed) if metric in LEVELS else changes).items()
    )


def _compute(program: Program, *, partners: list[int], since: date) -> None:
    """Replace the cells of ``partners`` from ``since`` on, by what is committed when it begins."""
    parameters = _parameters(program, partners=partners, since=since)
    if since > BEGINNING:
        with connection.cursor() as cursor:
            cursor.execute(_CLEAR, parameters)
            cursor.execute(_STORE_SINCE, parameters)
        return
    parameters["everything"] = {DIRECT, *Partner.objects.values_list("pk", flat=True)} <= set(partners)
    with connection.cursor() as cursor:
        cursor.execute(_ROOM)
        cursor.execute(_CLEAR, parameters)
        for number, family in enumerate(FAMILIES):
            cursor.execute(_GATHER.format(number=number, family=family), parameters)
        cursor.execute(_STORE_GATHERED, parameters)
        for number in range(len(FAMILIES)):
            cursor.execute(f"DROP TABLE prm_fresh_{number}")


def carry_calendar(program: Program) -> bool:
    """At the turn of a month, mark everybody from the last carried month on. Returns whether anything was
    marked.

    The first time a program is met, everything is marked from the beginning.
    """
    current = running_month(program)
    calendar = CellCalendar.objects.first()
    if calendar is not None and calendar.month >= current:
        return False
    with transaction.atomic():
        _made, fresh = CellCalendar.objects.get_or_create(program_id=program.pk, defaults={"month": current})
        if not fresh:
            # Only one of several workers moves the calendar; the others find it moved.
            moved = CellCalendar.objects.filter(month__lt=current).update(month=current)
            if not moved:
                return False
        since = calendar.month if calendar is not None else BEGINNING
        _mark_everybody(program, since)
    return True


def _mark_everybody(program: Program, since: date) -> None:
    everybody: list[int | None] = [None, *Partner.objects.values_list("pk", flat=True)]
    CellMark.objects.bulk_create(
        (CellMark(program_id=program.pk, partner_id=partner_id, since=since) for partner_id in everybody),
        batch_size=5000,
    )


def rebuild_cells() -> RebuildRun:
    """Sum every figure of the program in force again, record which cells differed, and have those computed
    again. A closed month is not: what differs in it is booked as a correction of the running month.

    One statement reads facts, cells and marks at one instant: a cell that a waiting mark names is not yet
    wrong and is left out. Nothing is locked, so the day's work goes on meanwhile.
    """
    program, closed = program_in_force(), closed_through()
    started_at = clock.now()
    with transaction.atomic():
        carry_calendar(program)
        everything = _parameters(program, partners=[], since=BEGINNING) | {"everything": True}
        total, rows = _compare(
            everything | {"until": date.max, "settling": False, "closed": closed or BEGINNING}
        )
        names = dict(
            Partner.objects.filter(pk__in={row[0] for row in rows if row[0]}).values_list("pk", "name")
        )
        wrong = {row[0] for row in rows}
        CellMark.objects.bulk_create(
            CellMark(program_id=program.pk, partner_id=partner_id, since=BEGINNING)
            for partner_id in sorted(wrong, key=lambda partner: partner or DIRECT)
        )
        return RebuildRun.objects.create(
            program_id=current_program_id(),
            started_at=started_at,
            finished_at=clock.now(),
            cells=total,
            differed=len(rows),
            differences=[
                {
                    "partner": names.get(partner_id or DIRECT, ""),
                    "month": f"{month:%Y-%m}",
                    "metric": metric,
                    "old": str(old),
                    "new": str(new),
                    "closed": closed is not None and month <= closed,
                }
                for partner_id, month, metric, old, new in rows[:KEPT_DIFFERENCES]
            ],
        )


type Difference = tuple[int | None, date, str, Decimal, Decimal]


def _compare(parameters: dict[str, Any]) -> tuple[int, list[Difference]]:
    """``(cells compared, cells that differ)``, the latter as (partner, month, metric, stored, summed
    again)."""
    statement = COMPARISON if parameters["from_start"] else COMPARISON_SINCE
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters | {"distinct": _DISTINCT})
        rows = cursor.fetchall()
    total = next((row[5] for row in rows if row[2] is None), 0)
    return total, [(row[0], row[1], row[2], row[3], row[4]) for row in rows if row[2] is not None]


def marks_are_waiting() -> bool:
    """Whether the program in force has figures waiting to be computed (or a new month to be carried)."""
    return carry_calendar(program_in_force()) or CellMark.objects.exists()
