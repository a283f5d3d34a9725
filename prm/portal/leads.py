"""Leads in a partner's portal: those we offer it, and those it gives us. Nobody else is in it."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from deals.leads.access import access_lead, access_offer
from deals.leads.forms import BuyerForm, OfferDeclineForm
from deals.leads.offers import accept_offer, decline_offer
from deals.leads.selectors.leads import lead_behind, leads_found, offers_found
from deals.leads.services import give_lead
from deals.models import Lead, LeadOffer
from deals.rules.leads import Direction, OfferState
from partners.core.errors import Clash
from partners.core.ids import new_public_id
from partners.forms import tried
from partners.selectors import open_offerings, promise_in_force
from partners.views.gates import PlacedRequest, portal
from partners.views.lists import asked, columns, csv_answer, page_of, wants_csv

_OFFERS = columns(
    "id:public_id state country field:vertical segment need size offered_at answer_due_at:due_at reason"
)
_GIVEN = columns(
    "id:public_id buyer:customer_name website country state amount currency given_on:received_on"
    " answer_due_at:due_at reason sentence",
)


@portal("portal.leads")
def leads(request: PlacedRequest) -> HttpResponseBase:
    """What we offer the partner; ``?format=csv`` gives all."""
    found = offers_found(request.place.actor, state=asked(request, "state"), sort=asked(request, "sort"))
    if wants_csv(request):
        return csv_answer("leads", found, _OFFERS)
    page = page_of(request, found)
    opened = [row.lead_id for row in page.object_list if row.state == OfferState.ACCEPTED]
    buyers = {row.pk: row.customer_name for row in Lead.objects.filter(pk__in=opened)}
    for row in page.object_list:
        row.buyer = buyers.get(row.lead_id, "")  # type: ignore[attr-defined]
    return render(request, "portal/leads.html", {"page": page, "states": OfferState.choices})


@portal("portal.leads")
def given(request: PlacedRequest) -> HttpResponseBase:
    """What the partner gave us; ``?format=csv`` gives all that match."""
    found = leads_found(
        request.place.actor, q=asked(request, "q"), direction=Direction.GIVEN, sort=asked(request, "sort")
    )
    if wants_csv(request):
        return csv_answer("leads-given", found, _GIVEN)
    return render(request, "portal/leads_given.html", {"page": page_of(request, found)})


@portal("portal.leads", methods=("GET", "POST"))
def give(request: PlacedRequest) -> HttpResponse:
    """Give us a buyer. Sent twice, it is one."""
    place = request.place
    settings: dict[str, Any] = {"currency": place.program.currency, "offerings": open_offerings()}
    if request.method == "POST":
        form = BuyerForm(request.POST, **settings)
        if form.is_valid():
            key = form.cleaned_data["key"]
            made = tried(form, lambda: give_lead(actor=place.actor, buyer=form.buyer(), public_id=key))
            if made or Lead.objects.filter(public_id=key).exists():
                messages.success(request, "Thank you. You have our answer by the time given.")
                return redirect("portal:leads_given", program=place.program.slug)
    else:
        form = BuyerForm(initial={"key": new_public_id(), "currency": place.program.currency}, **settings)
    context = {"form": form, "promise": promise_in_force()}
    return render(request, "portal/lead_give.html", context, status=422 if form.is_bound else 200)


@portal("portal.leads")
def lead(request: PlacedRequest, public_id: str) -> HttpResponse:
    """A lead the partner gave: what became of it. One it accepted is shown with its offer."""
    row = access_lead(request.place.actor, public_id)
    if row.direction == Direction.ROUTED:
        offer = LeadOffer.objects.get(lead=row, state=OfferState.ACCEPTED)
        return redirect("portal:lead_offer", program=request.place.program.slug, public_id=offer.public_id)
    return render(request, "portal/lead.html", {"row": row})


@portal("portal.leads")
def offer(request: PlacedRequest, public_id: str) -> HttpResponse:
    """A lead we offer: its open part, and, once accepted, the buyer."""
    return _page(request, access_offer(request.place.actor, public_id), OfferDeclineForm())


def _page(request: PlacedRequest, row: LeadOffer, form: Form, status: int = 200) -> HttpResponse:
    context = {
        "row": row,
        "lead": lead_behind(row) if row.state == OfferState.ACCEPTED else None,
        "form": form if row.state == OfferState.OFFERED else None,
    }
    return render(request, "portal/lead_offer.html", context, status=status)


def _to(request: PlacedRequest, row: LeadOffer) -> HttpResponse:
    return redirect("portal:lead_offer", program=request.place.program.slug, public_id=row.public_id)


@portal("portal.leads", methods=("POST",))
def accept(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Take a lead."""
    row = access_offer(request.place.actor, public_id)
    try:
        done = accept_offer(actor=request.place.actor, offer=row)
    except Clash as refusal:
        messages.error(request, refusal.sentence)
        return _to(request, row)
    if done.state == OfferState.ACCEPTED:
        messages.success(request, "It is yours. Here is the buyer.")
    else:
        messages.warning(request, "This lead is no longer open, so we took it back. Thank you all the same.")
    return _to(request, row)


@portal("portal.leads", methods=("POST",))
def decline(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Leave a lead, and say why."""
    row = access_offer(request.place.actor, public_id)
    form = OfferDeclineForm(request.POST)
    actor = request.place.actor
    if tried(form, lambda: decline_offer(actor=actor, offer=row, **form.cleaned_data)):
        messages.success(request, "Noted. Thank you for saying why.")
        return _to(request, row)
    return _page(request, row, form, 422)
