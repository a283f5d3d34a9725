"""Working hours, holidays and the clocks of the charter: by screen and by API."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.urls import reverse

from partners.core.errors import FieldErrors, NotAllowed, Stale
from partners.core.scope import program_scope
from partners.models import CellMark, Charter, LedgerEntry, Program
from partners.rules.hours import read_days
from partners.services.hours import change_hours
from tests.support.cast import Cast

FORM = {
    "timezone": "Europe/Berlin",
    "workday_start": "08:30",
    "workday_end": "17:30",
    "holidays": "2026-12-25\n2026-12-26, 2026-01-01",
}


def now(cast: Cast) -> Program:
    with program_scope(cast.program.pk):
        return Program.objects.get(pk=cast.program.pk)


def change(cast: Cast, who: str = "leader", **values: Any) -> Program:
    with program_scope(cast.program.pk):
        return change_hours(actor=cast.actor(who), **values)


def test_days_are_read_however_they_are_parted() -> None:
    days = [date(2026, 1, 1), date(2026, 12, 25)]
    assert read_days("2026-12-25\n2026-01-01") == (days, [])
    assert read_days(" 2026-01-01,2026-12-25; 2026-12-25 ") == (days, [])
    assert read_days("christmas 2026-13-01") == ([], ["christmas", "2026-13-01"])
    assert read_days("") == ([], [])


def test_hours_and_holidays_change_by_screen(cast: Cast) -> None:
    address = reverse("partners:hours", kwargs={"program": "northwind"})
    leader = cast.client("leader")
    page = leader.get(address)
    answer = leader.post(address, FORM | {"version": page.context["form"]["version"].value()})
    assert answer.status_code == 302
    program = now(cast)
    assert (program.workday_start, program.workday_end) == (time(8, 30), time(17, 30))
    assert program.holidays == ["2026-01-01", "2026-12-25", "2026-12-26"]
    with program_scope(cast.program.pk):
        entry = LedgerEntry.objects.get(verb="program.hours_changed")
        assert set(entry.new) == {"workday_start", "workday_end", "holidays"}
        assert not CellMark.objects.exists()
    stale = leader.post(address, FORM | {"version": 1, "workday_end": "16:00"})
    assert stale.status_code == 412
    assert now(cast).workday_end == time(17, 30)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"timezone": "Middle/Earth"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"workday_end": "08:30"}, "workday_end"),
        ({"holidays": "Christmas"}, "holidays"),
        ({"holidays": "2026-02-30"}, "holidays"),
    ],
)
def test_nonsense_is_refused_at_its_field(cast: Cast, wrong: dict[str, str], field: str) -> None:
    address = reverse("partners:hours", kwargs={"program": "northwind"})
    page = cast.client("leader").post(address, FORM | wrong)
    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert now(cast).workday_start == time(9)


def test_who_may_and_what_is_checked_by_the_service(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        change(cast, "ops", timezone="Europe/Paris")
    with pytest.raises(Stale):
        change(cast, workday_end=time(18), expected_version=7)
    with pytest.raises(FieldErrors):
        change(cast, holidays=[date(2026, 1, 1) + timedelta(days=day) for day in range(500)])
    assert now(cast).version == 1


def test_another_time_zone_moves_the_borders_of_months(cast: Cast) -> None:
    change(cast, timezone="Europe/Paris")
    with program_scope(cast.program.pk):
        marks = set(CellMark.objects.values_list("partner_id", "since"))
    assert marks == {(who, date(1900, 1, 1)) for who in (None, cast.alder.pk, cast.birch.pk)}


def test_the_same_through_the_api(cast: Cast) -> None:
    address = "/api/v1/programs/northwind/program/"
    leader = cast.client("leader")
    read = leader.get(address)
    assert (read.json()["workday_start"], read.json()["holidays"]) == ("09:00:00", [])
    body = {"holidays": ["2026-12-25"], "workday_end": "16:00"}
    headers = {"If-Match": read["ETag"]}
    answer = leader.patch(address, body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["holidays"]) == (200, ["2026-12-25"])
    assert now(cast).workday_end == time(16)
    again = leader.patch(address, body, content_type="application/json", headers=headers)
    assert again.status_code == 412
    wrong = leader.patch(address, {"workday_start": "18:00"}, content_type="application/json")
    assert wrong.status_code == 422


def test_the_clocks_of_the_charter_change_by_screen_and_empty_ones_stay(cast: Cast) -> None:
    address = reverse("partners:charter", kwargs={"program": "northwind"})
    terms = {
        "origin": "shortage",
        "benefit": "We hold the customer for you.",
        "decision_days": 3,
        "protection_days": 60,
        "ramp_months": 12,
        "evaluation_months": 18,
        "rules_all": "sales_ops",
        "rules_appeal": "leader",
        "rules_route_around": "partner_manager",
        "number": 1,
        "keepalive_days": 0,
        "answer_days": 5,
        "appeal_days": "",
    }
    assert cast.client("leader").post(address, terms).status_code == 302
    with program_scope(cast.program.pk):
        charter = Charter.objects.get(number=2)
    assert (charter.keepalive_days, charter.answer_days, charter.appeal_days) == (0, 5, 14)
    assert charter.authority == {"*": "sales_ops", "appeal": "leader", "route_around": "partner_manager"}
    assert cast.client("leader").post(address, terms | {"answer_days": 91, "number": 2}).status_code == 422
