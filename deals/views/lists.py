"""What every list of deals does alike: read the query, cut a page, answer as CSV."""

import csv
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from partners.core.text import clean_text, csv_safe

PAGE = 50
_LONGEST = 200


def asked(request: HttpRequest, name: str) -> str:
    """A parameter of the query, made harmless; "" when it was not given."""
    return clean_text(request.GET.get(name, ""))[:_LONGEST]


def page_of[M: Model](request: HttpRequest, rows: QuerySet[M]) -> Page[M]:
    """The page of rows asked for; a number that does not exist gives the nearest that does."""
    return Paginator(rows, PAGE).get_page(asked(request, "page"))


def wants_csv(request: HttpRequest) -> bool:
    """Whether the list was asked for as a file."""
    return request.GET.get("format") == "csv"


def csv_answer[M](
    name: str, rows: Iterable[M], columns: Sequence[tuple[str, Callable[[M], Any]]]
) -> HttpResponse:
    """The rows as a UTF-8 file that a spreadsheet opens as it is, with no cell it would run."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer.write("\ufeff")
    writer = csv.writer(answer)
    writer.writerow([title for title, _ in columns])
    for row in rows:
        writer.writerow([csv_safe(read(row)) for _, read in columns])
    return answer
