"""``manage.py import_crm``: load files as a CRM exported them, or say why not (DESIGN §11)."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from deals.imports.run import Summary
from deals.imports.services import check_complete, describe_file, load_now
from deals.models import Import, ImportProblem
from deals.tabular.fields import RecordKind
from partners.access import program_id_of
from partners.core.actor import Actor, Door
from partners.core.errors import DomainError
from partners.core.scope import program_scope

# Accounts come before the opportunities that name them, partners before their activities.
_ORDER = [RecordKind.PARTNERS, RecordKind.ACCOUNTS, RecordKind.OPPORTUNITIES, RecordKind.ACTIVITIES]
_COUNTS = ("read", "created", "updated", "unchanged")


class Command(BaseCommand):
    """All or nothing per file; every file is looked at before the first is loaded."""

    help = "Load accounts, opportunities, partners or activities from files as exported by a CRM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path)
        parser.add_argument("--program", required=True, metavar="SLUG")
        parser.add_argument(
            "--kind", choices=RecordKind.values, help="what the records are, when the header does not say"
        )
        parser.add_argument(
            "--map", action="append", default=[], metavar="COLUMN=FIELD", help="overrule a column"
        )
        parser.add_argument("--dates", choices=["dmy", "mdy"], default="", help="order of day and month")
        parser.add_argument("--decimals", choices=[".", ","], default="", help="the decimal mark of amounts")
        parser.add_argument("--dry-run", action="store_true", help="try everything, change nothing")
        parser.add_argument("--json", action="store_true", help="print the summary as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        program_id = program_id_of(options["program"])
        if program_id is None:
            raise CommandError(f"There is no program “{options['program']}”.")
        actor = Actor.system(program_id=program_id, name="import_crm", door=Door.COMMAND)
        mapping = _mapping(options["map"])
        try:
            planned = [self._described(path, actor, mapping, options) for path in options["files"]]
        except DomainError as error:
            raise CommandError(error.sentence) from error
        planned.sort(key=lambda pair: _ORDER.index(RecordKind(pair[1].kind)))
        results = [self._loaded(path, file, actor, options) for path, file in planned]
        if options["json"]:
            self.stdout.write(json.dumps(_together(results), ensure_ascii=False, indent=1))
        else:
            for result in results:
                self._tell(result, dry_run=options["dry_run"])

    def _described(
        self, path: Path, actor: Actor, mapping: dict[str, str], options: dict[str, Any]
    ) -> tuple[Path, Import]:
        with program_scope(actor.program_id):
            file = describe_file(
                actor=actor, name=path.name, source=path, kind=options["kind"], mapping=mapping
            )
            check_complete(file)
        file.size = path.stat().st_size
        file.date_order, file.decimal_mark = options["dates"], options["decimals"]
        return path, file

    def _loaded(self, path: Path, file: Import, actor: Actor, options: dict[str, Any]) -> dict[str, Any]:
        """Load one file in one transaction; the answer in the promised form."""
        try:
            with program_scope(actor.program_id):
                summary = load_now(actor=actor, file=file, source=path, dry_run=options["dry_run"])
                result = _result(file, summary)
                transaction.set_rollback(options["dry_run"])
        except (DomainError, ValueError) as error:
            raise CommandError(f"{path.name}: {error}") from error
        return result

    def _tell(self, result: dict[str, Any], *, dry_run: bool) -> None:
        counts = ", ".join(f"{result[name]:,} {name}" for name in _COUNTS)
        tried = " (tried only; nothing was changed)" if dry_run else ""
        rejected = len({problem["row"] for problem in result["rejected"]})
        self.stdout.write(f"{result['file']}: {result['kind']}, {result['dialect']}{tried}")
        self.stdout.write(f"  {counts}, {rejected:,} rejected")
        for note in result["notes"]:
            where = f"{note['column']}: " if note["column"] else ""
            times = f" ({note['rows']:,} rows, first {note['row']})" if note["rows"] else ""
            self.stdout.write(f"  note  {where}{note['note']}{times}")
        for problem in result["rejected"][:50]:
            where = f", {problem['column']}" if problem["column"] else ""
            self.stdout.write(f"  row {problem['row']}{where}: {problem['problem']}")
        if len(result["rejected"]) > 50:
            self.stdout.write(f"  … and {len(result['rejected']) - 50:,} more; --json lists all.")


def _mapping(pairs: list[str]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for pair in pairs:
        column, separator, name = pair.rpartition("=")
        if not separator or not column.strip():
            raise CommandError(f"“{pair}” is not COLUMN=FIELD.")
        chosen[column.strip()] = name.strip()
    return chosen


def _result(file: Import, summary: Summary) -> dict[str, Any]:
    problems = ImportProblem.objects.filter(file=file).order_by("row", "pk")
    about = [{"column": "", "note": sentence, "row": 0, "rows": 0} for sentence in summary.about]
    return {
        "file": file.file_name,
        "kind": file.kind,
        "dialect": file.dialect,
        "mapping": file.mapping,
        **{name: summary.as_json()[name] for name in _COUNTS},
        "rejected": list(problems.values("row", "column", "problem")),
        "notes": [*about, *summary.notes],
    }


def _together(results: list[dict[str, Any]]) -> dict[str, Any]:
    """One file's answer, or the sum of several with each file's own under ``files``."""
    if len(results) == 1:
        return results[0]
    totals: dict[str, Any] = {name: sum(result[name] for result in results) for name in _COUNTS}
    rejected = [{"file": one["file"], **problem} for one in results for problem in one["rejected"]]
    return {**totals, "rejected": rejected, "files": results}
