"""The parts of a plan: promises and readiness steps."""

from collections.abc import Callable

from django import forms
from django.db.models import Model
from django.http import HttpResponse

from partners.views.gates import PlacedRequest, workspace
from plans.access import access_commitment, access_milestone, access_plan
from plans.forms import ActForm, CommitmentForm, MilestoneForm, NewCommitmentForm, ProofForm, ReasonForm
from plans.models import Commitment, Milestone, Plan
from plans.rules.lifecycle import Side
from plans.services.commitments import (
    add_commitment,
    break_commitment,
    change_commitment,
    drop_commitment,
    keep_commitment,
)
from plans.services.milestones import add_milestone, change_milestone, drop_milestone, prove_milestone
from plans.views.page import Opened, perform, plan_response, press, terms_note, to_plan, today

POSTS = ("GET", "POST")


def _opened_form(
    request: PlacedRequest, plan: Plan, opened: Opened, act: Callable[[], object], row: Model | None = None
) -> HttpResponse:
    """Show the form, or do its act and go back to the plan."""
    status = 200
    if request.method == "POST":
        status = perform(opened.form, act, row) if opened.form.is_valid() else 422
        if not status:
            return to_plan(request, plan)
    return plan_response(request, plan, opened, status)


def _version(form: forms.Form) -> int | None:
    version: int | None = form.cleaned_data["version"]
    return version


@workspace("plans.edit", methods=POSTS)
def new_commitment(request: PlacedRequest, public_id: str) -> HttpResponse:
    """One more promise; ``?side=us`` or ``them``."""
    plan = access_plan(request.place.actor, public_id)
    side = Side.THEM if request.GET.get("side") == Side.THEM else Side.US
    form = NewCommitmentForm(request.POST or None, initial={"side": side})
    if form.is_bound and form.is_valid():
        side = Side(form.cleaned_data["side"])
    ours = side is Side.US
    opened = Opened(
        section=f"promise_{side.value}",
        form=form,
        title="What do we promise?" if ours else "What do they promise?",
        submit="Add our promise" if ours else "Add their promise",
        note="" if ours else terms_note(plan),
    )

    def act() -> Commitment:
        data = form.cleaned_data
        return add_commitment(
            actor=request.place.actor,
            plan=plan,
            side=side,
            what=data["what"],
            owner_name=data["owner_name"],
            due_on=data["due_on"],
        )

    return _opened_form(request, plan, opened, act)


