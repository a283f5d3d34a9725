"""Gates: every workspace and portal view stands behind one; a guard test walks the URLs to prove it.

A gate signs in, finds the seat, opens the scope (one transaction for the whole view) and checks the
permission.
"""

import functools
from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from partners.access import Place, Side, enter
from partners.core.actor import Door
from partners.models import User
from partners.rules.roles import PERMISSIONS


class PlacedRequest(HttpRequest):
    """A request that has passed a gate."""

    place: Place
    user: User
    htmx: Any


type GatedView = Callable[..., HttpResponseBase]


def _gate(
    side: Side, through: Door, permission: str, methods: tuple[str, ...]
) -> Callable[[Callable[..., HttpResponseBase]], GatedView]:
    if permission not in PERMISSIONS:
        raise KeyError(permission)

    def decorate(view: Callable[..., HttpResponseBase]) -> GatedView:
        @functools.wraps(view)
        def gated(request: HttpRequest, *args: Any, program: str, **kwargs: Any) -> HttpResponseBase:
            with (
                enter(cast(User, request.user), program, side=side, through=through) as place,
                timezone.override(place.program.timezone),  # whose days and times pages show
            ):
                placed = cast(PlacedRequest, request)
                placed.place = place  # before the refusal, whose page keeps the navigation
                place.require(permission)
                response = view(placed, *args, **kwargs)
                if hasattr(response, "render"):
                    response.render()  # templates may read rows, so they are drawn inside the scope
                if isinstance(response, HttpResponse):
                    response.headers.setdefault("Cache-Control", "private, no-store")
                return response

        result = cast(GatedView, login_required(require_http_methods([*methods, "HEAD"])(gated)))
        result.gate = (side, permission)  # type: ignore[attr-defined]
        result.methods = tuple(methods)  # type: ignore[attr-defined]
        return result

    return decorate


def workspace(
    permission: str, methods: tuple[str, ...] = ("GET",)
) -> Callable[[Callable[..., HttpResponseBase]], GatedView]:
    """The staff door: 404 for strangers and partner people, 403 without ``permission``, 405 otherwise."""
    return _gate("workspace", Door.SCREEN, permission, methods)


def portal(
    permission: str, methods: tuple[str, ...] = ("GET",)
) -> Callable[[Callable[..., HttpResponseBase]], GatedView]:
    """The partner door: 404 for strangers and staff, 403 without ``permission``, 405 otherwise."""
    return _gate("portal", Door.PORTAL, permission, methods)
