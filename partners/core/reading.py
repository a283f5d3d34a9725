"""Rows read by a statement said once, for the few reads that every registration waits for.

Django compiles a queryset again each time it is used, which takes longer than PostgreSQL takes to answer.
Everything else is read by querysets.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any

from django.db import connection, models

from partners.core.records import TenantRow
from partners.core.scope import ScopeMissing, current_scope

type Question = tuple[str, Sequence[Any]]  # a statement with the values of its places


def fetch[M: TenantRow](model: type[M], rest: str, *values: Any) -> list[M]:
    """Rows of a table in the scope's program. ``rest`` is a constant that goes on after ``WHERE program_id =
    …``, such as ``AND active ORDER BY name``, with ``values`` in its places.

    The walls stand as in ``ScopedManager``: raises ``ScopeMissing`` outside a program's scope, and in a
    partner's for a table that is not every partner's.
    """
    return rows_of(model, answers(question(model, rest, *values))[0])


def answers(*asked: Question) -> list[list[tuple[Any, ...]]]:
    """The rows of several statements with their values, sent in one round trip and done in their order.

    In a transaction each sees what was committed before it began, as if it had been sent alone. So one that
    waits for a lock may be followed by one that must see what the other held it for.
    """
    values = [value for _, of_one in asked for value in of_one]
    with connection.cursor() as cursor:
        cursor.execute("; ".join(statement for statement, _ in asked), values)
        found = [cursor.fetchall()]
        while cursor.nextset():
            found.append(cursor.fetchall())
    return found


def question[M: TenantRow](model: type[M], rest: str, *values: Any) -> Question:
    """What ``fetch`` asks, for ``answers``; its rows are made by ``rows_of``. The same walls stand."""
    scope = current_scope()
    if scope is None or scope.program_id is None:
        raise ScopeMissing(f"{model.__name__} was queried outside a program scope.")
    if scope.partner_id is not None and not model.shared_with_partners:
        raise ScopeMissing(f"{model.__name__} cannot be fetched in a partner's scope.")
    return f"{_select(model)} {rest}", [scope.program_id, *values]


def rows_of[M: models.Model](model: type[M], found: Sequence[Sequence[Any]]) -> list[M]:
    """Rows of a table out of an answer that holds all of its columns."""
    return [built(model, iter(row)) for row in found]


def built[M: models.Model](model: type[M], values: Iterator[Any]) -> M:
    """A row made of the next of the values, which are in the order of ``columns_of``."""
    names, converted = _names(model)
    told = list(islice(values, len(names)))
    for at, field in converted:
        told[at] = field.from_db_value(told[at], None, connection)
    return model.from_db(connection.alias, names, told)


@cache
def columns_of(model: type[models.Model]) -> Sequence[str]:
    """A table's columns, quoted."""
    return [connection.ops.quote_name(str(field.column)) for field in model._meta.concrete_fields]


@cache
def _names(model: type[models.Model]) -> tuple[list[str], list[tuple[int, Any]]]:
    """The names of a row's values, and those that are not taken as the database gives them."""
    fields: list[Any] = list(model._meta.concrete_fields)
    converted = [(at, field) for at, field in enumerate(fields) if hasattr(field, "from_db_value")]
    return [field.attname for field in fields], converted


@cache
def _select(model: type[models.Model]) -> str:
    table = connection.ops.quote_name(model._meta.db_table)
    return f"SELECT {', '.join(columns_of(model))} FROM {table} WHERE program_id = %s"  # noqa: S608 # our names
