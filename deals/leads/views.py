"""Leads in the workspace: the list, a lead with who could take it, and every act on it."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from deals.leads.access import access_lead
from deals.leads.forms import LeadCloseForm, LeadDeclineForm, LeadForm, OfferDeclineForm, typed
from deals.leads.offers import accept_offer, decline_offer, offer_lead, withdraw_offer
from deals.leads.selectors.leads import lead_history, leads_between, leads_found, live_offers, offers_of
from deals.leads.selectors.routing import account_of, accounts_like, candidates_for
from deals.leads.services import answer_lead, change_lead, close_lead, create_lead, give_lead
from deals.models import Lead
from deals.rules.leads import Direction, LeadState, OfferState, size_band
from partners.access import access_partner
from partners.core import clock
from partners.core.errors import Clash
from partners.core.ids import new_public_id
from partners.forms import tried
from partners.models import Partner, PartnerStatus
from partners.selectors import open_offerings
from partners.views.gates import PlacedRequest, workspace
from partners.views.lists import asked, columns, csv_answer, page_of, wants_csv

_COLUMNS = columns(
    "id:public_id buyer:customer_name website country direction partner:opened_to.name state vertical"
    " segment amount currency received_on answer_due_at:due_at settled_at reason",
)
SHOWN = 5


@workspace("leads.view")
def leads(request: PlacedRequest) -> HttpResponseBase:
    """The list; narrowed to a partner it also shows what went both ways. ``?format=csv`` gives all."""
    partner = asked(request, "partner")
    found = leads_found(
        request.place.actor,
        q=asked(request, "q"),
        direction=asked(request, "direction"),
        state=asked(request, "state"),
        partner=partner,
        sort=asked(request, "sort"),
    )
    if wants_csv(request):
        return csv_answer("leads", found, _COLUMNS)
    page = page_of(request, found)
    offers = live_offers(list(page.object_list))
    for row in page.object_list:
        row.live = offers.get(row.pk)  # type: ignore[attr-defined]
    chosen = Partner.objects.filter(public_id=partner).first() if partner else None
    context = {
        "page": page,
        "can_edit": request.place.can("leads.edit"),
        "directions": Direction.choices,
        "states": [("open", "Open"), *LeadState.choices],
        "partners": Partner.objects.order_by("name").values_list("public_id", "name"),
        "between": leads_between(chosen, moment=clock.now()) if chosen else None,
    }
    return render(request, "deals/leads.html", context)


def _form(request: PlacedRequest, lead: Lead | None) -> LeadForm:
    """The form as sent, or a fresh one."""
    place = request.place
    settings: dict[str, Any] = {"currency": place.program.currency, "offerings": open_offerings()}
    settings["partners"] = None
    if lead is None:
        settings["partners"] = Partner.objects.exclude(status=PartnerStatus.ENDED).order_by("name")
    if request.method == "POST":
        return LeadForm(request.POST, **settings)
    today = clock.today(place.program.timezone).isoformat()
    fresh = {"key": new_public_id(), "currency": place.program.currency, "received_on": today}
    fresh["partner"] = asked(request, "partner")
    return LeadForm(initial=typed(lead) if lead else fresh, **settings)


@workspace("leads.edit", methods=("GET", "POST"))
def new_lead(request: PlacedRequest) -> HttpResponse:
    """Take a lead down: ours, or one a partner gave by mail or telephone. Sent twice, it is one."""
    form = _form(request, None)
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["key"]

        def make() -> Lead:
            giver = form.giver_id()
            if giver is None:
                return create_lead(actor=request.place.actor, buyer=form.buyer(), public_id=key)
            return give_lead(actor=request.place.actor, buyer=form.buyer(), partner_id=giver, public_id=key)

        made = tried(form, make) or Lead.objects.filter(public_id=key).first()
        if made is not None:
            return _after(request, made.public_id, "Lead created.")
    status = 422 if form.is_bound else 200
    return render(request, "deals/lead_form.html", {"form": form}, status=status)


def _after(request: PlacedRequest, public_id: str, said: str = "") -> HttpResponse:
    if said:
        messages.success(request, said)
    return redirect("deals:lead", program=request.place.program.slug, public_id=public_id)


@workspace("leads.edit", methods=("GET", "POST"))
def edit_lead(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Change what a lead says, while it is with nobody."""
    row = access_lead(request.place.actor, public_id)
    if row.direction != Direction.ROUTED or row.state != LeadState.WAITING:
        return _after(request, public_id)
    form = _form(request, row)
    if tried(
        form,
        lambda: change_lead(
            actor=request.place.actor,
            lead=row,
            buyer=form.buyer(),
            expected_version=form.cleaned_data["version"],
        ),
    ):
        return _after(request, public_id, "Saved.")
    status = 422 if form.is_bound else 200
    return render(request, "deals/lead_form.html", {"form": form, "row": row}, status=status)


