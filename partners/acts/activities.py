"""What is done to activities."""

from typing import Any

from partners.access import Place, access_activity, access_partner
from partners.core import clock
from partners.kit.act import Act, at, by_id
from partners.kit.fields import API, Choice, Day, Line, PartnerPicked, Text, Whole
from partners.models import Partner
from partners.rules.activities import ActivityKind
from partners.services.activities import MINUTES_IN_A_DAY, log_activity, remove_activity


def _today(place: Place) -> str:
    return clock.today(place.program.timezone).isoformat()


def _with(_place: Place, partner: Partner | None, given: dict[str, Any]) -> dict[str, Any]:
    return given | ({"partner": partner} if partner else {})


LOG_ACTIVITY = Act(
    "log",
    log_activity,
    gate="activities.log",
    fields=(
        PartnerPicked("partner", only=API),
        Choice("kind", of=ActivityKind),
        Day("happened_on", label="Day", initial=_today, optional=API, said="Today, unless said otherwise."),
        Whole(
            "minutes", most=MINUTES_IN_A_DAY, label="Our minutes", initial=30, optional=API, absent=0,
        ),
        Text("note", 4000, rows=2, required=False),
        Line("external_id", 60, required=False, only=API),
    ),
    values=_with,
    summary="Log an activity",
    body="ActivityInput",
    about="An activity to log. ``minutes`` are the vendor's own; an ``external_id`` is taken once.",
    row=by_id(access_partner),
    done=lambda made: f"Logged with {made.partner.name}.",
    back=at("partners:partner"),
    template="partners/activity_form.html",
)  # fmt: skip
REMOVE_ACTIVITY = Act(
    "remove",
    remove_activity,
    gate="activities.log",
    on="activity",
    summary="Remove an activity that was logged by mistake",
    row=by_id(access_activity),
    done="Removed. It no longer counts; the ledger keeps it.",
    back=at("partners:partner", of="partner"),
)
