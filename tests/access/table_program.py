"""Who reads and changes when a program works."""

from tests.access.rows import STAFF, Row, api, staff_page

_HOURS = {"timezone": "Europe/Berlin", "workday_start": "08:00", "workday_end": "16:00", "holidays": ""}

ROWS = [
    Row("partners:hours", "GET", staff_page(("leader",))),
    Row("partners:hours", "POST", staff_page(("leader",), 302), data=lambda _cast: _HOURS),
    Row("api:program", "GET", api(STAFF)),
    Row("api:program", "PATCH", api(("leader",)), data=lambda _cast: {"holidays": ["2026-12-25"]}),
]
