"""Offers: a lead offered to one partner at a time, accepted, declined, run out, taken back.

A partner reads its own offers; the lead behind one opens to it when it accepts. So accepting and declining
see more than the partner may, and tell it nothing of that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from deals.common.calendar import workweek
from deals.common.notify import ask_to_place_lead
from deals.leads.deals import (
    account_behind,
    locked_lead,
    open_part_tells,
    opportunity_behind,
    refusals_in_words,
)
from deals.leads.rules import Ranked
from deals.leads.selectors.routing import account_of, accounts_like, candidates_for, holders_of, open_leads
from deals.models import Lead, LeadOffer
from deals.rules.clock import deadline
from deals.rules.leads import SENTENCE_LENGTH, Direction, LeadState, OfferReason, OfferState, size_band
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, FieldErrors, NotFound
from partners.core.scope import whole_program
from partners.core.text import clean_text
from partners.models import Partner
from partners.rules.notices import NoticeKind
from partners.selectors import charter_in_force, program_in_force
from partners.services.ledger import record
from partners.services.notices import Message, people_of, tell
from partners.services.rights import require


@transaction.atomic
def offer_lead(*, actor: Actor, lead: Lead, partner_id: int | None = None) -> LeadOffer:
    """Offer a lead to a partner, or to the one that fits best. It has the charter's decision days to answer.

    Raises ``NotAllowed``, ``Clash`` when the lead is not free, when the partner cannot take it (full, ended,
    declined it before, another partner holds the customer) or nobody can.
    """
    require(actor, "leads.edit")
    with refusals_in_words(), transaction.atomic():
        row = locked_lead(lead.pk)
        if row.direction != Direction.ROUTED or row.state != LeadState.WAITING:
            raise Clash(
                "not_waiting", f"This lead is {row.get_state_display().lower()}; it cannot be offered."
            )
        order = candidates_for(row, account_of(row, accounts_like(row)))
        chosen = _chosen(order, partner_id)
        partner = Partner.objects.select_for_update(no_key=True).get(pk=chosen.candidate.partner_id)
        # Two leads offered to one partner at once both saw room; the second looks again under the lock.
        if open_leads(partner.pk).get(partner.pk, 0) >= partner.lead_capacity:
            raise Clash("full", f"{partner.name} was offered another lead at this moment and is full.")
        if told := open_part_tells(row):
            raise Clash("tells_who", told)
        offer = _offer(actor, row, partner)
    _record_offer(actor, row, offer, partner, order)
    _tell_partner(actor, offer)
    return offer


def _chosen(order: list[Ranked], partner_id: int | None) -> Ranked:
    """The candidate asked for, or the first that can take it. Raises ``NotFound``, ``Clash``."""
    if partner_id is None:
        found = next((row for row in order if not row.left_out), None)
        if found is None:
            raise Clash("nobody", "No partner can take this lead at present.")
        return found
    found = next((row for row in order if row.candidate.partner_id == partner_id), None)
    if found is None:
        raise NotFound("There is no such partner.")
    if found.left_out:
        raise Clash("left_out", f"{found.candidate.name} cannot take this lead. {found.left_out}.")
    return found


def _offer(actor: Actor, row: Lead, partner: Partner) -> LeadOffer:
    moment = clock.now()
    offer = LeadOffer.objects.create(
        program_id=actor.program_id,
        lead=row,
        partner=partner,
        country=row.country,
        vertical=row.vertical,
        segment=row.segment,
        function=row.function,
        need=row.need,
        size=size_band(row.amount, row.currency),
        offering_id=row.offering_id,
        offered_at=moment,
        offered_by=actor.name[:120],
        due_at=deadline(moment, charter_in_force().decision_days, workweek(program_in_force())),
    )
    _put(row, LeadState.OFFERED)
    return offer


def _put(row: Lead, state: LeadState) -> None:
    """Move a locked lead between waiting and offered without a new version: its partner-to-be may read the
    version one day, and would count by it whom else the lead was offered to."""
    row.state = state
    Lead.objects.filter(pk=row.pk).update(state=state)


def _tell_partner(actor: Actor, offer: LeadOffer) -> None:
    due = offer.due_at.astimezone(ZoneInfo(program_in_force().timezone))
    message = Message(
        kind=NoticeKind.LEAD,
        key=f"lead offered {offer.public_id}",
        subject="A lead for you",
        body=f"{offer.need}\n\nPlease answer by {due:%A %-d %B, %H:%M}. "
        "With your yes you see who the buyer is.",
        page="portal:lead_offer",
        page_id=offer.public_id,
    )
    tell(actor=actor, seats=people_of(offer.partner_id), message=message)


def _record_offer(actor: Actor, row: Lead, offer: LeadOffer, partner: Partner, order: list[Ranked]) -> None:
    record(
        "lead.offered",
        offer,
        actor=actor,
        new={"due_at": offer.due_at, "size": offer.size, "need": offer.need},
        partner_id=partner.pk,
    )
    record(
        "lead.routed",
        row,
        actor=actor,
        new={
            "offer": offer.public_id,
            "partner": partner.public_id,
            "due_at": offer.due_at,
            "candidates": [
                {"name": found.candidate.name, "reasons": found.reasons, "left_out": found.left_out}
                for found in order[:10]
            ],
        },
        sentence=f"Offered to {partner.name}.",
    )


@contextmanager
def _answering(actor: Actor, offer: LeadOffer) -> Iterator[tuple[Lead, LeadOffer]]:
    """The lead and its offer, locked, in a scope that sees both. Raises ``NotAllowed``, ``Clash``."""
    require(actor, "leads.edit", "portal.leads")
    if actor.is_partner and offer.partner_id != actor.partner_id:
        raise NotFound("There is no such offer.")
    with whole_program("a partner's answer opens the lead to it, or frees it for the next one"):
        lead = locked_lead(offer.lead_id)
        row = LeadOffer.objects.select_for_update(no_key=True).get(pk=offer.pk)
        if row.state != OfferState.OFFERED:
            raise Clash("answered", f"This offer is over: {row.get_state_display().lower()}.")
        if row.due_at <= clock.now():
            raise Clash("too_late", "The time to answer this offer is over.")
        yield lead, row


def accept_offer(*, actor: Actor, offer: LeadOffer, expected_version: int | None = None) -> LeadOffer:
    """Take a lead: it opens to the partner and becomes an opportunity routed to it.

    When somebody else came to hold the customer since it was offered, the offer is taken back instead and the
    partner is told only that; look at the ``state`` of what is returned. Raises ``NotAllowed``, ``NotFound``,
    ``Clash`` when it was answered or has run out, ``Stale``.
    """
    with _answering(actor, offer) as (lead, row):
        account = account_behind(actor, lead)
        if set(holders_of(account.pk, lead.offering_id)) - {row.partner_id}:
            job = Actor.system(program_id=actor.program_id, name="Leads", door=actor.door)
            _end(row, OfferState.WITHDRAWN, job, expected_version=expected_version)
            _put(lead, LeadState.WAITING)
            _record_end(job, row, "lead.withdrawn")
            record("lead.freed", lead, actor=job, sentence="Another partner came to hold the customer.")
            return row
        _end(row, OfferState.ACCEPTED, actor, expected_version=expected_version)
        program = program_in_force()
        lead.state, lead.opened_to_id, lead.settled_at = LeadState.ACCEPTED, row.partner_id, clock.now()
        lead.account = account
        lead.opportunity = opportunity_behind(
            actor=actor, lead=lead, account=account, partner_id=row.partner_id, program=program
        )
        lead.save_fields("state", "opened_to", "settled_at", "account", "opportunity")
        _record_end(actor, row, "lead.accepted")
        record(
            "lead.opened",
            lead,
            actor=actor,
            new={
                "offer": row.public_id,
                "account": account.public_id,
                "opportunity": lead.opportunity.public_id,
            },
        )
    return row


def decline_offer(
    *,
    actor: Actor,
    offer: LeadOffer,
    reason: str,
    sentence: str = "",
    expected_version: int | None = None,
) -> LeadOffer:
    """Leave a lead, with a reason that is remembered (``OfferReason``); it is free for the next partner.

    Raises ``NotAllowed``, ``NotFound``, ``Clash``, ``FieldErrors`` without a reason, or with ``other`` and no
    sentence, ``Stale``.
    """
    sentence = clean_text(sentence)
    errors: dict[str, list[str]] = {}
    if reason not in OfferReason:
        errors["reason"] = ["Choose a reason. It tells us what to send you next time."]
    if len(sentence) > SENTENCE_LENGTH:
        errors["sentence"] = [f"At most {SENTENCE_LENGTH:,} characters; this has {len(sentence):,}."]
    elif reason == OfferReason.OTHER and not sentence:
        errors["sentence"] = ["Say what it is."]
    with _answering(actor, offer) as (lead, row):
        if errors:
            raise FieldErrors(errors)
        row.reason, row.sentence = reason, sentence
        _end(row, OfferState.DECLINED, actor, expected_version=expected_version)
        _put(lead, LeadState.WAITING)
        _record_end(actor, row, "lead.declined")
        _call_to_place(actor, lead, row, "declined it")
    return row


@transaction.atomic
def withdraw_offer(*, actor: Actor, lead: Lead) -> Lead:
    """Take back the offer that waits; the lead is free again. Raises ``NotAllowed``, ``Clash``."""
    require(actor, "leads.edit")
    row = locked_lead(lead.pk)
    if withdraw_live_offer(actor=actor, lead=row) is None:
        raise Clash("not_offered", "No offer of this lead waits for an answer.")
    return row


def withdraw_live_offer(*, actor: Actor, lead: Lead) -> LeadOffer | None:
    """End the waiting offer of a lead the caller has locked; None when there is none."""
    row = LeadOffer.objects.select_for_update(no_key=True).filter(lead=lead, state=OfferState.OFFERED).first()
    if row is None:
        return None
    _end(row, OfferState.WITHDRAWN, actor)
    _put(lead, LeadState.WAITING)
    _record_end(actor, row, "lead.withdrawn")
    _tell_over(actor, row, "We have taken the offer back.")
    return row


def expire_offers(*, actor: Actor, limit: int = 200) -> int:
    """End the offers whose time is over and free their leads for the next partner; how many were.

    Safe to run at any time and twice at once: leads somebody else is working on are left for the next run.
    """
    moment = clock.now()
    due = LeadOffer.objects.filter(state=OfferState.OFFERED, due_at__lte=moment).order_by("due_at", "pk")
    ids = list(due.values_list("lead_id", flat=True)[:limit])
    leads = Lead.objects.select_for_update(no_key=True, skip_locked=True).filter(pk__in=ids).order_by("pk")
    ended = [lead for lead in leads if _run_out(actor, lead, moment)]
    return len(ended)


def _run_out(actor: Actor, lead: Lead, moment: datetime) -> bool:
    """End a lead's offer if, now that the lead is locked, it still waits past its time."""
    waiting = LeadOffer.objects.select_for_update(no_key=True).filter(lead=lead, state=OfferState.OFFERED)
    row = waiting.filter(due_at__lte=moment).first()
    if row is None:
        return False
    _end(row, OfferState.EXPIRED, actor)
    _put(lead, LeadState.WAITING)
    _record_end(actor, row, "lead.expired")
    _tell_over(actor, row, "We heard nothing in time, so it is not offered to you any more.")
    _call_to_place(actor, lead, row, "did not answer in time")
    return True


