"""Who may do what on the ground floor."""

from typing import Any

from partners.models import ApiToken, Invitation
from partners.services.activities import log_activity
from partners.services.invitations import invite
from partners.services.tokens import create_token
from tests.access.rows import OUTSIDERS, STAFF, Row, api, staff_page
from tests.support.cast import Cast

EDITORS = ("leader", "manager")
WORKERS = ("leader", "manager", "ops")
VIEWERS = (*WORKERS, "sponsor")
PARTNER = {"name": "Elm", "intent": "co_sell", "status": "active"}


def alder(cast: Cast) -> dict[str, Any]:
    return {"public_id": cast.alder.public_id}


def seller_seat(cast: Cast) -> dict[str, Any]:
    return {"public_id": cast.seats["alder_seller"].public_id}


def invitation(cast: Cast) -> dict[str, Any]:
    row = Invitation.objects.first() or invite(
        actor=cast.actor("leader"), email="new@example.com", role="partner_seller", partner=cast.alder
    )
    return {"public_id": row.public_id}


def leaders_token(cast: Cast) -> dict[str, Any]:
    token = (
        ApiToken.objects.first()
        or create_token(actor=cast.actor("leader"), seat=cast.seats["leader"], name="x")[0]
    )
    return {"public_id": token.public_id}


def admins_token(cast: Cast) -> dict[str, Any]:
    token = create_token(actor=cast.actor("alder_admin"), seat=cast.seats["alder_admin"], name="x")[0]
    return {"public_id": token.public_id}


def partner_data(_cast: Cast) -> dict[str, Any]:
    return dict(PARTNER)


def activity_data(_cast: Cast) -> dict[str, Any]:
    return {"kind": "call", "happened_on": "2026-11-02", "minutes": 20}


def logged(cast: Cast) -> dict[str, str]:
    made = log_activity(actor=cast.actor("manager"), partner=cast.alder, kind="call", minutes=5)
    return {"public_id": made.public_id}


def api_activity(cast: Cast) -> dict[str, Any]:
    return {"partner": cast.alder.public_id, "kind": "call", "minutes": 20}


def invite_data(cast: Cast) -> dict[str, Any]:
    return {"email": "someone@example.com", "role": "partner_seller", "partner": cast.alder.public_id}


def charter_data(_cast: Cast) -> dict[str, Any]:
    return {
        "origin": "shortage",
        "benefit": "We hold the customer for you.",
        "decision_days": 3,
        "protection_days": 60,
        "ramp_months": 12,
        "evaluation_months": 18,
        "rules_all": "sales_ops",
        "number": 1,
    }


def everybody_staff(status: int) -> dict[str, int]:
    return staff_page(STAFF, status)


def at_portal(admin: int, seller: int, birch: int) -> dict[str, int]:
    return {
        **dict.fromkeys((*STAFF, *OUTSIDERS), 404),
        "alder_admin": admin,
        "alder_seller": seller,
        "birch_admin": birch,
        "nobody": 302,
    }


def only(who: str, own: int, others: int, base: dict[str, int]) -> dict[str, int]:
    return {
        name: (own if name == who else others if code == 302 and name != "nobody" else code)
        for name, code in base.items()
    }


ROWS = [
    Row("partners:list", "GET", staff_page(VIEWERS)),
    Row("partners:new", "GET", staff_page(EDITORS)),
    Row("partners:new", "POST", staff_page(EDITORS, 302), data=partner_data),
    Row("partners:partner", "GET", staff_page(VIEWERS), kwargs=alder),
    Row("partners:edit", "GET", staff_page(EDITORS), kwargs=alder),
    Row("partners:edit", "POST", staff_page(EDITORS, 302), kwargs=alder, data=partner_data),
    Row("partners:log", "GET", staff_page(WORKERS), kwargs=alder),
    Row("partners:log", "POST", staff_page(WORKERS, 302), kwargs=alder, data=activity_data),
    Row("partners:activities", "GET", staff_page(WORKERS)),
    Row("partners:activity_remove", "POST", staff_page(WORKERS, 302), kwargs=logged),
    Row("partners:people", "GET", staff_page(WORKERS)),
    Row("partners:invite", "POST", staff_page(EDITORS, 302), data=invite_data),
    Row("partners:invitation_resend", "POST", staff_page(EDITORS, 302), kwargs=invitation),
    Row("partners:invitation_revoke", "POST", staff_page(EDITORS, 302), kwargs=invitation),
    Row(
        "partners:seat_role",
        "POST",
        staff_page(EDITORS, 302),
        kwargs=seller_seat,
        data=lambda _cast: {"role": "partner_admin"},
    ),
    Row("partners:seat", "GET", staff_page(EDITORS), kwargs=seller_seat),
    Row("partners:seat_end", "POST", staff_page(EDITORS, 302), kwargs=seller_seat),
    Row("partners:tokens", "GET", everybody_staff(200)),
    Row("partners:tokens", "POST", everybody_staff(200), data=lambda _cast: {"name": "script"}),
    Row(
        "partners:token_revoke",
        "POST",
        only("leader", 302, 404, everybody_staff(302)),
        kwargs=leaders_token,
    ),
    Row("partners:program", "GET", everybody_staff(200)),
    Row("partners:charter", "GET", staff_page(("leader",))),
    Row("partners:charter", "POST", staff_page(("leader",), 302), data=charter_data),
    # A partner's people see and invite their own side only.
    Row("partners:portal_people", "GET", at_portal(200, 200, 200)),
    Row("partners:portal_invite", "POST", at_portal(302, 403, 302), data=invite_data),
    Row("partners:portal_invitation_resend", "POST", at_portal(302, 403, 404), kwargs=invitation),
    Row("partners:portal_invitation_revoke", "POST", at_portal(302, 403, 404), kwargs=invitation),
    Row(
        "partners:portal_seat_role",
        "POST",
        at_portal(302, 403, 404),
        kwargs=seller_seat,
        data=lambda _cast: {"role": "partner_admin"},
    ),
    Row("partners:portal_seat", "GET", at_portal(200, 403, 404), kwargs=seller_seat),
    Row("partners:portal_seat_end", "POST", at_portal(302, 403, 404), kwargs=seller_seat),
    Row("partners:portal_tokens", "GET", at_portal(200, 200, 200)),
    Row("partners:portal_tokens", "POST", at_portal(200, 200, 200), data=lambda _cast: {"name": "x"}),
    Row("partners:portal_token_revoke", "POST", at_portal(302, 404, 404), kwargs=admins_token),
    Row("api:partners", "GET", api(VIEWERS)),
    Row("api:partners", "POST", api(EDITORS, 201), data=lambda _cast: {"name": "Elm"}),
    Row("api:partner", "GET", api(VIEWERS), kwargs=alder),
    Row("api:partner", "PATCH", api(EDITORS), kwargs=alder, data=lambda _cast: {"goals": "Ten"}),
    Row("api:activities", "GET", api(WORKERS)),
    Row("api:activities", "POST", api(WORKERS, 201), data=api_activity),
    Row("api:activity", "GET", api(WORKERS), kwargs=logged),
    Row("api:activity", "DELETE", api(WORKERS, 204), kwargs=logged),
    Row("api:people", "GET", api(WORKERS, alder=200, birch=200)),
    Row("api:offerings", "GET", api(STAFF, alder=200, birch=200)),
    Row("api:charter", "GET", api(STAFF)),
]
