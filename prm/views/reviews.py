"""Review: the partners one asks about, and deciding on one."""

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from partners.access import access_partner
from partners.core import clock
from partners.core.errors import DomainError, Stale
from partners.forms import blame
from partners.models import PartnerStatus
from partners.views.gates import PlacedRequest, workspace
from partners.views.lists import asked as asked_for
from partners.views.lists import columns, csv_answer, wants_csv
from prm.forms import ReviewForm
from prm.rules.review import LOOK_BACK
from prm.selectors.reviews import about, asked_about, open_registrations, reviews_found, with_rows
from prm.services.reviews import review_partner

LINES = 25
USUAL_PAUSE = timedelta(days=90)
HISTORY = 20
_CSV = columns(
    "id:public_id partner:partner.name decided_at decided_by decision reasons ask_again_on"
    " intent_before intent_after evidence",
    evidence=lambda row: " ".join(signal["evidence"] for signal in row.signals),
)


@workspace("reviews.view")
def page(request: PlacedRequest) -> HttpResponseBase:
    """Who is asked about today, and the latest decisions; ``?format=csv`` gives all decisions."""
    if wants_csv(request):
        return csv_answer("partner-reviews", reviews_found(), _CSV)
    today = clock.today(request.place.program.timezone)
    asked = Paginator(asked_about(today), LINES).get_page(asked_for(request, "page"))
    context = {
        "page": asked,
        "lines": with_rows(list(asked), today),
        "decided": list(reviews_found()[:HISTORY]),
        "look_back": LOOK_BACK,
    }
    return render(request, "prm/reviews.html", context)


@workspace("reviews.view", methods=("GET", "POST"))
def partner(request: PlacedRequest, public_id: str) -> HttpResponse:
    """One partner: the questions with their rows, what was decided before, and deciding now."""
    row = access_partner(public_id)
    today = clock.today(request.place.program.timezone)
    history = list(reviews_found(partner=row.public_id)[:HISTORY])
    usual = {
        "ask_again_on": (today + USUAL_PAUSE).isoformat(),
        "seen": history[0].public_id if history else "",
    }
    form = ReviewForm(request.POST or None, present=row.intent, initial=usual)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            made = review_partner(actor=request.place.actor, partner_id=row.public_id, **form.cleaned_data)
        except DomainError as error:
            blame(form, error)
            status = error.status if isinstance(error, Stale) else 422
        else:
            messages.success(request, f"{row.name}: {made.get_decision_display().lower()}.")
            return redirect("prm:reviews", request.place.program.slug)
    elif form.errors:
        status = 422
    last = {review.partner_id: review for review in history[:1]}
    context = {
        "row": row,
        "asked": with_rows(about([row], today, last=last), today)[0],
        "history": history,
        "form": form,
        "active": row.status == PartnerStatus.ACTIVE,
        "standing": open_registrations(row),
    }
    return render(request, "prm/review.html", context, status=status)
