"""API tokens. A token acts as one seat; it is shown once, and only its digest is kept."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import Q

from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import NotAllowed, NotFound, RuleBroken
from partners.core.text import clean_text
from partners.models import ApiToken, Seat
from partners.rules.roles import may
from partners.services.ledger import record

PREFIX = "prm_"
MOST_LIVE = 20
USE_IS_NOTED_EVERY = timedelta(minutes=10)


def digest_of(secret: str) -> str:
    """What is kept of a token's or a link's secret: its SHA-256, in hexadecimal.

    The secrets are 256 random bits, so a slow password hash would add nothing.
    """
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def create_token(*, actor: Actor, seat: Seat, name: str) -> tuple[ApiToken, str]:
    """A new token for ``seat`` and its secret, which cannot be read again.

    A person makes tokens for their own seat only; commands for any. Raises ``NotAllowed`` and ``RuleBroken``.
    """
    if not may(actor.role, "tokens.own") or (actor.user_id is not None and seat.user_id != actor.user_id):
        raise NotAllowed("A token can be made only for your own seat.")
    name = clean_text(name)
    if not name or len(name) > 120:
        raise RuleBroken("name", "Say in 1 to 120 characters what will use this token.", field="name")
    if seat.ended_at is not None:
        raise RuleBroken("seat_ended", "This seat has ended.")
    if ApiToken.objects.filter(seat=seat, revoked_at__isnull=True).count() >= MOST_LIVE:
        raise RuleBroken("too_many", f"A seat has at most {MOST_LIVE} tokens. Revoke one that is not used.")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        program_id=actor.program_id,
        seat=seat,
        partner_id=seat.partner_id,
        name=name,
        digest=digest_of(secret),
    )
    record("token.created", token, actor=actor, partner_id=seat.partner_id, new={"name": name})
    return token, secret


def revoke_token(*, actor: Actor, public_id: str) -> None:
    """End one of the actor's own tokens, now. Ending it twice is no error. Raises ``NotFound``."""
    if actor.user_id is None:
        raise NotFound
    token = (
        ApiToken.objects.select_for_update(of=["self"])
        .filter(public_id=public_id, seat__user_id=actor.user_id)
        .first()
    )
    if token is None:
        raise NotFound
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        token.save(update_fields=["revoked_at"])
        record("token.revoked", token, actor=actor, partner_id=token.partner_id, old={"name": token.name})


def revoke_tokens_of(*, actor: Actor, seat: Seat) -> int:
    """End every token of a seat (its person leaves). Returns how many there were."""
    live = list(
        ApiToken.objects.select_for_update().filter(seat=seat, revoked_at__isnull=True).order_by("pk")
    )
    for token in live:
        token.revoked_at = clock.now()
        token.save(update_fields=["revoked_at"])
        record("token.revoked", token, actor=actor, partner_id=token.partner_id, old={"name": token.name})
    return len(live)


def note_use(digest: str, *, last: datetime | None) -> None:
    """Keep when a token was last used, at most once in ten minutes so that reads stay reads.

    ``last`` is what was on record when the token was looked up (UTC).
    """
    now = clock.now()
    if last is not None and last >= now - USE_IS_NOTED_EVERY:
        return
    ApiToken.objects.filter(
        Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - USE_IS_NOTED_EVERY), digest=digest
    ).update(last_used_at=now)
