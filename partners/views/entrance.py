"""Before any program: choosing one, and taking a seat that was offered."""

from typing import Any, cast

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from partners.access import live_seats
from partners.core.actor import PARTNER_ROLES, Role
from partners.core.errors import Clash, DomainError, NotAllowed, NotFound
from partners.forms import AcceptForm, blame
from partners.models import Seat, User
from partners.services.invitations import accept_invitation, read_offer

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def work_address(seat: Seat) -> str:
    """Where a person with this seat begins."""
    door = "portal" if Role(seat.role) in PARTNER_ROLES else "workspace"
    return reverse(settings.WORK_PAGES[door], kwargs={"program": seat.program.slug})


@never_cache
@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """One seat: straight to work. Several: choose. None: whom to ask."""
    seats = live_seats(cast(User, request.user))
    if len(seats) == 1:
        return redirect(work_address(seats[0]))
    lines = [{"seat": seat, "url": work_address(seat)} for seat in seats]
    return render(request, "partners/home.html", {"lines": lines})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """The page behind an invitation's link. Whoever holds the link proved the e-mail address."""
    try:
        offer = read_offer(secret=secret)
    except (Clash, NotFound) as refusal:
        status = 404 if isinstance(refusal, NotFound) else 410
        return render(request, "partners/invitation_closed.html", {"refusal": refusal}, status=status)
    user = request.user if request.user.is_authenticated else None
    form = AcceptForm(request.POST or None, initial={"name": offer.invitation.name})
    context: dict[str, Any] = {
        "offer": offer,
        "form": form,
        "other_person": user is not None and user.email != offer.invitation.email,
        "must_sign_in": user is None and offer.known,
        "login_url": f"{reverse('account_login')}?{urlencode({'next': request.path})}",
    }
    if request.method != "POST":
        return render(request, "partners/invitation.html", context)
    if context["other_person"] or context["must_sign_in"]:
        return render(request, "partners/invitation.html", context, status=403)
    values: dict[str, str] = {}
    if user is None:
        if not form.is_valid():
            return render(request, "partners/invitation.html", context, status=422)
        values = form.cleaned_data
    try:
        seat, holder = accept_invitation(secret=secret, user=user, **values)
    except (Clash, NotFound, NotAllowed) as refusal:
        return render(request, "partners/invitation_closed.html", {"refusal": refusal}, status=refusal.status)
    except DomainError as error:
        blame(form, error)
        return render(request, "partners/invitation.html", context, status=422)
    if user is None:
        login(request, holder, backend=_BACKEND)
    return redirect(work_address(seat))
