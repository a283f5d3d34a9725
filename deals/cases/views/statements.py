"""Statements: the page behind a link, without a sign-in, and the acts on the case page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from deals.cases.access import access_conflict
from deals.cases.forms import AskForm, StatementForm
from deals.cases.statements import (
    answer_by_link,
    ask_statement,
    give_statement,
    read_question,
    revoke_statement,
)
from deals.cases.views.case import case_page, open_case
from deals.common.pages import quiet
from partners.core.errors import Clash, DomainError, NotFound
from partners.forms import blame, tried
from partners.views.gates import PlacedRequest, workspace


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def statement_link(request: HttpRequest, secret: str) -> HttpResponse:
    """The page behind a statement's link. Opening it uses nothing up; answering does."""
    form = StatementForm(request.POST or None)
    try:
        question = read_question(secret=secret)
        if request.method == "POST" and form.is_valid():
            answer_by_link(secret=secret, text=form.cleaned_data["text"])
            return quiet(render(request, "deals/link_closed.html", {"thanks": True}))
    except (Clash, NotFound) as refusal:
        status = 404 if isinstance(refusal, NotFound) else 410
        context = {"refusal": refusal}
        return quiet(render(request, "deals/link_closed.html", context, status=status))
    except DomainError as refusal:
        blame(form, refusal)
    with timezone.override(question.program.timezone):
        page = render(
            request,
            "deals/statement.html",
            {"question": question, "form": form},
            status=422 if request.method == "POST" else 200,
        )
    return quiet(page)


@workspace("conflicts.view", methods=("POST",))
def give(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Put one's own word on record; a direct rep on their own accounts."""
    case = open_case(request, public_id)
    form = StatementForm(request.POST)
    actor, registration = request.place.actor, case.registration
    if tried(
        form,
        lambda: give_statement(actor=actor, registration=registration, text=form.cleaned_data["text"]),
    ):
        messages.success(request, "Your statement is on record.")
        return _back(request, public_id)
    late = "" if case.is_open else form.cleaned_data.get("text", "")
    return case_page(request, case, say=form, late=late, status=409 if late else 422)


@workspace("conflicts.rule", methods=("POST",))
def ask(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Ask somebody who knows the account, by a link."""
    case = open_case(request, public_id)
    form = AskForm(request.POST)
    actor, registration = request.place.actor, case.registration
    row = tried(form, lambda: ask_statement(actor=actor, registration=registration, **form.cleaned_data))
    if row is not None:
        messages.success(request, f"A link goes to {row.email}. It works once, for 14 days.")
        return _back(request, public_id)
    return case_page(request, case, ask=form, status=422)


@workspace("conflicts.rule", methods=("POST",))
def revoke(request: PlacedRequest, public_id: str, statement_id: str) -> HttpResponse:
    """Take a question back."""
    found = access_conflict(request.place.seat, public_id)
    row = revoke_statement(
        actor=request.place.actor, registration=found.registration, public_id=statement_id[:40]
    )
    messages.success(request, f"The link to {row.email} no longer works.")
    return _back(request, public_id)


def _back(request: PlacedRequest, public_id: str) -> HttpResponse:
    return redirect("deals:conflict", program=request.place.program.slug, public_id=public_id)
