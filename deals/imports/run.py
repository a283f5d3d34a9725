"""Loading one file: two passes over it, one transaction, nothing half-written."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import batched
from typing import Any

from django.db import connection, transaction

from deals.imports.accounts import AccountStage
from deals.imports.activities import ActivityStage
from deals.imports.opportunities import OpportunityStage
from deals.imports.partners import PartnerStage
from deals.imports.stage import Counts, Stage, Work
from deals.models import Import, ImportProblem
from deals.tabular.dates import default_date_order
from deals.tabular.dialects import Dialect
from deals.tabular.fields import RecordKind
from deals.tabular.reader import Row, Source, open_table
from deals.tabular.records import Plan, Problem, Reader
from partners.core import clock
from partners.core.actor import Actor
from partners.models import Program

STAGES: dict[RecordKind, type[Stage]] = {
    RecordKind.ACCOUNTS: AccountStage,
    RecordKind.OPPORTUNITIES: OpportunityStage,
    RecordKind.PARTNERS: PartnerStage,
    RecordKind.ACTIVITIES: ActivityStage,
}
BATCH = 5_000

type Progress = Callable[[str, int], None]


@dataclass(slots=True)
class Summary:
    """What became of a file. ``rejected`` counts rows; ``notes`` are ``{column, note, row, rows}``."""

    read: int = 0
    counts: Counts = field(default_factory=Counts)
    rejected: int = 0
    notes: list[dict[str, Any]] = field(default_factory=list)
    about: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The form that is kept and shown."""
        return {
            "read": self.read,
            "created": self.counts.created,
            "updated": self.counts.updated,
            "unchanged": self.counts.unchanged,
            "rejected": self.rejected,
            "notes": self.notes,
            "about": self.about,
        }


def plan_of(file: Import, program: Program) -> Plan:
    """How the file is to be read, from what was recognised and chosen."""
    at = {name: index for index, name in enumerate(file.columns)}
    return Plan(
        kind=RecordKind(file.kind),
        dialect=Dialect(file.dialect),
        columns={name: at[column] for column, name in file.mapping.items() if column in at},
        names=tuple(file.columns),
        home=program.currency,
        zone=program.timezone,
        default_order=default_date_order(program.timezone),
        date_order=file.date_order,
        decimal_mark=file.decimal_mark,
    )


def load(
    *, file: Import, source: Source, program: Program, actor: Actor, dry_run: bool, progress: Progress
) -> Summary:
    """Read, compare and write one file inside the caller's transaction.

    With ``dry_run`` everything is written and taken back, so that even what the database would refuse is
    found. The rejected rows are kept as ``ImportProblem`` either way. Raises ``TableError``.
    """
    table = open_table(source)
    reader = Reader(plan_of(file, program))
    if reader.needs_observing:
        reader.observe(_told(table.rows(), "Looking at the columns", progress))
    about = [*table.notes, *reader.settle()]
    today = clock.today(program.timezone)
    stage = STAGES[reader.plan.kind](
        Work(file, program, actor, reader.plan, reader.notes, clock.now(), today)
    )
    read = _copy_rows(stage, reader, _told(table.rows(), "Reading rows", progress))
    stage.added()
    progress("Comparing with what is here", read)
    stage.resolve()
    stage.run("ANALYZE incoming")
    rejected = _keep_problems(stage)
    counts = stage.counts()
    progress("Writing", read)
    with transaction.atomic():
        stage.apply()
        transaction.set_rollback(dry_run)
    stage.done()
    about += [note for note in table.notes if note not in about]
    if table.blank_rows:
        about.append(f"{table.blank_rows:,} empty rows were passed over.")
    return Summary(read, counts, rejected, reader.notes.listed(), about)


def _told(rows: Iterable[Row], doing: str, progress: Progress) -> Iterator[Row]:
    """The same rows; every few thousand the count is told."""
    for count, row in enumerate(rows, start=1):
        if count % BATCH == 0:
            progress(doing, count)
        yield row


def _copy_rows(stage: Stage, reader: Reader, rows: Iterable[Row]) -> int:
    """Every row into the stage, as a record or as a problem. How many rows there were."""
    read = 0
    for batch in batched(rows, BATCH, strict=False):
        records: list[dict[str, Any]] = []
        problems: list[Problem] = []
        for row in batch:
            values, wrong = reader.read(row)
            if wrong:
                problems += wrong
                continue
            made = stage.record(values, row.number)
            if isinstance(made, Problem):
                problems.append(made)
            else:
                records.append(made)
        stage.add(records, problems)
        read += len(batch)
    return read


def _keep_problems(stage: Stage) -> int:
    """The rejections of this run replace those of the one before. How many rows were rejected."""
    file = stage.work.file
    ImportProblem.objects.filter(file=file).delete()
    stage.run(
        """
        INSERT INTO deals_importproblem (program_id, file_id, "row", "column", problem)
        SELECT %(program)s, %(file)s, "row", left("column", 200), problem FROM rejects ORDER BY "row"
        """,
        file=file.pk,
    )
    with connection.cursor() as cursor:
        cursor.execute('SELECT count(DISTINCT "row") FROM rejects')
        return int(cursor.fetchone()[0])
