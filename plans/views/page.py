"""Drawing a plan's page. A form opens in its place on the page, so there is one page, scripts or not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import redirect, render

from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import DomainError, FieldErrors, RuleBroken, Stale
from partners.views.gates import PlacedRequest
from plans.access import signers
from plans.models import Plan
from plans.rules.lifecycle import State, moves_for
from plans.rules.readiness import aim_refusal
from plans.selectors import plan_notices, plan_page

TONES = {State.DRAFT: "neutral", State.PROPOSED: "info", State.AGREED: "good", State.CLOSED: "neutral"}
STEPS_LINE = "A changed term makes a new proposal, and both sides sign again."


@dataclass(kw_only=True)
class Opened:
    """A form opened on the page: in which section, about which row, under which words."""

    section: str
    form: forms.Form
    title: str
    submit: str
    row: str = ""
    note: str = ""
    kind: str = "primary"

    def __post_init__(self) -> None:
        # Whoever opens a form goes on typing in it; one with errors has its summary focused instead.
        if not self.form.is_bound and (fields := self.form.visible_fields()):
            fields[0].field.widget.attrs["autofocus"] = True

    @property
    def level(self) -> int:
        """The heading's: a form in a section's place is a section, any other stands inside one."""
        return 2 if self.section in ("terms", "close") else 3


def today(request: PlacedRequest) -> date:
    """The present day of the program one is in."""
    return clock.today(request.place.program.timezone)


def moves_of(actor: Actor, plan: Plan) -> dict[str, bool]:
    """For templates: ``moves.propose`` and the like, true when the button is to be drawn."""
    return {move.value: True for move in moves_for(State(plan.state), actor.role)}


def plan_response(
    request: PlacedRequest, plan: Plan, opened: Opened | None = None, status: int = 200
) -> HttpResponse:
    """The plan's page, or only its body when htmx asks."""
    place = request.place
    page = plan_page(plan, today=today(request))
    context = {
        "page": page,
        "plan": plan,
        "tone": TONES[State(plan.state)],
        "moves": moves_of(place.actor, plan),
        "notices": plan_notices(page, place.program.timezone),
        "aim_refusal": aim_refusal(page.ready),
        "signers": signers(plan) if plan.state == State.PROPOSED else [],
        "opened": opened,
        "as_body": bool(request.htmx),
    }
    template = "plans/plan.html#body" if request.htmx else "plans/plan.html"
    response = render(request, template, context, status=status)
    response.headers["Vary"] = "HX-Request"
    return response


def to_plan(request: PlacedRequest, plan: Plan) -> HttpResponse:
    """Back to the plan's page; htmx follows and swaps its body."""
    return redirect("plans:plan", program=request.place.program.slug, public_id=plan.public_id)


def perform(form: forms.Form, act: Callable[[], object], row: Model | None = None) -> int:
    """Do the act with a valid form. 0 when done; otherwise the status, with the refusal on the form.

    What was typed stays in the form. When somebody was faster, ``row`` is read again and the form is now
    about that version: the person has been told and sees it beside their text. Refusals about the person
    (403) and the row (404) pass through.
    """
    try:
        act()
    except FieldErrors as error:
        for name, sentences in error.errors.items():
            form.add_error(name if name in form.fields else None, sentences)
        return 422
    except DomainError as error:
        if error.status in (403, 404):
            raise
        known = isinstance(error, RuleBroken) or error.field
        form.add_error(error.field if known and error.field in form.fields else None, error.sentence)
        if isinstance(error, Stale) and row is not None:
            row.refresh_from_db()
            form.data = {**form.data.dict(), "version": row.version}  # type: ignore[attr-defined]
        return error.status
    return 0


def press(request: PlacedRequest, plan: Plan, act: Callable[[], object], done: str) -> HttpResponse:
    """A button's act: done, or the reason why not, said on top of the plan's page."""
    try:
        act()
    except FieldErrors as error:
        messages.error(request, " ".join(text for texts in error.errors.values() for text in texts))
    except DomainError as error:
        if error.status in (403, 404):
            raise
        messages.error(request, error.sentence)
    else:
        messages.success(request, done)
    return to_plan(request, plan)


def terms_note(plan: Plan) -> str:
    """What changing a term means now, for the top of a form."""
    if plan.state == State.AGREED:
        return "This plan is agreed. " + STEPS_LINE
    if plan.state == State.PROPOSED and (plan.signed_by_us_at or plan.signed_by_them_at):
        return "One side has signed already. " + STEPS_LINE
    return ""
