"""Who may read a case, rule, correct, ask for a statement and give one: workspace and API."""

from typing import Any

from deals.cases.statements import ask_statement
from deals.models import Conflict, Ruling, Statement
from tests.access.rows import Row, api, staff_page
from tests.access.table_deals import READERS, WORKERS, case, ruling
from tests.deals.making import decided
from tests.support.cast import Cast


def asked(cast: Cast) -> dict[str, Any]:
    """A question on an open case."""
    found = Conflict.objects.get(public_id=case(cast)["public_id"])
    row = Statement.objects.first() or ask_statement(
        actor=cast.actor("ops"), registration=found.registration, **question(cast)
    )
    return {"public_id": found.public_id, "statement_id": row.public_id}


def question(_cast: Cast) -> dict[str, Any]:
    return {"name": "Tom Baker", "email": "tom@vendor.example", "question": "Who met the buyer first?"}


def text(_cast: Cast) -> dict[str, Any]:
    return {"text": "I met the buyer on 3 May."}


def ruled(cast: Cast) -> dict[str, Any]:
    """A ruling for the incumbent on Alder's claim."""
    found = Conflict.objects.get(public_id=case(cast)["public_id"])
    given = Ruling.objects.filter(registration=found.registration).first() or decided(
        cast, found.registration
    )
    return {"public_id": found.public_id, "ruling_id": given.public_id}


def correction(_cast: Cast) -> dict[str, Any]:
    return {
        "outcome": "uphold_incumbent",
        "reason": "named_account",
        "note": "The ground was the wrong one.",
        "sentence": "Not open.",
        "incumbent_sentence": "",
        "partner_share": None,
        "comp_rep": "as_planned",
        "comp_partner": "none",
    }


def typed(cast: Cast) -> dict[str, Any]:
    return {name: value for name, value in correction(cast).items() if value is not None}


# The charter gives these kinds to sales ops; the partner manager may rule on other kinds.
_CORRECTORS = {**staff_page(("leader", "ops"), 302), "manager": 403}

ROWS = [
    Row("deals:say", "POST", staff_page(READERS, 302), case, text),
    Row("deals:ask", "POST", staff_page(WORKERS, 302), case, question),
    Row("deals:statement_revoke", "POST", staff_page(WORKERS, 302), asked),
    Row("deals:correct", "GET", staff_page(WORKERS), ruled),
    Row("deals:correct", "POST", _CORRECTORS, ruled, typed),
    Row("api:conflict-case", "GET", api(READERS), case),
    Row("api:conflict-rule", "POST", api(("leader", "ops")), case, ruling),
    Row("api:conflict-ask", "POST", api(WORKERS, 201), case, question),
    Row("api:conflict-correct", "POST", api(("leader", "ops")), ruled, correction),
    Row("api:conflict-statements", "GET", api(READERS), case),
    Row("api:conflict-statements", "POST", api(READERS, 201), case, text),
    Row("api:conflict-statement-revoke", "POST", api(WORKERS), asked),
]
