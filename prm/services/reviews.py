"""Reviews of partners: a decision, with its reasons and the day it is asked again (R18)."""

from dataclasses import asdict
from datetime import date

from django.db import transaction

from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import FieldErrors, NotFound, RuleBroken, Stale
from partners.core.text import clean_text
from partners.models import Intent, Partner, PartnerStatus
from partners.selectors import program_in_force
from partners.services.ledger import record
from partners.services.partners import change_partner
from partners.services.rights import require
from prm.models import PartnerReview
from prm.rules.review import FARTHEST, ReviewDecision
from prm.selectors.reviews import about, last_reviews


def _problems(
    partner: Partner, decision: str, reasons: str, ask_again_on: date | None, intent: str, today: date
) -> dict[str, list[str]]:
    """What is wrong with a decision, by field."""
    errors: dict[str, list[str]] = {}
    if decision not in ReviewDecision.values:
        errors["decision"] = [f"Choose one of: {', '.join(ReviewDecision.values)}."]
    if not reasons:
        errors["reasons"] = ["Say why. Whoever reads this next year was not here."]
    elif len(reasons) > 4000:
        errors["reasons"] = ["Use at most 4,000 characters."]
    if decision == ReviewDecision.EXIT:
        if ask_again_on is not None:
            errors["ask_again_on"] = ["A partnership that ends is not asked about again. Leave the day out."]
    elif ask_again_on is None or not today < ask_again_on <= today + FARTHEST:
        errors["ask_again_on"] = ["Choose the day one asks again: after today, at most a year ahead."]
    if decision == ReviewDecision.DOWNGRADE:
        if intent not in Intent.values or intent == partner.intent:
            errors["intent"] = ["Say what the partnership is for from now on: something else than before."]
    elif intent:
        errors["intent"] = ["What the partnership is for changes only when one expects less."]
    return errors


@transaction.atomic
def review_partner(
    *,
    actor: Actor,
    partner_id: str,
    decision: str,
    reasons: str,
    ask_again_on: date | None = None,
    intent: str = "",
    seen: str | None = None,
) -> PartnerReview:
    """Decide on a partner (a public id); what was on record that day is kept with the decision.

    ``ask_again_on`` is a day of the program's time zone, for all but an exit. *Expect less* changes the
    partner's intent to ``intent``. An exit ends the partnership and its people's access; registrations that
    stand are honoured. ``seen`` is the id of the newest review the person saw, "" for none. Raises
    ``NotAllowed``, ``NotFound``, ``FieldErrors``, ``RuleBroken`` and, when somebody was faster, ``Stale``.
    """
    require(actor, "partners.edit")
    partner = Partner.objects.select_for_update(of=["self"], no_key=True).filter(public_id=partner_id).first()
    if partner is None:
        raise NotFound("There is no such partner.")
    if partner.status != PartnerStatus.ACTIVE:
        raise RuleBroken("not_active", "Only a partner with an agreement in force can be reviewed.")
    last = last_reviews([partner.pk]).get(partner.pk)
    if seen is not None and seen != (last.public_id if last else ""):
        raise Stale("Somebody decided on this partner since you opened it. Read the decision first.")
    reasons = clean_text(reasons)
    today = clock.today(program_in_force().timezone)
    if errors := _problems(partner, decision, reasons, ask_again_on, intent, today):
        raise FieldErrors(errors)
    asked = about([partner], today)[0]
    review = PartnerReview.objects.create(
        program_id=actor.program_id,
        partner=partner,
        decision=decision,
        reasons=reasons,
        ask_again_on=ask_again_on,
        intent_before=partner.intent,
        intent_after=intent or partner.intent,
        signals=[asdict(signal) for signal in asked.signals],
        decided_by=actor.name[:120],
        decided_at=clock.now(),
    )
    told = {"about": partner.name, "decision": decision, "ask_again_on": ask_again_on}
    record("partner.reviewed", review, actor=actor, new=told, sentence=reasons)
    if decision == ReviewDecision.EXIT:
        change_partner(actor=actor, public_id=partner.public_id, status=PartnerStatus.ENDED)
    elif decision == ReviewDecision.DOWNGRADE:
        change_partner(actor=actor, public_id=partner.public_id, intent=intent)
    return review
