"""Personal links: one's own, and those of the people one looks after. The secret is shown once."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from partners.access import one_of
from partners.selectors import link_of, seats_found
from partners.services.links import address_of, end_link, make_link
from partners.views.gates import PlacedRequest, portal, workspace
from partners.views.people import address, seat_page

_ENDED = "The link no longer works."


def _made(request: PlacedRequest, public_id: str) -> str:
    """Make a link; its address."""
    _link, secret = make_link(actor=request.place.actor, public_id=public_id[:40])
    return address_of(secret, site=site_of(request))


def site_of(request: HttpRequest) -> str:
    """What addresses of this installation begin with."""
    return request.build_absolute_uri("/").rstrip("/")


def _seat_link(request: PlacedRequest, public_id: str) -> HttpResponse:
    made = _made(request, public_id)
    return seat_page(request, one_of(seats_found(), public_id, "There is no such seat."), made=made)


def _seat_link_end(request: PlacedRequest, public_id: str) -> HttpResponse:
    seat = end_link(actor=request.place.actor, public_id=public_id[:40])
    messages.success(request, _ENDED)
    return redirect(address(request.place, "seat", public_id=seat.public_id))


def _own_link(request: PlacedRequest) -> HttpResponse:
    place = request.place
    made = _made(request, place.seat.public_id) if request.method == "POST" else ""
    context = {
        "link": link_of(place.seat),
        "address": made,
        "link_url": address(place, "link"),
        "link_end_url": address(place, "link_end"),
    }
    return render(request, "partners/link.html", context)


def _own_link_end(request: PlacedRequest) -> HttpResponse:
    end_link(actor=request.place.actor, public_id=request.place.seat.public_id)
    messages.success(request, _ENDED)
    return redirect(address(request.place, "link"))


seat_link = workspace("people.invite_partner", methods=("POST",))(_seat_link)
seat_link_end = workspace("people.invite_partner", methods=("POST",))(_seat_link_end)
portal_seat_link = portal("portal.invite", methods=("POST",))(_seat_link)
portal_seat_link_end = portal("portal.invite", methods=("POST",))(_seat_link_end)
portal_link = portal("links.make", methods=("GET", "POST"))(_own_link)
portal_link_end = portal("links.make", methods=("POST",))(_own_link_end)
