"""Personal links: a partner's person registers deals by one, without signing in (R129).

A link registers and does nothing else. It stands until it is replaced or ended, or its seat ends.
"""

import secrets

from django.db import transaction

from partners.access import ENDED_LINK
from partners.core import clock
from partners.core.actor import Actor, Role
from partners.core.errors import Clash, NotFound, RuleBroken
from partners.models import PartnerStatus, PersonalLink, Seat
from partners.services.invitations import require_right_over
from partners.services.ledger import record
from partners.services.rights import require
from partners.services.tokens import digest_of


def address_of(secret: str, *, site: str) -> str:
    """The address of a link; ``site`` is what it begins with."""
    return f"{site}/register/{secret}/"


def require_right_to_link(actor: Actor, seat: Seat) -> None:
    """One's own link, and those of whoever one may invite. Raises ``NotAllowed`` and ``RuleBroken``."""
    require(actor, "links.make")
    if actor.user_id is None or seat.user_id != actor.user_id:
        require_right_over(actor, Role(seat.role), seat.partner_id)
    if seat.partner_id is None:
        raise RuleBroken("staff_seat", "Only a partner's people register by link.")


@transaction.atomic
def make_link(*, actor: Actor, public_id: str) -> tuple[PersonalLink, str]:
    """A new link for a seat and its secret, which cannot be read again. The one before stops working.

    Raises ``NotFound``, ``NotAllowed``, and ``RuleBroken`` for our own people and ended partners.
    """
    seat = _locked(actor, public_id)
    if seat.partner is None or seat.partner.status == PartnerStatus.ENDED:
        raise RuleBroken("partner_ended", "The partnership has ended, so no new deals can be registered.")
    end_link_of(actor=actor, seat=seat)
    secret = secrets.token_urlsafe(32)
    link = PersonalLink.objects.create(
        program_id=actor.program_id,
        seat=seat,
        partner=seat.partner,
        digest=digest_of(secret),
        made_by=actor.name[:120],
    )
    record("link.made", link, actor=actor, partner_id=link.partner_id, new={"person": str(seat.user)})
    return link, secret


@transaction.atomic
def end_link(*, actor: Actor, public_id: str) -> Seat:
    """End the link of a seat, now. Ending it twice is no error. Raises ``NotFound`` and ``NotAllowed``."""
    seat = _locked(actor, public_id)
    end_link_of(actor=actor, seat=seat)
    return seat


def end_link_of(*, actor: Actor, seat: Seat) -> None:
    """End a seat's link, if it has one. The caller holds the seat's lock."""
    link = PersonalLink.objects.filter(seat=seat, revoked_at__isnull=True).first()
    if link is not None:
        link.revoked_at = clock.now()
        link.save(update_fields=["revoked_at"])
        record("link.ended", link, actor=actor, partner_id=link.partner_id, old={"person": str(seat.user)})


def note_link_use(*, actor: Actor, link: PersonalLink, registration: str) -> None:
    """Put on record that a deal was registered by a link.

    Last in its act: whoever ends a seat locks that first, then its link. Raises ``Clash`` when the link was
    ended meanwhile, and the act is undone.
    """
    if not PersonalLink.objects.filter(pk=link.pk, revoked_at=None).update(last_used_at=clock.now()):
        raise Clash("link_ended", ENDED_LINK)
    record("link.used", link, actor=actor, partner_id=link.partner_id, new={"registration": registration})


def _locked(actor: Actor, public_id: str) -> Seat:
    """A live seat whose link the actor may make and end. One lock per seat, so that it keeps one link."""
    found = Seat.objects.select_for_update(of=["self"]).select_related("user", "partner")
    seat = found.filter(public_id=public_id, ended_at__isnull=True).first()
    if seat is None:
        raise NotFound("There is no such seat.")
    require_right_to_link(actor, seat)
    return seat
