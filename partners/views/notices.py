"""One's own notices, at either door: the list, and which kinds come by mail as well."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from partners.core.actor import PARTNER_ROLES
from partners.rules.notices import NoticeKind, for_partners, for_staff
from partners.selectors import notices_of
from partners.services.notices import address_of, mark_read, mute
from partners.views.gates import PlacedRequest, portal, workspace
from partners.views.lists import page_of
from partners.views.people import address


def _notices(request: PlacedRequest) -> HttpResponse:
    place = request.place
    page = page_of(request, notices_of(place.seat))
    sent = for_partners if place.actor.role in PARTNER_ROLES else for_staff
    kinds = [kind for kind in NoticeKind if sent(kind)]
    context: dict[str, Any] = {
        "page": page,
        "lines": [(row, address_of(row, place.program.slug)) for row in page.object_list],
        "kinds": [(kind, kind in place.seat.muted) for kind in kinds],
        "read_url": address(place, "notices_read"),
        "mute_url": address(place, "notices_mute"),
    }
    return render(request, "partners/notices.html", context)


def _read(request: PlacedRequest) -> HttpResponse:
    mark_read(seat=request.place.seat)
    return redirect(address(request.place, "notices"))


def _mute(request: PlacedRequest) -> HttpResponse:
    muted = request.POST.get("muted") == "yes"
    mute(seat=request.place.seat, kind=request.POST.get("kind", ""), muted=muted)
    messages.success(request, "No more mail of this kind." if muted else "This kind comes by mail again.")
    return redirect(address(request.place, "notices"))


notices = workspace("notices.own")(_notices)
notices_read = workspace("notices.own", methods=("POST",))(_read)
notices_mute = workspace("notices.own", methods=("POST",))(_mute)
portal_notices = portal("notices.own")(_notices)
portal_notices_read = portal("notices.own", methods=("POST",))(_read)
portal_notices_mute = portal("notices.own", methods=("POST",))(_mute)
