"""Fairness: how what stood against partners was decided, and whether what they were promised came."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from deals.cases.rules.suggestion import Basis
from deals.cases.selectors.our_side import immune_signals
from deals.common.calendar import day_began
from deals.registrations.rules.benefits import BenefitAnswer
from deals.rules.lifecycle import ConflictKind
from partners.views.gates import PlacedRequest, workspace
from partners.views.lists import PAGE, asked, columns, csv_answer, page_of, wants_csv
from prm.rules.fairness import Ruled, Side, measured
from prm.rules.periods import CHOICES, USUAL, Period, read_period
from prm.selectors.fairness import benefits_in, open_and_late, owed, owed_in, rulings_in, watched_only
from prm.services.cells import running_month

WHEN = [("yes", "In time"), ("no", "Late")]
_RULINGS = columns(
    "case:conflict customer partner kinds outcome:side basis decided_at due_at in_time"
    " working_hours:hours reps appeal:is_appeal corrected",
    kinds=lambda row: " ".join(sorted(row.kinds)),
    reps=lambda row: ", ".join(row.reps),
)
_BENEFITS = [
    ("id", lambda line: line.row.public_id),
    ("customer", lambda line: line.row.customer_name),
    ("partner", lambda line: line.row.partner.name),
    ("approved_at", lambda line: line.approved_at.isoformat()),
    ("promise", lambda line: line.row.benefit),
    ("answer", lambda line: line.answer),
    ("delivered_on", lambda line: line.word and line.word.delivered_on),
    ("our_note", lambda line: line.word and line.word.note),
    ("partner_note", lambda line: line.word and line.word.partner_note),
]


def _period(request: PlacedRequest) -> Period:
    return read_period(asked(request, "period"), running_month(request.place.program))


@workspace("fairness.view")
def page(request: PlacedRequest) -> HttpResponse:
    """The figures of a period, each a link to its rows."""
    place, period = request.place, _period(request)
    figures = measured(rulings_in(period, place.program))
    since = day_began(period.first, place.program.timezone)
    context = {
        "periods": CHOICES,
        "chosen": asked(request, "period") or str(USUAL),
        "figures": figures,
        "sides": Side,
        "kinds": [(line, [(side, line.sides[side]) for side in Side]) for line in figures.kinds],
        "late": open_and_late(),
        "benefits": (counted := benefits_in(period, place.program)),
        "answers": list(counted.answers.items()),
        "watched": watched_only(place.program),
        "signals": [line for line in immune_signals(place.seat, since=since) if line.repeats],
        "rows": _address(request, "fairness_rulings"),
        "benefit_rows": _address(request, "fairness_benefits"),
    }
    return render(request, "prm/fairness.html", context)


def _address(request: PlacedRequest, name: str) -> str:
    """Where the rows are, with the period; what narrows them further is put behind."""
    where = reverse(f"prm:{name}", kwargs={"program": request.place.program.slug})
    return f"{where}?{urlencode({'period': asked(request, 'period') or USUAL})}"


@workspace("fairness.view")
def rulings(request: PlacedRequest) -> HttpResponseBase:
    """The rulings behind the figures; ``?format=csv`` gives all that match."""
    found = _narrowed(request, rulings_in(_period(request), request.place.program))
    if wants_csv(request):
        return csv_answer("rulings", found, _RULINGS)
    labels = dict(ConflictKind.choices)
    cut = Paginator(found, PAGE).get_page(asked(request, "page"))
    context: dict[str, Any] = {
        "page": cut,
        "lines": [(row, sorted(labels[kind] for kind in row.kinds)) for row in cut],
        "chosen": asked(request, "period") or str(USUAL),
        "periods": CHOICES,
        "kinds": ConflictKind.choices,
        "sides": Side.choices,
        "bases": Basis.choices,
        "when": WHEN,
    }
    return render(request, "prm/fairness_rulings.html", context)


def _narrowed(request: PlacedRequest, rows: list[Ruled]) -> list[Ruled]:
    """The rows a query string asks for; ``only`` is contested, overturned, corrected or appeals."""
    kind, side, basis = asked(request, "kind"), asked(request, "side"), asked(request, "basis")
    in_time, rep, only = asked(request, "in_time"), asked(request, "rep"), asked(request, "only")
    search = asked(request, "q").casefold()
    picks: dict[str, Callable[[Ruled], bool]] = {
        "contested": lambda row: row.contested,
        "appeals": lambda row: row.is_appeal,
        "overturned": lambda row: row.overturned,
        "corrected": lambda row: row.corrected,
    }
    return [
        row
        for row in rows
        if (only not in picks or picks[only](row))
        and (not kind or kind in row.kinds)
        and (not side or row.side == side)
        and (not basis or row.basis == basis)
        and (in_time not in ("yes", "no") or row.in_time is (in_time == "yes"))
        and (not rep or rep in row.reps)
        and (search in row.customer.casefold() or search in row.partner.casefold())
    ]


@workspace("fairness.view")
def benefits(request: PlacedRequest) -> HttpResponseBase:
    """Approved deals and whether what was promised for them came; ``?format=csv`` gives all that match."""
    found = owed_in(
        _period(request), request.place.program, answer=asked(request, "answer"), q=asked(request, "q")
    )
    if wants_csv(request):
        return csv_answer("benefits", (owed(row) for row in found), _BENEFITS)
    cut = page_of(request, found)
    context = {
        "page": cut,
        "lines": [owed(row) for row in cut],
        "chosen": asked(request, "period") or str(USUAL),
        "periods": CHOICES,
        "answers": BenefitAnswer.choices,
    }
    return render(request, "prm/fairness_benefits.html", context)
