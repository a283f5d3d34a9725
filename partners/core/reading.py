"""Rows read by a statement said once, for the few reads that every registration waits for.

Django compiles a queryset anew each time it is used, which takes longer than PostgreSQL takes to answer.
Everything else is read by querysets.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any

from django.db import connection, models

from partners.core.records import TenantRow
from partners.core.scope import ScopeMissing, current_scope


def fetch[M: TenantRow](model: type[M], rest: str, *values: Any) -> list[M]:
    """Rows of a table in the scope's program. ``rest`` is a constant that goes on after ``WHERE program_id =
    …``, such as ``AND active ORDER BY name``, with ``values`` in its places.

    The walls stand as in ``ScopedManager``: raises ``ScopeMissing`` outside a program's scope, and in a
    partner's for a table that is not every partner's.
    """
    scope = current_scope()
    if scope is None or scope.program_id is None:
        raise ScopeMissing(f"{model.__name__} was queried outside a program scope.")
    if scope.partner_id is not None and not model.shared_with_partners:
        raise ScopeMissing(f"{model.__name__} cannot be fetched in a partner's scope.")
    with connection.cursor() as cursor:
        cursor.execute(f"{_select(model)} {rest}", [scope.program_id, *values])
        return [built(model, iter(row)) for row in cursor.fetchall()]


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
