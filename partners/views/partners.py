"""Partners in the workspace: the list, one partner, taking one on, changing one."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.module_loading import import_string

from partners.access import Place, access_partner
from partners.acts.activities import LOG_ACTIVITY
from partners.core import clock
from partners.core.errors import DomainError, Stale
from partners.forms import PartnerForm, blame
from partners.models import Intent, Partner, PartnerStatus
from partners.selectors import (
    activities_found,
    charter_in_force,
    lines_of,
    partners_found,
    requests_waiting,
    seats_found,
    staff_seats,
    with_contact,
)
from partners.services.partners import change_partner, create_partner
from partners.views.gates import PlacedRequest, workspace
from partners.views.lists import asked, columns, csv_answer, page_of, wants_csv

STATUS_TONES = {
    PartnerStatus.ACTIVE: "good",
    PartnerStatus.PROSPECT: "info",
    PartnerStatus.ENDED: "neutral",
}
RECENT = 10
_COLUMNS = columns(
    "id:public_id external_id name intent status website country signed_on looked_after_by:manager.user"
    " people last_contact",
)


@workspace("partners.view")
def partners(request: PlacedRequest) -> HttpResponseBase:
    """The list; ``?format=csv`` gives all that match."""
    found = partners_found(
        q=asked(request, "q"),
        intent=asked(request, "intent"),
        status=asked(request, "status"),
        manager=asked(request, "manager"),
    )
    found = with_contact(found, sort=asked(request, "sort"))
    if wants_csv(request):
        return csv_answer("partners", found, _COLUMNS)
    context = {
        "page": page_of(request, found),
        "tones": STATUS_TONES,
        "intents": Intent.choices,
        "statuses": PartnerStatus.choices,
        "managers": [("none", "Nobody"), *((seat.public_id, str(seat.user)) for seat in staff_seats())],
        "can_edit": request.place.can("partners.edit"),
        "waiting": _requests_waiting(request.place),
    }
    return render(request, "partners/partners.html", context)


def _requests_waiting(place: Place) -> int | None:
    """How many organisations wait for an answer; None for those who do not answer them."""
    if not place.can("requests.view"):
        return None
    return requests_waiting(clock.today(place.program.timezone))


def _pages_about(place: Place, row: Partner) -> list[dict[str, str]]:
    """Lists of the floors above, narrowed to the partner, that this role may read."""
    return [
        {"label": label, "url": f"{reverse(name, args=[place.program.slug])}?partner={row.public_id}"}
        for label, name, permission in settings.PARTNER_PAGES
        if place.can(permission)
    ]


def _panels(place: Place, row: Partner) -> list[dict[str, Any]]:
    """What the floors above show about the partner: a template, and its data."""
    charter = charter_in_force()
    return [
        {"template": template, "data": import_string(reader)(place, row, charter)}
        for template, reader, permission in settings.PARTNER_PANELS
        if place.can(permission)
    ]


@workspace("partners.view")
def partner(request: PlacedRequest, public_id: str) -> HttpResponse:
    """One partner: what is known, its people, what happened last."""
    row = access_partner(public_id)
    place = request.place
    slug = place.program.slug
    may_see_activities = place.can("activities.view")
    context = {
        "row": row,
        "tone": STATUS_TONES[PartnerStatus(row.status)],
        "people": list(seats_found(partner=row.public_id)) if place.can("people.view") else None,
        "activities": activities_found(partner=row.public_id)[:RECENT] if may_see_activities else None,
        "form": LOG_ACTIVITY.blank(place, row) if place.can("activities.log") else None,
        "can_log": place.can("activities.log"),
        "pages": _pages_about(place, row),
        "panels": _panels(place, row),
        "lines": lines_of(row),
        "can_edit": place.can("partners.edit"),
        "can_invite": place.can("people.invite_partner"),
        "invite_url": f"{reverse('partners:people', args=[slug])}?partner={row.public_id}#invite",
        "all_url": f"{reverse('partners:activities', args=[slug])}?partner={row.public_id}",
    }
    return render(request, "partners/partner.html", context)


@workspace("partners.edit", methods=("GET", "POST"))
def new_partner(request: PlacedRequest) -> HttpResponse:
    """Take on a partner."""
    form = PartnerForm(request.POST or None, seats=staff_seats())
    if request.method == "POST" and form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        try:
            made = create_partner(actor=request.place.actor, **values)
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, f"{made.name} was added. Invite its people next.")
            return redirect("partners:partner", request.place.program.slug, made.public_id)
    status = 422 if form.errors else 200
    return render(request, "partners/partner_form.html", {"form": form}, status=status)


@workspace("partners.edit", methods=("GET", "POST"))
def edit_partner(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Change what is known about a partner."""
    row = access_partner(public_id)
    form = PartnerForm(request.POST or None, seats=staff_seats(), initial=PartnerForm.initial_of(row))
    status = 200
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        seen = values.pop("version")
        try:
            change_partner(
                actor=request.place.actor, public_id=public_id, expected_version=seen or None, **values
            )
        except DomainError as error:
            blame(form, error)
            status = error.status if isinstance(error, Stale) else 422
        else:
            messages.success(request, "Saved.")
            return redirect("partners:partner", request.place.program.slug, public_id)
    elif form.errors:
        status = 422
    return render(request, "partners/partner_form.html", {"form": form, "row": row}, status=status)
