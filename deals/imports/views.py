"""Files in the workspace: upload, columns, check, load."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from deals.imports.access import access_import
from deals.imports.files import progress_now, rejected_rows, stored_bytes
from deals.imports.forms import MappingForm, UploadForm
from deals.imports.run import plan_of
from deals.imports.selectors import imports_found, preview, problems_of
from deals.imports.services import (
    SAMPLE_ROWS,
    ask_check,
    ask_load,
    change_mapping,
    discard_import,
    is_waiting,
    upload_file,
)
from deals.models import Import, ImportState
from partners.core.errors import DomainError, RuleBroken
from partners.core.text import csv_safe
from partners.views.gates import PlacedRequest, workspace
from partners.views.lists import asked, csv_answer, page_of, wants_csv

_COLUMNS = [
    ("id", lambda row: row.public_id),
    ("file", lambda row: row.file_name),
    ("kind", lambda row: row.kind),
    ("state", lambda row: row.state),
    ("by", lambda row: row.asked_by_name),
    ("at", lambda row: row.created_at.isoformat()),
    *(
        (name, lambda row, name=name: row.summary.get(name, ""))
        for name in ("read", "created", "updated", "unchanged", "rejected")
    ),
]


@workspace("files.import", methods=("GET", "POST"))
def imports(request: PlacedRequest) -> HttpResponseBase:
    """The files brought so far, and the form for another one."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            upload = form.cleaned_data["file"]
            try:
                file = upload_file(
                    actor=request.place.actor,
                    name=upload.name,
                    stream=upload.file,
                    kind=form.cleaned_data["kind"] or None,
                )
                return _to(request, file)
            except RuleBroken as error:
                form.add_error("file", error.sentence)
    found = imports_found(q=asked(request, "q"), state=asked(request, "state"), sort=asked(request, "sort"))
    if wants_csv(request):
        return csv_answer("imports", found, _COLUMNS)
    context = {"form": form, "page": page_of(request, found), "states": ImportState.choices}
    return render(request, "deals/imports/list.html", context, status=422 if form.errors else 200)


@workspace("files.import")
def import_(request: PlacedRequest, public_id: str) -> HttpResponse:
    """One file: its columns, its first rows, what a check found, how far a worker is."""
    file = access_import(public_id)
    if is_waiting(file):
        context = {"file": file, "progress": progress_now(file)}
        name = "#work" if request.htmx else ""
        return render(request, f"deals/imports/working.html{name}", context)
    if request.htmx and request.GET.get("watch"):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return _page(request, file, MappingForm(file))


@workspace("files.import", methods=("POST",))
def import_columns(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Keep the choices about columns; with ``then=check`` have the whole file checked at once."""
    file = access_import(public_id)
    form = MappingForm(file, request.POST)
    if not form.is_valid():
        return _page(request, file, form, status=422)
    data = form.cleaned_data
    try:
        changed = change_mapping(
            actor=request.place.actor,
            file=file,
            mapping=form.mapping(),
            kind=data["kind"],
            date_order=data["date_order"],
            decimal_mark=data["decimal_mark"],
            expected_version=data["version"],
        )
        if request.POST.get("then") == "check":
            ask_check(actor=request.place.actor, file=changed)
    except DomainError as error:
        form.add_error(None, error.sentence)
        return _page(request, access_import(public_id), form, status=error.status)
    return _to(request, file)


@workspace("files.import", methods=("POST",))
def import_load(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Have a checked file loaded."""
    file = access_import(public_id)
    ask_load(actor=request.place.actor, file=file)
    return _to(request, file)


@workspace("files.import", methods=("POST",))
def import_discard(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Throw a file away that was not loaded."""
    discard_import(actor=request.place.actor, file=access_import(public_id))
    return redirect("deals:imports", program=request.place.program.slug)


@workspace("files.import")
def import_rejected(request: PlacedRequest, public_id: str) -> HttpResponseBase:
    """The rejected rows as they were written, with their reasons, as CSV."""
    file = access_import(public_id)
    header, *rows = rejected_rows(file)
    name = csv_safe(file.file_name.rsplit(".", 1)[0])
    columns = [(title, lambda row, at=at: row[at]) for at, title in enumerate(header)]
    return csv_answer(
        f"rejected {''.join(c if c.isalnum() or c in '-_' else '-' for c in name)}", rows, columns
    )


def _page(request: PlacedRequest, file: Import, form: MappingForm, status: int = 200) -> HttpResponse:
    loaded = file.state == ImportState.DONE
    plan = plan_of(file, request.place.program)
    shown = {} if loaded else preview(plan, stored_bytes(file), SAMPLE_ROWS, encoding=file.encoding)
    context = {
        "file": file,
        "form": form,
        "rows": form.rows(file.sample),
        "questions": form.reading.questions,
        "preview": shown,
        "problems": page_of(request, problems_of(file)),
        "loaded": loaded,
        "ready": file.state == ImportState.CHECKED,
        "to_load": file.summary.get("created", 0) + file.summary.get("updated", 0),
    }
    return render(request, "deals/imports/import.html", context, status=status)


def _to(request: PlacedRequest, file: Import) -> HttpResponse:
    place = request.place.program.slug
    return redirect("deals:import", program=place, public_id=file.public_id)
