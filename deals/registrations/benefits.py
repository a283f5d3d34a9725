"""Word on promised benefits: whether what was promised for an approved deal was delivered (R107)."""

from datetime import date

from django.db import transaction

from deals.common.calendar import day_of
from deals.common.guards import locked, required_text, text_for_partner
from deals.models import BenefitDelivery, Protection, Registration
from deals.registrations.rules.benefits import OWED
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, RuleBroken
from partners.core.text import clean_text
from partners.selectors import program_in_force
from partners.services.ledger import record
from partners.services.rights import require

NOTE_LENGTH = 1000
_OURS = ("delivered", "delivered_on", "note", "said_by", "said_at")
_PARTNERS = ("received", "partner_note", "partner_said_by", "partner_said_at")


def confirm_benefit(
    *,
    actor: Actor,
    registration: Registration,
    delivered: bool,
    on: date | None = None,
    note: str = "",
) -> BenefitDelivery:
    """Say whether the promised benefit was delivered: our word by staff, its own by the partner's people.

    A later word takes the place of the same side's earlier one; the other side's stays beside it. ``on`` is
    the day of our delivery (program time zone), today unless said; a no needs a ``note``. Raises
    ``NotAllowed``, ``Clash`` when nothing is owed for the registration, ``RuleBroken``.
    """
    require(actor, "registrations.register", "portal.register")
    with transaction.atomic():
        row = locked(registration)
        _check_owed(row)
        text = _checked_note(actor, row, note, needed=not delivered)
        found = BenefitDelivery.objects.filter(registration=row).first()
        word = found or BenefitDelivery(
            program_id=row.program_id, registration=row, partner_id=row.partner_id
        )
        fields = _PARTNERS if actor.is_partner else _OURS
        old = {name: getattr(word, name) for name in fields}
        if actor.is_partner:
            word.received, word.partner_note = delivered, text
            word.partner_said_by, word.partner_said_at = actor.name[:120], clock.now()
        else:
            word.delivered, word.note = delivered, text
            word.delivered_on = _checked_day(row, on) if delivered else None
            word.said_by, word.said_at = actor.name[:120], clock.now()
        if found is None:
            word.save(force_insert=True)
        else:
            word.save_fields(*fields)
        record(
            "registration.benefit_said",
            row,
            actor=actor,
            old=old,
            new={name: getattr(word, name) for name in fields},
            partner_id=row.partner_id,
            sentence=f"{'Delivered' if delivered else 'Not delivered'}{f': {text}' if text else '.'}",
        )
        return word


def _check_owed(row: Registration) -> None:
    if row.state not in OWED or not Protection.objects.filter(registration=row).exists():
        raise Clash("not_owed", "A benefit is promised for approved deals. This one is not approved.")
    if not row.benefit:
        raise Clash("not_promised", "Nothing was promised when this deal was registered.")


def _checked_note(actor: Actor, row: Registration, note: str, *, needed: bool) -> str:
    """The note, made storable; what staff write names no other partner."""
    if not needed and not clean_text(note):
        return ""
    missing = "What is missing? One sentence is enough."
    if actor.is_partner:
        return required_text("note", note, longest=NOTE_LENGTH, missing=missing)
    return text_for_partner("note", note, row, longest=NOTE_LENGTH, missing=missing)


def _checked_day(row: Registration, on: date | None) -> date:
    zone = program_in_force().timezone
    today = clock.today(zone)
    if on is None:
        return today
    if on > today:
        raise RuleBroken("on", "That day is still to come.", field="on")
    if row.claimed_at is not None and on < day_of(row.claimed_at, zone):
        raise RuleBroken("on", "The deal was registered after that day.", field="on")
    return on
