"""Check-ins: what was said, what was agreed, and when we speak next."""

from datetime import date

from django.db import IntegrityError, transaction

from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, RuleBroken
from partners.services.ledger import record
from plans.models import CheckIn, Plan
from plans.rules.cadence import LONGEST, next_contact
from plans.rules.lifecycle import PlanMove
from plans.services.acts import begin, check_past, holidays, program_today, texts

TOO_FAR = 2 * LONGEST  # a next contact further away than this is none


def _check_next(next_on: date, held_on: date, today: date) -> None:
    """Raise ``RuleBroken`` unless the next contact lies ahead, and not too far."""
    if next_on <= held_on or next_on < today:
        raise RuleBroken("day_over", "The next contact lies ahead: choose a later day.", field="next_on")
    if (next_on - held_on).days > TOO_FAR:
        raise RuleBroken("day_too_far", f"Speak again within {TOO_FAR} days.", field="next_on")


def log_check_in(
    *,
    actor: Actor,
    plan: Plan,
    held_on: date,
    said: str,
    agreed: str = "",
    purpose_confirmed: bool,
    next_on: date | None = None,
) -> CheckIn:
    """Write down a conversation; without ``next_on`` the next follows from the rhythm, on a working day.

    Raises ``Clash`` when that day's conversation is logged already, ``FieldErrors`` or
    ``RuleBroken`` for bad input.
    """
    try:
        with transaction.atomic():
            return _log(actor, plan, held_on, said, agreed, purpose_confirmed, next_on)
    except IntegrityError as error:
        raise Clash(
            "logged_already",
            "A check-in of this day is logged already. Look at it before writing another.",
            field="held_on",
        ) from error


def _log(
    actor: Actor,
    plan: Plan,
    held_on: date,
    said: str,
    agreed: str,
    purpose_confirmed: bool,
    next_on: date | None,
) -> CheckIn:
    plan = begin(plan, PlanMove.CHECK_IN, actor)
    written = texts({"said": said, "agreed": agreed}, required={"said": "Say in a sentence what was said."})
    program, today = program_today()
    check_past(held_on, today, "held_on")
    if next_on is None:
        next_on = next_contact(max(held_on, today), plan.check_in_days, holidays(program))
    else:
        _check_next(next_on, held_on, today)
    check_in = CheckIn.objects.create(
        program_id=plan.program_id,
        plan=plan,
        partner_id=plan.partner_id,
        held_on=held_on,
        purpose=plan.purpose,
        purpose_confirmed=purpose_confirmed,
        next_on=next_on,
        logged_by=actor.name,
        created_at=clock.now(),
        **written,
    )
    plan.next_check_in_on = next_on
    plan.save_fields("next_check_in_on")
    new = {"held_on": held_on, "purpose_confirmed": purpose_confirmed, "next_on": next_on, **written}
    record("check_in.held", check_in, actor=actor, new=new, partner_id=plan.partner_id)
    return check_in
