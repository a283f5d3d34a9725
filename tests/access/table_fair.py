"""Who may say whether a promised benefit was delivered, and who reads how fair the program is."""

from typing import Any

from tests.access.rows import Row, api, portal_page, staff_page
from tests.access.table_life import REGISTRARS, RULERS, acts, by_partner
from tests.access.table_portal import approved
from tests.support.cast import Cast


def delivered(_cast: Cast) -> dict[str, Any]:
    return {"delivered": True, "note": "Five points more, paid."}


def ticked(_cast: Cast) -> dict[str, Any]:
    return {"delivered": "yes", "note": "Five points more, paid."}


ROWS = [
    Row("deals:deal_benefit", "GET", staff_page(REGISTRARS), approved),
    Row("deals:deal_benefit", "POST", staff_page(REGISTRARS, 302), approved, ticked),
    Row("portal:deal_benefit", "GET", portal_page(), approved),
    Row("portal:deal_benefit", "POST", portal_page(302), approved, ticked),
    Row("api:registration-benefit", "GET", acts(RULERS, partner=200, birch=404), approved),
    Row("api:registration-benefit", "POST", by_partner(), approved, delivered),
    Row("prm:fairness", "GET", staff_page(RULERS)),
    Row("prm:fairness_rulings", "GET", staff_page(RULERS)),
    Row("prm:fairness_benefits", "GET", staff_page(RULERS)),
    Row("api:fairness", "GET", api(RULERS)),
]
