"""``manage.py rebuild_cells [--program SLUG]``: prove the metric cells now instead of tonight."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from partners.access import program_id_of, program_ids
from partners.core.scope import program_scope
from prm.selectors.cells import last_rebuild
from prm.tasks import rebuild_program


class Command(BaseCommand):
    """Sums every figure again, says which cells differed, and puts them right."""

    help = "Sum every metric cell again from its rows, say which differed, and put those right."

    def add_arguments(self, parser: CommandParser) -> None:
        """One program, or all."""
        parser.add_argument("--program", metavar="SLUG", help="only this program")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises ``CommandError`` when there is no such program."""
        slug = options["program"]
        programs = [program_id_of(slug)] if slug else program_ids()
        for program_id in programs:
            if program_id is None:
                raise CommandError(f"There is no program {slug!r}.")
            rebuild_program(program_id)
            with program_scope(program_id):
                run = last_rebuild()
            if run is None:
                raise CommandError("The rebuild left no record.")
            self.stdout.write(f"{run.program.slug}: {run}.")
            for cell in run.differences:
                self.stdout.write(
                    f"  {cell['partner'] or 'direct'} {cell['month']} {cell['metric']}:"
                    f" {cell['old']} is {cell['new']} now"
                )
