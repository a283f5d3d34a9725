"""Forms of opportunities: opened, closed, their source, and partners' touches."""

from typing import Any

from django import forms

from deals.common.form_fields import AmountField, PickingForm, day_field, offer, text_field
from deals.models import Account, Source
from deals.opportunities.source import REASON_LENGTH, Deal
from deals.opportunities.touches import NOTE_LENGTH
from deals.rules.attribution import TouchKind
from deals.rules.claims import NAME_LENGTH


class OpeningForm(PickingForm):
    """A direct opportunity on an account."""

    name = forms.CharField(label="What it is called", max_length=NAME_LENGTH)
    offering = forms.ChoiceField(label="Offering", required=False)
    amount = AmountField(label="Amount", required=False)
    closes_on = day_field(label="Expected close", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_offerings("Not known yet")

    def deal(self, account: Account) -> Deal:
        """What was typed, on that account. Call it on a valid form."""
        data = self.cleaned_data
        return Deal(
            name=data["name"],
            account=account,
            offering=self.chosen_offering(),
            amount=data["amount"],
            closes_on=data["closes_on"],
        )


class SourceForm(PickingForm):
    """Whose an opportunity is, and why that changes."""

    source = forms.ChoiceField(label="Source", choices=Source.choices)
    partner = forms.ChoiceField(label="Partner", required=False, help_text="Left empty for a direct one.")
    reason = text_field(
        label="Why",
        max_length=REASON_LENGTH,
        help_text="It stays on record. Taking a registered deal from its partner becomes a conflict.",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "partner", list(self.partners.values()), ("", "No partner"))


class TouchForm(forms.Form):
    """What a partner did, and when."""

    kind = forms.ChoiceField(label="What", choices=TouchKind.choices)
    on = day_field(label="When")
    note = text_field(2, label="What came of it", max_length=NOTE_LENGTH, required=False)


class StaffTouchForm(PickingForm, TouchForm):
    """The same by staff, who say which partner."""

    partner = forms.ChoiceField(label="Partner")
    field_order = ("partner", "kind", "on", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "partner", list(self.partners.values()), ("", "Which partner?"))
        self.fields["note"].help_text = "The partner reads it."


class ClosingForm(forms.Form):
    """How an opportunity ended."""

    state = forms.ChoiceField(label="It was", choices=[("won", "Won"), ("lost", "Lost")])
    closed_on = forms.DateField(
        label="On",
        required=False,
        help_text="Today when left empty.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
