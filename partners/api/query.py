"""Reading what a query string asks for. Wrong values are refused by name, never ignored."""

from collections.abc import Collection
from datetime import date

from rest_framework.request import Request

from partners.core.errors import RuleBroken

LONGEST = 200


def text(request: Request, name: str) -> str:
    """A parameter as typed, or "". Raises ``RuleBroken`` for NUL and more than 200 characters."""
    value = request.query_params.get(name, "")
    if "\x00" in value or len(value) > LONGEST:
        raise RuleBroken("invalid", f"{name} is at most {LONGEST} ordinary characters.", field=name)
    return value


def choice(request: Request, name: str, among: Collection[str]) -> str:
    """One of ``among``, or "" when not given. Raises ``RuleBroken``."""
    value = text(request, name)
    if value and value not in among:
        raise RuleBroken("invalid", f"{name} is one of: {', '.join(sorted(among))}.", field=name)
    return value


def day(request: Request, name: str) -> date | None:
    """An ISO date (``2026-11-23``), or None. Raises ``RuleBroken``."""
    value = text(request, name)
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise RuleBroken("invalid", f"{name} is a day such as 2026-11-23.", field=name) from error
