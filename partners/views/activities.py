"""Activities in the workspace: the list, and logging one."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from partners.access import access_partner
from partners.core.errors import DomainError
from partners.forms import ActivityForm, blame
from partners.models import Partner
from partners.rules.activities import ActivityKind, Nature, nature_of
from partners.selectors import activities_found
from partners.services.activities import log_activity
from partners.views.gates import PlacedRequest, workspace
from partners.views.lists import asked, asked_day, columns, csv_answer, page_of, wants_csv
from partners.views.partners import log_form

_COLUMNS = columns(
    "id:public_id day:happened_on partner:partner.name kind nature minutes note logged_by external_id",
    nature=lambda row: nature_of(ActivityKind(row.kind)).value,
)
WORK = sorted(kind.value for kind in ActivityKind if nature_of(kind) is Nature.WORK)


@workspace("activities.view")
def activities(request: PlacedRequest) -> HttpResponseBase:
    """The list; ``?format=csv`` gives all that match."""
    found = activities_found(
        q=asked(request, "q"),
        partner=asked(request, "partner"),
        kind=asked(request, "kind"),
        since=asked_day(request, "since"),
        until=asked_day(request, "until"),
        sort=asked(request, "sort"),
    )
    if wants_csv(request):
        return csv_answer("activities", found, _COLUMNS)
    context = {
        "page": page_of(request, found),
        "kinds": ActivityKind.choices,
        "work": WORK,
        "partners": list(Partner.objects.order_by("name", "pk").values_list("public_id", "name")),
    }
    return render(request, "partners/activities.html", context)


@workspace("activities.log", methods=("GET", "POST"))
def log(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Log one activity with a partner."""
    partner = access_partner(public_id)
    form = ActivityForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            log_activity(actor=request.place.actor, partner=partner, **form.cleaned_data)
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, f"Logged with {partner.name}.")
            return redirect("partners:partner", request.place.program.slug, public_id)
    status = 422 if form.errors else 200
    if request.method == "GET":
        form = log_form(request.place.program.timezone)
    return render(request, "partners/activity_form.html", {"form": form, "row": partner}, status=status)
