"""Who may do what with leads: in the workspace, in the portal and by API."""

from typing import Any

from deals.leads.offers import offer_lead
from deals.leads.services import create_lead, give_lead
from deals.models import Lead, LeadOffer
from tests.access.rows import OUTSIDERS, STAFF, Row, api, portal_page, staff_page
from tests.deals.leads.making import buyer
from tests.support.cast import Cast

WORKERS = ("leader", "manager", "ops")
CONTENT = {"customer_name": "Otterfell Foods", "need": "Wants a planning tool.", "country": "DE"}


def _free(cast: Cast) -> Lead:
    """A lead of ours that is with nobody."""
    found = Lead.objects.filter(direction="routed", state="waiting").first()
    return found or create_lead(actor=cast.actor("leader"), buyer=buyer())


def free(cast: Cast) -> dict[str, Any]:
    return {"public_id": _free(cast).public_id}


def _offered(cast: Cast) -> LeadOffer:
    """A lead offered to Alder."""
    found = LeadOffer.objects.filter(state="offered").first()
    return found or offer_lead(actor=cast.actor("leader"), lead=_free(cast), partner_id=cast.alder.pk)


def offered(cast: Cast) -> dict[str, Any]:
    return {"public_id": _offered(cast).lead.public_id}


def offer(cast: Cast) -> dict[str, Any]:
    return {"public_id": _offered(cast).public_id}


def given(cast: Cast) -> dict[str, Any]:
    """A lead Alder gave us."""
    row = Lead.objects.filter(direction="given").first() or give_lead(
        actor=cast.actor("leader"), buyer=buyer(), partner_id=cast.alder.pk
    )
    return {"public_id": row.public_id}


def content(_cast: Cast) -> dict[str, Any]:
    return dict(CONTENT)


def to_alder(cast: Cast) -> dict[str, Any]:
    return {"partner": cast.alder.public_id}


def yes(_cast: Cast) -> dict[str, Any]:
    return {"answer": "accept"}


def no(_cast: Cast) -> dict[str, Any]:
    return {"reason": "field", "sentence": "Not ours."}


def our_no(_cast: Cast) -> dict[str, Any]:
    return {"answer": "decline", "reason": "no_fit", "sentence": "Not what we sell."}


def our_api_no(_cast: Cast) -> dict[str, Any]:
    return {"accept": False, "reason": "no_fit", "sentence": "Not what we sell."}


def why(_cast: Cast) -> dict[str, Any]:
    return {"sentence": "The buyer is gone."}


def segment(_cast: Cast) -> dict[str, Any]:
    return {"segment": "Enterprise"}


def _both(status: int, *, alder: int, birch: int) -> dict[str, int]:
    """An API resource that staff who work with leads and partner people share."""
    return {
        **dict.fromkeys(STAFF, 403),
        **dict.fromkeys(WORKERS, status),
        **dict.fromkeys(("alder_admin", "alder_seller"), alder),
        "birch_admin": birch,
        **dict.fromkeys(OUTSIDERS, 404),
        "nobody": 401,
    }


ROWS = [
    Row("deals:leads", "GET", staff_page(WORKERS)),
    Row("deals:lead_new", "GET", staff_page(WORKERS)),
    Row("deals:lead_new", "POST", staff_page(WORKERS, 302), data=content),
    Row("deals:lead", "GET", staff_page(WORKERS), free),
    Row("deals:lead_edit", "GET", staff_page(WORKERS), free),
    Row("deals:lead_edit", "POST", staff_page(WORKERS, 302), free, content),
    Row("deals:lead_offer", "POST", staff_page(WORKERS, 302), free, to_alder),
    Row("deals:lead_take_back", "POST", staff_page(WORKERS, 302), offered),
    Row("deals:lead_reply", "POST", staff_page(WORKERS, 302), offered, yes),
    Row("deals:lead_answer", "POST", staff_page(WORKERS, 302), given, our_no),
    Row("deals:lead_close", "POST", staff_page(WORKERS, 302), free, why),
    Row("portal:leads", "GET", portal_page(birch=200)),
    Row("portal:leads_given", "GET", portal_page(birch=200)),
    Row("portal:lead_give", "GET", portal_page(birch=200)),
    Row("portal:lead_give", "POST", portal_page(302, birch=302), data=content),
    Row("portal:lead", "GET", portal_page(), given),
    Row("portal:lead_offer", "GET", portal_page(), offer),
    Row("portal:lead_accept", "POST", portal_page(302), offer),
    Row("portal:lead_decline", "POST", portal_page(302), offer, no),
    Row("api:leads", "GET", _both(200, alder=200, birch=200)),
    Row("api:leads", "POST", _both(201, alder=201, birch=201), data=content),
    Row("api:lead", "GET", _both(200, alder=200, birch=404), given),
    Row("api:lead", "PATCH", api(WORKERS), free, segment),
    Row("api:lead-candidates", "GET", api(WORKERS), free),
    Row("api:lead-offer-to", "POST", api(WORKERS), free, to_alder),
    Row("api:lead-withdraw", "POST", api(WORKERS), offered),
    Row("api:lead-answer", "POST", api(WORKERS), given, our_api_no),
    Row("api:lead-close", "POST", api(WORKERS), free, why),
    Row("api:lead-offers", "GET", _both(200, alder=200, birch=200)),
    Row("api:lead-offer", "GET", _both(200, alder=200, birch=404), offer),
    Row("api:lead-offer-accept", "POST", _both(200, alder=200, birch=404), offer),
    Row("api:lead-offer-decline", "POST", _both(200, alder=200, birch=404), offer, no),
]
