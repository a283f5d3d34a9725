"""What every benchmark shares: finding them, their options, their tables, their last line of JSON.

A benchmark is a module of this package with a docstring and ``run(options: Options) -> Report``.
"""

import argparse
import importlib
import json
import pkgutil
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.processes import StartRefused

_OWN = {"__main__", "frame"}


class MissingData(Exception):
    """What a benchmark measures on is not there; the message says what and how to give it."""


@dataclass(frozen=True, slots=True)
class Options:
    """``rows``: how many rows to measure on, None for the benchmark's own choice; ``data``: folder or
    None.
    """

    rows: int | None = None
    data: Path | None = None

    def files(self, *names: str) -> list[Path]:
        """The files of those names in the data folder; raises MissingData naming the first that is not
        there.
        """
        if self.data is None:
            raise MissingData(
                f"This benchmark measures on files ({', '.join(names)}): give their folder with --data DIR."
            )
        for name in names:
            if not (self.data / name).is_file():
                raise MissingData(f"There is no {name} in {self.data}.")
        return [self.data / name for name in names]


@dataclass(slots=True)
class Report:
    """Tables to read, and the same figures for programs."""

    name: str
    figures: dict[str, Any] = field(default_factory=dict)
    tables: list[str] = field(default_factory=list)

    def table(self, title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Adds a table; the first column is text, the others are numbers and right-aligned."""
        cells = [list(head), *([_shown(cell) for cell in row] for row in rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
        lines = [title]
        for row in cells:
            first, rest = row[0].ljust(widths[0]), zip(row[1:], widths[1:], strict=True)
            lines.append("  ".join(["  " + first, *(cell.rjust(width) for cell, width in rest)]))
        self.tables.append("\n".join(lines))


def percentile(values: Sequence[float], percent: int) -> float:
    """The value below which ``percent`` of 100 of the values lie; 0 for none."""
    if len(values) < 2:
        return values[0] if values else 0.0
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def available() -> dict[str, str]:
    """Every benchmark by name, with the first line of its docstring."""
    package = importlib.import_module("benchmarks")
    found: dict[str, str] = {}
    for module in pkgutil.iter_modules(package.__path__):
        if module.name in _OWN or module.name.startswith("_"):
            continue
        text = importlib.import_module(f"benchmarks.{module.name}").__doc__ or ""
        found[module.name] = text.strip().partition("\n")[0]
    return found


def main(arguments: Sequence[str]) -> int:
    """Runs one benchmark. Returns the exit code: 0 measured or listed, 2 when it could not be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the product.")
    parser.add_argument("name", nargs="?", help="which benchmark; leave out for the list")
    parser.add_argument("--rows", type=int, help="how many rows to measure on")
    parser.add_argument("--data", type=Path, help="folder with the files to measure on")
    parser.add_argument("--json", action="store_true", help="print the JSON line only")
    given = parser.parse_args(arguments)
    names = available()
    if given.name is None:
        print("Benchmarks:")
        for name, about in names.items():
            print(f"  {name:<14}{about}")
        return 0
    if given.name not in names:
        print(f"There is no benchmark {given.name!r}. There are: {', '.join(names)}.", file=sys.stderr)
        return 2
    if given.rows is not None and given.rows < 1:
        print("--rows takes a number of 1 or more.", file=sys.stderr)
        return 2
    try:
        report: Report = importlib.import_module(f"benchmarks.{given.name}").run(
            Options(given.rows, given.data)
        )
    except MissingData as missing:
        print(missing, file=sys.stderr)
        return 2
    except StartRefused as refused:
        print(str(refused).replace("PRM_DATA", "PRM_BENCH_DATA"), file=sys.stderr)
        return 1
    if not given.json:
        print("\n\n".join(report.tables), end="\n\n")
    print(json.dumps({"benchmark": report.name, **report.figures}))
    return 0


def _shown(cell: object) -> str:
    """Shares and times with three figures, counts with thousands marked."""
    if isinstance(cell, float):
        return f"{cell:.3f}"
    return f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else str(cell)
