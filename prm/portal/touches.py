"""What a partner did on its own deal, told by its people (R127)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from deals.models import Opportunity, Registration
from deals.opportunities.access import access_touch
from deals.opportunities.forms import TouchForm
from deals.opportunities.touches import log_touch, remove_touch
from deals.registrations.access import access_registration
from deals.rules.attribution import TouchKind
from partners.core.errors import NotFound
from partners.forms import tried
from partners.views.gates import PlacedRequest, portal


def _opportunity(row: Registration) -> Opportunity:
    """The deal behind a registration, as long as it is the partner's. Raises ``NotFound``."""
    found = Opportunity.objects.filter(pk=row.opportunity_id or 0).first()
    if found is None:
        raise NotFound("There is no deal behind this registration yet.")
    return found


@portal("portal.register", methods=("GET", "POST"))
def touch(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Say what was done for a deal, and when."""
    row = access_registration(request.place.actor, public_id)
    opportunity = _opportunity(row)
    form = TouchForm(request.POST or None)
    back = _deal(request, row)
    if tried(
        form,
        lambda: log_touch(
            actor=request.place.actor,
            opportunity=opportunity,
            kind=TouchKind(form.cleaned_data["kind"]),
            on=form.cleaned_data["on"],
            note=form.cleaned_data["note"],
        ),
    ):
        messages.success(request, "It is on record.")
        return redirect(back)
    context = {
        "form": form,
        "title": "What you did",
        "hint": "Meetings, demos, references, proposals and introductions, with their day.",
        "of": row.customer_name,
        "back": back,
        "submit": "Put on record",
    }
    return render(request, "deals/dealing.html", context, status=422 if form.is_bound else 200)


@portal("portal.register", methods=("POST",))
def touch_remove(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Take back what never happened."""
    found = access_touch(public_id)
    remove_touch(actor=request.place.actor, touch=found)
    messages.success(request, "It no longer counts.")
    row = Registration.objects.filter(opportunity_id=found.opportunity_id).first()
    if row is None:
        return redirect("portal:deals", program=request.place.program.slug)
    return redirect(_deal(request, row))


def _deal(request: PlacedRequest, row: Registration) -> str:
    return reverse("portal:deal", kwargs={"program": request.place.program.slug, "public_id": row.public_id})
