"""Competing products of a partner: noted on its page, corrected or taken off on a page of their own."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from partners.access import access_line, access_partner
from partners.core.errors import DomainError, Stale
from partners.forms import LineForm, blame
from partners.services.lines import add_line, change_line, remove_line
from partners.views.gates import PlacedRequest, workspace


@workspace("partners.edit", methods=("GET", "POST"))
def new_line(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Note a product that competes with ours."""
    row = access_partner(public_id)
    form = LineForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        try:
            add_line(actor=request.place.actor, partner=row, **values)
        except DomainError as error:
            blame(form, error)
            status = 422
        else:
            messages.success(request, "Noted.")
            return redirect("partners:partner", request.place.program.slug, public_id)
    elif form.errors:
        status = 422
    return render(request, "partners/line_form.html", {"form": form, "row": row}, status=status)


@workspace("partners.edit", methods=("GET", "POST"))
def line(request: PlacedRequest, public_id: str, line_id: str) -> HttpResponse:
    """Correct a line."""
    row = access_partner(public_id)
    there = access_line(row, line_id)
    form = LineForm(request.POST or None, initial=LineForm.initial_of(there))
    status = 200
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        seen = values.pop("version")
        try:
            change_line(actor=request.place.actor, public_id=line_id, expected_version=seen or None, **values)
        except DomainError as error:
            blame(form, error)
            status = error.status if isinstance(error, Stale) else 422
        else:
            messages.success(request, "Saved.")
            return redirect("partners:partner", request.place.program.slug, public_id)
    elif form.errors:
        status = 422
    context = {"form": form, "row": row, "line": there}
    return render(request, "partners/line_form.html", context, status=status)


@workspace("partners.edit", methods=("POST",))
def line_remove(request: PlacedRequest, public_id: str, line_id: str) -> HttpResponse:
    """Take a line off."""
    there = access_line(access_partner(public_id), line_id)
    remove_line(actor=request.place.actor, public_id=there.public_id)
    messages.success(request, f"{there} is off the list.")
    return redirect("partners:partner", request.place.program.slug, public_id)
