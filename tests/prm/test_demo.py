"""The demo: told through the services people use, and with something of everything to look at."""

from pathlib import Path

import pytest

from deals.models import Conflict, Registration, Statement
from deals.rules.lifecycle import LATER_KINDS, ConflictKind, Outcome, State
from partners.models import LedgerEntry
from tests.support.proof.__main__ import GOLDEN, first_difference
from tests.support.proof.demo import FRIDAY, lines, the_demo


@pytest.mark.django_db
def test_it_shows_what_our_own_side_did_ruled_on_and_waiting(tmp_path: Path) -> None:
    with the_demo(tmp_path):
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
        # And every row of it is what was committed, so that a change of any service is seen in a diff.
        now = "\n".join(lines()) + "\n"
        assert first_difference((GOLDEN / "demo.txt").read_text(), now) == "", (
            "If it is meant to change: python -m tests.support.proof --write"
        )
