"""Forms of leads: the buyer, the two answers, and giving one up."""

from collections.abc import Sequence
from typing import Any

from django import forms

from deals.common.form_fields import AmountField, choose, currency_choices, offer
from deals.models import Lead
from deals.rules.claims import NAME_LENGTH, NOTE_LENGTH
from deals.rules.leads import ANSWERS, SENTENCE_LENGTH, AnswerReason, Buyer, OfferReason
from partners.models import Offering, Partner
from partners.rules.countries import country_choices

_DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


_OPEN_PART = "A partner reads this before it accepts: no names, no addresses. The rest stays covered."


class BuyerForm(forms.Form):
    """What a partner says of a buyer it gives us; few fields, and only two must be filled in."""

    customer_name = forms.CharField(
        label="Buyer",
        max_length=NAME_LENGTH,
        help_text="The company.",
        error_messages={"required": "Who is the buyer? Give the company's name."},
    )
    website = forms.CharField(label="Website", max_length=NAME_LENGTH, required=False)
    country = forms.ChoiceField(label="Country", required=False)
    contact_name = forms.CharField(label="Whom to speak to", max_length=120, required=False)
    contact_email = forms.CharField(
        label="Their e-mail",
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off"}),
    )
    contact_phone = forms.CharField(label="Their telephone", max_length=40, required=False)
    need = forms.CharField(
        label="What they need",
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "What do they need? One sentence will do."},
    )
    offering = forms.ChoiceField(label="Offering", required=False)
    amount = AmountField(label="Expected amount", required=False)
    currency = forms.ChoiceField(label="Currency", required=False)
    key = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, currency: str, offerings: Sequence[Offering], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offerings = {row.public_id: row.pk for row in offerings}
        choose(self, "country", [("", "Not known"), *country_choices()])
        choose(self, "currency", currency_choices(currency))
        if len(offerings) > 1:
            offer(self, "offering", offerings, ("", "Not known"))
        else:
            del self.fields["offering"]

    def buyer(self) -> Buyer:
        """What was typed. Call it on a valid form."""
        data = {
            name: value for name, value in self.cleaned_data.items() if name in Buyer.__dataclass_fields__
        }
        return Buyer(**data, offering_id=self.offerings.get(self.cleaned_data.get("offering", "")))


class LeadForm(BuyerForm):
    """What staff take down: besides the buyer what routing goes by, and who gave it if a partner did."""

    partner = forms.ChoiceField(
        label="Comes from",
        required=False,
        help_text="Our own are offered to a partner; one a partner gave waits for our answer.",
    )
    vertical = forms.CharField(
        label="Field", max_length=80, required=False, help_text="Such as healthcare; partners name theirs."
    )
    segment = forms.CharField(label="Segment", max_length=80, required=False)
    function = forms.CharField(
        label="Who buys there", max_length=80, required=False, help_text="Such as IT or finance."
    )
    details = forms.CharField(
        label="What opens on acceptance",
        max_length=NOTE_LENGTH,
        required=False,
        help_text="What was said so far. Only the partner that accepts reads it.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    received_on = forms.DateField(label="Received", required=False, widget=_DAY)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, partners: Sequence[Partner] | None, **kwargs: Any) -> None:
        """``partners`` is None when a lead that is there is changed: where it came from stays."""
        super().__init__(*args, **kwargs)
        self.givers = {row.public_id: row.pk for row in partners or ()}
        if partners is None:
            del self.fields["partner"]
        else:
            givers = [(row.public_id, f"Given by {row.name}") for row in partners]
            choose(self, "partner", [("", "Us: to be offered to a partner"), *givers])
        self.fields["need"].help_text = _OPEN_PART
        order = ("partner", "customer_name", "website", "country", "vertical", "segment", "function", "need")
        self.order_fields([*order, "details"])

    def giver_id(self) -> int | None:
        """The partner that gave the lead; None for one of ours."""
        return self.givers.get(self.cleaned_data.get("partner", ""))


def typed(lead: Lead) -> dict[str, Any]:
    """A lead as the form's first values."""
    values = {name: getattr(lead, name) for name in Buyer.__dataclass_fields__ if name != "offering_id"}
    offering = lead.offering.public_id if lead.offering else ""
    return {**values, "offering": offering, "version": lead.version}


class OfferDeclineForm(forms.Form):
    """A partner leaves a lead."""

    reason = forms.ChoiceField(
        label="Reason",
        choices=[("", "Choose"), *OfferReason.choices],
        help_text="We go by it the next time.",
        error_messages={"required": "Choose a reason. It tells us what to send you next time."},
    )
    sentence = forms.CharField(
        label="Comment",
        max_length=SENTENCE_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class LeadDeclineForm(forms.Form):
    """We leave a lead a partner gave us."""

    reason = forms.ChoiceField(
        label="Reason",
        choices=[("", "Choose"), *AnswerReason.choices],
        error_messages={"required": "Choose a reason."},
    )
    sentence = forms.CharField(
        label="Message to the partner",
        max_length=SENTENCE_LENGTH,
        required=False,
        help_text="Left empty, the usual sentence for the ground is sent. Name no other partner.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def answer(self) -> dict[str, str]:
        """Reason and sentence. Call it on a valid form."""
        reason = AnswerReason(self.cleaned_data["reason"])
        return {"reason": reason.value, "sentence": self.cleaned_data["sentence"].strip() or ANSWERS[reason]}


class LeadCloseForm(forms.Form):
    """Giving a lead up."""

    sentence = forms.CharField(
        label="Why",
        max_length=SENTENCE_LENGTH,
        help_text="For ourselves.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Enter a reason."},
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "close_%s", **kwargs})  # it shares a page with a no
