"""Who may check a list of companies."""

import io
from typing import Any

from deals.lists.services import upload_list
from deals.models import ListCheck
from tests.access.rows import Row, api, staff_page
from tests.support.cast import Cast


class Again(io.BytesIO):
    """A file that may be sent by one person after the other."""

    def read(self, size: int | None = -1) -> bytes:
        self.seek(0)
        return super().read(size)


WORKERS = ("leader", "manager", "ops")


def one(cast: Cast) -> dict[str, Any]:
    row = ListCheck.objects.first() or upload_list(
        actor=cast.actor("ops"), name="fair.csv", stream=io.BytesIO(b"name\nCorvane Materials\n")
    )
    return {"public_id": row.public_id}


def rows(_cast: Cast) -> dict[str, Any]:
    return {"rows": [{"name": "Corvane Materials"}]}


def file(_cast: Cast) -> dict[str, Any]:
    return {"file": Again(b"name\nCorvane Materials\n")}


ROWS = [
    Row("deals:lists", "GET", staff_page(WORKERS)),
    Row("deals:lists", "POST", staff_page(WORKERS, 302), data=file),
    Row("deals:list", "GET", staff_page(WORKERS), one),
    Row("deals:list_discard", "POST", staff_page(WORKERS, 302), one),
    Row("api:lists", "GET", api(WORKERS)),
    Row("api:lists", "POST", api(WORKERS, 201), data=rows),
    Row("api:list", "GET", api(WORKERS), one),
    Row("api:list", "DELETE", api(WORKERS, 204), one),
    Row("api:list-rows", "GET", api(WORKERS), one),
]
