"""Opportunities in the workspace."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from deals.access import access_opportunity
from deals.forms.rulings import ClosingForm
from deals.models import Opportunity, OpportunityState, Registration, Source
from deals.selectors.attribution import attribution_of, touches_of
from deals.selectors.opportunities import opportunities_found, stages_of
from deals.services.opportunities import close_opportunity
from partners.forms import tried
from partners.models import Partner
from partners.views.gates import PlacedRequest, workspace
from partners.views.lists import asked, csv_answer, page_of, wants_csv

_COLUMNS = [
    ("id", lambda row: row.public_id),
    ("external_id", lambda row: row.external_id),
    ("name", lambda row: row.name),
    ("account", lambda row: row.account.name if row.account else ""),
    ("source", lambda row: row.source),
    ("partner", lambda row: row.partner.name if row.partner else ""),
    ("state", lambda row: row.state),
    ("stage", lambda row: row.stage),
    ("amount", lambda row: row.amount),
    ("currency", lambda row: row.currency),
    ("program_amount", lambda row: row.program_amount),
    ("opened_on", lambda row: row.opened_on),
    ("closes_on", lambda row: row.closes_on),
    ("closed_on", lambda row: row.closed_on),
    ("owner", lambda row: row.owner_name),
]


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
    form = ClosingForm(initial={"version": row.version}) if _may_close(request, row) else None
    return _page(request, row, form)


@workspace("opportunities.edit", methods=("POST",))
def close(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Close an opportunity as won or lost."""
    row = access_opportunity(public_id)
    form = ClosingForm(request.POST)
    if tried(
        form,
        lambda: close_opportunity(
            actor=request.place.actor,
            opportunity=row,
            state=OpportunityState(form.cleaned_data["state"]),
            closed_on=form.cleaned_data["closed_on"],
            expected_version=form.cleaned_data["version"],
        ),
    ):
        messages.success(request, f"{row.name} is closed.")
        return redirect("deals:opportunity", program=request.place.program.slug, public_id=public_id)
    return _page(request, row, form, status=422)


def _may_close(request: PlacedRequest, row: Opportunity) -> bool:
    return row.state == OpportunityState.OPEN and request.place.can("opportunities.edit")


def _page(
    request: PlacedRequest, row: Opportunity, form: ClosingForm | None, status: int = 200
) -> HttpResponse:
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
