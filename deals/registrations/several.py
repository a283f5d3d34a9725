"""Several deals at once: each registered for itself, so that one that is refused takes no other with it."""

from collections.abc import Mapping

from django.db import transaction

from deals.models import Registration
from deals.registrations.rules.several import row_id
from deals.registrations.submit import register
from deals.rules.claims import Claim
from partners.core.actor import Actor
from partners.core.errors import Clash, DomainError, NotAllowed


def register_several(
    *, actor: Actor, claims: Mapping[int, Claim], partner_id: int | None = None, key: str = ""
) -> dict[int, Registration | DomainError]:
    """Register the claims in their order, each in a savepoint of its own; by number what became of each.

    Sent again with the same ``key``, a claim that is in already is answered with its registration. Staff say
    for which partner. Raises ``NotAllowed``.
    """
    claimant = actor.partner_id or partner_id or 0
    ids = {number: row_id(key, claimant, claim) if key else "" for number, claim in claims.items()}
    rows = Registration.objects.filter(public_id__in=filter(None, ids.values()), partner_id=claimant)
    made = {row.public_id: row for row in rows.select_related("protection")}
    answers: dict[int, Registration | DomainError] = {}
    for number, claim in claims.items():
        before = made.get(ids[number])
        answers[number] = before or _one(actor, claim, partner_id, ids[number])
    return answers


def _one(actor: Actor, claim: Claim, partner_id: int | None, public_id: str) -> Registration | DomainError:
    try:
        with transaction.atomic():
            return register(actor=actor, claim=claim, partner_id=partner_id, public_id=public_id)
    except NotAllowed:
        raise
    except Clash as refusal:
        # The same form may be on its way twice at this moment.
        made = Registration.objects.filter(public_id=public_id).first() if public_id else None
        return made if made is not None and refusal.code == "sent_twice" else refusal
    except DomainError as refusal:
        return refusal
