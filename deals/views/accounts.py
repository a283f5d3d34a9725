"""Accounts in the workspace."""

from collections.abc import Sequence

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render

from deals.access import access_account
from deals.models import Account, Registration
from deals.selectors.accounts import accounts_found, claims_on_account, keys_explained, opportunities_on
from deals.selectors.engagement import choices_on
from deals.selectors.matching import party_of, related_accounts
from deals.selectors.merges import merges_of
from deals.selectors.vigilance import open_conflicts_on
from partners.views.gates import PlacedRequest, workspace
from partners.views.lists import asked, csv_answer, page_of, wants_csv

_COLUMNS = [
    ("id", lambda row: row.public_id),
    ("external_id", lambda row: row.external_id),
    ("name", lambda row: row.name),
    ("website", lambda row: row.website),
    ("country", lambda row: row.country),
    ("segment", lambda row: row.segment),
    ("owner", lambda row: row.owner_name),
    ("customer", lambda row: "yes" if row.is_customer else "no"),
    ("named", lambda row: "yes" if row.is_named else "no"),
]
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
