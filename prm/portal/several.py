"""Several deals from one table: looked at first, then registered row by row. Nothing is kept in between."""

import csv
import io
from datetime import timedelta
from operator import itemgetter
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render

from deals.models import Registration
from deals.registrations.forms.several import SeveralForm
from deals.registrations.rules.several import MAX_ROWS, TITLES, Entry, Home, Several, written
from deals.registrations.several import register_several
from partners.core import clock
from partners.core.errors import FieldErrors
from partners.core.ids import new_public_id
from partners.core.text import csv_safe
from partners.selectors import open_offerings
from partners.views.gates import PlacedRequest, portal
from partners.views.lists import csv_answer, wants_csv


@portal("portal.register", methods=("GET", "POST"))
def several(request: PlacedRequest) -> HttpResponseBase:
    """Bring a table, see each row as it would be registered, then register those that are right."""
    if wants_csv(request):
        return _template(request)
    home = _home(request)
    if request.method != "POST":
        return _page(request, SeveralForm(home=home, initial={"key": new_public_id()}))
    act = request.POST.get("act", "")
    form = SeveralForm(request.POST, request.FILES, home=home, checked=act in ("register", "download"))
    if not form.is_valid():
        return _page(request, form, status=422)
    if act == "download":
        return _given_back(form.reading)
    if act == "register":
        return _registered(request, form)
    return _page(request, form, several=form.reading)


def _home(request: PlacedRequest) -> Home:
    program = request.place.program
    return Home(
        currency=program.currency,
        zone=program.timezone,
        today=clock.today(program.timezone),
        offerings={row.name: row.pk for row in open_offerings()},
    )


def _page(
    request: PlacedRequest,
    form: SeveralForm,
    *,
    several: Several | None = None,
    done: list[tuple[Entry, Registration]] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page at any of its steps; from the second the form holds the rows not registered yet."""
    context: dict[str, Any] = {
        "form": form,
        "one_offering": len(form.home.offerings) == 1,
        "several": several,
        "done": done,
        "most": MAX_ROWS,
        "titles": TITLES.values(),
    }
    if several is not None:
        key = form.cleaned_data["key"] or new_public_id()
        rows = written(several, only_wrong=done is not None, reasons=False) if several.amiss else ""
        context |= {"key": key, "text": written(several)}
        context["form"] = SeveralForm(home=form.home, initial={"key": key, "text": rows})
    return render(request, "portal/deals_several.html", context, status=status)


def _registered(request: PlacedRequest, form: SeveralForm) -> HttpResponseBase:
    reading = form.reading
    claims = {entry.number: entry.claim for entry in reading.right}
    answers = register_several(actor=request.place.actor, claims=claims, key=form.cleaned_data["key"])
    done: list[tuple[Entry, Registration]] = []
    for entry in reading.right:
        answer = answers[entry.number]
        if isinstance(answer, Registration):
            done.append((entry, answer))
        elif isinstance(answer, FieldErrors):
            entry.wrong = [(TITLES.get(name, ""), texts[0]) for name, texts in answer.errors.items()]
        else:
            entry.wrong = [("", answer.sentence)]
    prefetch_related_objects([row for _, row in done], "protection")
    return _page(request, form, several=reading, done=done)


def _template(request: PlacedRequest) -> HttpResponseBase:
    """A file with the header and one row to write over."""
    home = _home(request)
    example = {
        "customer_name": "Example Robotics",
        "website": "example.com",
        "country": "Germany",
        "amount": "25000",
        "currency": home.currency,
        "expected_close": (home.today + timedelta(days=90)).isoformat(),
        "offering": next(iter(home.offerings), ""),
        "note": "Pilot in spring",
    }
    return _file("deals-template", list(TITLES.values()), [[example[name] for name in TITLES]])


def _given_back(reading: Several) -> HttpResponseBase:
    """The rows that are wrong, with the reason as the last column."""
    head, *rows = csv.reader(io.StringIO(written(reading, only_wrong=True), newline=""))
    return _file("deals-to-correct", head, rows)


def _file(name: str, head: list[str], rows: list[list[str]]) -> HttpResponseBase:
    columns = [(csv_safe(title), itemgetter(at)) for at, title in enumerate(head)]
    return csv_answer(name, rows, columns)
