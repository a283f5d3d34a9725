"""The conflict queue and the case page, where a person rules."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from deals.access import access_conflict
from deals.forms.registrations import show_refusal
from deals.forms.rulings import RulingForm
from deals.rules.clock import working_time_left
from deals.rules.lifecycle import APPROVING, DECLINING, ConflictKind, Reason, State
from deals.rules.sentences import SENTENCES
from deals.selectors.conflicts import (
    Case,
    as_case,
    case_history,
    case_of,
    cases_found,
    evidence_in_order,
    told,
)
from deals.selectors.registrations import rulings_of
from deals.services.registrations import workweek
from deals.services.rulings import account_choices, rule
from deals.views.lists import asked, csv_answer, page_of, wants_csv
from partners.core import clock
from partners.core.errors import DomainError, NotAllowed
from partners.selectors import charter_in_force
from partners.views.gates import PlacedRequest, workspace

USUAL = [(reason.label, SENTENCES[reason]) for reason in Reason if reason in APPROVING | DECLINING]
_COLUMNS = [
    ("conflict", lambda case: case.first.public_id),
    ("registration", lambda case: case.registration.public_id),
    ("customer", lambda case: case.registration.customer_name),
    ("partner", lambda case: case.registration.partner.name),
    ("kinds", lambda case: ", ".join(conflict.kind for conflict in case.conflicts)),
    ("accounts", lambda case: ", ".join(sorted({row.account.name for row in case.conflicts if row.account}))),
    ("claimed_at", lambda case: case.registration.claimed_at.isoformat()),
    ("due_at", lambda case: case.due_at.isoformat()),
    ("may_rule", lambda case: ", ".join(role.label for role in case.rulers)),
]


@workspace("conflicts.view")
def conflicts(request: PlacedRequest) -> HttpResponse:
    """Cases by deadline; ``?show=decided`` those that were ruled on."""
    is_open = asked(request, "show") != "decided"
    kind = asked(request, "kind")
    found = cases_found(
        request.place.seat,
        q=asked(request, "q"),
        kind=kind if kind in ConflictKind else "",
        is_open=is_open,
        sort=asked(request, "sort"),
    )
    charter = charter_in_force()
    if wants_csv(request):
        return csv_answer("conflicts", (as_case(row, charter, told(row)) for row in found), _COLUMNS)
    page = page_of(request, found)
    cases = [as_case(row, charter, told(row)) for row in page.object_list]
    context = {
        "page": page,
        "cases": [(case, case.may_rule(request.place.actor)) for case in cases],
        "kinds": ConflictKind.choices,
        "is_open": is_open,
        "is_closed": not is_open,
    }
    return render(request, "deals/conflicts.html", context)


@workspace("conflicts.view")
def conflict(request: PlacedRequest, public_id: str) -> HttpResponse:
    """The case: the claim beside what stands against it."""
    case = _case(request, public_id)
    form = _form(case) if case.is_open and case.may_rule(request.place.actor) else None
    return _page(request, case, form)


@workspace("conflicts.rule", methods=("POST",))
def rule_on(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Rule on the case."""
    case = _case(request, public_id)
    if not case.may_rule(request.place.actor):
        roles = " or ".join(str(role.label).lower() for role in case.rulers)
        raise NotAllowed(f"By the charter, the {roles} rules on this.", code="no_authority")
    form = RulingForm(request.POST, accounts=account_choices(case.registration, list(case.conflicts)))
    if form.is_valid():
        try:
            ruling = rule(
                actor=request.place.actor,
                registration=case.registration,
                decision=form.decision(),
                expected_version=form.cleaned_data["version"],
            )
        except NotAllowed:
            raise
        except DomainError as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, f"{ruling.get_outcome_display()}. The partner reads your sentence now.")
            return redirect("deals:conflicts", program=request.place.program.slug)
    return _page(request, case, form, status=422)


def _case(request: PlacedRequest, public_id: str) -> Case:
    found = access_conflict(request.place.seat, public_id)
    return case_of(request.place.seat, found, charter_in_force())


def _form(case: Case) -> RulingForm:
    row = case.registration
    accounts = account_choices(row, list(case.conflicts))
    sure = next((account.public_id for account in accounts if account.pk == row.account_id), "")
    return RulingForm(accounts=accounts, sure=sure, initial={"version": row.version})


def _page(request: PlacedRequest, case: Case, form: RulingForm | None, status: int = 200) -> HttpResponse:
    row = case.registration
    left = working_time_left(clock.now(), case.due_at, workweek(request.place.program))
    context = {
        "case": case,
        "row": row,
        "form": form if row.state == State.IN_REVIEW else None,
        "evidence": evidence_in_order(case),
        "history": case_history(case),
        "rulings": rulings_of(row),
        "hours_left": round(left.total_seconds() / 3600, 1),
        "can_see_claim": request.place.can("registrations.view"),
        "can_see_account": request.place.can("accounts.view"),
        "usual": USUAL,
    }
    return render(request, "deals/conflict.html", context, status=status)
