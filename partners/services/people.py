"""Seats: what people may do, changed and ended. A program always keeps one leader."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from partners.access import live_seats
from partners.core import clock
from partners.core.actor import PARTNER_ROLES, STAFF_ROLES, Actor, Role
from partners.core.errors import NotAllowed, NotFound, RuleBroken
from partners.core.ids import new_public_id
from partners.core.text import clean_text
from partners.models import Partner, PartnerStatus, Seat, User
from partners.rules.roles import may
from partners.services.invitations import require_right_over, revoke_invitations_of
from partners.services.ledger import record
from partners.services.links import end_link_of
from partners.services.tokens import revoke_tokens_of


def _locked(actor: Actor, public_id: str) -> Seat:
    """A live seat that is the actor's to change.

    The leaders' seats are locked first, in one order, so that two leaders cannot step back at once.
    """
    leaders = Seat.objects.select_for_update(of=["self"]).filter(role=Role.LEADER, ended_at__isnull=True)
    list(leaders.order_by("pk"))
    seat = (
        Seat.objects.select_for_update(of=["self"])
        .select_related("user")
        .filter(public_id=public_id, ended_at__isnull=True)
        .first()
    )
    if seat is None:
        raise NotFound
    require_right_over(actor, Role(seat.role), seat.partner_id)
    return seat


def _keep_one_leader(seat: Seat) -> None:
    if seat.role != Role.LEADER:
        return
    others = Seat.objects.filter(role=Role.LEADER, ended_at__isnull=True).exclude(pk=seat.pk)
    if not others.exists():
        raise RuleBroken(
            "last_leader",
            "A program always has a leader. Make somebody else leader first, then change this seat.",
            field="role",
        )


@transaction.atomic
def change_role(*, actor: Actor, public_id: str, role: str) -> Seat:
    """Give a person another role on their side. Staff and partner roles do not mix.

    Raises ``NotAllowed``, ``NotFound`` and ``RuleBroken`` (unknown role, other side, last leader).
    """
    seat = _locked(actor, public_id)
    side = PARTNER_ROLES if seat.partner_id else STAFF_ROLES
    if role not in {item.value for item in side}:
        raise RuleBroken(
            "role",
            "Choose a role on the same side. To change sides, end the seat and invite the person again.",
            field="role",
        )
    wanted = Role(role)
    require_right_over(actor, wanted, seat.partner_id)
    if seat.role == wanted:
        return seat
    _keep_one_leader(seat)
    old, seat.role = seat.role, wanted
    seat.save(update_fields=["role"])
    record(
        "seat.role_changed",
        seat,
        actor=actor,
        partner_id=seat.partner_id,
        old={"role": old, "person": str(seat.user)},
        new={"role": wanted},
    )
    return seat


def _hand_back_partners(actor: Actor, seat: Seat) -> None:
    """Partners this person looked after have nobody for now; their lists say so."""
    for partner in Partner.objects.filter(manager=seat).order_by("pk"):
        partner.manager = None
        partner.save_fields("manager")
        record("partner.changed", partner, actor=actor, old={"manager": str(seat)}, new={"manager": None})


@transaction.atomic
def end_seat(*, actor: Actor, public_id: str) -> Seat:
    """End a person's place here: tokens and link stop at once, sessions too when no other program is left.

    Raises ``NotAllowed``, ``NotFound``, ``RuleBroken`` (last leader). What they did stays on record.
    """
    seat = _locked(actor, public_id)
    _keep_one_leader(seat)
    seat.ended_at = clock.now()
    seat.save(update_fields=["ended_at"])
    revoke_tokens_of(actor=actor, seat=seat)
    end_link_of(actor=actor, seat=seat)
    if seat.partner_id is None:
        _hand_back_partners(actor, seat)
    if not live_seats(seat.user):
        end_sessions(seat.user)
    record(
        "seat.ended",
        seat,
        actor=actor,
        partner_id=seat.partner_id,
        old={"role": seat.role, "person": str(seat.user), "email": seat.user.email},
    )
    return seat


@transaction.atomic
def close_doors_of_ended_partners(*, actor: Actor) -> int:
    """End the seats, tokens and open invitations of every partner whose partnership has ended (R19).

    What its people did and registered stays as it is. Called wherever a partner may have been ended, by hand
    or by a file; returns how many seats were ended, none the second time.
    """
    if not may(actor.role, "people.invite_partner"):  # sales ops loads files and seats nobody
        actor = Actor.system(program_id=actor.program_id, name=actor.name, door=actor.door)
    ended = Partner.objects.filter(status=PartnerStatus.ENDED)
    # Invitations first: whoever is accepting one now holds its row, and has a seat when the lock comes free.
    revoke_invitations_of(actor=actor, partners=ended)
    seats = Seat.objects.filter(partner__in=ended, ended_at__isnull=True).order_by("pk")
    found = list(seats.values_list("public_id", flat=True))
    for public_id in found:
        end_seat(actor=actor, public_id=public_id)
    return len(found)


def end_sessions(user: User) -> None:
    """Sign the person out everywhere: sessions are checked against this mark at every request."""
    user.session_mark = new_public_id()
    user.save(update_fields=["session_mark"])


def _person(email: str) -> User:
    """The user of that address, made without a password when there is none."""
    email = clean_text(email).lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise RuleBroken("email", f"{email!r} is not an e-mail address.", field="email") from error
    user = User.objects.filter(email=email).first()
    return user or User.objects.create_user(email)


@transaction.atomic
def seat_for_token(*, actor: Actor, email: str, partner_slug: str = "") -> Seat:
    """The seat a token of ``create_token`` acts as: the person's own, or a new one.

    A new staff seat is a leader's, a new partner seat its admin's: the command is run by whoever runs the
    machine. Raises ``NotAllowed`` for anybody else, ``NotFound`` and ``RuleBroken``.
    """
    if actor.role is not Role.SYSTEM:
        raise NotAllowed
    partner = Partner.objects.filter(slug=partner_slug).first() if partner_slug else None
    if partner_slug and partner is None:
        raise NotFound(f"There is no partner {partner_slug!r} in this program.")
    user = _person(email)
    seat = Seat.objects.filter(user=user, ended_at__isnull=True).first()
    if seat is None:
        role = Role.PARTNER_ADMIN if partner else Role.LEADER
        seat = Seat.objects.create(program_id=actor.program_id, user=user, role=role, partner=partner)
        record(
            "seat.made",
            seat,
            actor=actor,
            partner_id=seat.partner_id,
            new={"email": user.email, "role": role},
        )
    elif seat.partner_id != (partner.pk if partner else None):
        raise RuleBroken(
            "other_side", f"{user.email} has a seat here already, on another side: {seat.get_role_display()}."
        )
    return seat
