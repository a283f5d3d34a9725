"""The list of plans, the agreements that have none, and beginning one."""

import csv
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from partners.core.text import clean_text, csv_safe
from partners.views.gates import PlacedRequest, workspace
from partners.views.lists import page_of
from plans.forms import NewPlanForm
from plans.models import Plan
from plans.rules.lifecycle import State
from plans.selectors import (
    filtered_plans,
    partners_to_plan_with,
    partners_without_plan,
    plan_rows,
)
from plans.services.plans import draft_plan
from plans.views.page import TONES, perform, to_plan, today

STATES = [("live", "Live"), *State.choices]
DUE = [("ours", "A promise of ours is overdue"), ("contact", "Contact is due")]
COLUMNS = [
    "partner", "state", "our_promises_overdue", "their_promises_overdue", "steps_proven", "steps",
    "next_contact", "agreed_at", "purpose",
]  # fmt: skip


def _asked(request: PlacedRequest, day: date) -> QuerySet[Any]:
    """The rows the query string asks for."""
    asked = request.GET
    return filtered_plans(
        plan_rows(request.place.actor, day),
        search=clean_text(asked.get("q", ""))[:200],
        state=asked.get("state", ""),
        due=asked.get("due", ""),
        sort=asked.get("sort", ""),
        today=day,
    )


@workspace("plans.view")
def plans(request: PlacedRequest) -> HttpResponse:
    """All plans, ours to keep first; below, agreements signed without a plan (R84)."""
    day = today(request)
    page = page_of(request, _asked(request, day))
    for plan in page:
        plan.tone = TONES[State(plan.state)]
    waiting = partners_without_plan()
    context = {
        "page": page,
        "can_edit": request.place.can("plans.edit"),
        "states": STATES,
        "due": DUE,
        "without": [(partner, (day - partner.signed_on).days) for partner in waiting if partner.signed_on],
        "asked": any(request.GET.get(name) for name in ("q", "state", "due")),
    }
    return render(request, "plans/list.html", context)


@workspace("plans.view")
def plans_csv(request: PlacedRequest) -> HttpResponse:
    """The same rows as a file; cells are text to every spreadsheet."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="plans.csv"'
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    for plan in _asked(request, today(request)):
        agreed = plan.agreed_at.isoformat() if plan.agreed_at else ""
        cells = (
            plan.partner.name, plan.state, plan.ours_overdue, plan.theirs_overdue, plan.steps_proven,
            plan.steps, plan.next_check_in_on or "", agreed, plan.purpose,
        )  # fmt: skip
        writer.writerow([csv_safe(cell) for cell in cells])
    return response


@workspace("plans.edit", methods=("GET", "POST"))
def new_plan(request: PlacedRequest) -> HttpResponse:
    """Choose the partner and say what for; the rest follows on the page."""
    partners = partners_to_plan_with()
    status = 200
    if request.method == "POST":
        form = NewPlanForm(request.POST, partners=partners)
        status = 422
        if form.is_valid():
            made: list[Plan] = []
            status = perform(
                form,
                lambda: made.append(
                    draft_plan(
                        actor=request.place.actor,
                        partner=form.chosen,
                        purpose=form.cleaned_data["purpose"],
                    )
                ),
            )
            if made:
                return to_plan(request, made[0])
    else:
        form = NewPlanForm(partners=partners, initial={"partner": request.GET.get("partner", "")})
    return render(request, "plans/new.html", {"form": form, "partners": partners}, status=status)
