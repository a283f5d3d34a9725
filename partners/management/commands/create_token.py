"""``manage.py create_token --program SLUG --email EMAIL [--partner SLUG]``: an API token, printed once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from partners.access import program_id_of
from partners.core.actor import Actor, Door
from partners.core.errors import DomainError
from partners.core.scope import program_scope
from partners.services.people import seat_for_token
from partners.services.tokens import create_token


class Command(BaseCommand):
    """Person and seat are made when they are not there yet: software can have a seat of its own."""

    help = "Make an API token for a person's seat. The token is printed once and cannot be read again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--program", required=True, metavar="SLUG")
        parser.add_argument("--email", required=True)
        parser.add_argument(
            "--partner", default="", metavar="SLUG", help="For a seat at this partner; otherwise staff."
        )
        parser.add_argument("--name", default="command", help="What will use the token.")

    def handle(self, *args: Any, **options: Any) -> None:
        program_id = program_id_of(options["program"])
        if program_id is None:
            raise CommandError(f"There is no program {options['program']!r}.")
        actor = Actor.system(program_id=program_id, name="create_token", door=Door.COMMAND)
        try:
            with program_scope(program_id):
                seat = seat_for_token(actor=actor, email=options["email"], partner_slug=options["partner"])
                _token, secret = create_token(actor=actor, seat=seat, name=options["name"])
        except DomainError as error:
            raise CommandError(error.sentence) from error
        self.stdout.write(secret)