@workspace("leads.view")
def lead(request: PlacedRequest, public_id: str) -> HttpResponse:
    """A lead: who the buyer is, who could take it and why, what became of its offers."""
    return _page(request, access_lead(request.place.actor, public_id))


def _page(request: PlacedRequest, row: Lead, status: int = 200, **forms: Form) -> HttpResponse:
    """The page; ``forms`` are those sent with something wrong."""
    offers = offers_of(row)
    waiting = row.state in (LeadState.WAITING, LeadState.OFFERED)
    alike = accounts_like(row) if waiting else []
    account = account_of(row, alike)
    ranked = []
    if row.direction == Direction.ROUTED and row.state == LeadState.WAITING:
        ranked = candidates_for(row, account)
    context = {
        "row": row,
        "live": next((offer for offer in offers if offer.state == OfferState.OFFERED), None),
        "offers": offers,
        "alike": alike,
        "account": account,
        "able": [(one, one.candidate.public_id) for one in ranked if not one.left_out],
        "unable": [one for one in ranked if one.left_out],
        "shown": f":{SHOWN}",
        "size": size_band(row.amount, row.currency),
        "history": lead_history(row, offers),
        "can_edit": request.place.can("leads.edit"),
        "close_form": forms.get("close") or LeadCloseForm(initial={"version": row.version}),
        "answer_form": forms.get("answer") or LeadDeclineForm(initial={"version": row.version}),
        "decline_form": forms.get("decline") or OfferDeclineForm(),
    }
    return render(request, "deals/lead.html", context, status=status)


@workspace("leads.edit", methods=("POST",))
def offer(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Offer a lead to the partner chosen, or to the first."""
    row = access_lead(request.place.actor, public_id)
    partner_id = None
    if chosen := request.POST.get("partner"):
        partner_id = access_partner(chosen).pk
    try:
        made = offer_lead(actor=request.place.actor, lead=row, partner_id=partner_id)
    except Clash as refusal:
        messages.error(request, refusal.sentence)
        return _after(request, public_id)
    return _after(request, public_id, f"Offered to {made.partner.name}.")


@workspace("leads.edit", methods=("POST",))
def take_back(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Take the waiting offer back."""
    row = access_lead(request.place.actor, public_id)
    try:
        withdraw_offer(actor=request.place.actor, lead=row)
    except Clash as refusal:
        messages.error(request, refusal.sentence)
        return _after(request, public_id)
    return _after(request, public_id, "Offer withdrawn.")


@workspace("leads.edit", methods=("POST",))
def reply(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Note what a partner answered by mail or telephone."""
    actor = request.place.actor
    row = access_lead(actor, public_id)
    live = live_offers([row]).get(row.pk)
    if live is None:
        raise Clash("not_offered", "No offer of this lead waits for an answer.")
    if request.POST.get("answer") == "accept":
        try:
            done = accept_offer(actor=actor, offer=live)
        except Clash as refusal:
            messages.error(request, refusal.sentence)
            return _after(request, public_id)
        if done.state != OfferState.ACCEPTED:
            messages.warning(request, "Another partner came to hold this customer: the offer is taken back.")
            return _after(request, public_id)
        return _after(request, public_id, f"{live.partner.name} has the lead.")
    form = OfferDeclineForm(request.POST)
    if tried(form, lambda: decline_offer(actor=actor, offer=live, **form.cleaned_data)):
        return _after(request, public_id, "Noted. The lead can go to another partner.")
    return _page(request, row, 422, decline=form)


@workspace("leads.edit", methods=("POST",))
def answer(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Answer a lead a partner gave us."""
    actor = request.place.actor
    row = access_lead(actor, public_id)
    if request.POST.get("answer") == "accept":
        try:
            answer_lead(actor=actor, lead=row, accept=True, expected_version=_version(request))
        except Clash as refusal:
            messages.error(request, refusal.sentence)
            return _after(request, public_id)
        return _after(request, public_id, "It is ours: the opportunity is open.")
    form = LeadDeclineForm(request.POST)
    if tried(
        form,
        lambda: answer_lead(
            actor=actor,
            lead=row,
            accept=False,
            expected_version=form.cleaned_data["version"],
            **form.answer(),
        ),
    ):
        return _after(request, public_id, "Answered.")
    return _page(request, row, 422, answer=form)


@workspace("leads.edit", methods=("POST",))
def close(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Give a lead up."""
    row = access_lead(request.place.actor, public_id)
    form = LeadCloseForm(request.POST)
    if tried(
        form,
        lambda: close_lead(
            actor=request.place.actor,
            lead=row,
            sentence=form.cleaned_data["sentence"],
            expected_version=form.cleaned_data["version"],
        ),
    ):
        return _after(request, public_id, "Lead closed.")
    return _page(request, row, 422, close=form)


def _version(request: HttpRequest) -> int | None:
    """The version a button was drawn with, or None without a usable one."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else None
