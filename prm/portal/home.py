"""A partner's home: what we owe them first, then what is next, then what we hold for them."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render

from deals.common.claim_facts import facts_of, protection_days_left, protection_of, terms_and_promise
from deals.leads.selectors.leads import offers_found
from deals.models import LeadOffer, Registration
from deals.registrations.selectors import in_hand
from deals.rules.leads import OfferState
from deals.rules.lifecycle import Move, State
from deals.rules.possible import ClaimTerms, open_moves, pressing, progress_due
from partners.access import Place
from partners.core import clock
from partners.services.activities import note_login
from partners.views.gates import PlacedRequest, portal
from plans.rules.lifecycle import Side
from plans.selectors import open_commitments, plans_due

_AHEAD = timedelta(days=365)
_SHOWN = 20


@portal("portal.view")
def home(request: PlacedRequest) -> HttpResponse:
    """The first page after sign-in."""
    place = request.place
    note_login(place)
    partner_id = place.actor.partner_id or 0
    promises = open_commitments(place.actor, partner_id)
    today = clock.today(place.program.timezone)
    plans = plans_due(place.actor, today + _AHEAD)
    deals, (terms, promise) = in_hand(place.actor, limit=_SHOWN), terms_and_promise()
    held = [row for row in deals[State.APPROVED] if protection_of(row)]
    for row in held:
        row.days_left = protection_days_left(row)  # type: ignore[attr-defined]
    context = {
        "ours": [row for row in promises if row.side == Side.US],
        "theirs": [row for row in promises if row.side == Side.THEM],
        "today": today,
        "moment": clock.now(),
        "questions": deals[State.NEEDS_INFO],
        "waiting": deals[State.IN_REVIEW],
        "words": _words_due(place, held, terms),
        "offers": _offers(place),
        "drafts": deals[State.DRAFT],
        "held": held,
        "proposals": plans.unsigned,
        "contact": next(iter(plans.contacts), None),
        "promise": promise,
    }
    return render(request, "portal/home.html", context)


def _words_due(place: Place, held: list[Registration], terms: ClaimTerms) -> list[Registration]:
    """Deals whose protection ends unless the partner says how they stand; ``word_due`` is until when."""
    moment = clock.now()
    due = []
    for row in held:
        facts = facts_of(row)
        moves = open_moves(facts, place.actor.role, terms, moment)
        if pressing(facts, terms, moves, moment) is Move.REPORT:
            row.word_due = progress_due(facts, terms)  # type: ignore[attr-defined]
            due.append(row)
    return due


def _offers(place: Place) -> list[LeadOffer]:
    """Leads that wait for the partner's answer, the nearest deadline first."""
    if not place.can("portal.leads"):
        return []
    return list(offers_found(place.actor, state=OfferState.OFFERED).order_by("due_at", "pk")[:_SHOWN])
