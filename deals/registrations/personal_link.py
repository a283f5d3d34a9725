"""Registering by a personal link: one form, one registration, one answer, and nothing else (R129).

The answer to a form is kept with it and given again when the form comes again: a double click, a reload, the
Back button. It says what was said then, so whoever holds the link later learns nothing that came after.
"""

import hashlib
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.dateparse import parse_datetime

from deals.common.claim_facts import protection_of
from deals.models import Registration
from deals.registrations.submit import register
from deals.rules.claims import Claim
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash
from partners.models import PersonalLink, Seat, StoredAnswer
from partners.services.links import note_link_use

MOST_AN_HOUR = 30
# A key of the API has no space in it, so the two never meet.
_FORM = "link {link} {form}"


@dataclass(frozen=True, slots=True)
class LinkAnswer:
    """What the sender of a form is told. Times are UTC."""

    customer: str
    state: str
    claimed_at: datetime
    answer_due_at: datetime | None = None
    protected_until: datetime | None = None


@transaction.atomic
def register_by_link(
    *, actor: Actor, link: PersonalLink, seat: Seat, claim: Claim, form_id: str
) -> LinkAnswer:
    """Register a claim as the link's seat; ``form_id`` is the form's, which counts once.

    Takes no draft. Raises what ``register`` does, and ``Clash``: ``sent_before`` when the form was sent with
    other content, ``too_many`` when too many deals came by link within the hour, ``link_ended`` meanwhile.
    """
    said = hashlib.sha256(repr(astuple(claim)).encode()).hexdigest()
    kept, first = StoredAnswer.objects.get_or_create(
        program_id=actor.program_id,
        user_id=seat.user_id,
        partner_id=link.partner_id,
        key=_FORM.format(link=link.public_id, form=form_id),
        defaults={"fingerprint": said, "status": 201},
    )
    if not first:
        answer = _read(kept)
        if kept.fingerprint != said:
            raise Clash(
                "sent_before",
                f"This form was sent before, for {answer.customer}, and that stands. To register what you "
                "see now as a deal of its own, send it once more.",
            )
        return answer
    _not_too_many(link, seat)
    row = register(actor=actor, claim=claim, seat=seat)
    answer = _answer(row)
    kept.body = {
        "customer": answer.customer,
        "state": answer.state,
        "claimed_at": answer.claimed_at.isoformat(),
        "answer_due_at": answer.answer_due_at and answer.answer_due_at.isoformat(),
        "protected_until": answer.protected_until and answer.protected_until.isoformat(),
    }
    kept.save(update_fields=["body"])
    note_link_use(actor=actor, link=link, registration=row.public_id)
    return answer


def _not_too_many(link: PersonalLink, seat: Seat) -> None:
    """A link that went astray fills no queue. Counted over a seat's links: a new one is no way out."""
    hour = clock.now() - timedelta(hours=1)
    sent = StoredAnswer.objects.filter(user_id=seat.user_id, partner_id=link.partner_id, created_at__gt=hour)
    if sent.filter(key__startswith="link ").count() > MOST_AN_HOUR:
        raise Clash(
            "too_many",
            f"At most {MOST_AN_HOUR} deals are registered by link within an hour. Send this one again later, "
            "or register it in the portal.",
        )


def _answer(row: Registration) -> LinkAnswer:
    protection = protection_of(row)
    return LinkAnswer(
        customer=row.customer_name,
        state=row.state,
        claimed_at=row.claimed_at or clock.now(),
        answer_due_at=row.decision_due_at,
        protected_until=protection.period.upper if protection else None,
    )


def _read(kept: StoredAnswer) -> LinkAnswer:
    body = kept.body or {}
    due, until = body.get("answer_due_at"), body.get("protected_until")
    return LinkAnswer(
        customer=body["customer"],
        state=body["state"],
        claimed_at=parse_datetime(body["claimed_at"]) or kept.created_at,
        answer_due_at=parse_datetime(due) if due else None,
        protected_until=parse_datetime(until) if until else None,
    )
