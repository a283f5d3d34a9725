"""Activities in the workspace: the list, and logging one."""

from django.http import HttpResponseBase
from django.shortcuts import render

from partners.acts.activities import LOG_ACTIVITY, REMOVE_ACTIVITY
from partners.kit.act import page
from partners.models import Partner
from partners.rules.activities import ActivityKind, Nature, nature_of
from partners.selectors import activities_found
from partners.views.gates import PlacedRequest, workspace
from partners.views.lists import asked, asked_day, columns, csv_answer, page_of, wants_csv

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
        "can_log": request.place.can("activities.log"),
        "work": WORK,
        "partners": list(Partner.objects.order_by("name", "pk").values_list("public_id", "name")),
    }
    return render(request, "partners/activities.html", context)


log, remove = page(LOG_ACTIVITY), page(REMOVE_ACTIVITY)
