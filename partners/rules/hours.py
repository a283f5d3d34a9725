"""Business hours and holidays of a program, as people write them. Pure."""

import re
from datetime import date

MOST_HOLIDAYS = 400
_SEPARATORS = re.compile(r"[\s,;]+")


def read_days(text: str) -> tuple[list[date], list[str]]:
    """``(days, what is none)`` of dates such as 2026-12-25, one a line or separated by commas.

    Days come sorted and once each.
    """
    days, wrong = set(), []
    for word in filter(None, _SEPARATORS.split(text)):
        try:
            days.add(date.fromisoformat(word))
        except ValueError:
            wrong.append(word[:40])
    return sorted(days), wrong
