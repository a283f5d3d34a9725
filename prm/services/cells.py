"""Keeping the metric cells: taking marks, computing what they name, proving the whole.

Safe to kill at any point: marks, cells and the deletion of marks are one transaction, so either a mark is
still there or what it asked for is done. Safe to run many times at once: a mark belongs to one worker (``SKIP
LOCKED``), and the cells of one partner to one worker at a time (an advisory lock taken before the figures are
read, so that what is written is never older than what it replaces).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from partners.core import clock
from partners.core.scope import current_program_id
from partners.models import CellMark, Partner, Program
from partners.rules.activities import ActivityKind, Nature, nature_of
from partners.selectors import program_in_force
from prm.models import CellCalendar, RebuildRun
from prm.services.families import COMPARISON, FAMILIES

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
_CLEAR = """
DELETE FROM prm_metriccell WHERE program_id = %(program)s AND month >= %(since)s
    AND (partner_id = ANY(%(partners)s) OR (partner_id IS NULL AND 0 = ANY(%(partners)s)))
"""
_STORE = """
INSERT INTO prm_metriccell (program_id, partner_id, month, metric, value, as_of)
SELECT %(program)s, partner_id, month, metric, value, %(as_of)s FROM ({family}) fresh
"""
# From the beginning all rows are read, and only a statement that writes no table of ours runs in parallel.
_GATHER = "CREATE TEMPORARY TABLE prm_fresh ON COMMIT DROP AS {family}"
# Of these partners only: one that was added a moment ago is another worker's, with marks of its own.
_GATHERED = _STORE.replace(
    "{family}",
    "SELECT partner_id, month, metric, value FROM prm_fresh"
    " WHERE coalesce(partner_id, 0) = ANY(%(partners)s)",
)
_STATEMENTS = tuple(_STORE.replace("{family}", family) for family in FAMILIES)
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


def _parameters(program: Program, *, partners: Iterable[int], since: date) -> dict[str, Any]:
    return {
        "program": program.pk,
        "zone": program.timezone,
        "partners": sorted(partners),
        "since": since,
        "current": running_month(program),
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
        taken = _take_marks(batch)
        if not taken.marks:
            return 0
        _lock(program, taken.partners)
        _compute(program, partners=taken.partners, since=taken.since)
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


def _compute(program: Program, *, partners: list[int], since: date) -> None:
    """Replace the cells of ``partners`` from ``since`` on; each statement sees what was committed before."""
    parameters = _parameters(program, partners=partners, since=since)
    if since > BEGINNING:
        with connection.cursor() as cursor:
            for statement in (_CLEAR, *_STATEMENTS):
                cursor.execute(statement, parameters)
        return
    parameters["everything"] = {DIRECT, *Partner.objects.values_list("pk", flat=True)} <= set(partners)
    with connection.cursor() as cursor:
        cursor.execute(_CLEAR, parameters)
        for family in FAMILIES:
            cursor.execute(_GATHER.replace("{family}", family), parameters)
            cursor.execute(_GATHERED, parameters)
            cursor.execute("DROP TABLE prm_fresh")


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
    anew.

    One statement reads facts, cells and marks at one instant: a cell that a waiting mark names is not yet
    wrong and is left out. Nothing is locked, so the day's work goes on meanwhile.
    """
    program = program_in_force()
    started_at = clock.now()
    with transaction.atomic():
        carry_calendar(program)
        total, rows = _compare(program)
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
                }
                for partner_id, month, metric, old, new in rows[:KEPT_DIFFERENCES]
            ],
        )


type Difference = tuple[int | None, date, str, object, object]


def _compare(program: Program) -> tuple[int, list[Difference]]:
    """``(cells compared, cells that differ)``, the latter as (partner, month, metric, stored, summed
    again)."""
    parameters = _parameters(program, partners=[], since=BEGINNING) | {"everything": True}
    with connection.cursor() as cursor:
        cursor.execute(COMPARISON, parameters)
        rows = cursor.fetchall()
    total = next((row[5] for row in rows if row[2] is None), 0)
    return total, [(row[0], row[1], row[2], row[3], row[4]) for row in rows if row[2] is not None]


def marks_are_waiting() -> bool:
    """Whether the program in force has figures waiting to be computed (or a new month to be carried)."""
    return carry_calendar(program_in_force()) or CellMark.objects.exists()
