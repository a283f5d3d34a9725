"""Who asks to be a partner, what partners sell besides, and what was decided about those one asks about."""

from datetime import timedelta

from partners.core import clock
from partners.models import Intent
from partners.rules.activities import ActivityKind
from partners.rules.lines import YesNoUnknown
from partners.rules.requests import DeclineReason
from partners.services.activities import log_activity
from partners.services.lines import add_line
from partners.services.requests import decline_request, log_request, postpone_request
from prm.management.demo.timeline import Timeline
from prm.services.reviews import review_partner

MANAGER, LEADER = "manager@fernhill.example", "leader@fernhill.example"

# Days ago, organisation, website, contact, intent, through, why them, why us, and how it was answered.
REQUESTS = (
    (
        5, "Pellworm Süd", "https://pellworm-it.example/sued", "Malte Ehlers", Intent.RESELL, "The website",
        "An office in Munich with eleven clinics.", "Their clinics ask for appointment books.", "",
    ),
    (
        11, "Caerwyn Health IT", "https://caerwyn.example", "Nia Prosser", Intent.CO_SELL, "Callum Baird",
        "Runs the networks of thirty practices in Wales.", "A second product for customers they visit.", "",
    ),
    (
        26, "Bluefold Media", "https://bluefold.example", "Gus Ray", Intent.REFERRAL, "A fair",
        "A list of subscribers.", "To be named on our website.", "declined",
    ),
    (
        60, "Lacombe Conseil", "https://lacombe.example", "Aude Lacombe", Intent.DELIVER, "A partner",
        "Four consultants for laboratories.", "Work between their own projects.", "later",
    ),
)  # fmt: skip
LINES = (
    ("pellworm-it", "Praxisplaner", "Nordwerk", YesNoUnknown.YES, YesNoUnknown.NO),
    ("corso-sistemi", "Agenda Uno", "Corso Sistemi", YesNoUnknown.YES, YesNoUnknown.UNKNOWN),
    ("tamarind-health", "Rendezvous Pro", "Calé", YesNoUnknown.NO, YesNoUnknown.NO),
)


def plan_care(line: Timeline) -> None:
    """Put requests, competing products, references and reviews on the timeline."""
    for days, *request in REQUESTS:
        line.on(line.back(days), lambda request=request: _ask(line, *request))  # type: ignore[misc]
    for slug, *product in LINES:
        line.on(line.back(50), lambda slug=slug, product=product: _note(line, slug, *product))  # type: ignore[misc]
    line.on(line.back(70), lambda: _refer(line))
    line.on(line.back(45), lambda: _keep(line))
    line.on(line.back(95), lambda: _fix(line))


def _ask(
    line: Timeline,
    name: str,
    website: str,
    contact: str,
    intent: str,
    through: str,
    them: str,
    us: str,
    end: str,
) -> None:
    actor = line.actor(MANAGER)
    request = log_request(
        actor=actor,
        organisation=name,
        website=website,
        contact=contact,
        intent=intent,
        received_from=through,
        why_them=them,
        why_us=us,
    )
    if end == "declined":
        decline_request(
            actor=actor,
            public_id=request.public_id,
            reason=DeclineReason.NO_CUSTOMERS,
            sentence="We work with partners who look after clinics themselves.",
        )
    elif end == "later":
        postpone_request(
            actor=actor,
            public_id=request.public_id,
            ask_again_on=line.today + timedelta(days=40),
            sentence="We call you when the French templates are ready.",
        )


def _note(line: Timeline, slug: str, product: str, vendor: str, margin: str, exclusive: str) -> None:
    add_line(
        actor=line.actor(MANAGER),
        partner=line.partners[slug],
        product=product,
        vendor=vendor,
        higher_margin=margin,
        exclusive=exclusive,
    )


def _refer(line: Timeline) -> None:
    """What a marquee partner is for: it spoke for us."""
    log_activity(
        actor=line.actor(LEADER),
        partner=line.partners["meridian-group"],
        kind=ActivityKind.REFERENCE,
        minutes=25,
        note="Meridian's head of clinics took a reference call with a prospect.",
    )


def _keep(line: Timeline) -> None:
    review_partner(
        actor=line.actor(LEADER),
        partner_id=line.partners["sable-networks"].public_id,
        decision="keep",
        reasons="Their new practice lead starts after the winter. Asked again when she has had a quarter.",
        ask_again_on=clock.today(line.program.timezone) + timedelta(days=150),
    )


def _fix(line: Timeline) -> None:
    review_partner(
        actor=line.actor(MANAGER),
        partner_id=line.partners["wrenfield"].public_id,
        decision="fix",
        reasons="Two first meetings with clinics, or we stop training their sellers.",
        ask_again_on=clock.today(line.program.timezone) + timedelta(days=90),
    )
