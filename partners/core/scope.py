"""The tenant scope: which program (and, for partner people, which partner) a piece of work is about.

Opening a scope does two things at once: it tells the managers in ``records`` what to filter by (wall 2),
and it tells PostgreSQL what row-level security may show (wall 3) by ``SET LOCAL``, which lives and dies
with the transaction. So a scope *is* a transaction, and pooled connections carry nothing over.
No scope means no rows.

PostgreSQL is told in the same breath not to compile what is asked (``jit``): no page or job of ours asks
enough in one statement to win back the half second and more that takes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import connection, transaction


class ScopeMissing(RuntimeError):
    """Tenant rows were asked for outside any scope. This is always a programming error."""


@dataclass(frozen=True, slots=True)
class Scope:
    """``program_id`` None is the scope of a signed-in person choosing among their programs."""

    program_id: int | None
    partner_id: int | None = None
    user_id: int | None = None


_current: ContextVar[Scope | None] = ContextVar("prm_scope", default=None)


def current_scope() -> Scope | None:
    """The scope in force, or None."""
    return _current.get()


def current_program_id() -> int:
    """The program in force. Raises ``ScopeMissing`` when there is none."""
    scope = _current.get()
    if scope is None or scope.program_id is None:
        raise ScopeMissing("Open a program_scope() before touching tenant rows.")
    return scope.program_id


def _tell_database(scope: Scope | None) -> None:
    values = (scope.program_id, scope.partner_id, scope.user_id) if scope else (None, None, None)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('prm.program', %s, true), set_config('prm.partner', %s, true),"
            " set_config('prm.user', %s, true), set_config('jit', 'off', true)",
            ["" if value is None else str(value) for value in values],
        )


@contextmanager
def open_scope(scope: Scope, *, savepoint: bool = True) -> Iterator[Scope]:
    """Run the block in one transaction (or savepoint) with ``scope`` in force.

    Without a savepoint a block that fails takes the surrounding transaction with it: nothing more can be
    asked in that, and it is rolled back.
    """
    previous = _current.get()
    # The settings of a transaction of our own end with it, so there is nothing to take back.
    inside_another = connection.in_atomic_block or not connection.get_autocommit()
    with transaction.atomic(savepoint=savepoint):
        _tell_database(scope)
        token = _current.set(scope)
        try:
            yield scope
        finally:
            _current.reset(token)
        # Reached only when the block succeeded; a rolled-back savepoint undoes SET LOCAL by itself.
        if inside_another and not connection.needs_rollback:
            _tell_database(previous)


@contextmanager
def move_scope(scope: Scope) -> Iterator[Scope]:
    """Put ``scope`` in the place of the one in force, for the rest of that one's block.

    Without a savepoint of its own: what fails here fails the whole of the surrounding scope. So this must be
    the last thing in it; afterwards the database is told again only when the surrounding scope ends.
    """
    if _current.get() is None:
        raise ScopeMissing("There is no scope to move from.")
    _tell_database(scope)
    token = _current.set(scope)
    try:
        yield scope
    finally:
        _current.reset(token)


@contextmanager
def program_scope(program_id: int, *, partner_id: int | None = None) -> Iterator[Scope]:
    """All rows of one program, or only one partner's share of them."""
    with open_scope(Scope(program_id=program_id, partner_id=partner_id)) as scope:
        yield scope


@contextmanager
def whole_program(reason: str, *, savepoint: bool = True) -> Iterator[Scope]:
    """Widen a partner's scope to the program for one act that must see rivals (screening, metrics).

    ``reason`` is for the reader and for the guard test that lists every use; ``savepoint`` as ``open_scope``
    takes it.
    """
    if not reason:
        raise ValueError("say why the whole program must be seen")
    with open_scope(Scope(program_id=current_program_id()), savepoint=savepoint) as scope:
        yield scope


@contextmanager
def person_scope(user_id: int) -> Iterator[Scope]:
    """Only a person's own seats and programs: what is needed before a program is chosen."""
    with open_scope(Scope(program_id=None, user_id=user_id)) as scope:
        yield scope
