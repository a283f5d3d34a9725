"""Conflicts flagged by hand, and what our own side did under claims."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from deals.cases.access import access_raisable
from deals.cases.flags import raise_conflict
from deals.cases.forms import RaisingForm
from deals.cases.selectors.our_side import immune_signals
from deals.common.pages import address_of, form_page
from partners.core import clock
from partners.forms import tried
from partners.views.gates import PlacedRequest, workspace

SINCE_DAYS = 90


@workspace("conflicts.raise", methods=("GET", "POST"))
def raise_on(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Flag what the rules do not see about a claim."""
    row = access_raisable(request.place.seat, public_id)
    form = RaisingForm(request.POST or None)
    raised = tried(
        form,
        lambda: raise_conflict(
            actor=request.place.actor,
            registration=row,
            kind=form.chosen_kind(),
            text=form.cleaned_data["text"],
        ),
    )
    if raised is not None:
        messages.success(request, "It waits for a ruling.")
        return redirect(address_of(request, "deals:conflict", raised.public_id))
    back = reverse("deals:conflicts", kwargs={"program": request.place.program.slug})
    if request.place.can("registrations.view"):
        back = address_of(request, "deals:registration", public_id)
    return form_page(
        request,
        form,
        title="Flag a conflict",
        hint=f"{row.partner.name} claimed {row.customer_name}. The partner is told nothing until a ruling.",
        of=row.customer_name,
        back=back,
        submit="Ask for a ruling",
    )


@workspace("conflicts.view")
def our_side(request: PlacedRequest) -> HttpResponse:
    """What our own side did under partners' claims, per person, in the last months."""
    since = clock.now() - timedelta(days=SINCE_DAYS)
    people = immune_signals(request.place.seat, since=since)
    return render(request, "deals/our_side.html", {"people": people, "days": SINCE_DAYS})
