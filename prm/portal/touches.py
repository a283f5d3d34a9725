"""What a partner did on its own deal, told by its people (R127)."""

from dataclasses import replace
from typing import Any

from django.urls import reverse

from deals.models import Opportunity, Registration
from deals.opportunities.acts import LOG_TOUCH, REMOVE_TOUCH
from deals.registrations.access import access_registration
from partners.access import Place
from partners.core.errors import NotFound
from partners.kit.act import page


def _deal(place: Place, public_id: str) -> Opportunity:
    """The deal behind a registration, as long as it is the partner's. Raises ``NotFound``."""
    row = access_registration(place.actor, public_id)
    found = Opportunity.objects.filter(pk=row.opportunity_id or 0).first()
    if found is None:
        raise NotFound("There is no deal behind this registration yet.")
    return found


def _home(place: Place, row: Any) -> str:
    """The page of the registration behind a deal or what was done on it; the list when there is none."""
    opportunity_id = row.pk if isinstance(row, Opportunity) else row.opportunity_id
    claim = Registration.objects.filter(opportunity_id=opportunity_id).first()
    known = {"program": place.program.slug}
    if claim is None:
        return reverse("portal:deals", kwargs=known)
    return reverse("portal:deal", kwargs=known | {"public_id": claim.public_id})


touch = page(
    replace(
        LOG_TOUCH,
        row=_deal,
        fields=LOG_TOUCH.fields[1:],
        title="Your activity",
        hint="Meetings, demos, references, proposals and introductions, with their day.",
        back=_home,
    ),
    "portal",
)
touch_remove = page(replace(REMOVE_TOUCH, done="It no longer counts.", back=_home), "portal")
