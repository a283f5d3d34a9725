"""Accounts in the workspace: the list, the page, other names, merging."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from deals.accounts.access import access_account
from deals.accounts.acts import SET_NAMES, UNMERGE
from deals.accounts.lookup import merge_choices, party_of, related_accounts
from deals.accounts.merging import merge_accounts
from deals.accounts.selectors import (
    accounts_found,
    claims_on_account,
    keys_explained,
    merges_of,
    opportunities_on,
)
from deals.cases.selectors.our_side import open_conflicts_on
from deals.models import Account, Registration
from deals.screening.selectors.engagement import choices_on
from partners.core.errors import DomainError, NotAllowed
from partners.kit.act import page
from partners.views.gates import PlacedRequest, workspace
from partners.views.lists import asked, columns, csv_answer, page_of, wants_csv

_COLUMNS = columns(
    "id:public_id external_id name website country segment owner:owner_name customer:is_customer"
    " named:is_named",
)
_FLAGS = [("customer", "Customers"), ("named", "Named accounts"), ("removed", "Removed in the CRM")]


@workspace("accounts.view")
def accounts(request: PlacedRequest) -> HttpResponseBase:
    """The list of accounts; ``?format=csv`` gives all that match."""
    found = accounts_found(q=asked(request, "q"), flag=asked(request, "flag"), sort=asked(request, "sort"))
    if wants_csv(request):
        return csv_answer("accounts", found, _COLUMNS)
    return render(request, "deals/accounts.html", {"page": page_of(request, found), "flags": _FLAGS})


@workspace("accounts.view")
def account(request: PlacedRequest, public_id: str) -> HttpResponse:
    """One account: its names, what it is found by, its opportunities and the claims on it."""
    row = access_account(public_id)
    context = {
        "row": row,
        "keys": keys_explained(row),
        "opportunities": opportunities_on(row),
        "merges": merges_of(row),
        "related": [] if row.removed_at else related_accounts(party_of(row)),
        "may_merge": request.place.can("accounts.edit"),
        "claims": _claims(request, row),
        "sees_claims": request.place.can("registrations.view"),
        "choices": choices_on(row),
        "open_conflicts": open_conflicts_on(request.place.seat, row),
        "may_choose": request.place.can("choices.record"),
        "may_open": request.place.can("opportunities.open"),
        "may_raise": request.place.can("conflicts.raise"),
    }
    return render(request, "deals/account.html", context)


def _claims(request: PlacedRequest, row: Account) -> Sequence[Registration]:
    """The claims on an account; a direct rep is shown those on their own."""
    own = row.owner_id is not None and row.owner_id == request.place.seat.pk
    return claims_on_account(row) if own or request.place.can("registrations.view") else []


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


names, unmerge = page(SET_NAMES), page(UNMERGE)


def _page(request: PlacedRequest, row: Account, problem: str = "", status: int = 200) -> HttpResponse:
    q = asked(request, "q")
    context = {"row": row, "q": q, "choices": merge_choices(row, q), "problem": problem}
    return render(request, "deals/merge.html", context, status=status)
