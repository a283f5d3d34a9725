"""A partner's home: what we owe them first, then what is next, then what we hold for them."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render

from deals.rules.lifecycle import State
from deals.selectors.registrations import (
    protection_days_left,
    protection_of,
    registrations_found,
)
from partners.core import clock
from partners.selectors import promise_in_force
from partners.services.activities import note_login
from partners.views.gates import PlacedRequest, portal
from plans.rules.lifecycle import Side
from plans.selectors import next_check_ins, open_commitments, unsigned_plans

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
    live = registrations_found(place.actor, state="live")
    held = [row for row in live.filter(state=State.APPROVED)[:_SHOWN] if protection_of(row)]
    for row in held:
        row.days_left = protection_days_left(row)  # type: ignore[attr-defined]
    held.sort(key=lambda row: row.days_left)  # type: ignore[attr-defined]
    context = {
        "ours": [row for row in promises if row.side == Side.US],
        "theirs": [row for row in promises if row.side == Side.THEM],
        "today": today,
        "questions": list(live.filter(state=State.NEEDS_INFO).order_by("answer_due_at")[:_SHOWN]),
        "waiting": list(live.filter(state=State.IN_REVIEW).order_by("decision_due_at")[:_SHOWN]),
        "drafts": list(registrations_found(place.actor, state=State.DRAFT)[:_SHOWN]),
        "held": held,
        "proposals": unsigned_plans(place.actor),
        "contact": next(iter(next_check_ins(place.actor, today + _AHEAD, limit=1)), None),
        "promise": promise_in_force(),
    }
    return render(request, "portal/home.html", context)
