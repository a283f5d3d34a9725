"""Working hours and holidays of the program."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render

from partners.core.errors import DomainError, Stale
from partners.forms import blame
from partners.models import Program
from partners.rules.hours import read_days
from partners.services.hours import change_hours
from partners.views.gates import PlacedRequest, workspace

# Browsers read a time field's value in this form only, whatever the language.
_TIME = forms.TimeInput(format="%H:%M", attrs={"type": "time"})


class HoursForm(forms.Form):
    """When the program works."""

    timezone = forms.CharField(max_length=60, label="Time zone", help_text="Such as Europe/Berlin.")
    workday_start = forms.TimeField(widget=_TIME, label="The working day begins")
    workday_end = forms.TimeField(widget=_TIME, label="It ends")
    holidays = forms.CharField(
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 8}),
        label="Holidays",
        help_text="One day a line, such as 2026-12-25. No clock runs on them. Weekends need not be listed.",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_holidays(self) -> list[Any]:
        """The days."""
        days, wrong = read_days(self.cleaned_data["holidays"])
        if wrong:
            raise ValidationError(f"{', '.join(wrong[:5])}: write days such as 2026-12-25.")
        return days

    @staticmethod
    def initial_of(program: Program) -> dict[str, Any]:
        """What the form shows."""
        fields = ("timezone", "workday_start", "workday_end", "version")
        values: dict[str, Any] = {name: getattr(program, name) for name in fields}
        return {**values, "holidays": "\n".join(str(day) for day in program.holidays)}


@workspace("program.edit", methods=("GET", "POST"))
def hours(request: PlacedRequest) -> HttpResponse:
    """Change them."""
    program = request.place.program
    form = HoursForm(request.POST or None, initial=HoursForm.initial_of(program))
    status = 200
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            change_hours(actor=request.place.actor, expected_version=values.pop("version"), **values)
        except DomainError as error:
            blame(form, error)
            status = error.status if isinstance(error, Stale) else 422
        else:
            messages.success(request, "Deadlines are counted by these hours from now on.")
            return redirect("partners:program", program.slug)
    elif form.errors:
        status = 422
    return render(request, "partners/hours_form.html", {"form": form}, status=status)
