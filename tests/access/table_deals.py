"""Who may do what with deals, in the workspace and by API."""

from typing import Any

from deals.models import Account, Conflict, Opportunity, Registration
from deals.registrations.submit import register, save_draft
from tests.access.rows import OUTSIDERS, STAFF, Row, api, staff_page
from tests.deals.making import account, claim
from tests.support.cast import Cast

WORKERS = ("leader", "manager", "ops")
READERS = (*WORKERS, "rep")
REGISTRARS = ("leader", "manager")
CLOSERS = ("leader", "ops")
FERNHILL = {"customer_name": "Fernhill Logistics", "website": "fernhill-logistics.com", "country": "GB"}


def _known(cast: Cast) -> Account:
    """An account of the rep's, and a customer."""
    found = Account.objects.filter(name="Fernhill Logistics").first()
    return found or account(
        cast,
        "Fernhill Logistics",
        "fernhill-logistics.com",
        "GB",
        is_customer=True,
        owner=cast.seats["rep"],
    )


def _waiting(cast: Cast) -> Registration:
    """Alder's claim in review."""
    _known(cast)
    found = Registration.objects.filter(state="in_review").first()
    return found or register(actor=cast.actor("leader"), claim=claim(**FERNHILL), partner_id=cast.alder.pk)


def waiting(cast: Cast) -> dict[str, Any]:
    return {"public_id": _waiting(cast).public_id}


def draft(cast: Cast) -> dict[str, Any]:
    row = Registration.objects.filter(state="draft").first() or save_draft(
        actor=cast.actor("leader"), claim=claim(**FERNHILL), partner_id=cast.alder.pk
    )
    return {"public_id": row.public_id}


def case(cast: Cast) -> dict[str, Any]:
    return {"public_id": Conflict.objects.get(registration=_waiting(cast)).public_id}


def known(cast: Cast) -> dict[str, Any]:
    return {"public_id": _known(cast).public_id}


def deal(cast: Cast) -> dict[str, Any]:
    """The opportunity of an approved claim of Alder's."""
    row = Opportunity.objects.first()
    if row is None:
        register(actor=cast.actor("leader"), claim=claim(), partner_id=cast.alder.pk)
        row = Opportunity.objects.get()
    return {"public_id": row.public_id}


def form(cast: Cast) -> dict[str, Any]:
    told = claim()
    return {
        "partner": cast.alder.public_id,
        "customer_name": told.customer_name,
        "website": told.website,
        "country": "DE",
        "amount": "100.00",
        "currency": "EUR",
        "expected_close": str(told.expected_close),
    }


def versioned(cast: Cast) -> dict[str, Any]:
    return {"version": _waiting(cast).version}


def ruling(_cast: Cast) -> dict[str, Any]:
    return {
        "outcome": "uphold_incumbent",
        "reason": "existing_customer",
        "note": "Customer since 2021.",
        "sentence": "Not open.",
    }


def body(cast: Cast) -> dict[str, Any]:
    return {name: value for name, value in form(cast).items() if name != "key"}


def several(cast: Cast) -> dict[str, Any]:
    told = body(cast)
    return {"partner": told.pop("partner"), "rows": [told, {**told, "country": ""}]}


def lost(_cast: Cast) -> dict[str, Any]:
    return {"state": "lost"}


def note(_cast: Cast) -> dict[str, Any]:
    return {"note": "More."}


def _mixed(staff: tuple[str, ...], status: int, *, partner: int, birch: int) -> dict[str, int]:
    """An API resource that partner people share."""
    return {
        **dict.fromkeys(STAFF, 403),
        **dict.fromkeys(staff, status),
        **dict.fromkeys(("alder_admin", "alder_seller"), partner),
        "birch_admin": birch,
        **dict.fromkeys(OUTSIDERS, 404),
        "nobody": 401,
    }


_RULERS = {**staff_page(("leader", "ops"), 302), "manager": 403}

ROWS = [
    Row("deals:registrations", "GET", staff_page(WORKERS)),
    Row("deals:register", "GET", staff_page(REGISTRARS)),
    Row("deals:register", "POST", staff_page(REGISTRARS, 302), data=form),
    Row("deals:registration", "GET", staff_page(WORKERS), waiting),
    Row("deals:edit", "GET", staff_page(REGISTRARS), draft),
    Row("deals:edit", "POST", staff_page(REGISTRARS, 302), draft, form),
    Row("deals:withdraw", "POST", staff_page(REGISTRARS, 302), waiting, versioned),
    Row("deals:conflicts", "GET", staff_page(READERS)),
    Row("deals:conflict", "GET", staff_page(READERS), case),
    Row("deals:rule", "POST", _RULERS, case, ruling),
    Row("deals:accounts", "GET", staff_page(READERS)),
    Row("deals:account", "GET", staff_page(READERS), known),
    Row("deals:opportunities", "GET", staff_page(READERS)),
    Row("deals:opportunity", "GET", staff_page(READERS), deal),
    Row("deals:close", "POST", staff_page(CLOSERS, 302), deal, lost),
    Row("api:registrations", "GET", _mixed(WORKERS, 200, partner=200, birch=200)),
    Row("api:registrations", "POST", _mixed(REGISTRARS, 201, partner=201, birch=422), data=body),
    Row("api:registrations-several", "POST", _mixed(REGISTRARS, 207, partner=207, birch=422), data=several),
    Row("api:registration", "GET", _mixed(WORKERS, 200, partner=200, birch=404), waiting),
    Row("api:registration", "PATCH", _mixed(REGISTRARS, 200, partner=200, birch=404), draft, note),
    Row("api:registration-submit", "POST", _mixed(REGISTRARS, 200, partner=200, birch=404), draft),
    Row("api:registration-withdraw", "POST", _mixed(REGISTRARS, 200, partner=200, birch=404), waiting),
    Row("api:registration-rule", "POST", api(("leader", "ops")), waiting, ruling),
    Row("api:conflicts", "GET", api(READERS)),
    Row("api:conflict", "GET", api(READERS), case),
    Row("api:accounts", "GET", api(READERS)),
    Row("api:account", "GET", api(READERS), known),
    Row("api:opportunities", "GET", _mixed(READERS, 200, partner=200, birch=200)),
    Row("api:opportunity", "GET", _mixed(READERS, 200, partner=200, birch=404), deal),
    Row("api:opportunity-win", "POST", api(CLOSERS), deal),
    Row("api:opportunity-lose", "POST", api(CLOSERS), deal),
]
