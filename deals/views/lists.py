"""What every list of deals does alike: read the query, cut a page, answer as CSV."""

import csv
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.http import HttpResponse

from partners.core.text import csv_safe
from partners.views.lists import PAGE, asked, page_of, wants_csv

__all__ = ["PAGE", "asked", "csv_answer", "page_of", "wants_csv"]


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
