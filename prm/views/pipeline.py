"""The Pipeline page: sourced pipeline first, activity under it, every number with its rows."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from partners.access import Place
from partners.models import Intent
from partners.selectors import closed_through
from partners.views.gates import PlacedRequest, workspace
from partners.views.lists import asked, csv_answer, page_of, wants_csv
from prm.access import may_open, require_rows
from prm.rules.charts import MIDDLE, NARROW, WIDE, partner_map, trend
from prm.rules.metrics import METRICS, Grain, Metric, Unit
from prm.rules.periods import CHOICES, USUAL, Period, read_period
from prm.rules.quarters import BUSY, MEANING, Quarter
from prm.selectors import cells, pipeline, rows
from prm.selectors.corrections import adjustments
from prm.services.cells import running_month
from prm.views.questions import question_of, zone_of

LINES = 50
SHOWN = tuple(key for key in pipeline.COLUMNS if key != "sourced_opened")  # the file has all columns
RETURNS = ("cost", "pipeline_per_hour", "won_per_hour", "pipeline_per_cost", "won_per_cost")
DRAWN = 150  # partners on the map; more would hide each other

_CSV = [
    ("id", lambda line: line.partner.public_id),
    ("partner", lambda line: line.partner.name),
    ("intent", lambda line: line.partner.intent),
    ("signed_on", lambda line: line.partner.signed_on),
    ("quarter", lambda line: "" if line.marquee else line.quarter.value),
    *[(key, lambda line, key=key: line.figures[key]) for key in pipeline.COLUMNS],
    *[(key, lambda line, key=key: _in_cents(getattr(line.effort, key))) for key in RETURNS],
]


def _in_cents(value: Decimal | None) -> Decimal | None:
    """Rounded for a file; an empty cell says that it cannot be told."""
    return None if value is None else round(value, 2)


def rows_link(place: Place, metric: Metric, period: Period, *, intent: str = "") -> str:
    """Where the rows behind a metric of the period are, or "" for a person who may not read them."""
    if not may_open(place, metric):
        return ""
    address = reverse("prm:rows", kwargs={"program": place.program.slug, "metric": metric.key})
    asked_for = {"from": f"{period.first:%Y-%m}", "to": f"{period.last:%Y-%m}", "intent": intent}
    return f"{address}?{urlencode({name: value for name, value in asked_for.items() if value})}"


def _links(place: Place, period: Period, intent: str) -> dict[str, str]:
    return {key: rows_link(place, metric, period, intent=intent) for key, metric in METRICS.items()}


@workspace("pipeline.view")
def page(request: PlacedRequest) -> HttpResponseBase:
    """The page; ``?format=csv`` gives the table of partners."""
    place = request.place
    period = read_period(asked(request, "period"), running_month(place.program))
    intent = asked(request, "intent") if asked(request, "intent") in Intent else ""
    lines = pipeline.partner_lines(period, intent=intent)
    search = asked(request, "q").casefold()
    listed = [line for line in lines if search in line.partner.name.casefold()]
    listed = pipeline.sort_lines(listed, asked(request, "sort"))
    if wants_csv(request):
        return csv_answer(f"partners-{period.first:%Y-%m}-{period.last:%Y-%m}", listed, _CSV)
    figures = cells.totals(period, intent=intent)
    context: dict[str, Any] = {
        "period": period,
        "months": period.length,
        "chosen": asked(request, "period") or str(USUAL),
        "intent": intent,
        "periods": CHOICES,
        "intents": Intent.choices,
        "figures": figures,
        "metrics": METRICS,
        "columns": SHOWN,
        "money": [key for key in SHOWN if METRICS[key].unit is Unit.MONEY],
        "reads_partners": place.can("partners.view"),
        "links": _links(place, period, intent),
        "conversion": pipeline.conversion(figures, lines),
        "sellers": rows.sellers_in(period, zone_of(place), intent=intent),
        "fresh": cells.freshness(),
        "rebuild": cells.last_rebuild(),
        "closed": closed_through(),
        "page": Paginator(listed, LINES).get_page(asked(request, "page")),
        "busy": pipeline.busy_for_long(lines, period),
        **_charts(lines, period, intent),
    }
    return render(request, "prm/pipeline.html", context)


def _charts(lines: list[pipeline.Line], period: Period, intent: str) -> dict[str, Any]:
    """Both charts in both widths, and what their tables say."""
    months = pipeline.months_of(period, intent=intent)
    mapped = [line for line in lines if not line.marquee]
    drawn = sorted(mapped, key=lambda line: (-line.brought, -line.figures["activities_work"]))[:DRAWN]
    spots = [line.spot for line in drawn]
    quarters = {quarter: [line for line in mapped if line.quarter is quarter] for quarter in Quarter}
    return {
        "series": months,
        "trends": [("wide", trend(months, WIDE)), ("narrow", trend(months, NARROW))],
        "maps": [("wide", partner_map(spots, MIDDLE)), ("narrow", partner_map(spots, NARROW))],
        "quarters": [(quarter, MEANING[quarter], quarters[quarter]) for quarter in Quarter],
        "mapped": len(mapped),
        "undrawn": len(mapped) - len(drawn),
        "marquee": [line for line in lines if line.marquee],
        "busy_from": BUSY,
    }


@workspace("pipeline.view")
def behind(request: PlacedRequest, metric: str) -> HttpResponseBase:
    """The rows behind one number; ``?format=csv`` gives all of them. 404 for a metric that does not exist."""
    if metric not in METRICS:
        raise Http404
    meant = METRICS[metric]
    require_rows(request.place, meant)
    question = question_of(request, meant)
    found = rows.rows_behind(question)
    if wants_csv(request):
        columns = [
            ("id", lambda row: row.public_id),
            ("day", lambda row: f"{row.day:%Y-%m-%d}" if row.day else ""),
            ("what", describe),
            ("partner", lambda row: getattr(_partner(row), "name", "")),
            (meant.key, lambda row: row.value),
        ]
        return csv_answer(f"{meant.key}-{question.period.last:%Y-%m}", found, columns)
    total = rows.sum_of(found)
    cell = None
    if meant.grain is not Grain.DISTINCT:
        partner_id = question.partner.pk if question.partner else None
        cell = cells.totals(question.period, intent=question.intent, partner_id=partner_id)[meant.key]
    shown = page_of(request, found)
    adjusted = adjustments(question)
    as_printed = total + sum((line.value for line in adjusted), Decimal(0))
    context = {
        "metric": meant,
        "question": question,
        "page": shown,
        "lines": [(row, describe(row), _partner(row), _address(request.place, row)) for row in shown],
        "total": total,
        "adjusted": adjusted,
        "differs": cell is not None and cell != as_printed,
        "cell": cell,
        "fresh": cells.freshness(),
    }
    return render(request, "prm/pipeline_rows.html", context)


def _partner(row: Any) -> Any:
    return row.registration.partner if hasattr(row, "registration_id") else row.partner


def describe(row: Any) -> str:
    """What a row is, in a few words, whichever kind it is of."""
    kind = row._meta.model_name
    if kind == "opportunity":
        return str(row.name)
    if kind == "registration":
        return f"{row.customer_name}, {row.get_state_display().lower()}"
    if kind == "conflict":
        return f"{row.registration.customer_name}: {row.get_kind_display().lower()}"
    if kind == "activity":
        return f"{row.get_kind_display()}: {row.note[:120]}" if row.note else str(row.get_kind_display())
    return str(row.user) if kind == "seat" else str(row)


def _address(place: Place, row: Any) -> str:
    """Where the row itself can be read; "" for kinds without a page of their own."""
    name, public_id = {
        "opportunity": ("deals:opportunity", row.public_id),
        "registration": ("deals:registration", row.public_id),
        "conflict": ("deals:conflict", row.public_id),
        "commitment": ("plans:plan", row.plan.public_id if row._meta.model_name == "commitment" else ""),
    }.get(row._meta.model_name, ("", ""))
    return reverse(name, kwargs={"program": place.program.slug, "public_id": public_id}) if name else ""
