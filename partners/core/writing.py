"""New rows of one act, written together: one round trip to the database instead of one for each row.

An approval makes a dozen rows in eight tables. Saved one by one they take most of the time of a registration,
and nearly all of that goes into compiling, sending and waiting.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from django.db import connection, models
from psycopg import adapt
from psycopg.abc import Transformer

# Rows that wait for the end of an act, in the order in which they were added; None outside ``together``.
_waiting: ContextVar[list[models.Model] | None] = ContextVar("prm_rows_waiting", default=None)

# The role may take numbers from the sequences, as every insert does.
_NUMBERS = "SELECT nextval(name::regclass) FROM string_to_table(%s, ' ') AS name"


@contextmanager
def together() -> Iterator[None]:
    """Write what the block adds at its end, by table in the order in which each was first added to.

    Open it inside the scope and transaction of the act: an act that fails leaves nothing. What the database
    refuses is raised at the end of the block. A row has no id until it is written; rows added later may refer
    to it by the object all the same.
    """
    if _waiting.get() is not None:
        yield
        return
    token = _waiting.set([])
    try:
        yield
        write_waiting()
    finally:
        _waiting.reset(token)


def add(*rows: models.Model) -> None:
    """Write new rows: at the end of the act within ``together``, otherwise now.

    Their values are plain ones (no expressions), and nothing else in the act may ask the database for them.
    """
    waiting = _waiting.get()
    if waiting is not None:
        waiting.extend(rows)
    elif len(rows) == 1:
        rows[0].save(force_insert=True)
    else:
        _write(rows)


def write_waiting() -> None:
    """Write what waits now, for whoever needs its ids before the end of the act."""
    waiting = _waiting.get()
    if waiting:
        rows = [*waiting]
        waiting.clear()
        _write(rows)


def _write(rows: Sequence[models.Model]) -> None:
    by_table: dict[type[models.Model], list[models.Model]] = {}
    for row in rows:
        by_table.setdefault(type(row), []).append(row)
    numbered = [row for row in rows if isinstance(row._meta.pk, models.AutoField)]  # keys have no number
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS, [" ".join(sequence_of(type(row)) for row in numbered)])
        for row, (number,) in zip(numbered, cursor.fetchall(), strict=True):
            row.pk = number
        quote = adapt.Transformer(connection.connection)
        cursor.execute("; ".join(_insert(model, of_model, quote) for model, of_model in by_table.items()))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _insert(model: type[models.Model], rows: Sequence[models.Model], quote: Transformer) -> str:
    """The statement that inserts rows of one table, with their values quoted in it by the driver."""
    fields, into = _shape(model)
    told = [
        ", ".join(quote.as_literal(_value(field, row)).decode() + typed for field, typed in fields)
        for row in rows
    ]
    return f"{into} ({'), ('.join(told)})"


def _value(field: Any, row: models.Model) -> Any:
    """What is stored of a field; a reference to a row that had no id yet is taken from the row itself."""
    if field.is_relation and field.is_cached(row) and getattr(row, field.attname) is None:
        setattr(row, field.attname, getattr(field.get_cached_value(row), "pk", None))
    return field.get_db_prep_save(field.pre_save(row, add=True), connection=connection)


def sequence_of(model: type[models.Model]) -> str:
    """Where a table's numbers come from, by the name PostgreSQL gives it."""
    return f"{model._meta.db_table}_id_seq"


@cache
def _shape(model: type[models.Model]) -> tuple[list[tuple[Any, str]], str]:
    """The fields of a table, each with what is said of its type, and ``INSERT INTO … VALUES``."""
    columns = list(model._meta.local_concrete_fields)
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(field.column)) for field in columns)
    # Arrays and ranges need their type said.
    fields = [
        (field, f"::{field.db_type(connection)}" if hasattr(field, "get_placeholder_sql") else "")
        for field in columns
    ]
    return fields, f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES"
