"""Today: what is due, by deadline. For those who read and do not act, the figures instead."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from partners.core import clock
from partners.models import Partner
from partners.selectors import charter_in_force, pay_flag
from partners.views.gates import PlacedRequest, workspace
from prm.rules.metrics import METRICS
from prm.rules.periods import USUAL, last_months
from prm.selectors import cells
from prm.selectors.today import due_today, standing
from prm.services.cells import running_month


@workspace("program.view")
def page(request: PlacedRequest) -> HttpResponse:
    """The first page after sign-in."""
    place = request.place
    period = last_months(USUAL, running_month(place.program))
    charter = charter_in_force()
    context: dict[str, Any] = {"sections": due_today(place, charter), "metrics": METRICS, "months": USUAL}
    context["due"] = sum(len(section.items) + section.more for section in context["sections"])
    if not place.can("partners.edit"):
        context["figures"] = cells.totals(period)
        context["fresh"] = cells.freshness()
    if not context["sections"]:
        context["standing"] = standing(place)
    if place.can("program.edit"):
        context["pay"] = pay_flag(charter, clock.today(place.program.timezone))
    context["edits_partners"] = place.can("partners.edit")
    context["started"] = Partner.objects.exists()
    return render(request, "prm/today.html", context)