@workspace("plans.edit", methods=POSTS)
def edit_commitment(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Word, name or day of an open promise."""
    row = access_commitment(request.place.actor, public_id)
    initial = {"what": row.what, "owner_name": row.owner_name, "due_on": row.due_on, "version": row.version}
    form = CommitmentForm(request.POST or None, initial=initial)
    opened = Opened(
        section=f"promise_{row.side}", form=form, title="Change this promise", submit="Save the promise",
        row=row.public_id, note=terms_note(row.plan),
    )  # fmt: skip

    def act() -> Commitment:
        data = form.cleaned_data
        return change_commitment(
            actor=request.place.actor,
            commitment=row,
            what=data["what"],
            owner_name=data["owner_name"],
            due_on=data["due_on"],
            expected_version=data["version"],
        )

    return _opened_form(request, row.plan, opened, act, row)


@workspace("plans.edit", methods=("POST",))
def keep(request: PlacedRequest, public_id: str) -> HttpResponse:
    """The promise was kept."""
    row = access_commitment(request.place.actor, public_id)
    form = ActForm(request.POST)
    version = form.cleaned_data.get("version") if form.is_valid() else 0
    return press(
        request,
        row.plan,
        lambda: keep_commitment(actor=request.place.actor, commitment=row, expected_version=version),
        "Noted as kept.",
    )


@workspace("plans.edit", methods=POSTS)
def break_promise(request: PlacedRequest, public_id: str) -> HttpResponse:
    """The promise was not kept, and why."""
    row = access_commitment(request.place.actor, public_id)
    form = ReasonForm(request.POST or None, initial={"version": row.version})
    opened = Opened(
        section=f"promise_{row.side}", form=form, title="Why was it not kept?", submit="Note as broken",
        row=row.public_id, note="Both sides read this.",
    )  # fmt: skip
    return _opened_form(
        request,
        row.plan,
        opened,
        lambda: break_commitment(
            actor=request.place.actor,
            commitment=row,
            reason=form.cleaned_data["reason"],
            expected_version=_version(form),
        ),
        row,
    )


@workspace("plans.edit", methods=POSTS)
def drop_promise(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Take a promise back before its day."""
    row = access_commitment(request.place.actor, public_id)
    form = ReasonForm(request.POST or None, initial={"version": row.version})
    opened = Opened(
        section=f"promise_{row.side}", form=form, title="Why is it taken back?", submit="Drop the promise",
        row=row.public_id, note=terms_note(row.plan),
    )  # fmt: skip
    return _opened_form(
        request,
        row.plan,
        opened,
        lambda: drop_commitment(
            actor=request.place.actor,
            commitment=row,
            reason=form.cleaned_data["reason"],
            expected_version=_version(form),
        ),
        row,
    )


@workspace("plans.edit", methods=POSTS)
def new_milestone(request: PlacedRequest, public_id: str) -> HttpResponse:
    """One more readiness step."""
    plan = access_plan(request.place.actor, public_id)
    form = MilestoneForm(request.POST or None)
    opened = Opened(
        section="steps", form=form, title="What must they be able to do?", submit="Add the step",
        note=terms_note(plan),
    )  # fmt: skip
    return _opened_form(
        request,
        plan,
        opened,
        lambda: add_milestone(
            actor=request.place.actor,
            plan=plan,
            name=form.cleaned_data["name"],
            proves=form.cleaned_data["proves"],
        ),
    )


@workspace("plans.edit", methods=POSTS)
def edit_milestone(request: PlacedRequest, public_id: str) -> HttpResponse:
    """An open step, worded again."""
    row = access_milestone(request.place.actor, public_id)
    initial = {"name": row.name, "proves": row.proves, "version": row.version}
    form = MilestoneForm(request.POST or None, initial=initial)
    opened = Opened(
        section="steps", form=form, title="Change this step", submit="Save the step", row=row.public_id,
        note=terms_note(row.plan),
    )  # fmt: skip
    return _opened_form(
        request,
        row.plan,
        opened,
        lambda: change_milestone(
            actor=request.place.actor,
            milestone=row,
            name=form.cleaned_data["name"],
            proves=form.cleaned_data["proves"],
            expected_version=_version(form),
        ),
        row,
    )


@workspace("plans.edit", methods=POSTS)
def prove(request: PlacedRequest, public_id: str) -> HttpResponse:
    """What shows that the step is so."""
    row = access_milestone(request.place.actor, public_id)
    form = ProofForm(request.POST or None, initial={"version": row.version, "proven_on": today(request)})
    opened = Opened(
        section="steps", form=form, title="What proves it?", submit="Save the proof", row=row.public_id,
        note=f"“{row.name}” will be proven by: {row.proves}",
    )  # fmt: skip

    def act() -> Milestone:
        data = form.cleaned_data
        return prove_milestone(
            actor=request.place.actor,
            milestone=row,
            proof=data["proof"],
            proof_link=data["proof_link"],
            proven_on=data["proven_on"],
            expected_version=data["version"],
        )

    return _opened_form(request, row.plan, opened, act, row)


@workspace("plans.edit", methods=POSTS)
def drop_step(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Take an open step out."""
    row = access_milestone(request.place.actor, public_id)
    form = ReasonForm(request.POST or None, initial={"version": row.version})
    opened = Opened(
        section="steps", form=form, title="Why is this step not needed?", submit="Drop the step",
        row=row.public_id, note=terms_note(row.plan),
    )  # fmt: skip
    return _opened_form(
        request,
        row.plan,
        opened,
        lambda: drop_milestone(
            actor=request.place.actor,
            milestone=row,
            reason=form.cleaned_data["reason"],
            expected_version=_version(form),
        ),
        row,
    )
