"""Requests to become a partner: logged, then accepted, declined or put off (R16)."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, FieldErrors, NotFound, RuleBroken, Stale
from partners.core.text import clean_text
from partners.models import Intent, Partner, PartnerRequest, PartnerStatus
from partners.rules.organisations import domain_of
from partners.rules.requests import DeclineReason, RequestState, waits
from partners.selectors import program_in_force
from partners.services.ledger import record
from partners.services.partners import SITE, create_partner
from partners.services.rights import require

_LONGEST = {
    "organisation": 200,
    "website": 255,
    "contact": 120,
    "email": 254,
    "why_them": 4000,
    "why_us": 4000,
    "received_from": 120,
}
_FIRST_DAY = date(2000, 1, 1)
FARTHEST = timedelta(days=731)  # how far a decision can be put off


def _checked(values: dict[str, Any], today: date) -> dict[str, Any]:
    """The values cleaned. Raises ``FieldErrors`` with everything that is wrong at once."""
    clean: dict[str, Any] = {
        name: clean_text(value) if isinstance(value, str) else value for name, value in values.items()
    }
    errors = {
        name: [f"Use at most {longest} characters."]
        for name, longest in _LONGEST.items()
        if len(clean.get(name, "")) > longest
    }
    if not clean["organisation"]:
        errors["organisation"] = ["Which organisation asks?"]
    if clean.get("email"):
        try:
            validate_email(clean["email"])
        except ValidationError:
            errors["email"] = ["Give an e-mail address, such as ada@example.com."]
    if clean["intent"] not in Intent.values:
        errors["intent"] = [f"Choose one of: {', '.join(Intent.values)}."]
    if clean["received_on"] > today:
        errors["received_on"] = ["This day is still to come."]
    elif clean["received_on"] < _FIRST_DAY:
        errors["received_on"] = ["Give a day after 1 January 2000."]
    if errors:
        raise FieldErrors(errors)
    return clean


@transaction.atomic
def log_request(
    *,
    actor: Actor,
    organisation: str,
    intent: str = Intent.CO_SELL,
    received_on: date | None = None,
    **values: str,
) -> PartnerRequest:
    """Put a request into the queue, received on a day of the program's time zone (today without one).

    ``values``: website, contact, email, why_them, why_us, received_from. One that looks like another is
    taken too and named beside it. Raises ``NotAllowed`` and ``FieldErrors``.
    """
    require(actor, "partners.edit")
    if unknown := set(values) - set(_LONGEST):
        raise KeyError(min(unknown))
    today = clock.today(program_in_force().timezone)
    given = {
        "organisation": organisation,
        "intent": intent,
        "received_on": received_on or today,
        **values,
    }
    clean = _checked(given, today)
    domain = domain_of(clean.get("website", "")) or domain_of(clean.get("email", ""))
    request = PartnerRequest.objects.create(program_id=actor.program_id, domain=domain, **clean)
    # Who the person is stays on the request, where it can be deleted; the ledger cannot forget.
    told = ("organisation", "website", "intent", "received_on", "received_from")
    record("partner_request.logged", request, actor=actor, new={name: clean.get(name, "") for name in told})
    return request


def _held(actor: Actor, public_id: str, expected_version: int | None) -> PartnerRequest:
    """The request, locked, still to be decided. Raises ``NotAllowed``, ``NotFound``, ``Clash``, ``Stale``."""
    require(actor, "partners.edit")
    request = PartnerRequest.objects.select_for_update(of=["self"]).filter(public_id=public_id).first()
    if request is None:
        raise NotFound
    if not waits(request.state):
        raise Clash("decided", f"This request was {request.get_state_display().lower()} already.")
    if expected_version not in (None, request.version):
        raise Stale
    return request


def _decide(actor: Actor, request: PartnerRequest, state: RequestState, **values: Any) -> PartnerRequest:
    old = {"state": request.state}
    values = {
        "state": state,
        "reason": "",
        "sentence": "",
        "ask_again_on": None,
        "partner": None,
        "decided_by": actor.name[:120],
        "decided_at": clock.now(),
        **values,
    }
    for name, value in values.items():
        setattr(request, name, value)
    request.save_fields(*values)
    said = {name: values[name] for name in ("state", "reason", "ask_again_on") if values[name]}
    record(
        f"partner_request.{state.value if state is not RequestState.LATER else 'put_off'}",
        request,
        actor=actor,
        old=old,
        new={**said, **({"partner": values["partner"].name} if values["partner"] else {})},
        sentence=values["sentence"],
    )
    return request


def _sentence(text: str, *, needed: bool) -> str:
    text = clean_text(text)
    if needed and not text:
        raise RuleBroken("sentence", "Write the sentence they are told.", field="sentence")
    if len(text) > 2000:
        raise RuleBroken("sentence", "Use at most 2,000 characters.", field="sentence")
    return text


@transaction.atomic
def accept_request(
    *, actor: Actor, public_id: str, sentence: str = "", expected_version: int | None = None
) -> Partner:
    """Take the organisation on as a prospect with the intent it asked for. Its people are invited afterwards.

    Raises ``NotAllowed``, ``NotFound``, ``Clash`` (decided already), ``RuleBroken``, ``Stale``.
    """
    request = _held(actor, public_id, expected_version)
    text = _sentence(sentence, needed=False)
    partner = create_partner(
        actor=actor,
        name=request.organisation,
        intent=request.intent,
        status=PartnerStatus.PROSPECT,
        # What is no website stays with the request.
        website=request.website if SITE.fullmatch(request.website) else "",
    )
    _decide(actor, request, RequestState.ACCEPTED, partner=partner, sentence=text)
    return partner


@transaction.atomic
def decline_request(
    *, actor: Actor, public_id: str, reason: str, sentence: str, expected_version: int | None = None
) -> PartnerRequest:
    """Say no, with a coded reason and the sentence they are told.

    Raises ``NotAllowed``, ``NotFound``, ``Clash`` (decided already), ``RuleBroken``, ``Stale``.
    """
    request = _held(actor, public_id, expected_version)
    if reason not in DeclineReason.values:
        raise RuleBroken("reason", f"Choose one of: {', '.join(DeclineReason.values)}.", field="reason")
    text = _sentence(sentence, needed=True)
    return _decide(actor, request, RequestState.DECLINED, reason=reason, sentence=text)


@transaction.atomic
def postpone_request(
    *,
    actor: Actor,
    public_id: str,
    ask_again_on: date,
    sentence: str = "",
    expected_version: int | None = None,
) -> PartnerRequest:
    """Decide later: on its day (program's time zone) the request is back among the open ones.

    Raises ``NotAllowed``, ``NotFound``, ``Clash`` (decided already), ``RuleBroken``, ``Stale``.
    """
    request = _held(actor, public_id, expected_version)
    today = clock.today(program_in_force().timezone)
    if not today < ask_again_on <= today + FARTHEST:
        raise RuleBroken("day", "Choose a day after today, at most two years ahead.", field="ask_again_on")
    text = _sentence(sentence, needed=False)
    return _decide(actor, request, RequestState.LATER, ask_again_on=ask_again_on, sentence=text)
