"""What the page shell needs on every page.

The navigation is assembled here, on the top floor, so that no lower template names a higher URL.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from deals.leads.selectors.leads import any_leads
from partners.core.scope import current_scope
from partners.selectors import unread_notices


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One place to go.

    ``key`` follows "g" on the keyboard. An entry with ``pages`` is a section: it leads to the first of them
    the person may see. One with ``shown`` is there only when that says so, inside the scope. ``also`` are
    addresses beside its own that belong to it.
    """

    label: str
    name: str = ""
    permission: str = ""
    key: str = ""
    icon: str = ""
    shown: Callable[[], bool] | None = None
    pages: tuple["Entry", ...] = field(default=())
    also: tuple[str, ...] = field(default=())


WORKSPACE = (
    Entry(label="Today", name="prm:today", permission="program.view", key="t", icon="today"),
    Entry(
        label="Partners",
        key="p",
        icon="partners",
        pages=(
            Entry(label="Partners", name="partners:list", permission="partners.view"),
            Entry(label="Requests", name="partners:requests", permission="requests.view"),
            Entry(label="Review", name="prm:reviews", permission="reviews.view"),
            Entry(label="People", name="partners:people", permission="people.view"),
            Entry(label="Activities", name="partners:activities", permission="activities.view"),
        ),
    ),
    Entry(
        label="Plans",
        name="plans:list",
        permission="plans.view",
        key="l",
        icon="plan",
        also=("../promises/", "../steps/"),
    ),
    Entry(
        label="Deals",
        key="d",
        icon="deal",
        pages=(
            Entry(label="Registrations", name="deals:registrations", permission="registrations.view"),
            Entry(label="Accounts", name="deals:accounts", permission="accounts.view"),
            Entry(label="Opportunities", name="deals:opportunities", permission="opportunities.view"),
            Entry(label="Leads", name="deals:leads", permission="leads.view"),
            Entry(label="Imports", name="deals:imports", permission="files.import"),
            Entry(label="Check a list", name="deals:lists", permission="accounts.check"),
        ),
    ),
    Entry(
        label="Conflicts",
        key="c",
        icon="conflict",
        pages=(
            Entry(label="Conflicts", name="deals:conflicts", permission="conflicts.view"),
            Entry(label="Fairness", name="prm:fairness", permission="fairness.view"),
        ),
    ),
    Entry(label="Pipeline", name="prm:pipeline", permission="pipeline.view", key="i", icon="pipeline"),
    Entry(
        label="Program",
        key="o",
        icon="program",
        pages=(
            Entry(label="Program", name="partners:program", permission="program.view"),
            Entry(label="Rules of engagement", name="deals:engagement", permission="program.view"),
        ),
    ),
)
PORTAL = (
    Entry(label="Home", name="portal:home", permission="portal.view", key="h", icon="today"),
    Entry(label="Deals", name="portal:deals", permission="portal.view", key="d", icon="deal"),
    Entry(label="Plan", name="portal:plan", permission="portal.plan", key="l", icon="plan"),
    Entry(
        label="Leads", name="portal:leads", permission="portal.leads", key="e", icon="next", shown=any_leads
    ),
)
DOORS = {"workspace": WORKSPACE, "portal": PORTAL}


def _url(name: str, program: str) -> str | None:
    try:
        return reverse(name, kwargs={"program": program})
    except NoReverseMatch:
        return None  # the module is not open in this installation; its entry is left out


def _drawn(entry: Entry, place: Any) -> dict[str, Any] | None:
    """The entry as templates read it, or None when it leads nowhere or the person may not go there."""
    if entry.pages:
        pages = [page for child in entry.pages if (page := _drawn(child, place))]
        url = pages[0]["url"] if pages else None
    else:
        pages = []
        url = _url(entry.name, place.program.slug) if place.can(entry.permission) else None
        # A page of refusal is drawn when the scope has closed.
        if url and entry.shown and not (current_scope() is not None and entry.shown()):
            url = None
    if url is None:
        return None
    also = [urljoin(url, address) for address in entry.also]
    return {
        "label": entry.label,
        "url": url,
        "also": also,
        "key": entry.key,
        "icon": entry.icon,
        "pages": pages,
    }


def _mark_active(entries: list[dict[str, Any]], path: str, *, home: str = "") -> dict[str, Any] | None:
    """Mark the entry whose address (or a page's inside it) is the longest beginning of ``path``.

    Every path begins with ``home``, so that one counts only when it is the path itself.
    """

    def reach(entry: dict[str, Any]) -> int:
        urls = [entry["url"], *entry["also"], *(page["url"] for page in entry["pages"])]
        return max(
            (len(url) for url in urls if path == url or (url != home and path.startswith(url))), default=0
        )

    active = max(entries, key=reach, default=None)
    active = active if active and reach(active) else None
    for entry in entries:
        entry["active"] = entry is active
    return active


def navigation(request: HttpRequest) -> dict[str, Any]:
    """``entries`` of the door the request came through, and the ``pages`` of the section one is in."""
    place = getattr(request, "place", None)
    if place is None:
        return {"entries": [], "pages": []}
    entries = [entry for item in DOORS[place.door] if (entry := _drawn(item, place))]
    active = _mark_active(entries, request.path, home=entries[0]["url"] if entries else "")
    pages = active["pages"] if active else []
    _mark_active(pages, request.path)
    return {"entries": entries, "pages": pages if len(pages) > 1 else []}


def _unread(place: Any) -> int:
    """How many notices of one's own are new; a page of refusal is drawn when the scope has closed."""
    return unread_notices(place.seat) if place is not None and current_scope() is not None else 0


def shell(request: HttpRequest) -> dict[str, Any]:
    """``shell`` (workspace, portal or bare), ``place``, ``nav`` (if drawn), ``unread_notices``, ``demo`` and
    ``local``."""
    place = getattr(request, "place", None)
    return {
        "shell": place.door if place else "bare",
        "place": place,
        "nav": SimpleLazyObject(lambda: navigation(request)),
        "unread_notices": SimpleLazyObject(lambda: _unread(place)),
        "demo": settings.DEMO,
        "local": settings.LOCAL,
    }
