"""Warnings before a deadline, reminders before an end, and word on a protected deal. No database."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deals.rules.clock import Workweek, after, deadline, in_words, pressing_until, working_time_left
from deals.rules.lifecycle import ConflictKind
from deals.rules.reminders import Keepalive, Word, reminder_due
from partners.rules.terms import AUTHORITY_KINDS
from tests.deals.rules.test_clock_and_money import WEEK, at

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (330, "5 h 30 min"),
        (120, "2 h"),
        (18.9, "18 min"),
        (0.5, "none left"),
        (0, "none left"),
        (-90, "none left"),
    ],
)
def test_working_time_is_told_to_the_minute(minutes: float, words: str) -> None:
    assert in_words(timedelta(minutes=minutes)) == words


@pytest.mark.parametrize(
    ("now", "days", "until"),
    [
        ("2026-11-23 10:00", 2, "2026-11-23 14:00"),  # four hours are a quarter of two days
        ("2026-11-23 10:00", 1, "2026-11-23 12:00"),  # a quarter of one day is less
        ("2026-11-23 10:00", 30, "2026-11-23 14:00"),  # and of many days it is never more than four hours
        ("2026-11-20 16:00", 2, "2026-11-23 12:00"),  # nobody works on the weekend
    ],
)
def test_a_decision_is_pressing_in_its_last_working_hours(now: str, days: int, until: str) -> None:
    assert pressing_until(at(now), days, WEEK) == at(until)


@given(
    start=st.datetimes(datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2027-01-01")),
    minutes=st.integers(0, 6000),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
)
def test_time_that_was_left_is_left_again_when_the_clock_goes_on(start, minutes: int, zone: str) -> None:
    week = Workweek(zone, time(9), time(17))
    moment, left = start.replace(tzinfo=UTC), timedelta(minutes=minutes)
    assert working_time_left(moment, after(moment, left, week), week) == left


def test_time_that_ran_out_is_due_now_and_not_earlier() -> None:
    now = at("2026-11-23 10:00")
    assert after(now, timedelta(hours=-5), WEEK) == now
    assert deadline(now, 1, WEEK) == at("2026-11-24 10:00")


def reminders(length: int, days: list[float]) -> list[int | None]:
    """What a sweep sends when it runs on these days before the end of a protection, each after the last."""
    sent: list[int | None] = []
    reminded = None
    ends = START + length * DAY
    for left in days:
        step = reminder_due((START, ends), reminded, ends - left * DAY)
        reminded = step or reminded
        sent.append(step)
    return sent


def test_each_reminder_is_sent_once() -> None:
    assert reminders(90, [31, 30, 29.5, 20, 14, 13, 5, 3, 2.9, 0.1]) == [
        None, 30, None, None, 14, None, None, 3, None, None,
    ]  # fmt: skip


def test_after_a_long_silence_only_the_nearest_is_sent() -> None:
    assert reminders(90, [31, 2, 1]) == [None, 3, None]
    assert reminders(90, [12, 11]) == [14, None]
    assert reminders(90, [0, -5]) == [None, None]


def test_a_short_protection_is_not_announced_as_it_begins() -> None:
    assert reminders(14, [14, 13, 3]) == [None, None, 3]
    assert reminders(2, [2, 1]) == [None, None]


def keepalive(days: list[float], every: int = 30, ends: int = 5000) -> list[str]:
    """What sweeps on these days after the last word do, on a protection that ends on day ``ends``."""
    asked = None
    done = []
    for day in days:
        moment = START + day * DAY
        word = Word(given_at=START, asked_at=asked, ends_at=START + ends * DAY, every=every)
        act = word.act(moment)
        if act in (Keepalive.ASK, Keepalive.ASK_AHEAD):
            asked = moment
        done.append(act.value)
    return done


def test_word_is_asked_for_ahead_and_when_due_and_then_the_protection_goes() -> None:
    assert keepalive([0, 22, 23, 24, 30, 31, 36.9, 37]) == [
        "nothing", "nothing", "ask ahead", "nothing", "ask", "nothing", "nothing", "revoke",
    ]  # fmt: skip


def test_a_stopped_clock_takes_nothing_from_a_partner_who_was_never_asked() -> None:
    assert keepalive([90, 91, 96.9, 97]) == ["ask", "nothing", "nothing", "revoke"]
    assert keepalive([23, 90, 96, 97]) == ["ask ahead", "ask", "nothing", "revoke"]


def test_word_given_starts_the_days_again() -> None:
    ends = START + 90 * DAY
    word = Word(given_at=START + 25 * DAY, asked_at=START + 23 * DAY, ends_at=ends, every=30)
    assert word.act(START + 40 * DAY) is Keepalive.NOTHING
    assert word.act(START + 48 * DAY) is Keepalive.ASK_AHEAD


def test_the_charter_names_every_kind_of_conflict() -> None:
    assert set(AUTHORITY_KINDS) == set(ConflictKind)


def test_a_program_that_wants_no_word_never_asks() -> None:
    assert keepalive([10, 100, 1000], every=0) == ["nothing"] * 3
    assert keepalive([3, 4], every=7) == ["nothing", "ask ahead"]


def test_nobody_is_asked_for_word_that_would_keep_nothing() -> None:
    assert keepalive([23, 30], ends=37) == ["nothing", "nothing"]
    assert keepalive([23, 30, 37], ends=38) == ["ask ahead", "ask", "revoke"]
    assert keepalive([84, 86], ends=90) == ["nothing", "nothing"]
    assert keepalive([82, 83, 89], ends=90) == ["ask", "nothing", "revoke"]
