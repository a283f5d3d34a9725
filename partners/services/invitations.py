"""Invitations: a seat offered by e-mail, taken once by the person who holds the link."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from partners.access import invitation_program
from partners.core import clock
from partners.core.actor import PARTNER_ROLES, STAFF_ROLES, Actor, Door, Role
from partners.core.errors import Clash, FieldErrors, NotAllowed, NotFound, RuleBroken
from partners.core.jobs import wake
from partners.core.scope import program_scope
from partners.core.text import clean_text
from partners.models import Invitation, Partner, PartnerStatus, Program, Seat, User
from partners.selectors import program_in_force
from partners.services.ledger import record
from partners.services.mail import claim, mail_link, owed
from partners.services.rights import require
from partners.services.tokens import digest_of

OPEN_FOR = timedelta(days=14)
_ENDED = "The partnership has ended, so its people can no longer sign in."


def require_right_over(actor: Actor, role: Role, partner_id: int | None) -> None:
    """Whether the actor may give, change or take a seat of ``role``. Raises ``NotAllowed``.

    Staff seats are the leader's; partner seats also the partner manager's, and those of the own partner its
    admin's.
    """
    if actor.is_partner:
        require(actor, "portal.invite")
        if role not in PARTNER_ROLES or partner_id != actor.partner_id:
            raise NotAllowed
    else:
        require(actor, "people.invite_partner" if role in PARTNER_ROLES else "people.invite")


def _checked(email: str, name: str, role: str, partner: Partner | None) -> tuple[str, str, Role]:
    errors: dict[str, list[str]] = {}
    email, name = clean_text(email).lower(), clean_text(name)
    try:
        validate_email(email)
    except ValidationError:
        errors["email"] = ["Give an e-mail address, such as ada@example.com."]
    if len(email) > 254:
        errors["email"] = ["This address is longer than addresses can be."]
    if len(name) > 120:
        errors["name"] = ["Use at most 120 characters."]
    known = {item.value for item in STAFF_ROLES | PARTNER_ROLES}
    if role not in known:
        errors["role"] = [f"Choose one of: {', '.join(sorted(known))}."]
    elif (Role(role) in PARTNER_ROLES) != (partner is not None):
        errors["partner"] = ["A partner role needs a partner, and your own team's roles have none."]
    if errors:
        raise FieldErrors(errors)
    return email, name, Role(role)


@transaction.atomic
def invite(
    *, actor: Actor, email: str, role: str, name: str = "", partner: Partner | None = None
) -> Invitation:
    """Offer a seat; the link is mailed by a job after commit and works for 14 days.

    Raises ``FieldErrors``, ``NotAllowed``, and ``Clash`` when the person has a seat or an open invitation.
    """
    email, name, wanted = _checked(email, name, role, partner)
    require_right_over(actor, wanted, partner.pk if partner else None)
    if partner is not None and partner.status == PartnerStatus.ENDED:
        raise RuleBroken("partner_ended", _ENDED, field="partner")
    if Seat.objects.filter(user__email=email, ended_at__isnull=True).exists():
        raise Clash("has_seat", "This person has a seat here already.", field="email")
    now = clock.now()
    Invitation.objects.filter(
        email=email,
        partner=partner,
        expires_at__lte=now,
        accepted_at__isnull=True,
        revoked_at__isnull=True,
    ).update(revoked_at=now)
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(
                program_id=actor.program_id,
                email=email,
                name=name,
                role=wanted,
                partner=partner,
                digest=digest_of(secrets.token_urlsafe(32)),  # replaced by the job that sends the link
                invited_by=actor.name[:120],
                expires_at=now + OPEN_FOR,
            )
    except IntegrityError as error:
        raise Clash(
            "invited", "An invitation to this address is open. Send it again from the list.", field="email"
        ) from error
    record(
        "invitation.sent",
        invitation,
        actor=actor,
        partner_id=partner.pk if partner else None,
        new={"email": email, "role": wanted, "partner": str(partner or "")},
    )
    wake("partners.send_invitation", program_id=actor.program_id, invitation_id=invitation.pk)
    return invitation


def _open_row(actor: Actor, public_id: str) -> Invitation:
    """An invitation that is neither accepted nor revoked, locked, and the actor's to change."""
    row = Invitation.objects.select_for_update(of=["self"]).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    require_right_over(actor, Role(row.role), row.partner_id)
    if row.accepted_at:
        raise Clash("accepted", "This invitation was accepted.")
    if row.revoked_at:
        raise Clash("revoked", "This invitation was taken back.")
    return row


