"""Every component on one page, for the people who build screens. Shown only while DEBUG is on."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from partners.core import clock

STATES = [("approved", "Approved"), ("review", "In review"), ("declined", "Declined")]


class SampleForm(forms.Form):
    """One of each kind of field."""

    customer = forms.CharField(max_length=80, help_text="As the customer writes it.")
    website = forms.CharField(required=False)
    amount = forms.DecimalField(min_value=Decimal(0))
    close_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    state = forms.ChoiceField(choices=STATES)
    why = forms.CharField(widget=forms.Textarea, label="Why them, why now", required=False)
    side = forms.ChoiceField(choices=[("us", "We do it"), ("them", "They do it")], widget=forms.RadioSelect)
    told = forms.BooleanField(label="The customer knows about this registration")


def _rows(request: HttpRequest) -> list[dict[str, Any]]:
    now = clock.now()
    names = ["Nordwind Logistik", "Ardent Bakeries", "Kestrel & Sons", "<b>Pemberton</b>", "Óbuda Gépgyár"]
    rows = [
        {
            "customer": name,
            "state": STATES[i % 3],
            "tone": ("good", "info", "bad")[i % 3],
            "amount": Decimal(12500 * (i + 1)) + Decimal(i) / 4,
            "due": now + timedelta(hours=31 * i - 20),
            "at": now - timedelta(hours=9 * i),
        }
        for i, name in enumerate(names)
        if request.GET.get("q", "").casefold() in name.casefold()
    ]
    sort = request.GET.get("sort", "customer")
    key = sort.removeprefix("-")
    if key in ("customer", "amount"):
        rows.sort(key=lambda row: row[key], reverse=sort.startswith("-"))
    return rows


def styleguide(request: HttpRequest) -> HttpResponse:
    """The page. Raises ``Http404`` in production."""
    if not settings.LOCAL:
        raise Http404
    form = SampleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        messages.success(request, f"{form.cleaned_data['customer']} would be registered now.")
    context = {
        "form": form,
        "rows": _rows(request),
        "states": STATES,
        "tones": ["neutral", "good", "warn", "bad", "info"],
        "page": Paginator(range(120), 50).get_page(request.GET.get("page")),
        "share": {"known": True, "value": 0.44, "low": 0.19, "high": 0.73},
        "now": clock.now(),
        "soon": clock.now() + timedelta(hours=30),
        "past": clock.now() - timedelta(days=3),
    }
    return render(request, "styleguide.html", context, status=422 if form.errors else 200)
