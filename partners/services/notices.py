"""Notices: telling people what happened or comes due, in the product and by mail, once."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from partners.core import clock
from partners.core.actor import PARTNER_ROLES, Actor, Role
from partners.core.errors import NotFound, RuleBroken
from partners.core.jobs import wake
from partners.core.reading import fetch
from partners.core.scope import program_scope
from partners.models import Notice, Seat
from partners.rules.notices import NoticeKind
from partners.selectors import program_in_force
from partners.services.mail import claim, deliver, owed

_BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is said, and where it leads: ``page`` names an address, ``page_id`` the public id there.

    ``key`` names what gave rise to it; a person is told of a key once, whoever asks how often.
    """

    kind: NoticeKind
    key: str
    subject: str
    body: str
    page: str
    page_id: str


def staff_with(roles: Collection[Role]) -> list[Seat]:
    """Live seats of the vendor's people with one of the roles."""
    return fetch(Seat, "AND role = ANY(%s) AND ended_at IS NULL ORDER BY id", list(roles))


def people_of(partner_id: int, *, seller_id: int | None = None) -> list[Seat]:
    """Whom a partner's deal concerns: its seller while they are there, and the partner's admins."""
    seats = Seat.objects.filter(partner_id=partner_id, ended_at__isnull=True).order_by("pk")
    return [seat for seat in seats if seat.pk == seller_id or seat.role == Role.PARTNER_ADMIN]


def tell(*, actor: Actor, seats: Iterable[Seat], message: Message) -> None:
    """Write the notice of each person, in the caller's transaction; a job mails it after commit.

    Nobody is told of their own act. Somebody who switched the kind off finds it in the product only.
    """
    rows = [
        Notice(
            program_id=actor.program_id,
            seat=seat,
            partner_id=seat.partner_id,
            kind=message.kind,
            key=message.key[:120],
            subject=message.subject[:200],
            body=message.body,
            page=message.page,
            page_id=message.page_id,
            created_at=clock.now(),
            by_mail=message.kind not in seat.muted,
        )
        for seat in seats
        if actor.user_id is None or seat.user_id != actor.user_id
    ]
    if rows:
        Notice.objects.bulk_create(rows, ignore_conflicts=True)
        wake("partners.send_notices", program_id=actor.program_id)


def owed_notices() -> list[int]:
    """Ids of notices whose mail is owed and may be tried now."""
    rows = owed(Notice.objects.filter(by_mail=True, seat__ended_at__isnull=True))
    return list(rows.values_list("pk", flat=True)[:_BATCH])


def send_notice(*, program_id: int, notice_id: int, site: str) -> bool:
    """Mail one notice. True when it was sent; what fails is tried again by the sweep.

    The message id is the notice's own, so that a mail server knows a second copy by it, should a worker die
    between sending and saying so.
    """
    with program_scope(program_id):
        found = Notice.objects.select_for_update(of=["self"], skip_locked=True).filter(pk=notice_id)
        row = found.select_related("seat__user").first()
        if row is None or not row.by_mail or row.seat.ended_at is not None or not claim(row):
            return False
        program = program_in_force()
    door = "portal" if row.seat.role in PARTNER_ROLES else "workspace"
    notices = "partners:portal_notices" if door == "portal" else "partners:notices"
    words = {
        "notice": row,
        "person": row.seat.user,
        "program": program,
        "link": site + address_of(row, program.slug),
        "notices": site + reverse(notices, kwargs={"program": program.slug}),
    }
    message = EmailMessage(
        subject=row.subject.replace("\n", " "),
        body=render_to_string("partners/mail/notice.txt", words),
        to=[row.seat.user.email],
        headers={"Message-ID": f"<notice-{row.public_id}@prm>"},
    )
    if not deliver(message, notice=row.public_id):
        return False
    with program_scope(program_id):
        Notice.objects.filter(pk=row.pk).update(sent_at=clock.now())
    return True


def address_of(notice: Notice, program: str) -> str:
    """Where a notice leads, as a path."""
    kwargs = {"program": program} | ({"public_id": notice.page_id} if notice.page_id else {})
    return reverse(notice.page, kwargs=kwargs)


def mark_read(*, seat: Seat) -> int:
    """Everything in a person's list is read. Returns how many were not."""
    return Notice.objects.filter(seat=seat, read_at__isnull=True).update(read_at=clock.now())


@transaction.atomic
def mute(*, seat: Seat, kind: str, muted: bool) -> Seat:
    """Switch the mail of one kind off or on, for oneself. Raises ``RuleBroken`` for an unknown kind."""
    if kind not in NoticeKind:
        raise RuleBroken("kind", f"Choose one of: {', '.join(NoticeKind.values)}.", field="kind")
    row = Seat.objects.select_for_update(of=["self"]).filter(pk=seat.pk, ended_at__isnull=True).first()
    if row is None:
        raise NotFound
    row.muted = sorted({*row.muted, kind} if muted else {*row.muted} - {kind})
    row.save(update_fields=["muted"])
    return row
