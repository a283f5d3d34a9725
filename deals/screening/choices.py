"""What a customer chose in writing (R24): recorded with its proof, and ended when it no longer holds."""

from datetime import date

from django.db import transaction

from deals.common.guards import required_text
from deals.models import Account, CustomerChoice
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, NotFound, RuleBroken
from partners.models import Offering, Partner
from partners.selectors import program_in_force
from partners.services.ledger import record
from partners.services.rights import require

PROOF_LENGTH = 2000


def record_choice(
    *,
    actor: Actor,
    account: Account,
    partner: Partner | None,
    chosen_on: date,
    proof: str,
    offering: Offering | None = None,
) -> CustomerChoice:
    """Put a written choice on record. ``partner`` None: the customer wants to buy from us.

    ``chosen_on`` is a day in the program's time zone. Raises ``NotAllowed``, ``NotFound`` (the account),
    ``RuleBroken`` without proof or for a day to come.
    """
    require(actor, "choices.record")
    text = required_text(
        "proof", proof, longest=PROOF_LENGTH, missing="Who wrote what, and where is it kept?"
    )
    if chosen_on > clock.today(program_in_force().timezone):
        raise RuleBroken("chosen_on", "That day is still to come.", field="chosen_on")
    if not Account.objects.filter(pk=account.pk, removed_at__isnull=True).exists():
        raise NotFound("There is no such account.")
    choice = CustomerChoice.objects.create(
        program_id=actor.program_id,
        account=account,
        offering=offering,
        partner=partner,
        chosen_on=chosen_on,
        proof=text,
        recorded_by=actor.name[:120],
    )
    record(
        "choice.recorded",
        choice,
        actor=actor,
        new={
            "account": account.public_id,
            "partner": partner.public_id if partner else None,
            "offering": offering.name if offering else None,
            "chosen_on": chosen_on,
            "proof": text,
        },
    )
    return choice


def end_choice(*, actor: Actor, choice: CustomerChoice) -> CustomerChoice:
    """A choice that no longer holds, or never did; it stays on record. Raises ``NotAllowed``, ``Clash``."""
    require(actor, "choices.record")
    with transaction.atomic():
        row = CustomerChoice.objects.select_for_update(no_key=True).filter(pk=choice.pk).first()
        if row is None:
            raise NotFound("There is no such choice.")
        if row.ended_at is not None:
            raise Clash("ended", "This choice is ended already.")
        row.ended_at = clock.now()
        row.save(update_fields=["ended_at"])
        record("choice.ended", row, actor=actor, new={"ended_at": row.ended_at})
        return row
