"""The table a file's rows wait in before they are compared with what is here.

Everything after the copy is set-based SQL inside one transaction: nothing is half-written, and ten thousand
rows cost as many statements as ten. The temporary tables live as long as that transaction.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from django.db import connection
from psycopg import sql

from deals.models import Import
from deals.tabular.records import Notes, Plan, Problem
from partners.core.actor import Actor
from partners.models import Program

SUBJECTS = {"deals_account", "deals_opportunity", "partners_partner", "partners_activity"}


@dataclass(slots=True)
class Work:
    """What every step of one load needs. ``now`` is UTC, ``today`` the program's day."""

    file: Import
    program: Program
    actor: Actor
    plan: Plan
    notes: Notes
    now: datetime
    today: date

    def column(self, name: str) -> str:
        """The file's own name of a field's column, for sentences."""
        at = self.plan.columns.get(name)
        return self.plan.names[at] if at is not None else ""

    def has(self, name: str) -> bool:
        """Whether a column fills the field."""
        return name in self.plan.columns


@dataclass(slots=True)
class Counts:
    """What became of the rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


class Beside:
    """One statement at a time that the database works on while this process computes.

    The connection is nobody else's meanwhile: ``wait`` before anything is asked of it.
    """

    def __init__(self, threads: Executor, values: dict[str, Any]) -> None:
        self._threads, self._values = threads, values
        self._begun: Future[Any] | None = None

    def begin(self, statement: str) -> None:
        """Hand a statement over, with the values that ``Stage.run`` gives to each."""
        # Django ties its connection to one thread; the driver's own may be used by several in turn.
        self._begun = self._threads.submit(connection.connection.execute, statement, self._values)

    def wait(self) -> None:
        """Until it is done. Raises what the database refused."""
        if self._begun is not None:
            with connection.wrap_database_errors:
                self._begun.result()
            self._begun = None


class Stage(ABC):
    """Base of the four kinds: copies rows in, finds repeated ids, rejects by SQL, counts outcomes."""

    subject: ClassVar[str]
    columns: ClassVar[dict[str, str]]
    common: ClassVar[dict[str, str]] = {
        "row": "integer",
        "public_id": "text",
        "external_id": "text",
        "gone": "text",
        "merged_into": "text",
        "merged_ids": "text[]",
        "target": "bigint",
        "survivor": "bigint",
        "outcome": "text",
    }

    def __init__(self, work: Work) -> None:
        self.work = work
        self.names = [*self.common, *self.columns]
        definition = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
            for name, kind in {**self.common, **self.columns}.items()
        )
        self.run("DROP TABLE IF EXISTS pg_temp.incoming, pg_temp.rejects, pg_temp.staged_keys")
        # Most rows are told two or three times what becomes of them; with room beside no index hears of it.
        table = sql.SQL("CREATE TEMP TABLE incoming ({}) WITH (fillfactor = 40) ON COMMIT DROP")
        self.run(table.format(definition))
        self.run('CREATE TEMP TABLE rejects ("row" integer, "column" text, problem text) ON COMMIT DROP')

    # Statements

    def run(self, statement: str | sql.Composable, **values: Any) -> int:
        """Execute with named ``values`` (``program``, ``now`` and ``today`` besides); rows touched."""
        with connection.cursor() as cursor:
            cursor.execute(self._text(statement), self._values(values))
            return int(cursor.rowcount)

    def rows(self, statement: str | sql.Composable, **values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with connection.cursor() as cursor:
            cursor.execute(self._text(statement), self._values(values))
            return list(cursor.fetchall())

    @contextmanager
    def beside(self) -> Iterator[Beside]:
        """For statements that run while rows are computed; the last one is done when the block ends."""
        with ThreadPoolExecutor(1) as threads:
            beside = Beside(threads, self._values({}))
            yield beside
            beside.wait()

    def _text(self, statement: str | sql.Composable) -> str:
        return statement if isinstance(statement, str) else statement.as_string(connection.connection)

    def _values(self, values: dict[str, Any]) -> dict[str, Any]:
        work = self.work
        return {"program": work.program.pk, "now": work.now, "today": work.today, **values}

    def copy(self, table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Stream rows into a temporary table."""
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier("pg_temp", table), sql.SQL(", ").join(map(sql.Identifier, names))
        )
        with connection.cursor() as cursor, cursor.copy(self._text(statement)) as stream:
            for row in rows:
                stream.write_row(row)

    # Rows in

    def add(self, rows: list[dict[str, Any]], problems: list[Problem]) -> None:
        """Copy a batch of records and of rejected rows."""
        if rows:
            names = self.names
            self.copy("incoming", names, ([*map(record.get, names)] for record in rows))
        if problems:
            self.copy(
                "rejects",
                ("row", "column", "problem"),
                ((problem.row, problem.column[:200], problem.problem) for problem in problems),
            )

    def added(self) -> None:
        """All rows are in: give the planner their numbers, and refuse repeated ids."""
        # Fresh tables have no statistics, and a loop over many rows of one per row of the other never ends.
        many = self.rows("SELECT count(*) > 1000 FROM incoming")[0][0]
        self.run("SELECT set_config('enable_nestloop', %(wished)s, true)", wished="off" if many else "on")
        # Sorts of a hundred thousand keys stay in memory; the setting ends with the transaction.
        self.run("SELECT set_config('work_mem', '64MB', true)")
        # Joins here are by hash, which needs to know how many rows there are and little about their values.
        self.run("SELECT set_config('default_statistics_target', '10', true)")
        self.run('CREATE UNIQUE INDEX ON incoming ("row")')
        self.run("ANALYZE incoming")
        self.reject_repeated("external_id", self.work.column("external_id"), "id", "i.external_id <> ''")

    def done(self) -> None:
        """Leave the transaction to whoever goes on in it as it was."""
        self.run("SELECT set_config('enable_nestloop', 'on', true)")
        self.run("DROP TABLE incoming, rejects")

    def reject_repeated(self, name: str, column: str, word: str, where: str) -> None:
        """Keep the first row of each value of ``name`` and reject the others, naming the first."""
        expression = sql.SQL("lower(i.name)") if name == "name" else sql.Identifier("i", name)
        statement = sql.SQL("""
            WITH ranked AS (
                SELECT i."row", min(i."row") OVER (PARTITION BY {value}) AS first
                FROM incoming i WHERE {where}
            ), gone AS (
                DELETE FROM incoming i USING ranked r WHERE i."row" = r."row" AND r."row" <> r.first
                RETURNING i."row", r.first
            )
            INSERT INTO rejects SELECT "row", %(column)s, %(word)s || first || '.' FROM gone
        """).format(value=expression, where=sql.SQL(where))
        self.run(statement, column=column, word=f"The same {word} stands in row ")

    def reject(self, where: str, column: str, problem: str) -> int:
        """Reject the rows that ``where`` (SQL over ``i``) finds. ``problem`` is an SQL text expression."""
        statement = sql.SQL("""
            WITH gone AS (DELETE FROM incoming i WHERE {where} RETURNING i.*)
            INSERT INTO rejects SELECT "row", %(column)s, {problem} FROM gone i
        """).format(where=sql.SQL(where), problem=sql.SQL(problem))
        return self.run(statement, column=column)

    # Comparison

    def match_ids(self) -> None:
        """``target`` is the row here with the same id in the CRM."""
        self.run(
            sql.SQL("""
                UPDATE incoming i SET target = a.id FROM {subject} a
                WHERE a.program_id = %(program)s AND i.external_id <> '' AND a.external_id = i.external_id
            """).format(subject=sql.Identifier(self.subject))
        )

    def give_ids(self) -> None:
        """New rows get their database ids now, so that later steps can point at them."""
        self.run(
            sql.SQL("""
                UPDATE incoming SET outcome = 'created', target = nextval(sequence)
                FROM CAST(pg_get_serial_sequence({subject}, 'id') AS regclass) AS sequence -- looked for once
                WHERE target IS NULL AND gone = '' AND merged_into = ''
            """).format(subject=sql.Literal(self.subject))
        )

    def settle_gone(self) -> None:
        """What the CRM calls deleted is removed here if it is here, and left out (with the reason) if not."""
        column = self.work.column("deleted") or self.work.column("active")
        self.reject(
            "i.gone <> '' AND i.merged_into = '' AND i.target IS NULL",
            column,
            "i.gone || ' It was not loaded.'",
        )
        self.run(
            sql.SQL("""
                UPDATE incoming i
                SET outcome = CASE WHEN a.removed_at IS NULL THEN 'removed' ELSE 'unchanged' END
                FROM {subject} a
                WHERE a.id = i.target AND i.gone <> '' AND i.merged_into = '' AND a.program_id = %(program)s
            """).format(subject=sql.Identifier(self.subject))
        )

    def settle_merged(self) -> None:
        """The id of a merged record becomes another id of the record it was merged into."""
        subject = sql.Identifier(self.subject)
        self.run(
            sql.SQL("""
                UPDATE incoming i SET survivor = s.id FROM (
                    SELECT id, external_id FROM {subject} WHERE program_id = %(program)s AND external_id <> ''
                    UNION SELECT target, external_id FROM incoming
                    WHERE outcome = 'created' AND external_id <> ''
                ) s WHERE i.merged_into <> '' AND s.external_id = i.merged_into
            """).format(subject=subject)
        )
        self.reject(
            "i.merged_into <> '' AND i.survivor IS NULL",
            self.work.column("merged_into"),
            "'The CRM merged this record into ' || i.merged_into || ', which is not in the file or here.'",
        )
        self.run(
            sql.SQL("""
                UPDATE incoming i SET outcome = CASE
                    WHEN EXISTS (SELECT FROM {subject} a WHERE a.program_id = %(program)s
                                 AND a.id = i.survivor AND i.external_id = ANY (a.other_ids))
                     AND NOT EXISTS (SELECT FROM {subject} a WHERE a.program_id = %(program)s
                                     AND a.id = i.target AND a.removed_at IS NULL)
                    THEN 'unchanged' ELSE 'merged' END
                WHERE i.merged_into <> ''
            """).format(subject=subject)
        )

    def apply_gone(self) -> None:
        """Write removals and merged ids. Losers of a merge stay, marked removed, with their history."""
        subject = sql.Identifier(self.subject)
        self.run(
            sql.SQL("""
                UPDATE {subject} a SET removed_at = %(now)s, updated_at = %(now)s, version = version + 1
                FROM incoming i WHERE a.program_id = %(program)s AND a.id = i.target AND a.removed_at IS NULL
                AND i.outcome IN ('removed', 'merged')
            """).format(subject=subject)
        )
        self.run("""
            CREATE TEMP TABLE extra ON COMMIT DROP AS
            SELECT survivor AS id, external_id AS other FROM incoming
            WHERE outcome = 'merged' AND external_id <> ''
            UNION
            SELECT target, unnest(merged_ids) FROM incoming
            WHERE merged_ids <> '{}' AND outcome IN ('created', 'updated')
        """)
        self.run("ANALYZE extra")
        self.run(
            sql.SQL("""
                WITH more AS (
                    SELECT e.id, array_agg(e.other ORDER BY e.other) AS others FROM extra e
                    JOIN {subject} a ON a.id = e.id AND a.program_id = %(program)s
                    WHERE e.other <> ALL (a.other_ids) AND e.other <> a.external_id GROUP BY e.id
                )
                UPDATE {subject} a SET other_ids = a.other_ids || more.others::varchar[],
                    updated_at = %(now)s, version = version + 1
                FROM more WHERE a.id = more.id AND a.program_id = %(program)s
            """).format(subject=subject)
        )
        self.run(
            sql.SQL("""
                UPDATE {subject} a SET removed_at = %(now)s, updated_at = %(now)s, version = version + 1
                FROM extra e WHERE a.program_id = %(program)s AND a.external_id = e.other AND a.id <> e.id
                AND a.removed_at IS NULL
            """).format(subject=subject)
        )
        self.run("DROP TABLE extra")

    def counts(self) -> Counts:
        """How many rows were created, updated and left as they are."""
        found = dict(self.rows("SELECT outcome, count(*) FROM incoming GROUP BY outcome"))
        changed = sum(number for word, number in found.items() if word not in ("created", "unchanged"))
        return Counts(found.get("created", 0), changed, found.get("unchanged", 0))

    # Per kind

    @abstractmethod
    def record(self, values: dict[str, Any], row: int) -> dict[str, Any] | Problem:
        """One row's values as a record of ``incoming``, or why it cannot be one."""

    @abstractmethod
    def resolve(self) -> None:
        """Compare with what is here: fill ``target`` and ``outcome``, reject what cannot be placed."""

    @abstractmethod
    def apply(self) -> None:
        """Write what ``resolve`` decided."""


def gone_reason(values: dict[str, Any], *, has_active: bool) -> str:
    """The sentence for a record that its source says is gone; empty for a live one."""
    if values.get("deleted"):
        return "The CRM marks this record as deleted."
    if values.get("dropped") or (has_active and values.get("active") is False):
        return "The sync marks this record as no longer in the CRM."
    return ""
