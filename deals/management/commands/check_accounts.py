"""``manage.py check_accounts``: look a list of companies up among the accounts (DESIGN §11)."""

import csv
import os
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from deals.lists.services import answers_for, companies_in
from deals.matching.match import Band
from partners.access import program_id_of
from partners.core.errors import DomainError
from partners.core.scope import program_scope
from partners.core.text import csv_safe

HEADER = ("query_id", "rank", "account_id", "band", "score", "reasons")
_SHOWN = (Band.SAME, Band.POSSIBLE)
_EVERY = 1000


class Command(BaseCommand):
    """Writes one line for each account a row is or may be; a row without a line is none of them."""

    help = "Match a list (query_id, name, domain, country by any header) against the accounts of a program."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--program", required=True, metavar="SLUG")
        parser.add_argument("--out", required=True, metavar="FILE", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        program_id = program_id_of(options["program"])
        if program_id is None:
            raise CommandError(f"There is no program “{options['program']}”.")
        source, out = Path(options["file"]), Path(options["out"])
        if not source.is_file():
            raise CommandError(f"There is no file {source}.")
        if not out.parent.is_dir():
            raise CommandError(f"There is no folder {out.parent} to write to.")
        # The answer appears whole or not at all.
        handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
                counts = self._write(program_id, source, csv.writer(stream))
            os.replace(name, out)
        except DomainError as error:
            Path(name).unlink(missing_ok=True)
            raise CommandError(f"{source.name}: {error.sentence}") from error
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        self.stdout.write(
            f"{counts['rows']:,} rows: {counts['same']:,} same, {counts['possible']:,} possible, "
            f"{counts['rows'] - counts['same'] - counts['possible']:,} different"
        )

    def _write(self, program_id: int, source: Path, writer: Any) -> dict[str, int]:
        counts = {"rows": 0, "same": 0, "possible": 0}
        writer.writerow(HEADER)
        for company in companies_in(source):
            with program_scope(program_id):
                found = [answer for answer in answers_for(company) if answer["band"] in _SHOWN]
            for rank, answer in enumerate(found, start=1):
                told = (company.query_id, rank, answer["account"], answer["band"], answer["score"])
                writer.writerow([csv_safe(str(value)) for value in (*told, answer["reasons"])])
            counts["rows"] += 1
            if found:
                counts[found[0]["band"]] += 1
            if counts["rows"] % _EVERY == 0:
                self.stderr.write(f"{counts['rows']:,} rows …")
        return counts
