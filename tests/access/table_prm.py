"""Who gets what on the top floor's pages."""

from tests.access.rows import STAFF, Row, api, staff_page

WORKERS = ("leader", "manager", "ops")

ROWS = [
    Row("prm:today", "GET", staff_page(STAFF)),
    Row("prm:pipeline", "GET", staff_page(STAFF)),
    # The rows behind activities are a working list; opportunities are open to reps too (tests/prm).
    Row("prm:rows", "GET", staff_page(WORKERS), kwargs=lambda cast: {"metric": "minutes"}),
    Row("prm:months", "GET", staff_page(STAFF)),
    Row("prm:months_close", "POST", staff_page(("leader",), 302), data=lambda _cast: {"month": "2026-01"}),
    Row("api:closed-months", "GET", api(STAFF)),
    Row("api:closed-months", "POST", api(("leader",), 201), data=lambda _cast: {"month": "2026-01"}),
    Row("api:metrics", "GET", api(STAFF)),
    Row("api:metric", "GET", api(STAFF), kwargs=lambda cast: {"key": "sourced_won"}),
]
