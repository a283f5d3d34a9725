"""Dates, read by the column and never by the cell.

``3/4/2017`` means two days. So a whole column is looked at first (``observe`` every cell), then an order
is settled once (``settle``), and only then are cells read. When no cell decides, the stated default is used
and ``Style.note`` says so. When cells contradict each other, those that can only mean one thing are read and
the others are refused.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from deals.tabular.values import Style, ValueFault, is_blank, shown

_ISO = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?",
    re.IGNORECASE,
)
_NUMERIC = re.compile(
    r"(\d{1,2})([/.\-])(\d{1,2})\2(\d{4}|\d{2})"
    r"(?:,?[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp]\.?[Mm]\.?)?)?"
)
_COMPACT = re.compile(r"(19|20)(\d{2})(\d{2})(\d{2})")
_MILLIS = re.compile(r"\d{12,13}")
_WORDY = re.compile(
    r"(?:(\d{1,2})[. -]+([A-Za-z]{3,9})\.?|([A-Za-z]{3,9})\.? +(\d{1,2})),?[ -]+(\d{4})"
    r"(?:,? (\d{1,2}):(\d{2})(?::(\d{2}))?)?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG_MONTHS = tuple(name.lower() for name in calendar.month_name[1:])
_ORDER_WORDS = {"mdy": "month first", "dmy": "day first"}


@dataclass(slots=True)
class DateColumn:
    """Collects what a column's cells say about the order of day and month. Rows are kept as evidence."""

    day_first: int = 0
    month_first: int = 0
    open: int = 0
    two_digit_years: int = 0
    _seen_day: int = 0
    _seen_month: int = 0

    def observe(self, text: str, row: int) -> None:
        """Look at one cell of row ``row``."""
        match = _NUMERIC.fullmatch(text.strip())
        if not match:
            return
        first, second = int(match[1]), int(match[3])
        self.two_digit_years += len(match[4]) == 2
        if first > 12 >= second:
            self.day_first += 1
            self._seen_day = self._seen_day or row
        elif second > 12 >= first:
            self.month_first += 1
            self._seen_month = self._seen_month or row
        elif first != second:
            self.open += 1

    @property
    def speaks(self) -> str:
        """The one order its cells prove, or nothing."""
        if bool(self.day_first) == bool(self.month_first):
            return ""
        return "dmy" if self.day_first else "mdy"

    def settle(self, column: str, default: str, override: str | None = None, *, like: str = "") -> Style:
        """The order for the column; ``default`` is used, and named, when nothing decides.

        ``like`` names another column of the file that proves ``default``.
        """
        years = f" Two-digit years in “{column}” were read as 1970 to 2069." if self.two_digit_years else ""
        if override:
            return Style(override, decided=True, note=years.strip())
        if self.day_first and self.month_first:
            note = (
                f"“{column}” mixes dates written day first (row {self._seen_day}) and month first"
                f" (row {self._seen_month}); those that could be either are rejected unless you choose."
            )
            return Style(default, decided=False, mixed=True, note=note + years)
        if self.day_first or self.month_first:
            return Style("dmy" if self.day_first else "mdy", decided=True, note=years.strip())
        if self.open:
            why = f", as “{like}” is" if like else ". Choose the other order if that is wrong"
            note = (
                f"No date in “{column}” shows whether day or month comes first; they were read"
                f" {_ORDER_WORDS[default]}{why}."
            )
            return Style(default, decided=False, note=note + years)
        return Style(default, decided=True, note=years.strip())


def default_date_order(timezone_name: str) -> str:
    """What people in a time zone usually write: month first in the United States, else day first."""
    american = {
        "America/New_York", "America/Detroit", "America/Chicago", "America/Denver", "America/Boise",
        "America/Phoenix", "America/Los_Angeles", "America/Anchorage", "America/Adak", "America/Menominee",
        "America/Juneau", "America/Sitka", "America/Nome", "America/Yakutat", "America/Metlakatla",
        "Pacific/Honolulu", "Asia/Manila",
    }  # fmt: skip
    us_prefixes = ("US/", "America/Indiana/", "America/Kentucky/", "America/North_Dakota/")
    return "mdy" if timezone_name in american or timezone_name.startswith(us_prefixes) else "dmy"


