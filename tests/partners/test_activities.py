"""Activities removed: by service, screen and API, once, with the ledger keeping them and the cells told."""

import json
from datetime import date

import pytest

from partners.core.errors import NotAllowed, NotFound
from partners.core.scope import program_scope
from partners.models import Activity, CellMark, LedgerEntry
from partners.services.activities import log_activity, remove_activity
from tests.support.cast import Cast

DAY = date(2026, 5, 4)


@pytest.fixture
def logged(cast: Cast) -> Activity:
    with program_scope(cast.program.pk):
        made = log_activity(
            actor=cast.actor("manager"), partner=cast.alder, kind="call", happened_on=DAY, minutes=25
        )
        CellMark.objects.all().delete()
    return made


def left(cast: Cast) -> int:
    with program_scope(cast.program.pk):
        return Activity.objects.count()


def test_what_was_logged_by_mistake_is_removed_and_kept_in_the_ledger(cast: Cast, logged: Activity) -> None:
    with program_scope(cast.program.pk):
        remove_activity(actor=cast.actor("ops"), activity=logged)
        entry = LedgerEntry.objects.get(verb="activity.removed")
        assert entry.old == {
            "partner": "Alder Consulting",
            "kind": "call",
            "happened_on": "2026-05-04",
            "minutes": 25,
            "note": "",
        }
        mark = CellMark.objects.get()
        assert (mark.partner_id, mark.since) == (cast.alder.pk, date(2026, 5, 1))
        with pytest.raises(NotFound):  # somebody else was faster
            remove_activity(actor=cast.actor("ops"), activity=logged)
        assert LedgerEntry.objects.filter(verb="activity.removed").count() == 1


def test_who_may_not_log_may_not_remove(cast: Cast, logged: Activity) -> None:
    with program_scope(cast.program.pk), pytest.raises(NotAllowed):
        remove_activity(actor=cast.actor("sponsor"), activity=logged)
    assert left(cast) == 1


def test_by_screen(cast: Cast, logged: Activity) -> None:
    client = cast.client("manager")
    page = client.get(f"/p/northwind/partners/{cast.alder.public_id}/")
    address = f"/p/northwind/activities/{logged.public_id}/remove/"
    assert address in page.content.decode()
    assert client.get(address).status_code == 405
    answer = client.post(address, follow=True)
    assert answer.redirect_chain == [(f"/p/northwind/partners/{cast.alder.public_id}/", 302)]
    assert "Removed. It no longer counts; the ledger keeps it." in answer.content.decode()
    assert left(cast) == 0


def test_by_api(cast: Cast, logged: Activity) -> None:
    client = cast.client("ops")
    address = f"/api/v1/programs/northwind/activities/{logged.public_id}/"
    assert client.get(address).json()["minutes"] == 25
    assert cast.client("alder_admin").delete(address).status_code == 403
    assert client.delete(address).status_code == 204
    assert client.delete(address).status_code == 404
    assert left(cast) == 0
    made = client.post(
        "/api/v1/programs/northwind/activities/",
        json.dumps({"partner": cast.alder.public_id, "kind": "meeting"}),
        content_type="application/json",
    )
    assert (made.status_code, made.json()["minutes"]) == (201, 0)
