"""Opportunities in the workspace."""

from dataclasses import replace

from django.forms import Form
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render

from deals.models import Opportunity, OpportunityState, Registration, Source
from deals.opportunities.access import access_opportunity
from deals.opportunities.acts import CHANGE_SOURCE, CLOSE, LOG_TOUCH, OPEN, REMOVE_TOUCH
from deals.opportunities.selectors import attribution_of, opportunities_found, stages_of, touches_of
from partners.kit.act import page
from partners.models import Partner
from partners.views.gates import PlacedRequest, workspace
from partners.views.lists import asked, columns, csv_answer, page_of, wants_csv

_COLUMNS = columns(
    "id:public_id external_id name account:account.name source partner:partner.name state stage amount"
    " currency program_amount opened_on closes_on closed_on owner:owner_name"
)


@workspace("opportunities.view")
def opportunities(request: PlacedRequest) -> HttpResponseBase:
    """The list of opportunities; ``?format=csv`` gives all that match."""
    found = opportunities_found(
        q=asked(request, "q"),
        state=asked(request, "state"),
        source=asked(request, "source"),
        partner=asked(request, "partner"),
        sort=asked(request, "sort"),
    ).select_related("account")
    if wants_csv(request):
        return csv_answer("opportunities", found, _COLUMNS)
    context = {
        "page": page_of(request, found),
        "own_currency": f"In {request.place.program.currency}",
        "states": OpportunityState.choices,
        "sources": Source.choices,
        "partners": Partner.objects.order_by("name").values_list("public_id", "name"),
    }
    return render(request, "deals/opportunities.html", context)


@workspace("opportunities.view")
def opportunity(request: PlacedRequest, public_id: str) -> HttpResponse:
    """One opportunity: its source, its amounts, and what it was when."""
    row = access_opportunity(public_id)
    may_close = row.state == OpportunityState.OPEN and request.place.can("opportunities.edit")
    return _page(request, row, CLOSE.blank(request.place, row) if may_close else None)


def _page(request: PlacedRequest, row: Opportunity, form: Form | None, status: int = 200) -> HttpResponse:
    claim = None
    if request.place.can("registrations.view"):
        claim = Registration.objects.filter(opportunity=row).first()
    touches = touches_of(row)
    context = {
        "row": row,
        "form": form,
        "stages": stages_of(row),
        "claim": claim,
        "touches": touches,
        "attribution": attribution_of(row, touches),
        "may_log": request.place.can("touches.log"),
        "may_edit": request.place.can("opportunities.edit"),
        "own_currency": f"In {request.place.program.currency}",
    }
    return render(request, "deals/opportunity.html", context, status=status)


open_on, source, touch, touch_remove = (page(act) for act in (OPEN, CHANGE_SOURCE, LOG_TOUCH, REMOVE_TOUCH))
close = page(replace(CLOSE, drawn=_page))