@transaction.atomic
def resend_invitation(*, actor: Actor, public_id: str) -> Invitation:
    """Send a fresh link; the earlier one stops working when it goes out, and the 14 days begin again."""
    row = _open_row(actor, public_id)
    row.sent_at, row.attempted_at, row.send_attempts = None, None, 0
    row.expires_at = clock.now() + OPEN_FOR
    row.save(update_fields=["sent_at", "attempted_at", "send_attempts", "expires_at"])
    record("invitation.resent", row, actor=actor, partner_id=row.partner_id, new={"email": row.email})
    wake("partners.send_invitation", program_id=actor.program_id, invitation_id=row.pk)
    return row


@transaction.atomic
def revoke_invitation(*, actor: Actor, public_id: str) -> Invitation:
    """Take an offer back; its link stops working at once."""
    row = _open_row(actor, public_id)
    row.revoked_at = clock.now()
    row.save(update_fields=["revoked_at"])
    record("invitation.revoked", row, actor=actor, partner_id=row.partner_id, old={"email": row.email})
    return row


def revoke_invitations_of(*, actor: Actor, partners: QuerySet[Partner]) -> int:
    """Take back every open offer of a seat at these partners. Returns how many there were."""
    rows = Invitation.objects.select_for_update(of=["self"]).filter(
        partner__in=partners, accepted_at__isnull=True, revoked_at__isnull=True
    )
    found = list(rows.order_by("pk"))
    for row in found:
        row.revoked_at = clock.now()
        row.save(update_fields=["revoked_at"])
        record("invitation.revoked", row, actor=actor, partner_id=row.partner_id, old={"email": row.email})
    return len(found)


def unsent_invitations() -> list[int]:
    """Ids whose mail is still owed and may be tried (again) now."""
    rows = Invitation.objects.filter(
        accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=clock.now()
    )
    return list(owed(rows).values_list("pk", flat=True)[:100])