def _tell_over(actor: Actor, offer: LeadOffer, sentence: str) -> None:
    message = Message(
        kind=NoticeKind.LEAD,
        key=f"lead over {offer.public_id}",
        subject="A lead is not offered to you any more",
        body=f"{offer.need}\n\n{sentence}",
        page="portal:lead_offer",
        page_id=offer.public_id,
    )
    tell(actor=actor, seats=people_of(offer.partner_id), message=message)


def _call_to_place(actor: Actor, lead: Lead, offer: LeadOffer, what: str) -> None:
    body = f"{offer.partner.name} {what}. The lead is with nobody now: offer it to the next partner."
    ask_to_place_lead(actor=actor, lead=lead, subject="a lead to offer again", body=body)


def _end(row: LeadOffer, state: OfferState, actor: Actor, *, expected_version: int | None = None) -> None:
    row.state, row.answered_at = state, clock.now()
    if state in (OfferState.ACCEPTED, OfferState.DECLINED):
        row.answered_by = actor.name[:120]
    row.save_fields(
        "state", "answered_at", "answered_by", "reason", "sentence", expected_version=expected_version
    )


def _record_end(actor: Actor, row: LeadOffer, verb: str) -> None:
    record(
        verb,
        row,
        actor=actor,
        old={"state": OfferState.OFFERED},
        new={"state": row.state, "reason": row.reason},
        partner_id=row.partner_id,
        sentence=row.sentence,
    )
