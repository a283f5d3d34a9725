"""People: seats and invitations. Staff see the whole program; a partner's people see their own side."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from partners.access import Place, one_of
from partners.core import clock
from partners.core.actor import PARTNER_ROLES, STAFF_ROLES, Role
from partners.core.errors import DomainError
from partners.forms import PARTNER_CHOICES, STAFF_CHOICES, InviteForm, RoleForm, blame
from partners.models import Partner, Seat
from partners.selectors import link_of, open_invitations, seats_found
from partners.services.invitations import (
    invite,
    require_right_over,
    resend_invitation,
    revoke_invitation,
)
from partners.services.people import change_role, end_seat
from partners.views.gates import PlacedRequest, portal, workspace
from partners.views.lists import asked, columns, csv_answer, page_of, wants_csv

_COLUMNS = columns(
    "name:user.name email:user.email role partner:partner.name since",
    since=lambda row: row.starts_on or row.created_at.date(),
)


def address(place: Place, name: str, **kwargs: str) -> str:
    """The URL of a page of this floor at the door one stands at."""
    door = "portal_" if place.door == "portal" else ""
    return reverse(f"partners:{door}{name}", kwargs={"program": place.program.slug, **kwargs})


def _roles_to_give(place: Place) -> list[tuple[str, str]]:
    roles: list[tuple[str, str]] = []
    if place.can("people.invite"):
        roles += STAFF_CHOICES
    if place.can("people.invite_partner") or place.can("portal.invite"):
        roles += PARTNER_CHOICES
    return roles


def _may_change(place: Place, role: str) -> bool:
    if Role(role) in STAFF_ROLES:
        return place.can("people.invite")
    return place.can("people.invite_partner") or place.can("portal.invite")


def _form(request: PlacedRequest, data: Any = None) -> InviteForm | None:
    place = request.place
    roles = _roles_to_give(place)
    if not roles:
        return None
    partners = None
    if place.door == "workspace":
        partners = list(Partner.objects.order_by("name", "pk").values_list("public_id", "name"))
    initial = {"partner": asked(request, "partner"), "role": Role.PARTNER_SELLER if place.partner else None}
    return InviteForm(data, roles=roles, partners=partners, initial=initial)


def _seat_lines(place: Place, seats: list[Seat]) -> list[dict[str, Any]]:
    """Seats with what may be done to each."""
    return [
        {
            "seat": seat,
            "may_change": _may_change(place, seat.role),
            "url": address(place, "seat", public_id=seat.public_id),
        }
        for seat in seats
    ]


def _people(request: PlacedRequest) -> HttpResponseBase:
    return _draw(request, _form(request))


def _draw(request: PlacedRequest, form: InviteForm | None, status: int = 200) -> HttpResponseBase:
    place = request.place
    found = seats_found(q=asked(request, "q"), role=asked(request, "role"), partner=asked(request, "partner"))
    if wants_csv(request):
        return csv_answer("people", found, _COLUMNS)
    page = page_of(request, found)
    now = clock.now()
    invitations = [
        {
            "row": row,
            "expired": row.expires_at <= now,
            "may_change": _may_change(place, row.role),
            "resend_url": address(place, "invitation_resend", public_id=row.public_id),
            "revoke_url": address(place, "invitation_revoke", public_id=row.public_id),
        }
        for row in open_invitations()
    ]
    roles = PARTNER_ROLES if place.door == "portal" else STAFF_ROLES | PARTNER_ROLES
    context = {
        "page": page,
        "lines": _seat_lines(place, list(page)),
        "invitations": invitations,
        "form": form,
        "invite_url": address(place, "invite"),
        "roles": sorted((role.value, role.label) for role in roles),
        "partners": list(Partner.objects.order_by("name", "pk").values_list("public_id", "name")),
    }
    return render(request, "partners/people.html", context, status=status)


def _invite(request: PlacedRequest) -> HttpResponseBase:
    form = _form(request, request.POST)
    if form is None or not form.is_valid():
        return _draw(request, form, status=422)
    values = dict(form.cleaned_data)
    place = request.place
    partner_id = values.pop("partner", "")
    partner = place.partner or Partner.objects.filter(public_id=partner_id).first()
    try:
        made = invite(actor=place.actor, partner=partner, **values)
    except DomainError as error:
        blame(form, error)
        return _draw(request, form, status=422)
    messages.success(request, f"An invitation goes to {made.email}. It works for 14 days.")
    return redirect(address(place, "people"))


def _invitation_resend(request: PlacedRequest, public_id: str) -> HttpResponse:
    row = resend_invitation(actor=request.place.actor, public_id=public_id[:40])
    messages.success(request, f"A fresh link goes to {row.email}; the earlier one stops working.")
    return redirect(address(request.place, "people"))


def _invitation_revoke(request: PlacedRequest, public_id: str) -> HttpResponse:
    row = revoke_invitation(actor=request.place.actor, public_id=public_id[:40])
    messages.success(request, f"The invitation to {row.email} was taken back.")
    return redirect(address(request.place, "people"))


def _seat(request: PlacedRequest, public_id: str) -> HttpResponse:
    """One seat: another role, or its end; on a page of its own, so that neither is a slip."""
    place = request.place
    seat = one_of(seats_found(), public_id, "There is no such seat.")
    require_right_over(place.actor, Role(seat.role), seat.partner_id)
    return seat_page(request, seat)


def seat_page(request: PlacedRequest, seat: Seat, *, made: str = "") -> HttpResponse:
    """The page of a seat one may change; ``made`` is the address of a personal link just made for it."""
    place = request.place
    context = {
        "seat": seat,
        "link": link_of(seat),
        "address": made,
        "link_url": address(place, "seat_link", public_id=seat.public_id),
        "link_end_url": address(place, "seat_link_end", public_id=seat.public_id),
        "form": RoleForm(seat=seat),
        "role_url": address(place, "seat_role", public_id=seat.public_id),
        "end_url": address(place, "seat_end", public_id=seat.public_id),
        "people_url": address(place, "people"),
    }
    return render(request, "partners/seat.html", context)


def _seat_role(request: PlacedRequest, public_id: str) -> HttpResponse:
    seat = change_role(
        actor=request.place.actor, public_id=public_id[:40], role=request.POST.get("role", "")[:20]
    )
    messages.success(request, f"{seat.user} is now {seat.get_role_display().lower()}.")
    return redirect(address(request.place, "people"))


def _seat_end(request: PlacedRequest, public_id: str) -> HttpResponse:
    place = request.place
    ended = end_seat(actor=place.actor, public_id=public_id[:40])
    messages.success(request, f"{ended.user} no longer has a seat here.")
    if ended.user_id == place.actor.user_id:
        return redirect("/")
    return redirect(address(place, "people"))


# A weak role that may read the page is told 403 by the services, which know whose seat it is.
people = workspace("people.view")(_people)
invite_person = workspace("people.invite_partner", methods=("POST",))(_invite)
invitation_resend = workspace("people.invite_partner", methods=("POST",))(_invitation_resend)
invitation_revoke = workspace("people.invite_partner", methods=("POST",))(_invitation_revoke)
seat_role = workspace("people.invite_partner", methods=("POST",))(_seat_role)
seat = workspace("people.invite_partner")(_seat)
seat_end = workspace("people.invite_partner", methods=("POST",))(_seat_end)

portal_people = portal("portal.view")(_people)
portal_invite = portal("portal.invite", methods=("POST",))(_invite)
portal_invitation_resend = portal("portal.invite", methods=("POST",))(_invitation_resend)
portal_invitation_revoke = portal("portal.invite", methods=("POST",))(_invitation_revoke)
portal_seat_role = portal("portal.invite", methods=("POST",))(_seat_role)
portal_seat = portal("portal.invite")(_seat)
portal_seat_end = portal("portal.invite", methods=("POST",))(_seat_end)
