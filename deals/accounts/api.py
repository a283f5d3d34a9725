"""Accounts in the API, and making two of them one. Staff only."""

from typing import Any

from django.db.models import QuerySet

from deals.accounts.acts import MERGE, SET_NAMES, UNMERGE
from deals.accounts.selectors import FLAGS, accounts_found
from deals.accounts.shapes import AccountSerializer
from deals.models import Account
from partners.kit.resource import SEARCH, Filter, Resource


class Accounts(Resource):
    """End customers. They come from the CRM, or from a claim that was approved."""

    plural, one_name, many, a = "accounts", "account", "accounts", "an account"
    reads = "accounts.view"
    shape = AccountSerializer
    filters = (SEARCH, Filter("flag", among=list(FLAGS)))
    acts = (MERGE, UNMERGE, SET_NAMES)

    def listed(self, **filters: Any) -> QuerySet[Account]:
        return accounts_found(**filters)

    def rows(self, **_filters: Any) -> QuerySet[Account]:
        """Every account, those merged into another as well: their ids stay good."""
        return Account.objects.select_related("merged_into")
