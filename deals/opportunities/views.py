"""Opportunities in the workspace."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from deals.accounts.access import access_account
from deals.common.pages import address_of, form_page
from deals.models import Opportunity, OpportunityState, Registration, Source
from deals.opportunities.access import access_opportunity, access_touch
from deals.opportunities.forms import ClosingForm, OpeningForm, SourceForm, StaffTouchForm
from deals.opportunities.selectors import attribution_of, opportunities_found, stages_of, touches_of
from deals.opportunities.source import change_source, open_opportunity
from deals.opportunities.touches import log_touch, remove_touch
from deals.registrations.outcome import close_opportunity
from deals.rules.attribution import TouchKind
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


@workspace("opportunities.open", methods=("GET", "POST"))
def open_on(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Put an opportunity of our own on record, on an account."""
    account = access_account(public_id)
    form = OpeningForm(request.POST or None)
    form.fields["amount"].help_text = f"In {request.place.program.currency}."
    opened = tried(form, lambda: open_opportunity(actor=request.place.actor, deal=form.deal(account)))
    if opened is not None:
        messages.success(request, "The opportunity is on record.")
        return redirect(address_of(request, "deals:opportunity", opened.public_id))
    return form_page(
        request,
        form,
        title="Open an opportunity",
        hint="One of our own. If a partner's claim stands on this account, it becomes a conflict.",
        of=account.name,
        back=address_of(request, "deals:account", public_id),
        submit="Open the opportunity",
    )


@workspace("opportunities.edit", methods=("GET", "POST"))
def source(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Say anew whose an opportunity is."""
    row = access_opportunity(public_id)
    first = {"source": row.source, "partner": row.partner.public_id if row.partner else ""}
    form = SourceForm(request.POST or None, initial=first | {"version": row.version})
    back = address_of(request, "deals:opportunity", public_id)
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
    return form_page(
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
    back = address_of(request, "deals:opportunity", public_id)
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
    return form_page(
        request, form, title="What a partner did", hint=hint, of=row.name, back=back, submit="Put on record"
    )


@workspace("touches.log", methods=("POST",))
def touch_remove(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Take back what never happened."""
    row = access_touch(public_id)
    remove_touch(actor=request.place.actor, touch=row)
    messages.success(request, "It no longer counts; the ledger keeps it.")
    return redirect(address_of(request, "deals:opportunity", row.opportunity.public_id))
