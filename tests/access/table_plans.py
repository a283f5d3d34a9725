"""Who may do what with plans. Acts are tried with input that is refused, so that all meet the same rows."""

from collections.abc import Callable
from typing import Any

from plans.services.checkins import log_check_in
from tests.access.rows import Row, api, portal_page, staff_page
from tests.plans import support
from tests.support.cast import Cast

READERS = ("leader", "manager", "ops", "sponsor")
EDITORS = ("leader", "manager")
LONG = "x" * 20_000


def of(part: str, how: str = "agreed") -> Callable[[Cast], dict[str, Any]]:
    """The public id of a part of Alder's plan."""

    def kwargs(cast: Cast) -> dict[str, Any]:
        made = getattr(support, how)(cast)
        return {"public_id": getattr(made, part).public_id}

    return kwargs


def check_in(cast: Cast) -> dict[str, Any]:
    made = support.agreed(cast)
    row = log_check_in(
        actor=cast.actor("leader"),
        plan=made.plan,
        held_on=support.today_of(cast),
        said="Well",
        purpose_confirmed=True,
    )
    return {"public_id": row.public_id}


def sends(**data: Any) -> Callable[[Cast], dict[str, Any]]:
    return lambda _cast: data


LONG_REASON = sends(reason=LONG, note=LONG)

SCREENS = [
    Row("plans:list", "GET", staff_page(READERS)),
    Row("plans:csv", "GET", staff_page(READERS)),
    Row("plans:new", "GET", staff_page(EDITORS)),
    Row("plans:new", "POST", staff_page(EDITORS, 422), data=sends(partner="none")),
    Row("plans:plan", "GET", staff_page(READERS), of("plan")),
    *(
        Row(f"plans:{name}", "GET", staff_page(EDITORS), of("plan"))
        for name in ("edit", "close", "check_in", "new_commitment", "new_milestone")
    ),
    *(
        Row(f"plans:{name}", "POST", staff_page(EDITORS, 422), of("plan"), LONG_REASON)
        for name in ("edit", "close", "check_in", "new_commitment", "new_milestone")
    ),
    *(Row(f"plans:{name}", "POST", staff_page(EDITORS, 302), of("plan")) for name in ("propose", "agree")),
    *(
        Row(f"plans:{name}", "GET", staff_page(EDITORS), of("ours"))
        for name in ("edit_commitment", "break", "drop_commitment")
    ),
    *(
        Row(f"plans:{name}", "POST", staff_page(EDITORS, 422), of("ours"), LONG_REASON)
        for name in ("edit_commitment", "break", "drop_commitment")
    ),
    Row("plans:keep", "POST", staff_page(EDITORS, 302), of("ours")),
    *(
        Row(f"plans:{name}", "GET", staff_page(EDITORS), of("step"))
        for name in ("edit_milestone", "prove", "drop_milestone")
    ),
    *(
        Row(f"plans:{name}", "POST", staff_page(EDITORS, 422), of("step"), LONG_REASON)
        for name in ("edit_milestone", "prove", "drop_milestone")
    ),
]


def proposal(cast: Cast) -> dict[str, Any]:
    support.proposed(cast)
    return {}


PORTAL = [
    Row("portal:plan", "GET", portal_page(birch=200)),
    # Birch has no plan to agree to.
    Row("portal:plan_agree", "POST", portal_page(422, seller=403), proposal),
    Row("portal:plan_keep", "POST", portal_page(302), of("theirs")),
]


READ = api(READERS, alder=200, birch=200)
READ_ONE = api(READERS, alder=200, birch=404)
EDIT = api(EDITORS, 422)

API = [
    *(Row(f"api:{name}", "GET", READ) for name in ("plans", "commitments", "milestones", "check-ins")),
    *(Row(f"api:{name}", "POST", EDIT, data=sends(x=1)) for name in ("plans", "commitments", "milestones")),
    Row("api:plan", "GET", READ_ONE, of("plan")),
    Row("api:commitment", "GET", READ_ONE, of("ours")),
    Row("api:milestone", "GET", READ_ONE, of("step")),
    Row("api:check-in", "GET", READ_ONE, check_in),
    Row("api:plan", "PATCH", EDIT, of("plan"), sends(x=1)),
    Row("api:commitment", "PATCH", EDIT, of("ours"), sends(x=1)),
    Row("api:milestone", "PATCH", EDIT, of("step"), sends(x=1)),
    *(
        Row(f"api:plan-{verb}", "POST", EDIT, of("plan"), sends(x=1))
        for verb in ("propose", "close", "check-in")
    ),
    Row(
        "api:plan-agree",
        "POST",
        api(EDITORS, 422, alder=422, seller=403, birch=404),
        of("plan", "proposed"),
        sends(x=1),
    ),
    *(
        Row(
            f"api:commitment-{verb}",
            "POST",
            api(EDITORS, 422, alder=422, birch=404),
            of("theirs"),
            LONG_REASON,
        )
        for verb in ("keep", "break")
    ),
    Row("api:commitment-drop", "POST", EDIT, of("ours"), LONG_REASON),
    *(Row(f"api:milestone-{verb}", "POST", EDIT, of("step"), LONG_REASON) for verb in ("prove", "drop")),
]

ROWS = [*SCREENS, *PORTAL, *API]
