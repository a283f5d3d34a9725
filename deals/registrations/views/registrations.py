"""Registrations in the workspace: the list, the page, and registering on behalf of a partner."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from deals.common.access import may_rule
from deals.common.claim_facts import protection_days_left, protection_of
from deals.models import Registration
from deals.registrations.access import access_registration
from deals.registrations.change import register_again
from deals.registrations.selectors import (
    GROUP_LABELS,
    benefit_of,
    change_asked,
    conflicts_of,
    history,
    registrations_found,
    rulings_of,
)
from deals.registrations.submit import withdraw
from deals.registrations.views.acts import act_page, moves_open
from deals.registrations.views.intake import claim_form, take_in, what_happened
from deals.rules.lifecycle import Move, State
from partners.core.errors import Clash
from partners.models import Partner
from partners.selectors import charter_in_force
from partners.views.gates import PlacedRequest, workspace
from partners.views.lists import asked, columns, csv_answer, page_of, wants_csv

_COLUMNS = columns(
    "id:public_id customer:customer_name website country partner:partner.name offering:offering.name"
    " state amount currency expected_close claimed_at decision_due_at decided_at reason protected_until",
    protected_until=lambda row: (found := protection_of(row)) and found.period.upper.isoformat(),
)


@workspace("registrations.view")
def registrations(request: PlacedRequest) -> HttpResponseBase:
    """The list of claims; ``?format=csv`` gives all that match."""
    found = registrations_found(
        request.place.actor,
        q=asked(request, "q"),
        state=asked(request, "state"),
        partner=asked(request, "partner"),
        sort=asked(request, "sort"),
    )
    if wants_csv(request):
        return csv_answer("registrations", found, _COLUMNS)
    page = page_of(request, found)
    for row in page.object_list:
        row.days_left = protection_days_left(row)  # type: ignore[attr-defined]
    return render(
        request,
        "deals/registrations.html",
        {
            "page": page,
            "can_register": request.place.can("registrations.register"),
            "states": [*GROUP_LABELS, *State.choices],
            "partners": Partner.objects.order_by("name").values_list("public_id", "name"),
        },
    )


@workspace("registrations.register", methods=("GET", "POST"))
def register(request: PlacedRequest) -> HttpResponse:
    """Enter a deal for a partner, as it was told by mail or telephone."""
    return _form(request, None)


@workspace("registrations.register", methods=("GET", "POST"))
def edit(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Go on with a draft that staff began."""
    row = access_registration(request.place.actor, public_id)
    if row.state != State.DRAFT:
        return redirect("deals:registration", program=request.place.program.slug, public_id=public_id)
    return _form(request, row)


def _form(request: PlacedRequest, draft: Registration | None) -> HttpResponse:
    form = claim_form(request, request.place, draft, choose_partner=draft is None)
    if request.method == "POST":
        row = take_in(request, request.place, form, draft)
        if row is not None:
            messages.success(request, what_happened(row))
            return redirect("deals:registration", program=request.place.program.slug, public_id=row.public_id)
    status = 422 if form.is_bound else 200
    context = {"form": form, "draft": draft, "charter": charter_in_force()}
    return render(request, "deals/register.html", context, status=status)


@workspace("registrations.view")
def registration(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Facts, what stands against it, what happened, and what can be done next."""
    row = access_registration(request.place.actor, public_id)
    conflicts = conflicts_of(row)
    moves = moves_open(request.place, row)
    kinds = {found.kind for found in conflicts if found.closed_at is None}
    if Move.ASK in moves and not may_rule(request.place.actor, kinds, charter_in_force()):
        moves.remove(Move.ASK)
    return render(
        request,
        "deals/registration.html",
        {
            "row": row,
            "moves": moves,
            "can_register": request.place.can("registrations.register"),
            "protection": protection_of(row),
            "change": change_asked(row),
            "days_left": protection_days_left(row),
            "conflicts": conflicts,
            "waiting": next((found for found in conflicts if found.closed_at is None), None),
            "rulings": rulings_of(row),
            "history": history(row),
            "benefit": benefit_of(row),
        },
    )


@workspace("registrations.register", methods=("POST",))
def withdraw_registration(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Take a claim back for the partner."""
    row = access_registration(request.place.actor, public_id)
    version = request.POST.get("version", "")
    if not version.isdecimal() or len(version) > 9:
        raise Clash("version", "Open the registration again, then withdraw it.")
    withdraw(actor=request.place.actor, registration=row, expected_version=int(version))
    messages.success(request, f"{Move.WITHDRAW.label}n: {row.customer_name or 'the draft'}.")
    return redirect("deals:registration", program=request.place.program.slug, public_id=public_id)


@workspace("conflicts.rule", methods=("GET", "POST"))
def act_on(request: PlacedRequest, public_id: str, verb: str) -> HttpResponse:
    """Return for information, decide on an extension, or revoke: one page each."""
    return _act(request, public_id, verb)


@workspace("registrations.register", methods=("GET", "POST"))
def act_for_partner(request: PlacedRequest, public_id: str, verb: str) -> HttpResponse:
    """What the partner does on its own pages, done for it."""
    return _act(request, public_id, verb)


def _act(request: PlacedRequest, public_id: str, verb: str) -> HttpResponse:
    row = access_registration(request.place.actor, public_id)
    where = {"program": request.place.program.slug, "public_id": row.public_id}
    return act_page(request, row, verb, back=reverse("deals:registration", kwargs=where))


@workspace("registrations.register", methods=("POST",))
def again(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Begin a new draft for the partner from a claim that has ended."""
    row = access_registration(request.place.actor, public_id)
    draft = register_again(actor=request.place.actor, registration=row)
    messages.success(request, "A draft with what the claim said. It counts from the moment it is registered.")
    return redirect("deals:edit", program=request.place.program.slug, public_id=draft.public_id)
