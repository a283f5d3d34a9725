"""Saying whether a promised benefit was delivered: one page, for the workspace and the portal."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from deals.common.claim_facts import protection_days_left, protection_of
from deals.models import Registration
from deals.registrations.access import access_registration
from deals.registrations.benefits import confirm_benefit
from deals.registrations.forms.benefits import BenefitForm
from deals.registrations.selectors import benefit_of
from partners.core.errors import Clash
from partners.forms import tried
from partners.views.gates import PlacedRequest, workspace


@dataclass(frozen=True, slots=True)
class _Page:
    """What the page of an act reads."""

    hint: str
    verb: str = "benefit"
    title: str = "The promised benefit"
    submit: str = "Save"


@workspace("registrations.register", methods=("GET", "POST"))
def benefit(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Our word on the benefit of one registration."""
    row = access_registration(request.place.actor, public_id)
    where = {"program": request.place.program.slug, "public_id": row.public_id}
    return benefit_page(request, row, back=reverse("deals:registration", kwargs=where))


def benefit_page(request: PlacedRequest, row: Registration, *, back: str) -> HttpResponse:
    """The form, or back to the registration once it is said. Raises ``Clash`` when nothing is owed."""
    actor = request.place.actor
    found = benefit_of(row)
    if found is None:
        raise Clash("not_owed", "A benefit is promised for approved deals. This one is not approved.")
    word = found.word
    before = word and (word.received if actor.is_partner else word.delivered)
    initial = {
        "delivered": "" if before is None else "yes" if before else "no",
        "on": word and word.delivered_on,
        "note": word and (word.partner_note if actor.is_partner else word.note),
    }
    form = BenefitForm(request.POST or None, by_partner=actor.is_partner, initial=initial)
    if tried(
        form,
        lambda: confirm_benefit(
            actor=actor,
            registration=row,
            delivered=form.cleaned_data["delivered"] == "yes",
            on=form.cleaned_data.get("on"),
            note=form.cleaned_data["note"],
        ),
    ):
        messages.success(request, "Noted. Both sides read it.")
        return redirect(back)
    context = {
        "act": _Page(f"Promised: “{row.benefit}”"),
        "row": row,
        "form": form,
        "back": back,
        "protection": protection_of(row),
        "days_left": protection_days_left(row),
    }
    return render(request, "deals/act.html", context, status=422 if request.method == "POST" else 200)
