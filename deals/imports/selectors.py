"""Reads of imports: the list, the problems of one, and its first rows as they will be read."""

from itertools import islice
from typing import Any

from django.db.models import QuerySet

from deals.models import Import, ImportProblem
from deals.tabular.fields import FIELDS, Shape
from deals.tabular.reader import Source, TableError, open_table
from deals.tabular.records import Plan, Reader

_ORDERS = {
    "": ("-created_at",),
    "name": ("file_name", "-created_at"),
    "-name": ("-file_name", "-created_at"),
    "when": ("created_at",),
    "-when": ("-created_at",),
}
_OBSERVED = 2_000
_NUMBERS = (Shape.MONEY, Shape.COUNT)


def imports_found(*, q: str = "", state: str = "", sort: str = "") -> QuerySet[Import]:
    """Files by part of their name or the name of who brought them, and state; newest first."""
    rows = Import.objects.defer("sample", "columns", "mapping")
    if q:
        rows = rows.filter(file_name__icontains=q) | rows.filter(asked_by_name__icontains=q)
    if state:
        rows = rows.filter(state=state)
    return rows.order_by(*_ORDERS.get(sort, _ORDERS[""]), "-pk")


def problems_of(file: Import) -> QuerySet[ImportProblem]:
    """Why rows were rejected, by row."""
    return ImportProblem.objects.filter(file=file).order_by("row", "pk")


def preview(plan: Plan, source: Source, rows: int, *, encoding: str) -> dict[str, Any]:
    """The first rows as they will be read: ``{heads, rows: [{number, cells, problems}], notes}``.

    The style of dates and amounts is taken from the first two thousand rows here; the check takes all.
    ``encoding`` is what the file was found to be written in.
    """
    try:
        table = open_table(source, known=encoding)
        reader = Reader(plan)
        reader.observe(islice(table.rows(), _OBSERVED))
        notes = reader.settle()
        read = [(row, *reader.read(row)) for row in islice(table.rows(), rows)]
    except TableError as error:
        return {"heads": [], "rows": [], "notes": [str(error)]}
    fields = {field.name: field for field in FIELDS[plan.kind]}
    names = sorted(plan.columns, key=plan.columns.__getitem__)
    numbers = [fields[name].shape in _NUMBERS for name in names]
    shown = [
        {
            "number": row.number,
            "cells": list(zip((_shown(values.get(name)) for name in names), numbers, strict=True)),
            "problems": [f"{wrong.column}: {wrong.problem}".removeprefix(": ") for wrong in problems],
        }
        for row, values, problems in read
    ]
    heads = [(fields[name].label, number) for name, number in zip(names, numbers, strict=True)]
    return {"heads": heads, "rows": shown, "notes": notes}


def _shown(value: Any) -> str:
    """A value as it was understood, for a person's eye."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value if part)
    if hasattr(value, "currency"):
        return f"{value.value:,} {value.currency}".strip()
    return str(value)
