"""Who may read and decide on requests, competing products and reviews of partners. No partner ever."""

from datetime import timedelta
from typing import Any

from partners.core import clock
from partners.models import CompetingLine, PartnerRequest
from partners.services.lines import add_line
from partners.services.requests import log_request
from prm.models import PartnerReview
from prm.services.reviews import review_partner
from tests.access.rows import Row, api, staff_page
from tests.support.cast import Cast

EDITORS = ("leader", "manager")
WORKERS = (*EDITORS, "ops")
VIEWERS = (*WORKERS, "sponsor")


def ahead(_cast: Cast) -> str:
    return (clock.today("Europe/Berlin") + timedelta(days=40)).isoformat()


def asking(cast: Cast) -> dict[str, Any]:
    row = PartnerRequest.objects.first() or log_request(
        actor=cast.actor("leader"), organisation="Elm Partners", website="https://elm.example.org"
    )
    return {"public_id": row.public_id}


def line(cast: Cast) -> dict[str, Any]:
    row = CompetingLine.objects.first() or add_line(
        actor=cast.actor("leader"), partner=cast.alder, product="Slotter"
    )
    return {"public_id": row.public_id}


def line_of_alder(cast: Cast) -> dict[str, Any]:
    return {"public_id": cast.alder.public_id, "line_id": line(cast)["public_id"]}


def alder(cast: Cast) -> dict[str, Any]:
    return {"public_id": cast.alder.public_id}


def review(cast: Cast) -> dict[str, Any]:
    row = PartnerReview.objects.first() or review_partner(
        actor=cast.actor("leader"),
        partner_id=cast.alder.public_id,
        decision="keep",
        reasons="They began late.",
        ask_again_on=clock.today("Europe/Berlin") + timedelta(days=30),
    )
    return {"public_id": row.public_id}


def request_data(_cast: Cast) -> dict[str, Any]:
    return {
        "organisation": "Fir Group",
        "website": "https://fir.example.org",
        "contact": "Kim",
        "email": "kim@fir.example.org",
        "intent": "referral",
        "received_on": "2026-03-02",
        "received_from": "A fair",
        "why_them": "They know clinics",
        "why_us": "Their customers ask",
    }


def line_data(_cast: Cast) -> dict[str, Any]:
    return {"product": "Planner", "vendor": "Other", "higher_margin": "yes", "exclusive": "no"}


def review_data(cast: Cast) -> dict[str, Any]:
    return {"decision": "fix", "reasons": "Nothing came of it.", "ask_again_on": ahead(cast), "intent": ""}


def api_review(cast: Cast) -> dict[str, Any]:
    return {"partner": cast.alder.public_id, **review_data(cast)}


def later_data(cast: Cast) -> dict[str, Any]:
    return {"ask_again_on": ahead(cast), "sentence": "After the summer."}


def decline_data(_cast: Cast) -> dict[str, Any]:
    return {"reason": "no_fit", "sentence": "You serve another kind of customer."}


def sign_data(_cast: Cast) -> dict[str, Any]:
    return {
        "number": 1,
        "authority": {"*": "leader"},
        "benefit": "We hold the customer for you.",
        "comp_redesigned_on": "2026-01-01",
        "comp_rate_direct": "8.5",
        "hourly_cost": "90",
    }


ROWS = [
    Row("partners:requests", "GET", staff_page(WORKERS)),
    Row("partners:request_new", "GET", staff_page(EDITORS)),
    Row("partners:request_new", "POST", staff_page(EDITORS, 302), data=request_data),
    Row("partners:request", "GET", staff_page(WORKERS), kwargs=asking),
    Row("partners:request_accept", "POST", staff_page(EDITORS, 302), kwargs=asking),
    Row("partners:request_decline", "POST", staff_page(EDITORS, 302), kwargs=asking, data=decline_data),
    Row("partners:request_later", "POST", staff_page(EDITORS, 302), kwargs=asking, data=later_data),
    Row("partners:line_new", "GET", staff_page(EDITORS), kwargs=alder),
    Row("partners:line_new", "POST", staff_page(EDITORS, 302), kwargs=alder, data=line_data),
    Row("partners:line", "GET", staff_page(EDITORS), kwargs=line_of_alder),
    Row("partners:line", "POST", staff_page(EDITORS, 302), kwargs=line_of_alder, data=line_data),
    Row("partners:line_remove", "POST", staff_page(EDITORS, 302), kwargs=line_of_alder),
    Row("prm:reviews", "GET", staff_page(EDITORS)),
    Row("prm:review", "GET", staff_page(EDITORS), kwargs=alder),
    Row("prm:review", "POST", staff_page(EDITORS, 302), kwargs=alder, data=review_data),
    Row("api:partner-requests", "GET", api(WORKERS)),
    Row("api:partner-requests", "POST", api(EDITORS, 201), data=request_data),
    Row("api:partner-request", "GET", api(WORKERS), kwargs=asking),
    Row("api:partner-request-accept", "POST", api(EDITORS, 201), kwargs=asking),
    Row("api:partner-request-decline", "POST", api(EDITORS), kwargs=asking, data=decline_data),
    Row("api:partner-request-later", "POST", api(EDITORS), kwargs=asking, data=later_data),
    Row("api:competing-lines", "GET", api(VIEWERS)),
    Row(
        "api:competing-lines",
        "POST",
        api(EDITORS, 201),
        data=lambda cast: {"partner": cast.alder.public_id, **line_data(cast)},
    ),
    Row("api:competing-line", "GET", api(VIEWERS), kwargs=line),
    Row("api:competing-line", "PATCH", api(EDITORS), kwargs=line, data=lambda _cast: {"vendor": "Other"}),
    Row("api:competing-line", "DELETE", api(EDITORS, 204), kwargs=line),
    Row("api:charter", "POST", api(("leader",), 201), data=sign_data),
    Row("api:reviews", "GET", api(EDITORS)),
    Row("api:reviews", "POST", api(EDITORS, 201), data=api_review),
    Row("api:reviews-due", "GET", api(EDITORS)),
    Row("api:review", "GET", api(EDITORS), kwargs=review),
]
