"""Customers' written choices and rules of engagement in the workspace."""

from django.http import HttpResponse
from django.shortcuts import render

from deals.screening.acts import ADD_RULE, CHANGE_RULE, END_CHOICE, RECORD_CHOICE
from deals.screening.selectors.engagement import rules_listed
from partners.kit.act import page
from partners.views.gates import PlacedRequest, workspace


@workspace("program.view")
def rules(request: PlacedRequest) -> HttpResponse:
    """The rules, those in force first."""
    context = {"rules": rules_listed()[:500], "may_edit": request.place.can("program.edit")}
    return render(request, "deals/engagement.html", context)


rule_new, rule = page(ADD_RULE), page(CHANGE_RULE)
choice, choice_end = page(RECORD_CHOICE), page(END_CHOICE)
