"""A partner's plan: what we owe first, then what they do; and agreeing to what was read."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from partners.core import clock
from partners.core.errors import DomainError, NotFound
from partners.views.gates import PlacedRequest, portal
from plans.access import access_commitment, live_plan_of_partner, signers
from plans.models import Plan
from plans.rules.lifecycle import CommitmentState, PlanMove, Side, State, moves_for
from plans.selectors import plan_page
from plans.services.commitments import keep_commitment
from plans.services.plans import agree_to_plan

MOST_INTEGER = 2**31 - 1


class SignForm(forms.Form):
    """Consent to one edition, said outright."""

    edition = forms.IntegerField(min_value=1, max_value=MOST_INTEGER, widget=forms.HiddenInput)
    read = forms.BooleanField(label="I have read this plan and agree to it for my company.")


def _plan(request: PlacedRequest) -> Plan:
    found = live_plan_of_partner(request.place.actor)
    if found is None:
        raise NotFound("There is no plan to agree to.")
    return found


def _page(
    request: PlacedRequest, row: Plan | None, form: SignForm | None = None, status: int = 200
) -> HttpResponse:
    place = request.place
    if row is None:
        return render(request, "portal/plan.html", {"plan": None})
    page = plan_page(row, today=clock.today(place.program.timezone))
    moves = moves_for(State(row.state), place.actor.role)
    may_sign = PlanMove.AGREE in moves and not row.signed_by_them_at
    context = {
        "plan": row,
        "page": page,
        "settled_ours": [p for p in page.settled if p.side == Side.US and p.state != CommitmentState.DROPPED],
        "may_settle": PlanMove.SETTLE in moves,
        "form": (form or SignForm(initial={"edition": row.edition})) if may_sign else None,
        "signers": signers(row) if row.state == State.PROPOSED and not may_sign else [],
    }
    return render(request, "portal/plan.html", context, status=status)


@portal("portal.plan")
def plan(request: PlacedRequest) -> HttpResponse:
    """The live plan, or the last one."""
    return _page(request, live_plan_of_partner(request.place.actor))


@portal("portal.agree", methods=("POST",))
def agree(request: PlacedRequest) -> HttpResponse:
    """Sign for the partner what was read."""
    row = _plan(request)
    form = SignForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form, 422)
    try:
        done = agree_to_plan(actor=request.place.actor, plan=row, edition=form.cleaned_data["edition"])
    except DomainError as error:
        if error.status in (403, 404):
            raise
        messages.error(request, error.sentence)
    else:
        both = done.state == State.AGREED
        messages.success(
            request, "Both sides have agreed to this plan." if both else "You have agreed; we sign next."
        )
    return redirect("portal:plan", program=request.place.program.slug)


@portal("portal.plan", methods=("POST",))
def keep(request: PlacedRequest, public_id: str) -> HttpResponse:
    """One of the partner's own promises is done."""
    row = access_commitment(request.place.actor, public_id)
    try:
        keep_commitment(actor=request.place.actor, commitment=row)
    except DomainError as error:
        if error.status in (403, 404):
            raise
        messages.error(request, error.sentence)
    else:
        messages.success(request, "Noted as done. Thank you.")
    return redirect("portal:plan", program=request.place.program.slug)
