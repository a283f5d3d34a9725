"""The program: its charter in force, earlier versions, and signing a new one."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from partners.core import clock
from partners.core.actor import Role
from partners.core.errors import DomainError, Stale
from partners.forms import CharterForm, blame
from partners.models import Charter
from partners.rules.terms import AUTHORITY_KINDS
from partners.selectors import charter_history, charter_in_force, open_offerings, pay_flag
from partners.services.charters import sign_charter
from partners.views.gates import PlacedRequest, workspace


def _authority(charter: Charter) -> list[dict[str, Any]]:
    """Who rules on which kind, in words; ``own`` when the charter names the kind itself."""
    return [
        {"kind": label, "role": Role(charter.ruler_of(kind)).label, "own": kind in charter.authority}
        for kind, label in AUTHORITY_KINDS.items()
    ]


@workspace("program.view")
def program(request: PlacedRequest) -> HttpResponse:
    """What was agreed, who rules on what, and how it came to be."""
    history = charter_history()
    context = {
        "charter": history[0],
        "history": history,
        "authority": _authority(history[0]),
        "pay": pay_flag(history[0], clock.today(request.place.program.timezone)),
        "offerings": open_offerings(),
        "can_edit": request.place.can("program.edit"),
    }
    return render(request, "partners/program.html", context)


@workspace("program.edit", methods=("GET", "POST"))
def charter(request: PlacedRequest) -> HttpResponse:
    """Sign a new version of the charter."""
    present = charter_in_force()
    form = CharterForm(request.POST or None, initial=CharterForm.initial_of(present))
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            signed = sign_charter(
                actor=request.place.actor,
                expected_number=form.cleaned_data["number"],
                **form.as_terms(present),
            )
        except DomainError as error:
            blame(form, error)
            status = error.status if isinstance(error, Stale) else 422
        else:
            said = f"Charter {signed.number} is in force."
            messages.success(request, "Nothing changed." if signed.number == present.number else said)
            return redirect("partners:program", request.place.program.slug)
    elif form.errors:
        status = 422
    return render(request, "partners/charter_form.html", {"form": form, "charter": present}, status=status)
