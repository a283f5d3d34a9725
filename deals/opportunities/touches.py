"""Touches: what a partner did on an opportunity, put on record by staff or by the partner itself (R127)."""

from datetime import date

from django.db import transaction

from deals.models import Opportunity, OpportunityState, Touch
from deals.rules.attribution import TouchKind
from deals.rules.sentences import named_in
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, NotFound, RuleBroken
from partners.core.text import clean_text
from partners.models import Partner
from partners.selectors import program_in_force
from partners.services.ledger import record
from partners.services.rights import require

NOTE_LENGTH = 1000


def log_touch(
    *,
    actor: Actor,
    opportunity: Opportunity,
    on: date,
    kind: TouchKind,
    note: str = "",
    partner: Partner | None = None,
) -> Touch:
    """Put a dated act of a partner on record; staff say whose, a partner's people act for their own.

    ``on`` is a day in the program's time zone, not after the day the deal was closed. A partner logs while
    its deal is open; staff may add what they learn later, and ``created_at`` shows it. Raises ``NotAllowed``,
    ``NotFound``, ``Clash`` when it is closed, ``RuleBroken``.
    """
    require(actor, "touches.log", "portal.register")
    with transaction.atomic():
        row = Opportunity.objects.select_for_update(no_key=True).filter(pk=opportunity.pk).first()
        if row is None or row.removed_at is not None:
            raise NotFound("There is no such opportunity.")
        whose = Partner.objects.filter(pk=actor.partner_id or 0).first() if actor.is_partner else partner
        if whose is None:
            raise RuleBroken("partner", "Which partner did it?", field="partner")
        if actor.is_partner and row.state != OpportunityState.OPEN:
            raise Clash("closed", "This deal is closed; what you did counts while it is open.")
        text = _checked(row, whose, on, note)
        touch = Touch.objects.create(
            program_id=actor.program_id,
            opportunity=row,
            partner=whose,
            on=on,
            kind=kind,
            note=text,
            logged_by=actor.name[:120],
        )
        record(
            "touch.logged",
            touch,
            actor=actor,
            new={"opportunity": row.public_id, "on": on, "kind": kind, "note": text},
            partner_id=whose.pk,
        )
        return touch


def _checked(row: Opportunity, whose: Partner, on: date, note: str) -> str:
    if on > clock.today(program_in_force().timezone):
        raise RuleBroken("on", "That day is still to come.", field="on")
    if row.closed_on is not None and on > row.closed_on:
        raise RuleBroken("on", "The deal was closed before that day.", field="on")
    text = clean_text(note)
    if len(text) > NOTE_LENGTH:
        raise RuleBroken("note", f"At most {NOTE_LENGTH:,} characters.", field="note")
    others = list(Partner.objects.exclude(pk=whose.pk).values_list("name", flat=True))
    if rival := named_in(text, others, allowed=row.name):
        raise RuleBroken(
            "note", f"The partner reads this and may not learn of {rival}. Leave the name out.", field="note"
        )
    return text


def remove_touch(*, actor: Actor, touch: Touch) -> Touch:
    """Take back what never happened; it stays on record and no longer counts. Raises as ``log_touch``.

    A partner's people take back what their own side logged while the deal is open.
    """
    require(actor, "touches.log", "portal.register")
    with transaction.atomic():
        row = Touch.objects.select_for_update(no_key=True, of=("self",)).filter(pk=touch.pk)
        found = row.select_related("opportunity").first()
        if found is None:
            raise NotFound("There is no such entry.")
        if found.removed_at is not None:
            raise Clash("removed", "This was taken back already.")
        if actor.is_partner and found.opportunity.state != OpportunityState.OPEN:
            raise Clash("closed", "This deal is closed.")
        found.removed_at = clock.now()
        found.save(update_fields=["removed_at"])
        record("touch.removed", found, actor=actor, partner_id=found.partner_id)
        return found
