"""Who may see which registrations."""

from collections.abc import Callable
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from deals.models import Registration
from deals.rules.lifecycle import LIVE, State
from partners.access import one_of
from partners.core.actor import Actor


def registrations_for(actor: Actor) -> QuerySet[Registration]:
    """The registrations of the scope: a partner's own, or those of all partners for staff.

    What a partner has drafted is no claim yet, so staff see only drafts written by staff. ``standing_id`` is
    the public id of another claim of the same partner that stands on the same account and offering.
    """
    rows = Registration.objects.select_related("partner", "offering").annotate(
        standing_id=Subquery(standing_beside(OuterRef).values("public_id")[:1])
    )
    return rows if actor.is_partner else rows.exclude(state=State.DRAFT, seller__isnull=False)


def standing_beside(of: Callable[[str], Any]) -> QuerySet[Registration]:
    """Another claim of the same partner that stands on the same account and offering; ``of`` gives a value of
    the claim, by its name. A claim on no account has none."""
    same = {name: of(name) for name in ("partner_id", "account_id", "offering_id")}
    return Registration.objects.filter(state__in=LIVE, **same).exclude(pk=of("pk"))


def access_registration(actor: Actor, public_id: str) -> Registration:
    """One registration the actor may see. Raises ``NotFound``."""
    return one_of(registrations_for(actor), public_id, "There is no such registration.")
