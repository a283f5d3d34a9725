"""Who may do what with a registration after its submission: API, workspace and portal."""

from decimal import Decimal
from typing import Any

from deals.models import Registration
from deals.rules.lifecycle import State
from tests.access.rows import OUTSIDERS, STAFF, Row, portal_page, staff_page
from tests.access.table_deals import FERNHILL, form, waiting
from tests.access.table_portal import approved
from tests.deals.making import account, registered
from tests.deals.registrations.life import asked, edited, extension_asked, fresh, revoked
from tests.support.cast import Cast

RULERS = ("leader", "manager", "ops")
REGISTRARS = ("leader", "manager")


def acts(
    staff: tuple[str, ...], status: int = 200, *, partner: int = 403, birch: int = 403
) -> dict[str, int]:
    """An act by API: staff who may, the partner's people, another partner."""
    return {
        **dict.fromkeys(STAFF, 403),
        **dict.fromkeys(staff, status),
        **dict.fromkeys(("alder_admin", "alder_seller"), partner),
        "birch_admin": birch,
        **dict.fromkeys(OUTSIDERS, 404),
        "nobody": 401,
    }


def by_partner(status: int = 200) -> dict[str, int]:
    """An act of the partner, or of who registers for it."""
    return acts(REGISTRARS, status, partner=status, birch=404)


def returned(cast: Cast) -> dict[str, Any]:
    if not Registration.objects.filter(state=State.NEEDS_INFO).exists():
        account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", is_customer=True)
        asked(cast, registered(cast, **FERNHILL), "note", "amount")
    return {"public_id": Registration.objects.get(state=State.NEEDS_INFO).public_id}


def wanting_more(cast: Cast) -> dict[str, Any]:
    row = Registration.objects.filter(extension_asked_at__isnull=False).first()
    return {"public_id": (row or extension_asked(cast, registered(cast))).public_id}


def taken_back(cast: Cast) -> dict[str, Any]:
    row = Registration.objects.filter(state=State.REVOKED).first()
    return {"public_id": (row or revoked(cast, registered(cast))).public_id}


def changed(cast: Cast) -> dict[str, Any]:
    row = Registration.objects.filter(reviewed_for="change", state=State.IN_REVIEW).first()
    if row is None:
        row = registered(cast)
        edited(cast, fresh(cast, row), amount=Decimal(60000))
    return {"public_id": row.public_id}


def nothing(_cast: Cast) -> dict[str, Any]:
    return {}


def question(_cast: Cast) -> dict[str, Any]:
    return {"question": "Who signs there?", "fields": ["note", "amount"]}


def text(_cast: Cast) -> dict[str, Any]:
    return {"text": "The buyer asked for us by name."}


def note(_cast: Cast) -> dict[str, Any]:
    return {"note": "The board meets in May."}


def yes(_cast: Cast) -> dict[str, Any]:
    return {"granted": True, "sentence": "As you asked."}


def why(_cast: Cast) -> dict[str, Any]:
    return {"reason": "no_progress", "sentence": "We heard nothing.", "note": "Asked twice."}


def amount(_cast: Cast) -> dict[str, Any]:
    return {"amount": "31000.00", "note": "Bigger than we thought."}


def asking(_cast: Cast) -> dict[str, Any]:
    return {"question": "Who signs there?", "fields_asked": ["note", "amount"]}


def deciding(_cast: Cast) -> dict[str, Any]:
    return {"granted": "yes", "sentence": "As you asked."}


def changing(cast: Cast) -> dict[str, Any]:
    return {name: value for name, value in form(cast).items() if name != "partner"}


ROWS = [
    # The charter names sales ops for a claim, so the partner manager may not ask.
    Row("api:registration-ask", "POST", acts(("leader", "ops")), waiting, question),
    Row("api:registration-answer", "POST", by_partner(), returned, amount),
    Row("api:registration-appeal", "POST", by_partner(), taken_back, text),
    Row("api:registration-report", "POST", by_partner(), approved, text),
    Row("api:registration-ask-extension", "POST", by_partner(), approved, note),
    Row("api:registration-extend", "POST", acts(RULERS), wanting_more, yes),
    Row("api:registration-change", "POST", by_partner(), approved, amount),
    Row("api:registration-take-back", "POST", by_partner(), changed),
    Row("api:registration-revoke", "POST", acts(RULERS), approved, why),
    Row("api:registration-again", "POST", by_partner(201), taken_back),
]
PAGES = {
    # act: who may in the workspace, the registration, what is sent
    "ask": (("leader", "ops"), waiting, asking),
    "extend": (RULERS, wanting_more, deciding),
    "revoke": (RULERS, approved, why),
    "answer": (REGISTRARS, returned, amount),
    "appeal": (REGISTRARS, taken_back, text),
    "report": (REGISTRARS, approved, text),
    "extension": (REGISTRARS, approved, text),
    "change": (REGISTRARS, approved, changing),
    "undo": (REGISTRARS, changed, nothing),
}
_OF_PARTNERS = ("answer", "appeal", "report", "extension", "change", "undo")

ROWS += [
    row
    for act, (staff, give, data) in PAGES.items()
    for row in (
        Row(f"deals:deal_{act}", "GET", staff_page(RULERS if act == "ask" else staff), give),
        Row(f"deals:deal_{act}", "POST", staff_page(staff, 302), give, data),
    )
]
ROWS += [
    row
    for act in _OF_PARTNERS
    for row in (
        Row(f"portal:deal_{act}", "GET", portal_page(), PAGES[act][1]),
        Row(f"portal:deal_{act}", "POST", portal_page(302), PAGES[act][1], PAGES[act][2]),
    )
]
ROWS += [
    Row("deals:deal_again", "POST", staff_page(REGISTRARS, 302), taken_back),
    Row("portal:deal_again", "POST", portal_page(302), taken_back),
]
