"""Files in: rows per second with matching keys built, memory, and a second load that changes nothing.

``--rows N`` accounts and N opportunities (50,000), made up. The floor is one bare COPY of the same file into
an unlogged table without keys or constraints. Budget: at least 10,000 rows a second, memory flat.
"""

import csv
import io
import resource
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks._accounts import accounts
from benchmarks._scratch import scratch
from benchmarks.frame import Options, Report

_STAGES = ("Qualify", "Propose", "Closed Won", "Closed Lost")
BUDGET = 10_000


def run(options: Options) -> Report:
    """Load both files twice; time each, and see how far the process grew."""
    rows = options.rows or 50_000
    report = Report("imports", {"rows": rows, "budget_rows_per_s": BUDGET})
    lines: list[list[Any]] = []
    with scratch() as owner, TemporaryDirectory() as folder:
        files = _files(options, rows, Path(folder))
        floor = {kind: _floor(owner, path) for kind, path in files.items()}
        actor = _program()
        for kind, path in files.items():
            for turn in ("first", "again"):
                before = _memory()
                seconds, summary = _timed(lambda path=path: _load(actor, path))  # type: ignore[misc]
                grown = (_memory() - before) / 1024
                speed = rows / seconds
                report.figures[f"{kind}_{turn}"] = {
                    "seconds": round(seconds, 2),
                    "rows_per_s": round(speed),
                    "times_floor": round(seconds / floor[kind], 1),
                    "created": summary.counts.created,
                    "unchanged": summary.counts.unchanged,
                    "rejected": summary.rejected,
                    "memory_grown_mb": round(grown, 1),
                }
                counts = summary.counts
                lines.append(
                    [
                        f"{kind}, {turn} time",
                        round(speed),
                        seconds / floor[kind],
                        counts.created,
                        counts.unchanged,
                        grown,
                    ]
                )
    head = ["", "rows/s", "× bare COPY", "created", "unchanged", "grown MB"]
    report.table(f"Loading {rows:,} rows (budget {BUDGET:,} rows/s)", head, lines)
    return report


def _files(options: Options, rows: int, folder: Path) -> dict[str, Path]:
    """The two exports, accounts first."""
    known = accounts(options, rows)
    found = {"accounts": folder / "accounts.csv", "opportunities": folder / "opportunities.csv"}
    with found["accounts"].open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["Record ID", "Company name", "Company Domain Name", "Country/Region"])
        for number, (name, website, country) in enumerate(known):
            writer.writerow([number, name, website, country])
    with found["opportunities"].open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            [
                "Record ID",
                "Deal Name",
                "Deal Stage",
                "Amount",
                "Create Date",
                "Close Date",
                "Associated Company IDs",
            ]
        )
        for number in range(rows):
            stage = _STAGES[number % len(_STAGES)]
            opened, closes = f"2025-{number % 12 + 1:02}-10 09:30", f"2026-{number % 9 + 1:02}-20 00:00"
            amount = f"{number % 90_000 + 100}.50"
            writer.writerow([number, f"Deal {number}", stage, amount, opened, closes, number % len(known)])
    return found


def _floor(owner: Any, path: Path) -> float:
    """Seconds of one COPY of the file into a table of text without anything."""
    header, _, rest = path.read_text(encoding="utf-8").partition("\n")
    columns = ", ".join(f"c{number} text" for number in range(len(next(csv.reader(io.StringIO(header))))))
    owner.execute(f"CREATE UNLOGGED TABLE bench_floor ({columns})")
    start = time.perf_counter()
    with owner.cursor().copy("COPY bench_floor FROM STDIN WITH (FORMAT csv)") as stream:
        stream.write(rest)
    seconds = time.perf_counter() - start
    owner.execute("DROP TABLE bench_floor")
    return seconds


def _program() -> Any:
    from partners.core.actor import Actor, Door
    from partners.services.programs import create_program

    program = create_program(slug="bench", name="Bench", currency="EUR", timezone="Europe/Berlin")
    return Actor.system(program_id=program.pk, name="benchmark", door=Door.COMMAND)


def _load(actor: Any, path: Path) -> Any:
    from deals.imports.services import describe_file, load_now
    from partners.core.scope import program_scope

    with program_scope(actor.program_id):
        file = describe_file(actor=actor, name=path.name, source=path)
        return load_now(actor=actor, file=file, source=path)


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    answer = act()
    return time.perf_counter() - start, answer


def _memory() -> int:
    """The most memory the process has ever held, in KB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
