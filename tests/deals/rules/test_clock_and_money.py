"""Deadlines in business time, and amounts at reference rates. No database."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deals.rules.clock import Workweek, deadline, holidays_of, working_time_left
from deals.rules.money import convert, rate_between
from deals.rules.protection import days_left, ended_early, protected_until

BERLIN = ZoneInfo("Europe/Berlin")
YEARS = (datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2027-01-01"))
WEEK = Workweek("Europe/Berlin", time(9), time(17))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("claimed", "days", "due"),
    [
        ("2026-11-20 16:00", 2, "2026-11-24 16:00"),  # Friday to Tuesday
        ("2026-11-21 12:00", 2, "2026-11-24 17:00"),  # Saturday counts from Monday
        ("2026-11-23 18:30", 1, "2026-11-24 17:00"),  # after hours: the next day
        ("2026-11-23 06:00", 1, "2026-11-23 17:00"),  # before hours: this day
        ("2026-11-23 17:00", 1, "2026-11-24 17:00"),
        ("2026-03-27 12:00", 1, "2026-03-30 12:00"),  # over the start of summer time
        ("2026-10-23 12:00", 1, "2026-10-26 12:00"),  # and over its end
    ],
)
def test_a_deadline_counts_working_hours(claimed: str, days: int, due: str) -> None:
    assert deadline(at(claimed), days, WEEK) == at(due)


def test_holidays_stop_the_clock_and_nonsense_among_them_does_not() -> None:
    week = Workweek("Europe/Berlin", time(9), time(17), holidays_of(["2026-12-25", "soon", None, 7]))
    assert week.holidays == {date(2026, 12, 25)}
    assert deadline(at("2026-12-24 12:00"), 1, week) == at("2026-12-28 12:00")


def test_a_workday_inside_the_skipped_hour_ends_after_it() -> None:
    week = Workweek("Africa/Cairo", time(0), time(0, 30))
    due = deadline(datetime(2026, 4, 23, 20, 0, tzinfo=UTC), 1, week)
    assert due.tzinfo is UTC
    assert due > datetime(2026, 4, 23, 21, 0, tzinfo=UTC)


@given(
    start=st.datetimes(*YEARS),
    days=st.integers(1, 10),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
def test_the_time_left_at_the_claim_is_what_was_promised(start: datetime, days: int, zone: str) -> None:
    week = Workweek(zone, time(9), time(17))
    claimed = start.replace(tzinfo=UTC)
    due = deadline(claimed, days, week)
    assert working_time_left(claimed, due, week) == timedelta(hours=8 * days)
    assert working_time_left(due, claimed, week) == -timedelta(hours=8 * days)
    assert week.is_workday(due.astimezone(ZoneInfo(zone)).date())


def test_days_left_count_the_begun_day() -> None:
    until = protected_until(at("2026-11-23 10:00"), 90)
    assert days_left(until, at("2026-11-23 10:00")) == 90
    assert days_left(until, until - timedelta(seconds=1)) == 1
    assert days_left(until, until) == 0
    assert days_left(until, until + timedelta(days=3)) == 0


def test_an_early_end_stays_inside_the_period() -> None:
    start, until = at("2026-11-23 10:00"), at("2026-12-23 10:00")
    assert ended_early(start, until, start - timedelta(days=1)) == start
    assert ended_early(start, until, until + timedelta(days=1)) == until
    assert ended_early(start, until, start + timedelta(days=1)) == start + timedelta(days=1)


def test_the_same_currency_needs_no_rate() -> None:
    converted = convert(Decimal("10.10"), "AED", "AED", date(2026, 3, 10))
    assert converted is not None
    assert (converted.amount, converted.rate) == (Decimal("10.10"), Decimal(1))


def test_a_weekend_takes_fridays_rate_and_says_so() -> None:
    friday = rate_between("USD", "EUR", date(2026, 3, 6))
    assert friday is not None
    assert rate_between("USD", "EUR", date(2026, 3, 8)) == friday
    assert friday[1] == date(2026, 3, 6)


def test_cross_rates_go_through_the_euro() -> None:
    dollars = rate_between("EUR", "USD", date(2026, 3, 6))
    pounds = rate_between("EUR", "GBP", date(2026, 3, 6))
    cross = rate_between("GBP", "USD", date(2026, 3, 6))
    assert dollars
    assert pounds
    assert cross
    assert abs(cross[0] - dollars[0] / pounds[0]) < Decimal("0.0000001")


@pytest.mark.parametrize(
    ("currency", "day"),
    [
        ("AED", date(2026, 3, 6)),
        ("RUB", date(2026, 3, 6)),
        ("HRK", date(2026, 3, 6)),
        ("USD", date(1990, 1, 1)),
    ],
)
def test_without_a_rate_nothing_is_guessed(currency: str, day: date) -> None:
    assert convert(Decimal(100), currency, "EUR", day) is None


def test_an_amount_out_of_bounds_is_not_converted() -> None:
    assert convert(Decimal(10) ** 12, "EUR", "IDR", date(2026, 3, 6)) is None
