"""Customers' written choices and rules of engagement in the workspace."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from deals.accounts.access import access_account
from deals.common.pages import address_of, form_page
from deals.screening.access import access_choice, access_rule
from deals.screening.choices import end_choice, record_choice
from deals.screening.engagement import add_rule, change_rule
from deals.screening.forms import ChoiceForm, RuleForm
from deals.screening.selectors.engagement import rules_listed
from partners.forms import tried
from partners.views.gates import PlacedRequest, workspace


@workspace("program.view")
def rules(request: PlacedRequest) -> HttpResponse:
    """The rules, those in force first."""
    context = {"rules": rules_listed()[:500], "may_edit": request.place.can("program.edit")}
    return render(request, "deals/engagement.html", context)


@workspace("program.edit", methods=("GET", "POST"))
def rule_new(request: PlacedRequest) -> HttpResponse:
    """A new rule."""
    form = RuleForm(request.POST or None)
    if tried(form, lambda: add_rule(actor=request.place.actor, terms=form.terms())):
        messages.success(request, "The rule counts for claims made from now on.")
        return redirect(_back(request))
    return _page(request, form, "A rule of engagement", "Add the rule")


@workspace("program.edit", methods=("GET", "POST"))
def rule(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Change a rule, or take it out of force."""
    row = access_rule(public_id)
    form = RuleForm(request.POST or None, initial=RuleForm.initial_of(row))
    if tried(
        form,
        lambda: change_rule(
            actor=request.place.actor,
            rule=row,
            terms=form.terms(),
            expected_version=form.cleaned_data["version"],
        ),
    ):
        messages.success(request, "The rule is changed for claims made from now on.")
        return redirect(_back(request))
    return _page(request, form, row.name, "Change the rule")


def _back(request: PlacedRequest) -> str:
    return reverse("deals:engagement", kwargs={"program": request.place.program.slug})


def _page(request: PlacedRequest, form: RuleForm, title: str, submit: str) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "hint": "Claims on customers that fit are screened by it; the most specific rule counts.",
        "of": "Rules of engagement",
        "back": _back(request),
        "submit": submit,
    }
    return render(request, "deals/dealing.html", context, status=422 if form.is_bound else 200)


@workspace("choices.record", methods=("GET", "POST"))
def choice(request: PlacedRequest, public_id: str) -> HttpResponse:
    """Put a customer's written choice on record."""
    account = access_account(public_id)
    form = ChoiceForm(request.POST or None, vendor=request.place.program.vendor)
    back = address_of(request, "deals:account", public_id)
    if tried(
        form,
        lambda: record_choice(
            actor=request.place.actor,
            account=account,
            partner=form.chosen_partner(),
            offering=form.chosen_offering(),
            chosen_on=form.cleaned_data["chosen_on"],
            proof=form.cleaned_data["proof"],
        ),
    ):
        messages.success(request, "The customer's choice is on record.")
        return redirect(back)
    hint = "Whom the customer chose in writing comes first when two interests meet. The newest choice counts."
    return form_page(
        request,
        form,
        title="The customer's choice",
        hint=hint,
        of=account.name,
        back=back,
        submit="Put on record",
    )


@workspace("choices.record", methods=("POST",))
def choice_end(request: PlacedRequest, public_id: str) -> HttpResponse:
    """A choice that no longer holds."""
    row = access_choice(public_id)
    end_choice(actor=request.place.actor, choice=row)
    messages.success(request, "The choice no longer counts; it stays on record.")
    return redirect(address_of(request, "deals:account", row.account.public_id))
