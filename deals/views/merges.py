"""Two accounts made one in the workspace, and back again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from deals.access import access_account
from deals.models import Account, AccountMerge
from deals.selectors.merges import merge_choices
from deals.services.merges import merge_accounts, undo_merge
from partners.core.errors import DomainError, NotAllowed, NotFound
from partners.views.gates import PlacedRequest, workspace
from partners.views.lists import asked


@workspace("accounts.edit", methods=("GET", "POST"))
def merge(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Choose the account that this one turned out to be, and move everything there."""
    row = access_account(public_id)
    if request.method == "GET":
        return _page(request, row)
    into, version = str(request.POST.get("into", "")), str(request.POST.get("version", ""))
    kept = Account.objects.filter(public_id=into, removed_at__isnull=True).first() if into.isalnum() else None
    if kept is None:
        return _page(request, row, "Choose the account that stays.", 422)
    try:
        merge_accounts(
            actor=request.place.actor,
            kept=kept,
            merged=row,
            expected_version=int(version) if version.isascii() and version.isdigit() else 0,
        )
    except NotAllowed:
        raise
    except DomainError as refusal:
        return _page(request, row, str(refusal), refusal.status)
    messages.success(request, f"{row.name} is now part of {kept.name}. It can be undone below.")
    return redirect("deals:account", program=request.place.program.slug, public_id=kept.public_id)


@workspace("accounts.edit", methods=("POST",))
def unmerge(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Take the merge of this account into another back."""
    row = access_account(public_id)
    done = AccountMerge.objects.filter(merged=row, undone_at__isnull=True).select_related("kept").first()
    if done is None:
        raise NotFound("This account is not merged into another.")
    undo_merge(actor=request.place.actor, merge=done)
    messages.success(request, f"{row.name} is an account of its own again.")
    return redirect("deals:account", program=request.place.program.slug, public_id=row.public_id)


def _page(request: PlacedRequest, row: Account, problem: str = "", status: int = 200) -> HttpResponse:
    q = asked(request, "q")
    context = {"row": row, "q": q, "choices": merge_choices(row, q), "problem": problem}
    return render(request, "deals/merge.html", context, status=status)
