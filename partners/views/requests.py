"""Requests to become a partner: the queue, one request, and the three answers to it."""

from dataclasses import replace

from django.forms import Form
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render

from partners.access import access_request
from partners.acts.requests import ACCEPT, DECLINE, LATER, LOG_REQUEST
from partners.core import clock
from partners.kit.act import page
from partners.models import PartnerRequest
from partners.rules.requests import RequestState, waits
from partners.selectors import look_alikes, requests_found
from partners.views.gates import PlacedRequest, workspace
from partners.views.lists import asked, columns, csv_answer, page_of, wants_csv

TONES = {
    RequestState.OPEN.value: "info",
    RequestState.LATER.value: "neutral",
    RequestState.ACCEPTED.value: "good",
    RequestState.DECLINED.value: "neutral",
}
STATES = [("waiting", "Waiting for a decision"), *RequestState.choices[1:], ("all", "All")]
_COLUMNS = columns(
    "id:public_id organisation website contact email intent why_them why_us received_on received_from"
    " state reason sentence ask_again_on decided_by partner:partner.name",
)


@workspace("requests.view")
def requests(request: PlacedRequest) -> HttpResponseBase:
    """The queue: what waits, the longest first; ``?format=csv`` gives all that match."""
    known = {value for value, _label in STATES}
    state = asked(request, "state") if asked(request, "state") in known else "waiting"
    found = requests_found(
        today=clock.today(request.place.program.timezone),
        q=asked(request, "q"),
        state="" if state == "all" else state,
        sort=asked(request, "sort"),
    )
    if wants_csv(request):
        return csv_answer("partner-requests", found, _COLUMNS)
    shown = page_of(request, found)
    rows = list(shown)
    alike = look_alikes(rows)
    context = {
        "page": shown,
        "lines": [(row, TONES[row.state], alike[row.pk]) for row in rows],
        "state": state,
        "states": STATES,
        "can_edit": request.place.can("partners.edit"),
    }
    return render(request, "partners/requests.html", context)


def _drawn(
    request: PlacedRequest, row: PartnerRequest, failed: Form | None = None, status: int = 200
) -> HttpResponse:
    """The page; ``failed`` is the one of its forms that was sent with something wrong."""
    empty = {act.verb: act.blank(request.place, row) for act in (ACCEPT, DECLINE, LATER)}
    context = {
        "row": row,
        "tone": TONES[row.state],
        "alike": look_alikes([row])[row.pk],
        "waits": waits(row.state),
        "can_edit": request.place.can("partners.edit"),
        "forms": {
            verb: failed if failed and failed.auto_id == form.auto_id else form
            for verb, form in empty.items()
        },
    }
    return render(request, "partners/request.html", context, status=status)


@workspace("requests.view")
def request(request: PlacedRequest, public_id: str) -> HttpResponse:
    """One request: who asks, who they may be, and what was or can be answered."""
    return _drawn(request, access_request(public_id))


new_request = page(LOG_REQUEST)
request_accept, request_decline, request_later = (
    page(replace(act, drawn=_drawn)) for act in (ACCEPT, DECLINE, LATER)
)
