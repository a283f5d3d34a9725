"""Who may come in, and as whom. The only way from a request or a token to a program's rows (wall 1)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from django.db import connection
from django.http import Http404

from partners.core.actor import PARTNER_ROLES, Actor, Door, Role
from partners.core.errors import NotAllowed
from partners.core.scope import Scope, open_scope, person_scope
from partners.models import Partner, Program, Seat, User
from partners.rules.roles import may

Side = Literal["workspace", "portal"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person stands: their seat in a program, seen through one door."""

    program: Program
    seat: Seat
    actor: Actor
    door: Side
    partner: Partner | None = None

    def can(self, permission: str) -> bool:
        """Whether the seat's role holds a permission of ``partners.rules.roles``."""
        return may(self.actor.role, permission)

    def require(self, permission: str) -> None:
        """Raise ``NotAllowed`` (403) when the role does not hold the permission."""
        if not self.can(permission):
            raise NotAllowed


def live_seats(user: User) -> list[Seat]:
    """A person's seats in all programs, with their programs, newest first. Opens its own scope."""
    with person_scope(user.pk):
        return list(
            Seat.unscoped.filter(user=user, ended_at__isnull=True)
            .select_related("program")
            .order_by("program__name", "-id")
        )


@contextmanager
def enter(
    user: User, slug: str, *, side: Side | None, through: Door, seat_id: int | None = None
) -> Iterator[Place]:
    """Open a program to a person for the length of the block, which is one transaction.

    ``side`` says which door they stand at: staff use the workspace, partner people the portal, and ``None``
    (the API) takes either. ``seat_id`` narrows to the seat an API token acts as. Whoever does not belong gets
    ``Http404``, so a program's existence is not given away.
    """
    with person_scope(user.pk):
        seats = Seat.unscoped.filter(user=user, ended_at__isnull=True, program__slug=slug)
        if seat_id is not None:
            seats = seats.filter(pk=seat_id)
        seat = seats.select_related("program").first()
        if seat is None or not user.is_active:
            raise Http404
        role = Role(seat.role)
        own_side: Side = "portal" if role in PARTNER_ROLES else "workspace"
        if side is not None and side != own_side:
            raise Http404
        with open_scope(Scope(program_id=seat.program_id, partner_id=seat.partner_id)):
            yield Place(
                program=seat.program,
                seat=seat,
                actor=Actor(
                    program_id=seat.program_id,
                    role=role,
                    door=through,
                    name=str(user),
                    user_id=user.pk,
                    partner_id=seat.partner_id,
                ),
                door=own_side,
                partner=Partner.objects.get(pk=seat.partner_id) if seat.partner_id else None,
            )


def program_ids() -> list[int]:
    """All programs, for sweeps. The function in the database gives ids and nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT prm_program_ids()")
        return [row[0] for row in cursor.fetchall()]


def program_id_of(slug: str) -> int | None:
    """The id behind a slug, for commands that name a program before any scope is open."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT prm_program_id(%s)", [slug])
        row = cursor.fetchone()
        return row[0] if row else None


def token_holder(digest: str) -> tuple[int, int, int] | None:
    """``(program_id, seat_id, user_id)`` of a live API token, or None."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT program_id, seat_id, user_id FROM prm_token(%s)", [digest])
        return cursor.fetchone()  # type: ignore[no-any-return]


def invitation_program(digest: str) -> int | None:
    """The program an invitation's secret belongs to, or None."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT prm_invitation(%s)", [digest])
        row = cursor.fetchone()
        return row[0] if row else None
