"""The demo: told through the services people use, and with something of everything to look at."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.test import override_settings

from deals.models import Conflict, Registration, Statement
from deals.rules.lifecycle import LATER_KINDS, ConflictKind, Outcome, State
from partners.access import program_id_of
from partners.core.scope import program_scope
from partners.models import LedgerEntry

FRIDAY = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_it_shows_what_our_own_side_did_ruled_on_and_waiting(tmp_path: Path) -> None:
    with override_settings(PRM_DATA=tmp_path), time_machine.travel(FRIDAY, tick=False):
        call_command("make_demo")
    program_id = program_id_of("demo")
    assert program_id is not None
    with program_scope(program_id):
        rows = Conflict.objects.filter(kind__in=LATER_KINDS).select_related("ruling", "registration")
        told = {(row.kind, row.ruling.outcome if row.ruling else "", row.raised_by) for row in rows}
        assert told == {
            (ConflictKind.REP_OPPORTUNITY, Outcome.UPHOLD_PARTNER, "Callum Baird"),
            (ConflictKind.ROUTE_AROUND, Outcome.SHARE, ""),
            (ConflictKind.SOURCE_CHANGED, "", "Marta Kowal"),
            (ConflictKind.REP_OPPORTUNITY, "", "Callum Baird"),
        }
        waiting = rows.get(kind=ConflictKind.REP_OPPORTUNITY, closed_at__isnull=True)
        assert (waiting.registration.partner.slug, waiting.registration.state) == ("pellworm-it", "approved")
        assert waiting.due_at > FRIDAY
        assert Statement.objects.get().registration == waiting.registration
        # Each is on the ledger, and every approved deal stands on the account its protection holds.
        assert LedgerEntry.objects.filter(verb="ruling.given", actor_name="Marta Kowal").count() >= 2
        held = Registration.objects.filter(state=State.APPROVED).select_related("protection")
        assert {row.account_id == row.protection.account_id for row in held} == {True}
