"""What our own side does, in the workspace: deals, sources, touches, written choices, flags."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from deals.access import access_account, access_choice, access_opportunity, access_raisable, access_touch
from deals.forms.dealings import (
    ChoiceForm,
    KnownForm,
    OpeningForm,
    RaisingForm,
    SourceForm,
    StaffTouchForm,
)
from deals.models import Source
from deals.rules.attribution import TouchKind
from deals.selectors.vigilance import immune_signals
from deals.services.choices import end_choice, record_choice
from deals.services.known_names import set_known_names
from deals.services.raising import raise_conflict
from deals.services.sources import change_source, open_opportunity
from deals.services.touches import log_touch, remove_touch
from partners.core import clock
from partners.forms import tried
from partners.views.gates import PlacedRequest, workspace

SINCE_DAYS = 90


def _page(request: PlacedRequest, form: forms.Form, **context: Any) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "deals/dealing.html", {"form": form, **context}, status=status)


def _to(request: PlacedRequest, name: str, public_id: str) -> str:
    return reverse(name, kwargs={"program": request.place.program.slug, "public_id": public_id})


@workspace("opportunities.open", methods=("GET", "POST"))
def open_on(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Put an opportunity of our own on record, on an account."""
    account = access_account(public_id)
    form = OpeningForm(request.POST or None)
    form.fields["amount"].help_text = f"In {request.place.program.currency}."
    opened = tried(form, lambda: open_opportunity(actor=request.place.actor, deal=form.deal(account)))
    if opened is not None:
        messages.success(request, "The opportunity is on record.")
        return redirect(_to(request, "deals:opportunity", opened.public_id))
    return _page(
        request,
        form,
        title="Open an opportunity",
        hint="One of our own. If a partner's claim stands on this account, it becomes a conflict.",
        of=account.name,
        back=_to(request, "deals:account", public_id),
        submit="Open the opportunity",
    )


@workspace("accounts.edit", methods=("GET", "POST"))
def names(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Say what else a customer is called and where else it is found."""
    account = access_account(public_id)
    known = {name: "\n".join(getattr(account, name)) for name in ("other_names", "other_domains")}
    form = KnownForm(request.POST or None, initial=known | {"version": account.version})
    back = _to(request, "deals:account", public_id)
    if tried(
        form,
        lambda: set_known_names(
            actor=request.place.actor,
            account=account,
            names=form.lines("other_names"),
            websites=form.lines("other_domains"),
            expected_version=form.cleaned_data["version"],
        ),
    ):
        messages.success(request, "Saved. A claim under any of them finds this account.")
        return redirect(back)
    return _page(
        request,
        form,
        title="Other names and websites",
        hint="A claim under any of these finds this account. What the CRM renames is kept here by itself.",
        of=account.name,
        back=back,
        submit="Save the names",
    )


@workspace("opportunities.edit", methods=("GET", "POST"))
def source(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Say anew whose an opportunity is."""
    row = access_opportunity(public_id)
    first = {"source": row.source, "partner": row.partner.public_id if row.partner else ""}
    form = SourceForm(request.POST or None, initial=first | {"version": row.version})
    back = _to(request, "deals:opportunity", public_id)
    if tried(
        form,
        lambda: change_source(
            actor=request.place.actor,
            opportunity=row,
            source=Source(form.cleaned_data["source"]),
            partner=form.chosen_partner(),
            reason=form.cleaned_data["reason"],
            expected_version=form.cleaned_data["version"],
        ),
    ):
        messages.success(request, "The source is changed.")
        return redirect(back)
    hint = "Every change of a source is on record, with who made it and why."
    return _page(
        request,
        form,
        title="Change the source",
        hint=hint,
        of=row.name,
        back=back,
        submit="Change the source",
    )


@workspace("touches.log", methods=("GET", "POST"))
def touch(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Put on record what a partner did on an opportunity."""
    row = access_opportunity(public_id)
    form = StaffTouchForm(
        request.POST or None, initial={"partner": row.partner.public_id if row.partner else ""}
    )
    back = _to(request, "deals:opportunity", public_id)
    if tried(
        form,
        lambda: log_touch(
            actor=request.place.actor,
            opportunity=row,
            partner=form.chosen_partner(),
            kind=TouchKind(form.cleaned_data["kind"]),
            on=form.cleaned_data["on"],
            note=form.cleaned_data["note"],
        ),
    ):
        messages.success(request, "It is on record.")
        return redirect(back)
    hint = "A dated act before the deal is closed is what makes it influenced by the partner."
    return _page(
        request, form, title="What a partner did", hint=hint, of=row.name, back=back, submit="Put on record"
    )


@workspace("touches.log", methods=("POST",))
def touch_remove(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Take back what never happened."""
    row = access_touch(public_id)
    remove_touch(actor=request.place.actor, touch=row)
    messages.success(request, "It no longer counts; the ledger keeps it.")
    return redirect(_to(request, "deals:opportunity", row.opportunity.public_id))


@workspace("choices.record", methods=("GET", "POST"))
def choice(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Put a customer's written choice on record."""
    account = access_account(public_id)
    form = ChoiceForm(request.POST or None, vendor=request.place.program.vendor)
    back = _to(request, "deals:account", public_id)
    if tried(
        form,
        lambda: record_choice(
            actor=request.place.actor,
            account=account,
            partner=form.chosen_partner(),
            offering=form.chosen_offering(),
            chosen_on=form.cleaned_data["chosen_on"],
            proof=form.cleaned_data["proof"],
        ),
    ):
        messages.success(request, "The customer's choice is on record.")
        return redirect(back)
    hint = "Whom the customer chose in writing comes first when two interests meet. The newest choice counts."
    return _page(
        request,
        form,
        title="The customer's choice",
        hint=hint,
        of=account.name,
        back=back,
        submit="Put on record",
    )


@workspace("choices.record", methods=("POST",))
def choice_end(request: PlacedRequest, public_id: str) -> HttpResponse:
    """A choice that no longer holds."""
    row = access_choice(public_id)
    end_choice(actor=request.place.actor, choice=row)
    messages.success(request, "The choice no longer counts; it stays on record.")
    return redirect(_to(request, "deals:account", row.account.public_id))


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
        return redirect(_to(request, "deals:conflict", raised.public_id))
    back = reverse("deals:conflicts", kwargs={"program": request.place.program.slug})
    if request.place.can("registrations.view"):
        back = _to(request, "deals:registration", public_id)
    return _page(
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
