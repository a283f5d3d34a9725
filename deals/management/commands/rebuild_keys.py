"""``manage.py rebuild_keys``: write the keys by which accounts are found again, when they changed."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from deals.accounts.services import rebuild_keys
from partners.access import program_id_of
from partners.core.scope import program_scope


class Command(BaseCommand):
    """Can be stopped and started again; the same result however often it runs."""

    help = "Write the matching keys of all accounts of a program again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--program", required=True, metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        program_id = program_id_of(options["program"])
        if program_id is None:
            raise CommandError(f"There is no program “{options['program']}”.")
        with program_scope(program_id):
            count = rebuild_keys()
        self.stdout.write(f"Keys of {count:,} accounts written.")
