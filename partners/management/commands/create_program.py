"""``manage.py create_program SLUG --name … --currency … --timezone …``: the first act of a program."""

import argparse
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from partners.core.actor import Actor, Door, Role
from partners.core.errors import DomainError
from partners.core.scope import program_scope
from partners.services.invitations import invite
from partners.services.programs import create_program


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2026-11-23") from error


class Command(BaseCommand):
    """Makes the program, its offering and charter 1; invites its leader when one is named."""

    help = "Make a program. With --leader, an invitation is mailed to its leader."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="Short name in addresses: small letters, digits, hyphens.")
        parser.add_argument("--name", required=True)
        parser.add_argument("--currency", required=True, help="Three letters, such as EUR.")
        parser.add_argument("--timezone", default="UTC", help="Such as Europe/Berlin.")
        parser.add_argument("--vendor", default="", help="The company whose program it is.")
        parser.add_argument("--offering", default="", help="What is sold.")
        parser.add_argument("--launched-on", type=_day, default=None)
        parser.add_argument("--leader", default="", metavar="EMAIL", help="Invite this person as leader.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            program = create_program(
                slug=options["slug"],
                name=options["name"],
                currency=options["currency"],
                timezone=options["timezone"],
                vendor=options["vendor"],
                offering=options["offering"],
                launched_on=options["launched_on"],
            )
            if options["leader"]:
                with program_scope(program.pk):
                    actor = Actor.system(program_id=program.pk, name=program.vendor, door=Door.COMMAND)
                    invite(actor=actor, email=options["leader"], role=Role.LEADER)
        except DomainError as error:
            raise CommandError(error.sentence) from error
        self.stdout.write(f"Program {program.slug} is made: /p/{program.slug}/")
