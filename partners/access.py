"""Who may come in, and as whom. The only way from a request or a token to a program's rows (wall 1)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal

from django.db import connection
from django.db.models import Model, QuerySet
from django.http import Http404

from partners.core.actor import PARTNER_ROLES, Actor, Door, Role
from partners.core.errors import Clash, NotAllowed, NotFound
from partners.core.reading import built, columns_of
from partners.core.scope import Scope, move_scope, open_scope, person_scope
from partners.models import (
    Activity,
    CompetingLine,
    Partner,
    PartnerRequest,
    PartnerStatus,
    PersonalLink,
    Program,
    Seat,
    User,
)
from partners.rules.roles import may

Side = Literal["workspace", "portal"]
_PUBLIC_ID = re.compile(r"[0-9a-z]{1,20}")
_UNKNOWN_LINK = "This link is not known. Copy the whole address, or ask whoever gave it to you for another."
ENDED_LINK = "This link no longer works. Use the portal, or ask whoever gave it to you for a new one."

# What the database says of a token, before any scope is open.
_HELD: tuple[tuple[str, type[Model]], ...] = (
    ("person", User),
    ("seat", Seat),
    ("program", Program),
    ("partner", Partner),
)


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


def one_of[M: Model](rows: QuerySet[M], public_id: str, sentence: str) -> M:
    """The row of that public id among those one may see. Raises ``NotFound``, whatever was sent as an id."""
    row = rows.filter(public_id=public_id).first() if _PUBLIC_ID.fullmatch(public_id) else None
    if row is None:
        raise NotFound(sentence)
    return row


def access_partner(public_id: str) -> Partner:
    """One partner of the program. Raises ``NotFound``."""
    return one_of(Partner.objects.select_related("manager__user"), public_id, "There is no such partner.")


def access_line(partner: Partner, public_id: str) -> CompetingLine:
    """One product of that partner's that competes with ours. Raises ``NotFound``."""
    return one_of(CompetingLine.objects.filter(partner=partner), public_id, "There is no such product.")


def access_activity(public_id: str) -> Activity:
    """One activity of the program. Raises ``NotFound``; partner people see none."""
    return one_of(Activity.objects.select_related("partner"), public_id, "There is no such activity.")


def access_request(public_id: str) -> PartnerRequest:
    """One request to become a partner. Raises ``NotFound``; partner people see none."""
    return one_of(PartnerRequest.objects.select_related("partner"), public_id, "There is no such request.")


def live_seats(user: User) -> list[Seat]:
    """A person's seats in all programs, with their programs, newest first. Opens its own scope."""
    with person_scope(user.pk):
        return list(
            Seat.unscoped.filter(user=user, ended_at__isnull=True)
            .select_related("program")
            .order_by("program__name", "-id")
        )


@dataclass(frozen=True, slots=True)
class Holder:
    """What an API token stands for: one live seat with its program and partner, and its last use."""

    user: User
    digest: str
    seat: Seat
    last_used_at: datetime | None


@contextmanager
def enter(user: User, slug: str, *, side: Side | None, through: Door) -> Iterator[Place]:
    """Open a program to a person for the length of the block, which is one transaction.

    ``side`` says which door they stand at: staff use the workspace, partner people the portal, and ``None``
    (the API) takes either. Whoever does not belong gets ``Http404``, so a program's existence is not given
    away.
    """
    with person_scope(user.pk):
        seats = Seat.unscoped.filter(user=user, ended_at__isnull=True, program__slug=slug)
        seat = seats.select_related("program").first()
        if seat is None or not user.is_active or side not in (None, _side_of(seat)):
            raise Http404
        with move_scope(Scope(program_id=seat.program_id, partner_id=seat.partner_id)):
            partner = Partner.objects.get(pk=seat.partner_id) if seat.partner_id else None
            yield _place(user, seat, partner, through)


@contextmanager
def enter_by_token(held: Holder, slug: str, *, through: Door) -> Iterator[Place]:
    """Open its program to a token, as ``enter`` does to a person. ``Http404`` for any other program."""
    seat = held.seat
    if seat.program.slug != slug:
        raise Http404
    with open_scope(Scope(program_id=seat.program_id, partner_id=seat.partner_id)):
        yield _place(held.user, seat, seat.partner, through)


@contextmanager
def enter_by_link(digest: str) -> Iterator[tuple[Place, PersonalLink]]:
    """Open its partner's share of a program to whoever holds a personal link, acting as the link's seat.

    Raises ``NotFound`` for a link nobody made, and ``Clash`` for one that ended: replaced, revoked, or with
    its seat, person or partnership. Why it ended is not for whoever holds it.
    """
    owner = link_owner(digest)
    if owner is None:
        raise NotFound(_UNKNOWN_LINK)
    with open_scope(owner):
        found = PersonalLink.objects.select_related("seat__user", "seat__program", "seat__partner")
        link = found.filter(digest=digest).first()
        if link is None:
            raise NotFound(_UNKNOWN_LINK)
        place = _place(link.seat.user, link.seat, link.seat.partner, Door.PORTAL, how=", by link")
        if not (_link_works(link) and place.can("portal.register")):
            raise Clash("link_ended", ENDED_LINK)
        yield place, link


def _link_works(link: PersonalLink) -> bool:
    seat = link.seat
    return (
        link.revoked_at is None
        and seat.ended_at is None
        and seat.user.is_active
        and seat.partner is not None
        and seat.partner_id == link.partner_id
        and seat.partner.status != PartnerStatus.ENDED
    )


def _side_of(seat: Seat) -> Side:
    return "portal" if Role(seat.role) in PARTNER_ROLES else "workspace"


def _place(user: User, seat: Seat, partner: Partner | None, through: Door, how: str = "") -> Place:
    actor = Actor(
        program_id=seat.program_id,
        role=Role(seat.role),
        door=through,
        name=f"{str(user)[: 120 - len(how)]}{how}",
        user_id=user.pk,
        partner_id=seat.partner_id,
    )
    return Place(program=seat.program, seat=seat, actor=actor, door=_side_of(seat), partner=partner)


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


def token_holder(digest: str) -> Holder | None:
    """Whom a live API token lets act, or None. Read in one look, before any scope can be open."""
    with connection.cursor() as cursor:
        cursor.execute(_holder_sql(), [digest])
        row = cursor.fetchone()
    if row is None:
        return None
    *values, last_used_at = row
    rest = iter(values)
    user, seat, program, partner = (
        built(User, rest),
        built(Seat, rest),
        built(Program, rest),
        built(Partner, rest),
    )
    # One object each, so that nobody asks for them again.
    seat.user, seat.program = user, program
    if seat.partner_id is not None:
        seat.partner, partner.program = partner, program
    return Holder(user, digest, seat, last_used_at)


@cache
def _holder_sql() -> str:
    columns = [f"(held.{name}).{column}" for name, model in _HELD for column in columns_of(model)]
    return f"SELECT {', '.join(columns)}, held.last_used_at FROM prm_token(%s) AS held"  # noqa: S608 # our names


def invitation_program(digest: str) -> int | None:
    """The program an invitation's secret belongs to, or None."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT prm_invitation(%s)", [digest])
        row = cursor.fetchone()
        return row[0] if row else None


def link_owner(digest: str) -> Scope | None:
    """The program and partner a personal link belongs to, or None. Answers before any scope is open."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT program_id, partner_id FROM prm_link(%s)", [digest])
        row = cursor.fetchone()
    return Scope(program_id=row[0], partner_id=row[1]) if row else None
