"""Partners and activities from files."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine

from partners.core.scope import program_scope
from partners.models import Activity, CellMark, Partner
from tests.support.cast import Cast
from tests.support.imports import counts, load_file, notes, rejections


@pytest.fixture(autouse=True)
def _in_program(cast: Cast) -> Iterator[None]:
    with time_machine.travel("2026-06-15 10:00", tick=False), program_scope(cast.program.pk):
        yield


def test_partners_are_found_by_name_and_take_their_id(cast: Cast) -> None:
    summary = load_file(cast, "partners.csv")
    assert counts(summary) == (3, 2, 1, 0, 0)
    alder = Partner.objects.get(pk=cast.alder.pk)
    assert (alder.external_id, alder.intent, alder.signed_on, alder.manager) == (
        "P-1",
        "resell",
        date(2025, 2, 1),
        cast.seats["manager"],
    )
    assert list(
        Partner.objects.filter(name="Dogwood Systems").order_by("slug").values_list("slug", "intent")
    ) == [
        ("dogwood-systems", "co_sell"),
        ("dogwood-systems-2", "referral"),
    ]
    assert notes(summary) == {
        "“Unknown thing” is not known here; “co_sell” is used.": 1,
        "“Nobody Here” has no seat in this program; no partner manager was set.": 1,
    }
    assert counts(load_file(cast, "partners.csv")) == (3, 0, 0, 3, 0)


def test_activities_of_a_german_spreadsheet(cast: Cast) -> None:
    mapping = {"Art": "kind", "Datum": "happened_on", "Dauer": "minutes", "Notiz": "note"}
    summary = load_file(cast, "activities_cp1252.csv", kind="activities", mapping=mapping)
    assert counts(summary) == (5, 2, 0, 0, 3)
    assert rejections() == [
        (4, "Partner", "“Unbekannt AG” is not a partner of this program."),
        (5, "Datum", "2030-11-20 has not come yet; planned work is not loaded."),
        (6, "Dauer", "1,500 minutes are more than a day; an activity lasts at most 1,440."),
    ]
    meeting, call = Activity.objects.order_by("happened_on")
    assert (meeting.kind, meeting.happened_on, meeting.minutes) == ("meeting", date(2025, 11, 3), 45)
    assert (meeting.partner, meeting.note) == (cast.alder, "Jahresplan für Köln")
    assert (call.kind, call.minutes) == ("call", 15)
    assert any("Windows-1252" in line for line in summary.about)
    assert list(CellMark.objects.values_list("partner", "since")) == [(cast.alder.pk, date(2025, 11, 1))]
    again = load_file(cast, "activities_cp1252.csv", kind="activities", mapping=mapping)
    assert counts(again) == (5, 0, 0, 2, 3)


def test_equal_activities_without_ids_are_counted_not_merged(cast: Cast) -> None:
    head = b"partner,kind,date,minutes\n"
    row = b"Alder Consulting,Call,2026-01-05,15\n"
    assert counts(load_file(cast, head + row * 2)) == (2, 2, 0, 0, 0)
    assert counts(load_file(cast, head + row * 3)) == (3, 1, 0, 2, 0)
    assert Activity.objects.count() == 3


def test_activities_with_ids_follow_the_file(cast: Cast) -> None:
    head = b"id,partner,kind,date,minutes\n"
    load_file(cast, head + b"7,Alder Consulting,Call,2026-01-05,15\n")
    assert counts(load_file(cast, head + b"7,Birch Systems,Call,2026-01-05,20\n"))[1:] == (0, 1, 0, 0)
    row = Activity.objects.get()
    assert (row.partner, row.minutes) == (cast.birch, 20)
    assert set(CellMark.objects.values_list("partner", flat=True)) == {cast.alder.pk, cast.birch.pk}


def test_a_salesforce_account_that_is_a_partner_carries_its_events(cast: Cast) -> None:
    Partner.objects.filter(pk=cast.alder.pk).update(external_id="001A0000012AbCdIAK")
    head = b"Id,AccountId,ActivityDate,DurationInMinutes,Subject,Type,WhoId,IsDeleted\n"
    summary = load_file(cast, head + b"00U1,001A0000012AbCd,2026-01-05,30,Hello,Meeting,,false\n")
    assert counts(summary) == (1, 1, 0, 0, 0)
    assert Activity.objects.get().partner == cast.alder
