"""Rows of a file as records: each kind's columns, read by the styles their whole column settled. Pure.

A cell that cannot be read rejects its row when the record would be wrong without it, and is left out and
noted when the record stands without it (a website, a country, an owner).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deals.matching.countries import read_country
from deals.matching.domains import site_of
from deals.tabular.amounts import MoneyColumn, read_amount, read_currency
from deals.tabular.dates import DateColumn, read_date
from deals.tabular.dialects import Dialect
from deals.tabular.fields import FIELDS, Field, RecordKind, Shape
from deals.tabular.reader import Row
from deals.tabular.values import (
    Style,
    ValueFault,
    is_blank,
    read_flag,
    read_id,
    read_ids,
    read_integer,
    read_text,
    shown,
)

_NOT_NEEDED = frozenset({"website", "country", "customer", "named", "intent", "status", "seconds"})


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is to be read: field → index of its column, and what the program and the person decide.

    ``home`` is the program's currency, ``zone`` its time zone; ``date_order`` and ``decimal_mark`` overrule
    the columns when not empty.
    """

    kind: RecordKind
    dialect: Dialect
    columns: Mapping[str, int]
    names: tuple[str, ...]
    home: str
    zone: str
    default_order: str
    date_order: str = ""
    decimal_mark: str = ""


@dataclass(slots=True)
class Problem:
    """What is wrong in one row; ``rejected`` tells that the row is not loaded because of it."""

    row: int
    column: str
    problem: str
    rejected: bool = True


@dataclass(slots=True)
class Notes:
    """Sentences about many rows: how often, and where first."""

    counted: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def add(self, column: str, sentence: str, row: int, times: int = 1) -> None:
        """Say ``sentence`` about ``column`` for ``times`` more rows, the first of which is ``row``."""
        seen = self.counted.get((column, sentence))
        if seen is None:
            # A file where every row has its own complaint must not grow without end.
            if len(self.counted) < 500:
                self.counted[column, sentence] = [row, times]
        else:
            seen[1] += times

    def listed(self) -> list[dict[str, Any]]:
        """``[{column, note, row, rows}]``, most frequent first."""
        ranked = sorted(self.counted.items(), key=lambda item: (-item[1][1], item[1][0]))
        return [
            {"column": column, "note": sentence, "row": first, "rows": rows}
            for (column, sentence), (first, rows) in ranked
        ]


class Reader:
    """Reads the rows of one file after ``observe`` has seen all of them and ``settle`` was called."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._salesforce = plan.dialect.is_salesforce
        fields = {field.name: field for field in FIELDS[plan.kind]}
        self.fields: list[tuple[Field, int]] = [
            (fields[name], index) for name, index in plan.columns.items() if name in fields
        ]
        self.notes = Notes()
        self.styles: dict[str, Style] = {}
        self._dates = {f.name: (DateColumn(), at) for f, at in self.fields if f.shape == Shape.DAY}
        self._money = {f.name: (MoneyColumn(), at) for f, at in self.fields if f.shape == Shape.MONEY}

    @property
    def needs_observing(self) -> bool:
        """Whether any column has to be seen whole before it can be read."""
        return bool(self._dates or self._money)

    def observe(self, rows: Iterable[Row]) -> None:
        """Look at rows for what they say about the order of dates and the mark of decimals."""
        watched: list[tuple[DateColumn | MoneyColumn, int]] = [*self._dates.values(), *self._money.values()]
        for row in rows:
            for column, at in watched:
                if cell := row.cells[at]:
                    column.observe(cell, row.number)

    def settle(self) -> list[str]:
        """Decide the style of every column; the sentences say what was assumed."""
        plan = self.plan
        proven = {dates.speaks: at for dates, at in self._dates.values() if dates.speaks}
        # One writer wrote the file: a column that proves its order speaks for one that does not.
        order, like = next(iter(proven.items())) if len(proven) == 1 else (plan.default_order, None)
        for name, (dates, at) in self._dates.items():
            example = plan.names[like] if like is not None else ""
            self.styles[name] = dates.settle(plan.names[at], order, plan.date_order or None, like=example)
        for name, (money, at) in self._money.items():
            mark = plan.decimal_mark or None
            self.styles[name] = money.settle(plan.names[at], plan.home, mark)
        return [style.note for style in self.styles.values() if style.note]

    def read(self, row: Row) -> tuple[dict[str, Any], list[Problem]]:
        """The values of a row by field, and what is wrong with it."""
        if row.problem:
            return {}, [Problem(row.number, "", row.problem)]
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        for spec, at in self.fields:
            cell = row.cells[at]
            if not cell:
                continue
            try:
                value = self._value(spec, cell, row.number, at)
            except ValueFault as fault:
                if spec.name in _NOT_NEEDED:
                    self.notes.add(self.plan.names[at], f"{fault} It was left out.", row.number)
                    continue
                problems.append(Problem(row.number, self.plan.names[at], str(fault)))
                continue
            if value is not None and value != "":
                values[spec.name] = value
        return values, problems

    def _value(self, spec: Field, cell: str, row: int, at: int) -> Any:
        plan, shape = self.plan, spec.shape
        if shape in (Shape.TEXT, Shape.PERSON):
            return "" if is_blank(cell) and spec.name != "note" else read_text(cell, limit=spec.limit)
        if shape == Shape.ID:
            return read_id(
                cell.split(";")[0] if spec.name == "account_id" else cell, salesforce=self._salesforce
            )
        if shape == Shape.IDS:
            return read_ids(cell, salesforce=self._salesforce)
        if shape == Shape.DAY:
            return read_date(cell, self.styles[spec.name], plan.zone)
        if shape == Shape.MONEY:
            return read_amount(cell, self.styles[spec.name], plan.home)
        if shape == Shape.CURRENCY:
            return read_currency(cell, plan.home)
        if shape == Shape.FLAG:
            return read_flag(cell)
        if shape == Shape.COUNT:
            return read_integer(cell)
        if shape == Shape.WEBSITE:
            return _website(cell)
        return self._country(cell, row, at)

    def _country(self, cell: str, row: int, at: int) -> str:
        reading = read_country(cell)
        if reading.certainty == "unknown" and not is_blank(cell):
            raise ValueFault(f"{shown(cell)} is not a country that is known here.")
        if reading.certainty == "close":
            self.notes.add(self.plan.names[at], f"{shown(cell)} was read as {reading.name}.", row)
        return reading.code or ""


def _website(cell: str) -> tuple[str, str] | None:
    """The address as written and its registrable domain."""
    if is_blank(cell):
        return None
    site = site_of(cell)
    if site is None:
        raise ValueFault(f"{shown(cell)} is not a web address.")
    return read_text(cell, limit=255), site.domain
