"""Customers' written choices and rules of engagement in the API."""

from typing import Any

from django.db.models import QuerySet

from deals.models import Account, CustomerChoice, EngagementRule
from deals.screening.acts import ADD_RULE, CHANGE_RULE, END_CHOICE, RECORD_CHOICE
from deals.screening.selectors.engagement import rules_listed
from deals.screening.shapes import ChoiceSerializer, RuleSerializer
from partners.kit.resource import Beside, Resource


def _choices() -> QuerySet[CustomerChoice]:
    return CustomerChoice.objects.select_related("account", "partner", "offering")


class AccountChoices(Resource):
    """Customers' written choices. Staff only."""

    plural, one_name = "accounts", "account"
    acts = (RECORD_CHOICE,)
    beside = (
        Beside(
            "choices",
            lambda account: _choices().filter(account=account),
            gate="accounts.view",
            shape=ChoiceSerializer,
            summary="List what a customer chose in writing",
        ),
    )

    def rows(self, **_filters: Any) -> QuerySet[Account]:
        return Account.objects.all()


class Choices(Resource):
    """Customers' written choices. Staff only."""

    plural, one_name, shape = "choices", "choice", ChoiceSerializer
    acts = (END_CHOICE,)

    def rows(self, **_filters: Any) -> QuerySet[CustomerChoice]:
        return _choices()


class EngagementRules(Resource):
    """Who sells to which customers. Claims are screened by the rules in force."""

    plural, one_name = "engagement-rules", "engagement-rule"
    many, a = "the rules of engagement", "a rule of engagement"
    reads = "program.view"
    shape = RuleSerializer
    making, changing = ADD_RULE, CHANGE_RULE

    def rows(self, **_filters: Any) -> QuerySet[EngagementRule]:
        return rules_listed()
