"""``manage.py invite --program SLUG --email EMAIL --role ROLE [--partner SLUG]``: mail an invitation."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from partners.access import program_id_of
from partners.core.actor import PARTNER_ROLES, STAFF_ROLES, Actor, Door
from partners.core.errors import DomainError
from partners.core.scope import program_scope
from partners.models import Partner
from partners.selectors import program_in_force
from partners.services.invitations import invite


class Command(BaseCommand):
    """The link goes out by mail; it is never printed."""

    help = "Invite somebody to a program."

    def add_arguments(self, parser: CommandParser) -> None:
        roles = sorted(role.value for role in STAFF_ROLES | PARTNER_ROLES)
        parser.add_argument("--program", required=True, metavar="SLUG")
        parser.add_argument("--email", required=True)
        parser.add_argument("--role", required=True, choices=roles)
        parser.add_argument("--name", default="")
        parser.add_argument("--partner", default="", metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        program_id = program_id_of(options["program"])
        if program_id is None:
            raise CommandError(f"There is no program {options['program']!r}.")
        try:
            with program_scope(program_id):
                partner = Partner.objects.filter(slug=options["partner"]).first()
                if options["partner"] and partner is None:
                    raise CommandError(f"There is no partner {options['partner']!r} in this program.")
                vendor = program_in_force().vendor
                invitation = invite(
                    actor=Actor.system(program_id=program_id, name=vendor, door=Door.COMMAND),
                    email=options["email"],
                    name=options["name"],
                    role=options["role"],
                    partner=partner,
                )
        except DomainError as error:
            raise CommandError(error.sentence) from error
        self.stdout.write(f"An invitation goes to {invitation.email}.")
