"""The rules of engagement in the workspace: everybody on the staff reads them, the leader makes them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from deals.access import access_rule
from deals.forms.dealings import RuleForm
from deals.selectors.engagement import rules_listed
from deals.services.engagement import add_rule, change_rule
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
