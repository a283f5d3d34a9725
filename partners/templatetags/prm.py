"""Template tags and filters of the house, built in everywhere (no ``{% load %}`` needed).

``{% component %}`` and ``{% fill %}`` live in ``components``; what reads numbers, days and lists is here.
Everything printed is escaped; a filter given something it cannot read prints a dash and raises nothing.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django import template
from django.forms.utils import flatatt
from django.http import HttpRequest, QueryDict
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from partners.core import clock
from partners.rules.countries import country_name
from partners.templatetags.components import component, fill

register = template.Library()
register.tag("component", component)
register.tag("fill", fill)

DASH = "–"
NBSP = "\u00a0"
# Minor units that are not two (ISO 4217); everything else has two.
_NO_CENTS = frozenset(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND"))
_NO_CENTS |= {"VUV", "XAF", "XOF", "XPF"}
_THREE = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_STILL_RELATIVE = 45 * _DAY  # further away than this, the day says more than the distance
_POSITION = ("page", "after", "before")  # where in a list one is; meaningless once the list changed


def _number(value: object) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    # "1e999999" is a number too, and would be a megabyte of digits.
    return number if number.is_finite() and abs(number.adjusted()) < 40 else None


def _digits(currency: str, number: Decimal) -> int:
    if number == number.to_integral_value() or currency in _NO_CENTS:
        return 0
    return 3 if currency in _THREE else 2


@register.filter
def number(value: object) -> str:
    """``1234567`` as ``1,234,567``; decimals as given, a dash for what is no number."""
    read = _number(value)
    return DASH if read is None else f"{read.normalize() if read else Decimal(0):,f}"


@register.filter
def money(amount: object, currency: str = "") -> str:
    """Amount with its currency in front (``EUR 12,500``); cents only where there are some."""
    read = _number(amount)
    if read is None:
        return DASH
    text = f"{read:,.{_digits(currency, read)}f}"
    if not currency:
        return format_html('<span class="money">{}</span>', text)
    return format_html(
        '<span class="money"><span class="money-currency">{}</span>{}{}</span>', currency, NBSP, text
    )


@register.filter
def money_short(amount: object, currency: str = "") -> str:
    """A headline amount (``EUR 1.2m``), the exact one on hover."""
    read = _number(amount)
    if read is None:
        return DASH
    for size, letter in ((10**9, "bn"), (10**6, "m"), (10**3, "k")):
        if abs(read) >= size:
            text = f"{read / size:,.1f}".removesuffix(".0") + letter
            break
    else:
        text = f"{read:,.0f}"
    exact = f"{currency} {read:,.{_digits(currency, read)}f}".strip()
    short = f"{currency}{NBSP}{text}" if currency else text
    return format_html('<span class="money" title="{}">{}</span>', exact, short)


def _as_instant(value: object) -> datetime | None:
    """A moment in time; naive ones are read as UTC."""
    if not isinstance(value, datetime):
        return None
    return value if timezone.is_aware(value) else value.replace(tzinfo=UTC)


def _local(value: datetime) -> datetime:
    """In the zone in force; the first and last day of the calendar stay where they are."""
    try:
        return timezone.localtime(value)
    except OverflowError:
        return value


def _day_text(value: date) -> str:
    return f"{value.day}{NBSP}{value:%b}{NBSP}{value.year}"


def _absolute(value: datetime) -> str:
    """Day, time and zone in the zone in force (gates activate the program's)."""
    local = _local(value)
    return f"{local.day} {local:%b %Y, %H:%M} {local.tzname()}"


def _distance(seconds: float) -> str:
    for size, noun in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        count = int(seconds // size)
        if count:
            return f"{count} {noun}{'' if count == 1 else 's'}"
    return "less than a minute"


def _time(machine: str, title: str, text: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', machine, title, text)


@register.filter
def day(value: object) -> str:
    """A calendar day (``23 Nov 2026``); of a moment, the day in the zone in force."""
    instant = _as_instant(value)
    if instant is not None:
        return _time(instant.isoformat(), _absolute(instant), _day_text(_local(instant).date()))
    if isinstance(value, date):
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), _day_text(value))
    return DASH


@register.filter
def when(value: object) -> str:
    """How long ago or how far ahead, the absolute time on hover. Plain days: ``today``, ``in 3 days``."""
    instant = _as_instant(value)
    if instant is None:
        return _when_day(value) if isinstance(value, date) else DASH
    seconds = (clock.now() - instant).total_seconds()
    if abs(seconds) > _STILL_RELATIVE:
        text = _day_text(_local(instant).date())
    elif abs(seconds) < _MINUTE:
        text = "just now"
    else:
        text = f"{_distance(seconds)} ago" if seconds > 0 else f"in {_distance(-seconds)}"
    return _time(instant.isoformat(), _absolute(instant), text)


def _when_day(value: date) -> SafeString:
    away = (value - timezone.localdate(clock.now())).days
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    if abs(away) > _STILL_RELATIVE // _DAY:
        text = _day_text(value)
    else:
        text = near.get(away) or (f"in {away} days" if away > 0 else f"{-away} days ago")
    return _time(value.isoformat(), _day_text(value), text)


def _left(value: object) -> timedelta | None:
    instant = _as_instant(value)
    if instant is not None:
        return instant - clock.now()
    if isinstance(value, date):  # a day lasts until it ends
        return timedelta(days=(value - timezone.localdate(clock.now())).days + 1)
    return None


def _left_text(value: date) -> str:
    left = _left(value) or timedelta(0)
    if not isinstance(value, datetime):
        days = left.days - 1
        return (
            "due today" if days == 0 else f"{_distance(abs(days) * _DAY)} {'left' if days > 0 else 'overdue'}"
        )
    seconds = left.total_seconds()
    return f"{_distance(abs(seconds))} {'left' if seconds >= 0 else 'overdue'}"


@register.filter
def time_left(value: object) -> str:
    """Until a deadline: ``2 days left``, ``3 hours overdue``; a plain day lasts to its end: ``due today``."""
    instant = _as_instant(value)
    if instant is not None:
        return _time(instant.isoformat(), _absolute(instant), _left_text(instant))
    if isinstance(value, date):
        return _time(value.isoformat(), _day_text(value), _left_text(value))
    return DASH


@register.filter
def urgency(value: object) -> str:
    """The tone of a deadline: ``bad`` once overdue, ``warn`` within two days, ``neutral`` otherwise."""
    left = _left(value)
    if left is None:
        return "neutral"
    if left <= timedelta(0):
        return "bad"
    return "warn" if left <= timedelta(days=2) else "neutral"


@register.filter
def sentence(values: Iterable[Any] | None) -> str:
    """``a, b and c``; each part escaped, nothing for an empty list."""
    parts = [conditional_escape(value) for value in values or ()]
    if len(parts) < 2:
        return mark_safe("".join(parts))
    return mark_safe(f"{', '.join(parts[:-1])} and {parts[-1]}")


@register.filter
def percent(share: object, digits: int = 0) -> str:
    """A share between 0 and 1 as ``42%``."""
    read = _number(share)
    return DASH if read is None else f"{read * 100:.{digits}f}%"


@register.filter
def options(groups: Iterable[tuple[str | None, list[dict[str, Any]], int]]) -> SafeString:
    """What stands in a ``<select>``, from the ``optgroups`` of its widget."""
    drawn = []
    for name, group, _index in groups:
        rows = format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            ((row["value"], flatatt(row["attrs"]) if row["attrs"] else "", row["label"]) for row in group),
        )
        drawn.append(format_html('<optgroup label="{}">{}</optgroup>', name, rows) if name else rows)
    return mark_safe("\n".join(drawn))


