"""Forms of customers' written choices and of rules of engagement."""

from typing import Any

from django import forms

from deals.common.form_fields import PickingForm, day_field, offer, text_field
from deals.models import EngagementRule
from deals.rules.engagement import Stance
from deals.screening.choices import PROOF_LENGTH
from deals.screening.engagement import Terms
from partners.models import Offering

US = "us"


class ChoiceForm(PickingForm):
    """What a customer chose in writing."""

    partner = forms.ChoiceField(label="The customer chose")
    offering = forms.ChoiceField(label="For", required=False)
    chosen_on = day_field(label="Written on")
    proof = text_field(
        label="Proof", max_length=PROOF_LENGTH, help_text="Who wrote what to whom, and where it is kept."
    )

    def __init__(self, *args: Any, vendor: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "partner", list(self.partners.values()), ("", "Choose"), (US, f"{vendor} itself"))
        self.offer_offerings("Whatever they buy")

    def chosen_offering(self) -> Offering | None:
        """The offering picked; None for whatever they buy."""
        return self.offerings.get(self.cleaned_data.get("offering", ""))


def lines(text: str) -> list[str]:
    """Words typed one a line, or with commas between them."""
    return [word.strip() for word in text.replace("\n", ",").split(",") if word.strip()]


class RuleForm(PickingForm):
    """A rule of engagement."""

    name = forms.CharField(label="Name", max_length=120, help_text="Such as: Banks in Germany.")
    stance = forms.ChoiceField(label="Who sells to them", choices=Stance.choices)
    partner = forms.ChoiceField(label="Partner", required=False, help_text="For one named partner.")
    countries = text_field(
        2, label="Countries", required=False, max_length=4000, help_text="One a line; empty: any."
    )
    verticals = text_field(
        2, label="Verticals", required=False, max_length=4000, help_text="As the CRM writes them; empty: any."
    )
    segments = text_field(
        2, label="Segments", required=False, max_length=4000, help_text="As the CRM writes them; empty: any."
    )
    text = text_field(label="As it was agreed", required=False, max_length=2000)
    active = forms.BooleanField(label="In force", required=False, initial=True)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "partner", list(self.partners.values()), ("", "No partner"))

    def terms(self) -> Terms:
        """What was typed. Call it on a valid form."""
        data = self.cleaned_data
        return Terms(
            name=data["name"],
            stance=Stance(data["stance"]),
            partner=self.chosen_partner(),
            countries=lines(data["countries"]),
            verticals=lines(data["verticals"]),
            segments=lines(data["segments"]),
            text=data["text"],
            active=data["active"],
        )

    @staticmethod
    def initial_of(row: EngagementRule) -> dict[str, Any]:
        """A rule as the form's first values."""
        return {
            "name": row.name,
            "stance": row.stance,
            "partner": row.partner.public_id if row.partner else "",
            "countries": "\n".join(row.countries),
            "verticals": "\n".join(row.verticals),
            "segments": "\n".join(row.segments),
            "text": row.text,
            "active": row.active,
            "version": row.version,
        }
