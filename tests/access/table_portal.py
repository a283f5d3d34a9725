"""Who may do what in the portal with deals."""

from typing import Any

from deals.models import Registration
from deals.registrations.submit import register, save_draft
from tests.access.rows import Row, portal_page
from tests.access.table_deals import body
from tests.deals.making import claim
from tests.support.cast import Cast


def approved(cast: Cast) -> dict[str, Any]:
    row = Registration.objects.filter(state="approved").first() or register(
        actor=cast.actor("leader"), claim=claim(), partner_id=cast.alder.pk
    )
    return {"public_id": row.public_id}


def draft(cast: Cast) -> dict[str, Any]:
    row = Registration.objects.filter(state="draft").first() or save_draft(
        actor=cast.actor("leader"), claim=claim(), partner_id=cast.alder.pk
    )
    return {"public_id": row.public_id}


def form(cast: Cast) -> dict[str, Any]:
    return {name: value for name, value in body(cast).items() if name != "partner"}


def table(cast: Cast) -> dict[str, Any]:
    told = claim()
    row = f"{told.customer_name},{told.country},{told.amount},{told.expected_close}"
    return {
        "text": f"customer,country,amount,expected close\n{row}\n",
        "key": "bbcdefghjkmnpq",
        "act": "register",
    }


def versioned(cast: Cast) -> dict[str, Any]:
    return {"version": Registration.objects.get(public_id=approved(cast)["public_id"]).version}


ROWS = [
    Row("portal:home", "GET", portal_page(birch=200)),
    Row("portal:deals", "GET", portal_page(birch=200)),
    Row("portal:register", "GET", portal_page(birch=200)),
    Row("portal:register", "POST", portal_page(302, birch=302), data=form),
    Row("portal:deals_several", "GET", portal_page(birch=200)),
    Row("portal:deals_several", "POST", portal_page(birch=200), data=table),
    Row("portal:deal", "GET", portal_page(), approved),
    Row("portal:edit", "GET", portal_page(), draft),
    Row("portal:edit", "POST", portal_page(302), draft, form),
    Row("portal:withdraw", "POST", portal_page(302), approved, versioned),
]
