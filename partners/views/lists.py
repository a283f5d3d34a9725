"""What every list of this floor does alike: read the query, cut a page, answer as CSV."""

import csv
import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import cached_property, partial
from io import TextIOWrapper
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import FileResponse, HttpRequest

from partners.core.text import clean_text, csv_safe

PAGE = 50
COUNTED = 10_000  # further than that nobody turns pages, and to count on is to read every row
_LONGEST = 200
type Columns[M] = Sequence[tuple[str, Callable[[M], Any]]]


def asked(request: HttpRequest, name: str) -> str:
    """A parameter of the query, made harmless; "" when it was not given."""
    return clean_text(request.GET.get(name, ""))[:_LONGEST]


def asked_day(request: HttpRequest, name: str) -> date | None:
    """A day of the query, or None when there is none that can be read."""
    try:
        return date.fromisoformat(asked(request, name))
    except ValueError:
        return None


class Pages(Paginator):
    """Pages of a list that may be long. Rows are found and sorted by themselves and only those shown are
    joined with what stands beside them; they are counted up to ``COUNTED``, and where the first page holds
    all of them not at all. A search reads every row to find some (no index helps behind the walls), so it is
    made once, for the page and the count."""

    object_list: QuerySet[Any]
    searched = False

    @cached_property
    def _keys(self) -> list[Any]:
        return list(self.object_list.values_list("pk", flat=True)[: COUNTED + 1])

    @cached_property
    def found(self) -> int:
        """How many rows there are; one more than ``COUNTED`` when there are more."""
        if self.searched:
            return len(self._keys)
        return self.object_list.order_by().values("pk")[: COUNTED + 1].count()

    @cached_property
    def count(self) -> int:
        """How many rows can be turned to."""
        return min(self.found, COUNTED)

    @property
    def more(self) -> bool:
        """Whether there are more than can be turned to."""
        return self.found > COUNTED

    def get_page(self, number: int | float | str | None) -> Page[Any]:
        """The page of that number, or the nearest there is."""
        if number not in (None, "", "1"):
            return super().get_page(number)
        rows = self._rows(0, self.per_page + 1)
        if len(rows) <= self.per_page:
            self.found = len(rows)
        return Page(rows[: self.per_page], 1, self)

    def page(self, number: int | float | str) -> Page[Any]:
        """The page of that number. Raises ``InvalidPage``."""
        number = self.validate_number(number)
        begin = (number - 1) * self.per_page
        return Page(self._rows(begin, min(begin + self.per_page, COUNTED)), number, self)

    def _rows(self, begin: int, end: int) -> list[Any]:
        keys = self._keys[begin:end] if self.searched else self.object_list.values("pk")[begin:end]
        return list(self.object_list.filter(pk__in=keys))


def page_of[M: Model](request: HttpRequest, rows: QuerySet[M]) -> Page[M]:
    """The page of rows asked for; a number that does not exist gives the nearest that does."""
    pages = Pages(rows, PAGE)
    pages.searched = bool(asked(request, "q"))
    return pages.get_page(asked(request, "page"))


def wants_csv(request: HttpRequest) -> bool:
    """Whether the list was asked for as a file."""
    return request.GET.get("format") == "csv"


def columns(text: str, **made: Callable[[Any], Any]) -> Columns[Any]:
    """Columns of a file, written ``title:attribute`` with spaces between; a title alone names both, dots lead
    on, and ``made`` says what stands under a title that is no attribute."""
    pairs = [(title, path or title) for title, _, path in (word.partition(":") for word in text.split())]
    return [(title, made.get(title) or partial(_cell, path.split("."))) for title, path in pairs]


def _cell(path: Sequence[str], row: Any) -> Any:
    value = row
    for name in path:
        value = getattr(value, name, None)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, datetime) else value


def csv_answer[M](name: str, rows: Iterable[M], columns: Columns[M]) -> FileResponse:
    """The rows as a UTF-8 file that a spreadsheet opens as it is, with no cell it would run.

    Written to a temporary file first: the rows must be read while the scope is open, and the web server sends
    when it has closed.
    """
    # Closed by the response when it has been sent.
    file = tempfile.SpooledTemporaryFile(max_size=1024 * 1024)  # noqa: SIM115
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow([title for title, _ in columns])
    # Of a query only a few thousand rows are held at a time.
    for row in rows.iterator(chunk_size=2_000) if isinstance(rows, QuerySet) else rows:
        writer.writerow([csv_safe(read(row)) for _, read in columns])
    text.flush()
    text.detach()
    file.seek(0)
    return FileResponse(
        file, as_attachment=True, filename=f"{name}.csv", content_type="text/csv; charset=utf-8"
    )
