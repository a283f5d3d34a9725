"""The form by which a deal is registered, in the portal and by staff for a partner."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from deals.common.form_fields import AmountField, choose, currency_choices, offer
from deals.models import Registration
from deals.rules.claims import NAME_LENGTH, NOTE_LENGTH, Claim
from partners.models import Offering, Partner
from partners.rules.countries import country_choices


class RegistrationForm(forms.Form):
    """What is claimed. With ``draft`` nothing needs to be filled in; the services say what a claim needs."""

    customer_name = forms.CharField(
        label="Customer",
        max_length=NAME_LENGTH,
        help_text="The company that would buy.",
        error_messages={"required": "Who is the customer? Give the company's name."},
    )
    website = forms.CharField(
        label="Website",
        max_length=NAME_LENGTH,
        required=False,
        help_text="Such as acme.com. It is the surest way to tell customers apart.",
    )
    country = forms.ChoiceField(
        label="Country", error_messages={"required": "In which country is the customer?"}
    )
    offering = forms.ChoiceField(
        label="Offering", error_messages={"required": "What would the customer buy?"}
    )
    amount = AmountField(
        label="Expected amount",
        error_messages={"required": "How much do you expect it to be worth? A rough figure will do."},
    )
    currency = forms.ChoiceField(label="Currency", required=False)
    expected_close = forms.DateField(
        label="Expected close",
        help_text="When the customer is likely to decide.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "When do you expect the customer to decide?"},
    )
    note = forms.CharField(
        label="Anything we should know",
        max_length=NOTE_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    partner = forms.ChoiceField(
        label="Partner", error_messages={"required": "For which partner is this registration?"}
    )
    key = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        currency: str,
        offerings: Sequence[Offering],
        partners: Sequence[Partner] | None = None,
        draft: bool = False,
        **kwargs: Any,
    ) -> None:
        """``partners`` is given at the staff door of a new registration, where one of them is chosen."""
        super().__init__(*args, **kwargs)
        self.offerings = {row.public_id: row.pk for row in offerings}
        self.partners = {row.public_id: row.pk for row in partners or ()}
        choose(self, "country", [("", "Choose a country"), *country_choices()])
        choose(self, "currency", currency_choices(currency))
        if len(offerings) > 1:
            offer(self, "offering", offerings, ("", "Choose"))
        else:
            del self.fields["offering"]
        if partners is None:
            del self.fields["partner"]
        else:
            offer(self, "partner", partners, ("", "Choose a partner"))
            self.order_fields(["partner"])
        if draft:
            for name in set(self.fields) - {"partner", "offering"}:
                self.fields[name].required = False

    def claim(self) -> Claim:
        """What was typed. Call it on a valid form."""
        data = self.cleaned_data
        chosen = data.get("offering", "")
        return Claim(
            customer_name=data["customer_name"],
            website=data["website"],
            country=data["country"],
            offering_id=self.offerings.get(chosen) if chosen else None,
            amount=data["amount"],
            currency=data["currency"],
            expected_close=data["expected_close"],
            note=data["note"],
        )

    def partner_id(self) -> int | None:
        """The chosen partner's id; None at the portal, where it is the person's own."""
        return self.partners.get(self.cleaned_data.get("partner", ""))


def _plain(amount: Decimal | None) -> Decimal | None:
    """An amount as people type it: cents only where there are some."""
    if amount is None or amount != amount.to_integral_value():
        return amount
    return amount.to_integral_value()


def typed(registration: Registration) -> dict[str, Any]:
    """A draft as the form's first values."""
    return {
        "customer_name": registration.customer_name,
        "website": registration.website,
        "country": registration.country,
        "offering": registration.offering.public_id,
        "amount": _plain(registration.amount),
        "currency": registration.currency,
        "expected_close": registration.expected_close,
        "note": registration.note,
        "version": registration.version,
    }
