"""A partner's own deals: the list, the form, the page of one deal. A rival is nowhere in it."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from deals.common.claim_facts import facts_of, protection_days_left, protection_of, terms_in_force
from deals.models import Opportunity, OpportunityState, Registration
from deals.opportunities.selectors import touches_of
from deals.registrations.access import access_registration
from deals.registrations.change import register_again
from deals.registrations.selectors import GROUP_LABELS, benefit_of, change_asked, history, registrations_found
from deals.registrations.submit import withdraw
from deals.registrations.views.acts import act_page
from deals.registrations.views.benefits import benefit_page
from deals.registrations.views.intake import claim_form, promise_in_words, take_in, what_happened
from deals.rules.lifecycle import Move, State
from deals.rules.possible import appeal_until, open_moves, pressing, progress_due
from partners.core import clock
from partners.core.errors import Clash
from partners.selectors import promise_in_force
from partners.views.gates import PlacedRequest, portal
from partners.views.lists import asked, columns, csv_answer, page_of, wants_csv

_COLUMNS = columns(
    "id:public_id customer:customer_name website country state amount currency expected_close"
    " claimed_at answer_due_at:decision_due_at protected_until",
    protected_until=lambda row: (found := protection_of(row)) and found.period.upper.isoformat(),
)


@portal("portal.view")
def deals(request: PlacedRequest) -> HttpResponseBase:
    """The partner's deals; ``?format=csv`` gives all that match."""
    found = registrations_found(
        request.place.actor, q=asked(request, "q"), state=asked(request, "state"), sort=asked(request, "sort")
    )
    if wants_csv(request):
        return csv_answer("deals", found, _COLUMNS)
    page = page_of(request, found)
    for row in page.object_list:
        row.days_left = protection_days_left(row)  # type: ignore[attr-defined]
    states = [*GROUP_LABELS, *State.choices]
    return render(request, "portal/deals.html", {"page": page, "states": states})


@portal("portal.register", methods=("GET", "POST"))
def register(request: PlacedRequest) -> HttpResponse:
    """Register a deal; the promise made in return stands on the form."""
    return _form(request, None)


@portal("portal.register", methods=("GET", "POST"))
def edit(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Go on with a draft."""
    row = access_registration(request.place.actor, public_id)
    if row.state != State.DRAFT:
        return _to(request, row)
    return _form(request, row)


def _form(request: PlacedRequest, draft: Registration | None) -> HttpResponse:
    form = claim_form(request, request.place, draft)
    if request.method == "POST":
        row = take_in(request, request.place, form, draft)
        if row is not None:
            messages.success(request, what_happened(row))
            return _to(request, row)
    promise = promise_in_force()
    hint = promise_in_words(promise)
    context = {"form": form, "draft": draft, "promise": promise, "hint": hint}
    return render(request, "portal/register.html", context, status=422 if form.is_bound else 200)


def _to(request: PlacedRequest, row: Registration) -> HttpResponse:
    return redirect("portal:deal", program=request.place.program.slug, public_id=row.public_id)


@portal("portal.view")
def deal(request: PlacedRequest, public_id: str) -> HttpResponse:
    """One deal: its state, what comes next and until when, and what was promised for it."""
    row = access_registration(request.place.actor, public_id)
    protection, left = protection_of(row), protection_days_left(row)
    opportunity = Opportunity.objects.filter(pk=row.opportunity_id or 0).first()
    facts, terms, moment = facts_of(row), terms_in_force(), clock.now()
    moves = open_moves(facts, request.place.actor.role, terms, moment)
    context = {
        "row": row,
        "moves": moves,
        "first": pressing(facts, terms, moves, moment),
        "appeal_until": appeal_until(facts, terms) if Move.APPEAL in moves else None,
        "progress_due": progress_due(facts, terms),
        "protection": protection,
        "change": change_asked(row),
        "protection_days": (protection.period.upper - protection.period.lower).days if protection else 0,
        "days_left": left,
        "left_text": f"{left} day{'' if left == 1 else 's'} left",
        "deal": opportunity,
        "late": row.decision_due_at is not None and row.decision_due_at <= moment,
        "history": history(row),
        "touches": touches_of(opportunity) if opportunity else [],
        "may_touch": opportunity is not None and opportunity.state == OpportunityState.OPEN,
        "benefit": row.benefit or promise_in_force().benefit,
        "owed": benefit_of(row),
    }
    return render(request, "portal/deal.html", context)


@portal("portal.register", methods=("POST",))
def withdraw_deal(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Take a claim back."""
    row = access_registration(request.place.actor, public_id)
    version = request.POST.get("version", "")
    if not version.isdecimal() or len(version) > 9:
        raise Clash("version", "Open the deal again, then withdraw it.")
    withdraw(actor=request.place.actor, registration=row, expected_version=int(version))
    messages.success(request, f"{Move.WITHDRAW.label}n: {row.customer_name or 'the draft'}.")
    return _to(request, row)


@portal("portal.register", methods=("GET", "POST"))
def act(request: PlacedRequest, public_id: str, verb: str) -> HttpResponse:
    """Answer, appeal, report, ask for more time, change, or take a change back: one page each."""
    row = access_registration(request.place.actor, public_id)
    back = reverse("portal:deal", kwargs={"program": request.place.program.slug, "public_id": row.public_id})
    return act_page(request, row, verb, back=back)


@portal("portal.register", methods=("POST",))
def again(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Begin a new draft from a claim that has ended."""
    row = access_registration(request.place.actor, public_id)
    draft = register_again(actor=request.place.actor, registration=row)
    messages.success(request, "A draft with what you said then. It counts from the moment you register it.")
    return redirect("portal:edit", program=request.place.program.slug, public_id=draft.public_id)


@portal("portal.register", methods=("GET", "POST"))
def benefit(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Say whether the promised benefit came."""
    row = access_registration(request.place.actor, public_id)
    back = reverse("portal:deal", kwargs={"program": request.place.program.slug, "public_id": row.public_id})
    return benefit_page(request, row, back=back)