def read_moment(text: str, style: Style, zone: str) -> datetime | None:
    """A date and time as a UTC instant; without its own zone it is taken as ``zone`` (an IANA name).

    A bare date is midnight there. None for an empty cell.
    """
    if is_blank(text):
        return None
    return _moment(text.strip(), style, zone).astimezone(UTC)


def read_date(text: str, style: Style, zone: str = "UTC") -> date | None:
    """The calendar day. A moment with its own zone is the day it was in ``zone``; else the day as written."""
    if is_blank(text):
        return None
    return _moment(text.strip(), style, zone).astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=32_768)
def _moment(text: str, style: Style, zone: str) -> datetime:
    try:
        moment = _parsed(text, style, ZoneInfo(zone))
        if not 1900 <= moment.year <= 9998:
            raise ValueFault(f"{shown(text)} is outside the years 1900 to 9998.")
    except (ValueError, OverflowError) as error:
        if isinstance(error, ValueFault):
            raise
        raise ValueFault(f"{shown(text)} is not a day that exists.") from error
    return moment


def _parsed(text: str, style: Style, zone: tzinfo) -> datetime:
    if match := _ISO.fullmatch(text):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
        micro = int((match[7] or "0")[:6].ljust(6, "0"))
        clock = (int(match[4] or 0), int(match[5] or 0), int(match[6] or 0))
        return datetime(year, month, day, *clock, micro, tzinfo=_offset(match[8], zone))
    if match := _NUMERIC.fullmatch(text):
        return _numeric(text, match, style, zone)
    if match := _COMPACT.fullmatch(text):
        return datetime(int(match[1] + match[2]), int(match[3]), int(match[4]), tzinfo=zone)
    if _MILLIS.fullmatch(text):
        return datetime.fromtimestamp(int(text) / 1000, tz=UTC)
    if match := _WORDY.fullmatch(text):
        word = (match[2] or match[3]).casefold()
        if word in _LONG_MONTHS or word in _MONTHS or word == "sept":
            month = _MONTHS.index(word[:3]) + 1
            clock = (int(match[6] or 0), int(match[7] or 0), int(match[8] or 0))
            return datetime(int(match[5]), month, int(match[1] or match[4]), *clock, tzinfo=zone)
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text):
        raise ValueFault(
            f"{shown(text)} is a spreadsheet's own day number. Format the column as a date and export again."
        )
    raise ValueFault(f"{shown(text)} is not a date. Write it like 2026-11-23.")


def _offset(mark: str | None, zone: tzinfo) -> tzinfo:
    if not mark:
        return zone
    if mark.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    digits = mark[1:].replace(":", "").ljust(4, "0")
    away = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-away if mark[0] == "-" else away)


def _numeric(text: str, match: re.Match[str], style: Style, zone: tzinfo) -> datetime:
    first, second = int(match[1]), int(match[3])
    year = int(match[4])
    if len(match[4]) == 2:
        year += 2000 if year < 70 else 1900
    order = style.choice
    if style.mixed:
        if max(first, second) <= 12 and first != second:
            raise ValueFault(f"{shown(text)} could be two days, and this column writes dates both ways.")
        order = "dmy" if first > 12 else "mdy"
    day, month = (first, second) if order == "dmy" else (second, first)
    if month > 12 >= day:
        raise ValueFault(f"{shown(text)} has no month {month}; the column is read {_ORDER_WORDS[order]}.")
    hour = int(match[5] or 0)
    if match[8]:
        if not 1 <= hour <= 12:
            raise ValueFault(f"{shown(text)} is not a time of day.")
        hour = hour % 12 + (12 if match[8][0] in "pP" else 0)
    return datetime(year, month, day, hour, int(match[6] or 0), int(match[7] or 0), tzinfo=zone)
