"""Requests to become a partner: the queue, one request, and the three answers to it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from partners.access import access_request
from partners.core import clock
from partners.core.errors import Clash, DomainError, Stale
from partners.forms import AcceptRequestForm, DeclineRequestForm, PutOffRequestForm, RequestForm, blame
from partners.models import PartnerRequest
from partners.rules.requests import RequestState, waits
from partners.selectors import look_alikes, requests_found
from partners.services.requests import accept_request, decline_request, log_request, postpone_request
from partners.views.gates import PlacedRequest, workspace
from partners.views.lists import asked, columns, csv_answer, page_of, wants_csv

TONES = {
    RequestState.OPEN.value: "info",
    RequestState.LATER.value: "neutral",
    RequestState.ACCEPTED.value: "good",
    RequestState.DECLINED.value: "neutral",
}
STATES = [("waiting", "Waiting for a decision"), *RequestState.choices[1:], ("all", "All")]
PUT_OFF = timedelta(days=90)
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
    page = page_of(request, found)
    rows = list(page)
    alike = look_alikes(rows)
    context = {
        "page": page,
        "lines": [(row, TONES[row.state], alike[row.pk]) for row in rows],
        "state": state,
        "states": STATES,
        "can_edit": request.place.can("partners.edit"),
    }
    return render(request, "partners/requests.html", context)


@workspace("partners.edit", methods=("GET", "POST"))
def new_request(request: PlacedRequest) -> HttpResponse:
    """Log a request that came by mail, by telephone or at a fair."""
    today = clock.today(request.place.program.timezone)
    form = RequestForm(request.POST or None, initial={"received_on": today.isoformat()})
    if request.method == "POST" and form.is_valid():
        try:
            made = log_request(actor=request.place.actor, **form.cleaned_data)
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, f"The request of {made.organisation} is in the queue.")
            return redirect("partners:request", request.place.program.slug, made.public_id)
    status = 422 if form.errors else 200
    return render(request, "partners/request_form.html", {"form": form}, status=status)


def _answers(row: PartnerRequest, timezone: str) -> dict[str, Form]:
    """The empty forms of the three answers."""
    again = (clock.today(timezone) + PUT_OFF).isoformat()
    return {
        "accept": AcceptRequestForm(initial={"version": row.version}, auto_id="accept_%s"),
        "decline": DeclineRequestForm(initial={"version": row.version}, auto_id="decline_%s"),
        "later": PutOffRequestForm(
            initial={"version": row.version, "ask_again_on": again}, auto_id="later_%s"
        ),
    }


def _drawn(request: PlacedRequest, row: PartnerRequest, *, status: int = 200, **failed: Form) -> HttpResponse:
    context = {
        "row": row,
        "tone": TONES[row.state],
        "alike": look_alikes([row])[row.pk],
        "waits": waits(row.state),
        "can_edit": request.place.can("partners.edit"),
        "forms": {**_answers(row, request.place.program.timezone), **failed},
    }
    return render(request, "partners/request.html", context, status=status)


@workspace("requests.view")
def request(request: PlacedRequest, public_id: str) -> HttpResponse:
    """One request: who asks, who they may be, and what was or can be answered."""
    return _drawn(request, access_request(public_id))


def _answer(
    request: PlacedRequest, public_id: str, name: str, form: Form, act: Callable[..., Any], said: str
) -> HttpResponse:
    """Do one of the three; a refusal is shown in its form."""
    row = access_request(public_id)
    status = 422
    if form.is_valid():
        values = dict(form.cleaned_data)
        seen = values.pop("version")
        try:
            act(actor=request.place.actor, public_id=public_id, expected_version=seen or None, **values)
        except Clash:
            raise  # it is decided, so there is no form left to show it in
        except DomainError as error:
            blame(form, error)
            status = error.status if isinstance(error, Stale) else 422
        else:
            messages.success(request, said.format(row.organisation))
            return redirect("partners:request", request.place.program.slug, public_id)
    return _drawn(request, row, status=status, **{name: form})


@workspace("partners.edit", methods=("POST",))
def request_accept(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Take them on as a prospect."""
    form = AcceptRequestForm(request.POST, auto_id="accept_%s")
    said = "{} is a prospect now. Agree on a plan, and invite its people."
    return _answer(request, public_id, "accept", form, accept_request, said)


@workspace("partners.edit", methods=("POST",))
def request_decline(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Say no, with a reason."""
    form = DeclineRequestForm(request.POST, auto_id="decline_%s")
    return _answer(request, public_id, "decline", form, decline_request, "{} was declined.")


@workspace("partners.edit", methods=("POST",))
def request_later(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Decide on another day."""
    form = PutOffRequestForm(request.POST, auto_id="later_%s")
    said = "{} is back in the queue on its day."
    return _answer(request, public_id, "later", form, postpone_request, said)
