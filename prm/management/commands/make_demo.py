"""``make_demo``: a made-up vendor eighteen months into its program, written through the services people use.

All of it is one transaction: a start that is cut off leaves nothing behind, and the next one tells the story
again. The same day always tells the same story.
"""

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from deals.imports.services import import_bytes
from deals.registrations.protect import expire_protections
from partners.core import clock
from partners.core.actor import Actor, Door
from partners.core.errors import DomainError
from partners.core.scope import program_scope
from partners.services.charters import sign_charter
from partners.services.programs import create_program
from prm.management.demo.activities import plan_activities
from prm.management.demo.benefits import plan_benefits
from prm.management.demo.care import plan_care
from prm.management.demo.crm import Market
from prm.management.demo.deals import plan_deals, plan_open_conflicts
from prm.management.demo.leads import plan_leads
from prm.management.demo.our_side import plan_our_side
from prm.management.demo.people import end_agreements, seat_everybody
from prm.management.demo.plans import plan_plans
from prm.management.demo.story import CHARTER, PARTNER_PEOPLE, PASSWORD, PROGRAM_MONTHS, STAFF
from prm.management.demo.timeline import Timeline
from prm.services.cells import recompute_cells


class Command(BaseCommand):
    """Make the demo program ``demo``; refuses when it is there already."""

    help = "Make the demo program: a made-up vendor eighteen months into its partner program."

    def handle(self, *args: Any, **options: Any) -> None:
        timezone = "Europe/Berlin"
        today = clock.today(timezone)
        begin = clock.now() - timedelta(days=round(PROGRAM_MONTHS * 30.4))
        try:
            with transaction.atomic():
                with clock.at(begin):
                    program = create_program(
                        slug="demo",
                        name="Fernhill Partners",
                        vendor="Fernhill",
                        currency="EUR",
                        timezone=timezone,
                        launched_on=clock.today(timezone),
                        offering="Fernhill Scheduling",
                    )
                with program_scope(program.pk):
                    self._tell(Timeline(program, today), begin_days=round(PROGRAM_MONTHS * 30.4))
        except DomainError as error:
            raise CommandError(error.sentence) from error
        people = [{"role": str(person.role.label), "email": person.email} for person in STAFF]
        people += [{"role": str(person.role.label), "email": person.email} for person in PARTNER_PEOPLE[:2]]
        settings.PRM_DATA.mkdir(parents=True, exist_ok=True)
        path = settings.PRM_DATA / "demo.json"
        path.write_text(json.dumps({"password": PASSWORD, "people": people}, indent=2))
        self.stdout.write(f"Made the program {program.slug}; sign-ins are in {path.name}.")

    def _tell(self, line: Timeline, *, begin_days: int) -> None:
        market = Market(line.today)
        with clock.at(clock.now() - timedelta(days=begin_days)):
            seat_everybody(line)
            sign_charter(actor=line.actor("leader@fernhill.example"), expected_number=1, **CHARTER)
        ops = Actor.system(program_id=line.program.pk, name="make_demo", door=Door.COMMAND)
        crm = line.actor("ops@fernhill.example")
        import_bytes(actor=crm, file_name="companies.csv", content=market.accounts_file())
        import_bytes(actor=crm, file_name="deals.csv", content=market.deals_file())
        plan_activities(line)
        plan_deals(line, market)
        plan_plans(line)
        plan_leads(line)
        plan_open_conflicts(line, market)
        plan_benefits(line)
        end_agreements(line)
        plan_care(line)
        plan_our_side(line)
        for days in range(begin_days, 0, -7):
            line.on(line.back(days), lambda: expire_protections(actor=ops), hour=6)
        line.play()
        while recompute_cells():
            pass
