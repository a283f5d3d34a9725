"""Closed months: up to when figures are final, closing one more, and what changed about them since."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from partners.core.errors import RuleBroken
from partners.selectors import closed_through
from partners.views.gates import PlacedRequest, workspace
from prm.rules.periods import read_month, shift
from prm.selectors.corrections import changes_since_close, first_month
from prm.services.cells import running_month
from prm.services.closing import closable, close_month


@workspace("pipeline.view")
def months(request: PlacedRequest) -> HttpResponse:
    """The page; the leader closes a month here."""
    place, closed = request.place, closed_through()
    current = running_month(place.program)
    open_months = closable(current, closed, first_month())
    context = {
        "closed": closed,
        "choices": [(f"{month:%Y-%m}", f"{month:%B %Y}") for month in open_months],
        "can_close": place.can("months.close"),
        "changes": changes_since_close(shift(current, -12)),
    }
    return render(request, "prm/months.html", context)


@workspace("months.close", methods=("POST",))
def close(request: PlacedRequest) -> HttpResponse:
    """Close a month."""
    month = read_month(request.POST.get("month", ""))
    if month is None:
        raise RuleBroken("month", "Choose a month, such as 2026-05.", field="month")
    row = close_month(actor=request.place.actor, month=month)
    messages.success(request, f"{row.month:%B %Y} and all before it are closed.")
    return redirect("prm:months", program=request.place.program.slug)
