"""Forms of what our own side does: opening deals, sources, touches, written choices, rules, flags."""

from typing import Any

from django import forms

from deals.forms.fields import AmountField, offer
from deals.models import Account, EngagementRule, Source
from deals.rules.attribution import TouchKind
from deals.rules.claims import NAME_LENGTH
from deals.rules.engagement import Stance
from deals.rules.lifecycle import ConflictKind
from deals.services.choices import PROOF_LENGTH
from deals.services.engagement import Terms
from deals.services.raising import RAISABLE, TEXT_LENGTH
from deals.services.sources import REASON_LENGTH, Deal
from deals.services.touches import NOTE_LENGTH
from partners.models import Offering, Partner
from partners.selectors import open_offerings

US = "us"


def _day(**more: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


def _text(rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(widget=forms.Textarea(attrs={"rows": rows}), **more)


class _Picking(forms.Form):
    """A form in which partners and offerings are picked by public id."""

    partner: Any
    offering: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.partners = {row.public_id: row for row in Partner.objects.order_by("name", "pk")}
        self.offerings = {row.public_id: row for row in open_offerings()}

    def offer_offerings(self, none: str) -> None:
        """Ask for the offering only where there are several."""
        if len(self.offerings) > 1:
            offer(self, "offering", list(self.offerings.values()), ("", none))
        else:
            del self.fields["offering"]

    def chosen_partner(self) -> Partner | None:
        """The partner picked, if one was."""
        return self.partners.get(self.cleaned_data.get("partner", ""))

    def chosen_offering(self) -> Offering | None:
        """The offering picked; the only one there is when it was not asked for."""
        if "offering" not in self.fields and len(self.offerings) == 1:
            return next(iter(self.offerings.values()))
        return self.offerings.get(self.cleaned_data.get("offering", ""))


class OpeningForm(_Picking):
    """A direct opportunity on an account."""

    name = forms.CharField(label="What it is called", max_length=NAME_LENGTH)
    offering = forms.ChoiceField(label="Offering", required=False)
    amount = AmountField(label="Amount", required=False)
    closes_on = _day(label="Expected close", required=False)

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


class SourceForm(_Picking):
    """Whose an opportunity is, and why that changes."""

    source = forms.ChoiceField(label="Source", choices=Source.choices)
    partner = forms.ChoiceField(label="Partner", required=False, help_text="Left empty for a direct one.")
    reason = _text(
        label="Why",
        max_length=REASON_LENGTH,
        help_text="It stays on record. Taking a registered deal from its partner becomes a conflict.",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "partner", list(self.partners.values()), ("", "No partner"))


class KnownForm(forms.Form):
    """What else a customer is called, and where else it is found."""

    other_names = _text(
        5,
        label="Other names",
        required=False,
        max_length=6000,
        help_text="One on each line: what it was called before, a short form, a translation.",
    )
    other_domains = _text(
        3,
        label="Other websites",
        required=False,
        max_length=6000,
        help_text="One on each line, such as acme.com.",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def lines(self, name: str) -> list[str]:
        """What was typed into a field, line by line. Call it on a valid form."""
        return str(self.cleaned_data[name]).splitlines()


class TouchForm(forms.Form):
    """What a partner did, and when."""

    kind = forms.ChoiceField(label="What", choices=TouchKind.choices)
    on = _day(label="When")
    note = _text(2, label="What came of it", max_length=NOTE_LENGTH, required=False)


class StaffTouchForm(_Picking, TouchForm):
    """The same by staff, who say which partner."""

    partner = forms.ChoiceField(label="Partner")
    field_order = ("partner", "kind", "on", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "partner", list(self.partners.values()), ("", "Which partner?"))
        self.fields["note"].help_text = "The partner reads it."


class ChoiceForm(_Picking):
    """What a customer chose in writing."""

    partner = forms.ChoiceField(label="The customer chose")
    offering = forms.ChoiceField(label="For", required=False)
    chosen_on = _day(label="Written on")
    proof = _text(
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


class RuleForm(_Picking):
    """A rule of engagement."""

    name = forms.CharField(label="Name", max_length=120, help_text="Such as: Banks in Germany.")
    stance = forms.ChoiceField(label="Who sells to them", choices=Stance.choices)
    partner = forms.ChoiceField(label="Partner", required=False, help_text="For one named partner.")
    countries = _text(
        2, label="Countries", required=False, max_length=4000, help_text="One a line; empty: any."
    )
    verticals = _text(
        2, label="Verticals", required=False, max_length=4000, help_text="As the CRM writes them; empty: any."
    )
    segments = _text(
        2, label="Segments", required=False, max_length=4000, help_text="As the CRM writes them; empty: any."
    )
    text = _text(label="As it was agreed", required=False, max_length=2000)
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


class RaisingForm(forms.Form):
    """What somebody saw about a claim."""

    kind = forms.ChoiceField(
        label="What it is about", choices=[(kind.value, kind.label) for kind in RAISABLE]
    )
    text = _text(label="What you saw", max_length=TEXT_LENGTH, help_text="Only we read it.")

    def chosen_kind(self) -> ConflictKind:
        """The kind picked."""
        return ConflictKind(self.cleaned_data["kind"])
