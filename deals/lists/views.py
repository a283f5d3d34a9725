"""Check a list: companies from a file looked up among the accounts."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from deals.lists.access import access_list
from deals.lists.selectors import list_rows, lists_found
from deals.lists.services import KEPT_DAYS, MAX_ROWS, discard_list, upload_list
from deals.matching.match import Band
from deals.models import ListRow
from partners.core.errors import RuleBroken
from partners.views.gates import PlacedRequest, workspace
from partners.views.lists import asked, csv_answer, page_of, wants_csv

_BANDS = [
    (Band.SAME.value, "Same"),
    (Band.POSSIBLE.value, "Possibly the same"),
    (Band.RELATED.value, "Related"),
    (Band.DIFFERENT.value, "Not among the accounts"),
]
_ANSWERS = ("query_id", "rank", "account_id", "band", "score", "reasons")


class ListForm(forms.Form):
    """A list of companies."""

    file = forms.FileField(
        label="List",
        help_text=f"CSV with the names in one column; website and country help. Up to {MAX_ROWS:,} rows.",
        allow_empty_file=True,  # the reader says it better
        error_messages={"required": "Choose a file."},
    )


@workspace("accounts.check", methods=("GET", "POST"))
def lists(request: PlacedRequest) -> HttpResponseBase:
    """The lists checked so far, and the form for another one."""
    form = ListForm()
    if request.method == "POST":
        form = ListForm(request.POST, request.FILES)
        if form.is_valid():
            upload = form.cleaned_data["file"]
            try:
                check = upload_list(actor=request.place.actor, name=upload.name, stream=upload.file)
                return redirect("deals:list", program=request.place.program.slug, public_id=check.public_id)
            except RuleBroken as error:
                form.add_error("file", error.sentence)
    context = {"form": form, "page": page_of(request, lists_found(asked(request, "q"))), "kept": KEPT_DAYS}
    return render(request, "deals/lists/all.html", context, status=422 if form.errors else 200)


@workspace("accounts.check")
def list_(request: PlacedRequest, public_id: str) -> HttpResponseBase:
    """One list: how far the workers are, then each row with the accounts it is or may be."""
    check = access_list(public_id)
    if request.htmx and request.GET.get("watch"):
        if check.finished_at is not None:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return render(request, "deals/lists/one.html#work", {"check": check})
    rows = list_rows(check, band=asked(request, "band"), q=asked(request, "q"))
    if wants_csv(request):
        return csv_answer("checked", _lines(rows), [(name, _reader(name)) for name in _ANSWERS])
    context = {"check": check, "page": page_of(request, rows), "bands": _BANDS, "kept": KEPT_DAYS}
    return render(request, "deals/lists/one.html", context)


@workspace("accounts.check", methods=("POST",))
def list_discard(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Throw a list and its answers away."""
    check = access_list(public_id)
    discard_list(actor=request.place.actor, check=check)
    messages.success(request, f"{check.file_name} and its answers are gone.")
    return redirect("deals:lists", program=request.place.program.slug)


def _reader(name: str) -> Any:
    return lambda line: line[name]


def _lines(rows: Iterable[ListRow]) -> Iterator[dict[str, object]]:
    """The answers as ``check_accounts`` writes them; a company without a line is none of the accounts."""
    for row in rows:
        told = [one for one in row.answers or [] if one["band"] in (Band.SAME, Band.POSSIBLE)]
        for rank, answer in enumerate(told, start=1):
            yield {
                "query_id": row.query_id,
                "rank": rank,
                "account_id": answer["account"],
                "band": answer["band"],
                "score": answer["score"],
                "reasons": answer["reasons"],
            }