@register.simple_tag
@lru_cache(maxsize=256)  # a list draws the same few hundreds of times
def icon(name: str) -> SafeString:
    """A small drawing from ``img/icons.svg``, hidden from screen readers: the words beside it must do."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("img/icons.svg"),
        name,
    )


def changed_query(query: QueryDict, changes: dict[str, Any]) -> str:
    """The query string with ``changes`` made (None or "" removes) and the place in the list forgotten."""
    fresh = query.copy()
    for key in (*_POSITION, *changes):
        fresh.pop(key, None)
    for key, value in changes.items():
        if value not in (None, ""):
            fresh[key] = str(value)
    return "?" + fresh.urlencode()


@register.simple_tag(takes_context=True)
def query_with(context: template.Context, **changes: Any) -> str:
    """``{% query_with sort="name" %}``: this page's query string with one thing changed."""
    request: HttpRequest | None = context.get("request")
    return changed_query(request.GET if request else QueryDict(), changes)


@register.simple_tag(takes_context=True)
def sort_link(context: template.Context, key: str, *, default: str = "", first: str = "") -> dict[str, str]:
    """What a sortable heading needs: ``query`` to sort by ``key`` next, and ``state`` for ``aria-sort``.

    ``default`` is the sort in force (``name`` or ``-name``) while the query names none; ``first="-"`` makes
    the first click descending, for numbers and times.
    """
    request: HttpRequest | None = context.get("request")
    current = (request.GET.get("sort") if request else "") or default
    state = {key: "ascending", f"-{key}": "descending"}.get(current, "")
    following = f"{first}{key}" if not state else (f"-{key}" if state == "ascending" else key)
    return {"query": query_with(context, sort=following), "state": state}


@register.filter
def country(code: str) -> str:
    """``DE`` as *Germany*; "" stays ""."""
    return country_name(code) if code else ""


@register.filter
def website(address: str | None) -> str:
    """A website as people say it: without what every address begins with."""
    return (address or "").removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
