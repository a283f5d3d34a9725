"""The conflict queue, the case page where a person rules, and corrections of rulings."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from deals.cases.access import access_conflict, access_ruling
from deals.cases.correction import correct_ruling
from deals.cases.forms import CorrectionForm
from deals.cases.ruling import OWN_RULING, rule
from deals.cases.selectors.queue import DUE, RULERS, Case, cases_found, cases_in
from deals.cases.views.case import case_page, open_case, ruling_form
from deals.rules.lifecycle import ConflictKind, Outcome
from partners.core.errors import NotAllowed
from partners.forms import tried
from partners.selectors import charter_in_force
from partners.views.gates import PlacedRequest, workspace
from partners.views.lists import asked, csv_answer, page_of, wants_csv

_COLUMNS = [
    ("conflict", lambda case: case.first.public_id),
    ("registration", lambda case: case.registration.public_id),
    ("customer", lambda case: case.registration.customer_name),
    ("partner", lambda case: case.registration.partner.name),
    ("kinds", lambda case: ", ".join(conflict.kind for conflict in case.conflicts)),
    ("accounts", lambda case: ", ".join(sorted({row.account.name for row in case.conflicts if row.account}))),
    ("claimed_at", lambda case: case.registration.claimed_at and case.registration.claimed_at.isoformat()),
    ("due_at", lambda case: case.due_at.isoformat()),
    ("paused", lambda case: "yes" if case.is_paused else "no"),
    ("warned_of", lambda case: "yes" if case.is_escalated else "no"),
    ("may_rule", lambda case: ", ".join(role.label for role in case.rulers)),
    ("decided_at", lambda case: case.ruling.decided_at.isoformat() if case.ruling else ""),
    ("decision", lambda case: case.ruling.outcome if case.ruling else ""),
    ("ground", lambda case: case.ruling.reason if case.ruling else ""),
]


@workspace("conflicts.view")
def conflicts(request: PlacedRequest) -> HttpResponseBase:
    """Cases by deadline; ``?show=decided`` those that were ruled on."""
    is_open = asked(request, "show") != "decided"
    kind = asked(request, "kind")
    charter = charter_in_force()
    found = cases_found(
        request.place.seat,
        charter=charter,
        q=asked(request, "q"),
        kind=kind if kind in ConflictKind else "",
        ruler=asked(request, "ruler"),
        due=asked(request, "due"),
        is_open=is_open,
        sort=asked(request, "sort"),
    )
    if wants_csv(request):
        cases = (case for row in found for case in cases_in(row, charter))
        return csv_answer("conflicts", cases, _COLUMNS)
    page = page_of(request, found)
    shown = [case for row in page.object_list for case in cases_in(row, charter)]
    context = {
        "page": page,
        "cases": [(case, case.may_rule(request.place.actor)) for case in shown],
        "kinds": ConflictKind.choices,
        "rulers": RULERS,
        "dues": DUE,
        "is_open": is_open,
        "is_closed": not is_open,
        "filtered": any(asked(request, name) for name in ("q", "kind", "ruler", "due")),
    }
    return render(request, "deals/conflicts.html", context)


@workspace("conflicts.view")
def conflict(request: PlacedRequest, public_id: str) -> HttpResponse:
    """The case: the claim beside what stands against it."""
    return case_page(request, open_case(request, public_id))


@workspace("conflicts.rule", methods=("POST",))
def rule_on(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Rule on the case."""
    case = open_case(request, public_id)
    if case.is_against_own(request.place.actor):
        raise NotAllowed(OWN_RULING, code="own_ruling")
    if not case.may_rule(request.place.actor):
        roles = " or ".join(str(role.label).lower() for role in case.rulers)
        raise NotAllowed(f"By the charter, the {roles} rules on this.", code="no_authority")
    if not case.is_open or case.is_paused:
        return case_page(request, case, late=request.POST.get("note", "").strip() or "–", status=409)
    form = ruling_form(case, request.POST)
    ruling = tried(
        form,
        lambda: rule(
            actor=request.place.actor,
            registration=case.registration,
            decision=form.decision(),
            conflict=case.first,
            expected_version=form.cleaned_data["version"],
        ),
    )
    if ruling is not None:
        messages.success(request, f"{ruling.get_outcome_display()}. {_afterwards(case, ruling.outcome)}")
        return redirect("deals:conflicts", program=request.place.program.slug)
    return case_page(request, case, form=form, status=422)


def _afterwards(case: Case, outcome: str) -> str:
    if outcome == Outcome.MERGE:
        return "The claim was weighed again against the account that is kept."
    return f"It is on record, and {case.registration.partner.name} reads what is meant for it."


@workspace("conflicts.rule", methods=("GET", "POST"))
def correct(request: PlacedRequest, public_id: str, ruling_id: str) -> HttpResponse:
    """Put a ruling right by a new one."""
    found = access_conflict(request.place.seat, public_id)
    ruling = access_ruling(found.registration, ruling_id)
    form = CorrectionForm(request.POST or None, ruling=ruling)
    actor = request.place.actor
    if tried(form, lambda: correct_ruling(actor=actor, ruling=ruling, correction=form.correction())):
        messages.success(request, "Corrected. The first ruling stays on record beside it.")
        return redirect("deals:conflict", program=request.place.program.slug, public_id=public_id)
    context = {"conflict": found, "row": found.registration, "ruling": ruling, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "deals/correct.html", context, status=status)
