"""One plan: its page, its terms, and the moves that bind."""

from django.http import HttpResponse

from partners.views.gates import PlacedRequest, workspace
from plans.access import access_plan
from plans.forms import ActForm, CheckInForm, ReasonForm, TermsForm
from plans.models import Plan
from plans.rules.cadence import next_contact
from plans.rules.lifecycle import Quota
from plans.services.acts import holidays
from plans.services.checkins import log_check_in
from plans.services.plans import Aim, agree_to_plan, change_plan, close_plan, propose_plan
from plans.views.page import Opened, perform, plan_response, press, terms_note, to_plan, today


@workspace("plans.view")
def plan(request: PlacedRequest, public_id: str) -> HttpResponse:
    """The page."""
    return plan_response(request, access_plan(request.place.actor, public_id))


def _terms_form(request: PlacedRequest, row: Plan) -> TermsForm:
    place = request.place
    initial = {
        "purpose": row.purpose,
        "why_call_us": row.why_call_us,
        "retires_quota": row.retires_quota,
        "starts_on": row.starts_on,
        "check_in_days": row.check_in_days,
        "aim_amount": row.aim_amount,
        "aim_by": row.aim_by,
        "version": row.version,
    }
    data = request.POST if request.method == "POST" else None
    return TermsForm(
        data,
        initial=initial,
        plan=row,
        ready=row.ready_on is not None,
        currency=row.aim_currency or place.program.currency,
    )


def _change(request: PlacedRequest, row: Plan, form: TermsForm) -> Plan:
    data = form.cleaned_data
    amount, by = data.get("aim_amount"), data.get("aim_by")
    return change_plan(
        actor=request.place.actor,
        plan=row,
        purpose=data["purpose"],
        why_call_us=data["why_call_us"],
        retires_quota=Quota(data["retires_quota"]),
        starts_on=data["starts_on"],
        check_in_days=data["check_in_days"],
        aim=Aim(amount, by) if amount is not None and by is not None else None,
        expected_version=data["version"],
    )


@workspace("plans.edit", methods=("GET", "POST"))
def edit_plan(request: PlacedRequest, public_id: str) -> HttpResponse:
    """The terms, written again."""
    row = access_plan(request.place.actor, public_id)
    form = _terms_form(request, row)
    status = 200
    if request.method == "POST":
        status = perform(form, lambda: _change(request, row, form), row) if form.is_valid() else 422
        if not status:
            return to_plan(request, row)
    opened = Opened(
        section="terms", form=form, title="Change the terms", submit="Save the terms", note=terms_note(row)
    )
    return plan_response(request, row, opened, status)


@workspace("plans.edit", methods=("POST",))
def propose(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Put the draft before the partner."""
    row = access_plan(request.place.actor, public_id)
    form = ActForm(request.POST)
    version = form.cleaned_data.get("version") if form.is_valid() else 0
    return press(
        request,
        row,
        lambda: propose_plan(actor=request.place.actor, plan=row, expected_version=version),
        f"Proposed. {row.partner.name} reads it in the portal and can agree there.",
    )


@workspace("plans.edit", methods=("POST",))
def agree(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Sign for our side what this page showed."""
    row = access_plan(request.place.actor, public_id)
    form = ActForm(request.POST)
    edition = (form.cleaned_data.get("edition") if form.is_valid() else None) or 0
    return press(
        request,
        row,
        lambda: agree_to_plan(actor=request.place.actor, plan=row, edition=edition),
        "Signed for our side.",
    )


@workspace("plans.edit", methods=("GET", "POST"))
def close(request: PlacedRequest, public_id: str) -> HttpResponse:
    """End the plan, saying why."""
    row = access_plan(request.place.actor, public_id)
    form = ReasonForm(request.POST or None, initial={"version": row.version})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            status = perform(
                form,
                lambda: close_plan(
                    actor=request.place.actor, plan=row, note=data["reason"], expected_version=data["version"]
                ),
                row,
            )
        if not status:
            return to_plan(request, row)
    note = "Promises past their day end as broken, the other open ones as dropped. The plan stays on record."
    opened = Opened(
        section="close", form=form, title="Close this plan", submit="Close the plan", note=note, kind="danger"
    )
    return plan_response(request, row, opened, status)


@workspace("plans.edit", methods=("GET", "POST"))
def check_in(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Log a conversation; the purpose is read out first (R93)."""
    row = access_plan(request.place.actor, public_id)
    day = today(request)
    initial = {
        "held_on": day,
        "next_on": next_contact(day, row.check_in_days, holidays(request.place.program)),
    }
    form = CheckInForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            status = perform(
                form, lambda: log_check_in(actor=request.place.actor, plan=row, **form.cleaned_data)
            )
        if not status:
            return to_plan(request, row)
    opened = Opened(section="check_in", form=form, title="Log a check-in", submit="Save the check-in")
    return plan_response(request, row, opened, status)
