"""Opportunities in the API: read, opened, closed, their source, and partners' touches."""

from typing import Any

from django.db.models import QuerySet

from deals.models import Opportunity, OpportunityState, Source, Touch
from deals.opportunities.acts import CHANGE_SOURCE, LOG_TOUCH, LOSE, OPEN, REMOVE_TOUCH, WIN
from deals.opportunities.selectors import opportunities_found
from deals.opportunities.shapes import OneOpportunitySerializer, OpportunitySerializer, TouchSerializer
from partners.kit.resource import OF_PARTNER, SEARCH, Beside, Filter, Resource


def _touches(row: Opportunity) -> QuerySet[Touch]:
    return Touch.objects.filter(opportunity=row).select_related("partner")


class Opportunities(Resource):
    """Opportunities as our own side opens and changes them, and what partners did on them."""

    plural, one_name, many, a = "opportunities", "opportunity", "opportunities", "an opportunity"
    reads = ("opportunities.view", "portal.view")
    shape, one_shape = OpportunitySerializer, OneOpportunitySerializer
    filters = (
        SEARCH,
        OF_PARTNER,
        Filter("state", among=OpportunityState.values),
        Filter("source", among=Source.values),
    )
    making = OPEN
    acts = (WIN, LOSE, CHANGE_SOURCE, LOG_TOUCH)
    beside = (
        Beside(
            "touches",
            _touches,
            gate=reads,
            shape=TouchSerializer,
            summary="List what partners did on an opportunity",
        ),
    )

    def rows(self, **filters: Any) -> QuerySet[Opportunity]:
        rows = opportunities_found(**filters)
        return rows if self.actor.is_partner else rows.select_related("account")


class Touches(Resource):
    """What partners did, once it is on record."""

    plural, one_name = "touches", "touch"
    shape = TouchSerializer
    acts = (REMOVE_TOUCH,)

    def rows(self, **_filters: Any) -> QuerySet[Touch]:
        return Touch.objects.select_related("opportunity", "partner")
