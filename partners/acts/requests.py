"""What is done to requests to become a partner."""

from datetime import timedelta
from typing import Any

from partners.access import Place, access_request
from partners.api.shapes import PartnerSerializer
from partners.core import clock
from partners.core.errors import Clash
from partners.kit.act import Act, at, at_list, by_id
from partners.kit.fields import API, Choice, Day, Email, Line, Text
from partners.models import Intent, PartnerRequest
from partners.rules.requests import DeclineReason
from partners.services.requests import accept_request, decline_request, log_request, postpone_request

PUT_OFF = timedelta(days=90)


def _today(place: Place) -> str:
    return clock.today(place.program.timezone).isoformat()


def _in_ninety_days(place: Place) -> str:
    return (clock.today(place.program.timezone) + PUT_OFF).isoformat()


def _by_id(_place: Place, row: PartnerRequest, given: dict[str, Any]) -> dict[str, Any]:
    return given | {"public_id": row.public_id}


LOG_REQUEST = Act(
    "new",
    log_request,
    gate="partners.edit",
    fields=(
        Line("organisation"),
        Line("website", 255, required=False, help="Tells whether we know them already."),
        Line("contact", 120, required=False, label="Who writes"),
        Email("email", 254, required=False, label="E-mail"),
        Choice(
            "intent",
            of=Intent,
            initial=Intent.CO_SELL,
            label="As what kind of partner",
            optional=API,
            absent=Intent.CO_SELL,
        ),
        Day(
            "received_on",
            label="Received",
            initial=_today,
            optional=API,
            said="Today, unless said otherwise.",
        ),
        Line(
            "received_from",
            120,
            required=False,
            label="Through",
            help="Who passed it on: a colleague, a fair, mail.",
        ),
        Text("why_them", 4000, rows=2, required=False, label="Why them"),
        Text("why_us", 4000, rows=2, required=False, label="Why us, in their words"),
    ),
    summary="Log a partner request",
    body="RequestInput",
    about="A request to log.",
    done=lambda made: f"The request of {made.organisation} is in the queue.",
    back=at_list("partners:requests"),
    after=at("partners:request"),
    template="partners/request_form.html",
)
_TOLD = Text("sentence", 2000, rows=2, required=False, label="What they are told")


def _answer(verb: str, does: Any, **more: Any) -> Act:
    """One of the three answers. Once it is decided there is no form left to show a refusal in."""
    return Act(
        verb, does, gate="partners.edit", versioned=True, values=_by_id, row=by_id(access_request),
        raises=(Clash,), ids=f"{verb}_%s", back=at("partners:request"), **more,
    )  # fmt: skip


ACCEPT = _answer(
    "accept",
    accept_request,
    fields=(_TOLD,),
    summary="Accept a partner request",
    body="AcceptInput",
    about="What they are told.",
    shape=PartnerSerializer,
    status=201,
    done=lambda made: f"{made.name} is a prospect now. Agree on a plan, and invite its people.",
)
DECLINE = _answer(
    "decline",
    decline_request,
    fields=(Choice("reason", of=DeclineReason), Text("sentence", 2000, rows=2, label="What they are told")),
    summary="Decline a partner request",
    body="DeclineInput",
    about="Why, and what they are told.",
    done=lambda row: f"{row.organisation} was declined.",
)
LATER = _answer(
    "later",
    postpone_request,
    fields=(Day("ask_again_on", label="Ask again on", initial=_in_ninety_days), _TOLD),
    summary="Put off a partner request",
    body="LaterInput",
    about="When it is asked again.",
    done=lambda row: f"{row.organisation} is back in the queue on its day.",
)