def send_invitation(*, program_id: int, invitation_id: int, site: str) -> bool:
    """Make the link, mail it, say that it was sent. True when sent; the sweep tries again.

    ``site`` is the address the link begins with.
    """
    secret = secrets.token_urlsafe(32)
    with program_scope(program_id):
        if invitation_id not in unsent_invitations():
            return False
        row = Invitation.objects.select_for_update(of=["self"]).get(pk=invitation_id)
        row.digest = digest_of(secret)
        if not claim(row, "digest"):
            return False
        program = program_in_force()
        partner = row.partner
    link = f"{site}/invitations/{secret}/"
    return mail_link(
        row,
        program_id=program_id,
        to=row.email,
        digest=row.digest,
        subject=f"{row.invited_by} invites you to {program.name}",
        template="partners/mail/invitation.txt",
        words={"invitation": row, "program": program, "partner": partner, "link": link},
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """An invitation as its holder sees it."""

    program: Program
    invitation: Invitation
    partner: Partner | None
    known: bool  # a person with this e-mail signs in instead of choosing a name and password


_UNKNOWN = "This link is not known. Copy the whole address from the e-mail, or ask for a new one."


def _program_of(digest: str) -> int:
    """The program a link belongs to. Raises ``NotFound``."""
    program_id = invitation_program(digest)
    if program_id is None:
        raise NotFound(_UNKNOWN)
    return program_id


def _usable(invitation: Invitation | None) -> Invitation:
    """Raise what the holder is told when the link is no longer good."""
    if invitation is None:
        raise NotFound(_UNKNOWN)
    if invitation.accepted_at:
        raise Clash("used", "This invitation was accepted already. Sign in to get to your work.")
    if invitation.partner is not None and invitation.partner.status == PartnerStatus.ENDED:
        raise Clash("partner_ended", _ENDED)
    if invitation.revoked_at:
        raise Clash("revoked", f"This invitation was taken back. Ask {invitation.invited_by} for a new one.")
    if invitation.expires_at <= clock.now():
        raise Clash("expired", f"This invitation has expired. Ask {invitation.invited_by} to send it again.")
    return invitation


def read_offer(*, secret: str) -> Offer:
    """What a link offers. Raises ``NotFound`` or ``Clash`` with the sentence to show."""
    digest = digest_of(secret)
    with program_scope(_program_of(digest)):
        found = Invitation.objects.select_related("partner").filter(digest=digest).first()
        invitation = _usable(found)
        return Offer(
            program=program_in_force(),
            invitation=invitation,
            partner=invitation.partner,
            known=User.objects.filter(email=invitation.email).exists(),
        )


def _new_user(email: str, name: str, password: str) -> User:
    name = clean_text(name)
    errors: dict[str, list[str]] = {}
    if not name or len(name) > 120:
        errors["name"] = ["Say in 1 to 120 characters what you are called."]
    if password:
        try:
            validate_password(password, User(email=email, name=name))
        except ValidationError as error:
            errors["password"] = list(error.messages)
    if errors:
        raise FieldErrors(errors)
    try:
        with transaction.atomic():
            return User.objects.create_user(email, password or None, name=name)
    except IntegrityError as error:
        raise Clash(
            "known", "There is an account with this address now. Sign in, then open the link."
        ) from error


def _holder(invitation: Invitation, user: User | None, name: str, password: str) -> User:
    """Who takes the seat: the person signed in, or a new one. Raises ``NotAllowed`` for anybody else."""
    if user is not None:
        if user.email != invitation.email:
            raise NotAllowed(
                f"This invitation is for {invitation.email}. Sign out first.", code="other_person"
            )
        return user
    if User.objects.filter(email=invitation.email).exists():
        raise NotAllowed("Sign in with this address to accept.", code="sign_in")
    return _new_user(invitation.email, name, password)


def _seat_for(invitation: Invitation, user: User) -> Seat:
    """The offered seat, made. Raises ``Clash`` when the person has one in this program."""
    program = program_in_force()
    try:
        with transaction.atomic():
            return Seat.objects.create(
                program=program,
                user=user,
                role=invitation.role,
                partner_id=invitation.partner_id,
                starts_on=clock.today(program.timezone),
            )
    except IntegrityError as error:
        raise Clash(
            "has_seat", "You have a seat in this program already. It has to end before you take another."
        ) from error


def accept_invitation(
    *, secret: str, user: User | None, name: str = "", password: str = ""
) -> tuple[Seat, User]:
    """Take the offered seat, once. A new person is made from ``name`` (and ``password``, if they want one).

    A known address must come signed in as ``user``: the link alone does not open somebody's account. Raises
    ``NotFound``, ``Clash``, ``NotAllowed`` and ``FieldErrors``; nothing is changed then.
    """
    digest = digest_of(secret)
    with program_scope(_program_of(digest)):
        # The lock lets one of two clicks through; the other then reads "accepted".
        locked = Invitation.objects.select_for_update(of=["self"]).filter(digest=digest).first()
        invitation = _usable(locked)
        holder = _holder(invitation, user, name, password)
        seat = _seat_for(invitation, holder)
        invitation.accepted_at = clock.now()
        invitation.save(update_fields=["accepted_at"])
        role = Role(seat.role)
        actor = Actor(
            program_id=seat.program_id,
            role=role,
            door=Door.PORTAL if role in PARTNER_ROLES else Door.SCREEN,
            name=str(holder),
            user_id=holder.pk,
            partner_id=seat.partner_id,
        )
        said = {"email": holder.email, "role": role, "invited_by": invitation.invited_by}
        record("seat.taken", seat, actor=actor, partner_id=seat.partner_id, new=said)
    return seat, holder
