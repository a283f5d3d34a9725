"""Who may do what our own side does: open, change a source, touch, choose, make rules, flag."""

from typing import Any

from deals.models import CustomerChoice, EngagementRule, Opportunity, Registration, Touch
from deals.opportunities.touches import log_touch
from deals.rules.attribution import TouchKind
from deals.rules.engagement import Stance
from deals.screening.choices import record_choice
from deals.screening.engagement import RuleTerms, add_rule
from partners.core import clock
from tests.access.rows import OUTSIDERS, STAFF, Row, api, portal_page, staff_page
from tests.access.table_deals import READERS, WORKERS, deal, known, waiting
from tests.access.table_portal import approved
from tests.support.cast import Cast

OPENERS = ("leader", "ops", "rep")
CLOSERS = ("leader", "ops")


def _today() -> str:
    return str(clock.now().date())


def touched(cast: Cast) -> dict[str, Any]:
    row = Touch.objects.filter(removed_at=None).first()
    if row is None:
        opportunity = Opportunity.objects.get(public_id=deal(cast)["public_id"])
        row = log_touch(
            actor=cast.actor("leader"),
            opportunity=opportunity,
            partner=cast.alder,
            on=clock.now().date(),
            kind=TouchKind.DEMO,
        )
    return {"public_id": row.public_id}


def chosen(cast: Cast) -> dict[str, Any]:
    row = CustomerChoice.objects.filter(ended_at=None).first()
    if row is None:
        known(cast)
        row = record_choice(
            actor=cast.actor("leader"),
            account=_account(cast),
            partner=cast.alder,
            chosen_on=clock.now().date(),
            proof="Mail.",
        )
    return {"public_id": row.public_id}


def _account(cast: Cast) -> Any:
    from deals.models import Account

    return Account.objects.get(public_id=known(cast)["public_id"])


def ruled(cast: Cast) -> dict[str, Any]:
    row = EngagementRule.objects.first() or add_rule(
        actor=cast.actor("leader"), terms=RuleTerms(name="Banks", stance=Stance.WELCOME)
    )
    return {"public_id": row.public_id}


def on_record(cast: Cast) -> dict[str, Any]:
    """A claim in review on an account of the rep's."""
    found = Registration.objects.get(public_id=waiting(cast)["public_id"])
    return {"public_id": found.public_id}


def opening(_cast: Cast) -> dict[str, Any]:
    return {"name": "Renewal"}


def opening_by_api(cast: Cast) -> dict[str, Any]:
    return {"name": "Renewal", "account": known(cast)["public_id"]}


def direct(_cast: Cast) -> dict[str, Any]:
    return {"source": "direct", "reason": "The buyer came to us."}


def staff_touch(cast: Cast) -> dict[str, Any]:
    return {"partner": cast.alder.public_id, "kind": "demo", "on": _today()}


def own_touch(_cast: Cast) -> dict[str, Any]:
    return {"kind": "demo", "on": _today()}


def api_touch(cast: Cast) -> dict[str, Any]:
    return staff_touch(cast)


def choosing(cast: Cast) -> dict[str, Any]:
    return {"partner": cast.alder.public_id, "chosen_on": _today(), "proof": "Mail of their CFO."}


def rule(_cast: Cast) -> dict[str, Any]:
    return {"name": "Banks", "stance": "direct", "active": "on"}


def rule_by_api(_cast: Cast) -> dict[str, Any]:
    return {"name": "Banks", "stance": "direct"}


def flag(_cast: Cast) -> dict[str, Any]:
    return {"kind": "competing", "text": "They sell Rivalware there."}


def _mixed(staff: tuple[str, ...], status: int) -> dict[str, int]:
    """An API resource about Alder's own deal."""
    return {
        **dict.fromkeys(STAFF, 403),
        **dict.fromkeys(staff, status),
        "alder_admin": status,
        "alder_seller": status,
        "birch_admin": 404,
        **dict.fromkeys(OUTSIDERS, 404),
        "nobody": 401,
    }


ROWS = [
    Row("deals:open", "GET", staff_page(OPENERS), known),
    Row("deals:open", "POST", staff_page(OPENERS, 302), known, opening),
    Row("deals:source", "GET", staff_page(CLOSERS), deal),
    Row("deals:source", "POST", staff_page(CLOSERS, 302), deal, direct),
    Row("deals:touch", "GET", staff_page(READERS), deal),
    Row("deals:touch", "POST", staff_page(READERS, 302), deal, staff_touch),
    Row("deals:touch_remove", "POST", staff_page(READERS, 302), touched),
    Row("deals:choice", "GET", staff_page(WORKERS), known),
    Row("deals:choice", "POST", staff_page(WORKERS, 302), known, choosing),
    Row("deals:choice_end", "POST", staff_page(WORKERS, 302), chosen),
    Row("deals:engagement", "GET", staff_page(STAFF)),
    Row("deals:engagement_new", "GET", staff_page(("leader",))),
    Row("deals:engagement_new", "POST", staff_page(("leader",), 302), data=rule),
    Row("deals:engagement_rule", "GET", staff_page(("leader",)), ruled),
    Row("deals:engagement_rule", "POST", staff_page(("leader",), 302), ruled, rule),
    Row("deals:raise", "GET", staff_page(READERS), on_record),
    Row("deals:raise", "POST", staff_page(READERS, 302), on_record, flag),
    Row("deals:our_side", "GET", staff_page(READERS)),
    Row("portal:deal_touch", "GET", portal_page(), approved),
    Row("portal:deal_touch", "POST", portal_page(302), approved, own_touch),
    Row("portal:touch_remove", "POST", portal_page(302), touched),
    Row("api:opportunities", "POST", api(OPENERS, 201), data=opening_by_api),
    Row("api:opportunity-change-source", "POST", api(CLOSERS), deal, direct),
    Row("api:opportunity-touches", "GET", _mixed(READERS, 200), deal),
    Row("api:opportunity-touches", "POST", _mixed(READERS, 201), deal, api_touch),
    Row("api:touch-remove", "POST", _mixed(READERS, 200), touched),
    Row("api:account-choices", "GET", api(READERS), known),
    Row("api:account-choices", "POST", api(WORKERS, 201), known, choosing),
    Row("api:choice-end", "POST", api(WORKERS), chosen),
    Row("api:engagement-rules", "GET", api(STAFF)),
    Row("api:engagement-rules", "POST", api(("leader",), 201), data=rule_by_api),
    Row("api:engagement-rule", "GET", api(STAFF), ruled),
    Row("api:engagement-rule", "PATCH", api(("leader",)), ruled, rule_by_api),
    Row("api:registration-raise", "POST", api(READERS, 201), on_record, flag),
    Row("api:our-side", "GET", api(READERS)),
]
