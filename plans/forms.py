"""What a person types about a plan. Shape and length here; the rules are the services'."""

from typing import Any

from django import forms

from partners.models import Partner
from plans.models import Plan
from plans.rules.cadence import LONGEST, SHORTEST
from plans.rules.lifecycle import Quota, Side
from plans.rules.words import LIMITS

MOST_INTEGER = 2**31 - 1


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class DayField(forms.DateField):
    """A calendar day, with the browser's own picker; years that no plan means are refused."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **kwargs)

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day and not 1990 <= day.year <= 2100:
            raise forms.ValidationError("Check the year of this day.")
        return day


class VersionForm(forms.Form):
    """A form about a row that others may change meanwhile: it carries the version that was read."""

    version = forms.IntegerField(
        widget=forms.HiddenInput, required=False, min_value=1, max_value=MOST_INTEGER
    )


class ActForm(VersionForm):
    """A button: what it was shown for."""

    edition = forms.IntegerField(required=False, min_value=1, max_value=MOST_INTEGER)


class NewPlanForm(forms.Form):
    """With whom; the rest is written on the page itself."""

    partner = forms.ChoiceField(label="Partner")
    purpose = forms.CharField(
        label="Joint purpose",
        widget=_lines(3),
        required=False,
        max_length=LIMITS["purpose"],
        help_text="What the two of you want to bring about together, in words both would say.",
    )

    def __init__(self, *args: Any, partners: list[Partner], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.partners = {partner.public_id: partner for partner in partners}
        choices = [(partner.public_id, partner.name) for partner in partners]
        self.fields["partner"].choices = [("", "Choose a partner"), *choices]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Partner:
        return self.partners[self.cleaned_data["partner"]]


class TermsForm(VersionForm):
    """The terms. The aim is asked for only once readiness is met."""

    purpose = forms.CharField(
        label="Joint purpose",
        widget=_lines(3),
        required=False,
        max_length=LIMITS["purpose"],
        help_text="Read out and confirmed at every check-in.",
    )
    why_call_us = forms.CharField(
        label="What their seller gains by calling us",
        widget=_lines(2),
        required=False,
        max_length=LIMITS["why_call_us"],
        help_text="Per deal: money, quota, an easier sale. The plan cannot be agreed without it.",
    )
    retires_quota = forms.ChoiceField(
        label="Does selling this retire their sellers' quota?",
        choices=Quota.choices,
        widget=forms.RadioSelect,
        help_text="Our own note; the partner is not shown it, and answering it changes no term.",
    )
    starts_on = DayField(label="Starts on")
    check_in_days = forms.IntegerField(label="Check in every … days", min_value=SHORTEST, max_value=LONGEST)
    aim_amount = forms.DecimalField(
        label="Pipeline aim", required=False, max_digits=16, decimal_places=2, localize=False
    )
    aim_by = DayField(label="Aim by", required=False)

    def __init__(self, *args: Any, plan: Plan, ready: bool, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A draft may be unfinished; what was proposed says what it is for.
        for name in ("purpose", "why_call_us"):
            self.fields[name].required = plan.proposed_at is not None
        self.fields["aim_amount"].help_text = f"In {currency}. Leave both empty for none."
        if not ready and plan.aim_amount is None:
            del self.fields["aim_amount"], self.fields["aim_by"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        amount, by = data.get("aim_amount"), data.get("aim_by")
        if amount is not None and by is None and "aim_by" not in self.errors:
            self.add_error("aim_by", "Say by when.")
        if by is not None and amount is None and "aim_amount" not in self.errors:
            self.add_error("aim_amount", "Say how much.")
        return data


class CommitmentForm(VersionForm):
    """A promise: what, who, by when."""

    what = forms.CharField(label="What", max_length=LIMITS["what"])
    owner_name = forms.CharField(
        label="Who", max_length=LIMITS["owner_name"], help_text="A person, not a team."
    )
    due_on = DayField(label="By")


class NewCommitmentForm(CommitmentForm):
    """A promise of one side."""

    side = forms.ChoiceField(choices=Side.choices, widget=forms.HiddenInput)


class MilestoneForm(VersionForm):
    """A readiness step and what will prove it."""

    name = forms.CharField(label="Step", max_length=LIMITS["name"], help_text="What they will be able to do.")
    proves = forms.CharField(
        label="What proves it", max_length=LIMITS["proves"], help_text="Something one can see, not a feeling."
    )


class ProofForm(VersionForm):
    """What was seen."""

    proof = forms.CharField(
        label="What was seen", widget=_lines(3), required=False, max_length=LIMITS["proof"]
    )
    proof_link = forms.CharField(label="Link to it", required=False, max_length=LIMITS["proof_link"])
    proven_on = DayField(label="On")


class ReasonForm(VersionForm):
    """Why."""

    reason = forms.CharField(label="Why", widget=_lines(3), max_length=LIMITS["reason"])


class CheckInForm(forms.Form):
    """A conversation."""

    purpose_confirmed = forms.TypedChoiceField(
        label="Is the joint purpose still what both want?",
        choices=[("yes", "Yes, both confirmed it"), ("no", "No, or not everybody")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    said = forms.CharField(label="What was said", widget=_lines(4), max_length=LIMITS["said"])
    agreed = forms.CharField(
        label="What was agreed", widget=_lines(3), required=False, max_length=LIMITS["agreed"]
    )
    held_on = DayField(label="Held on")
    next_on = DayField(
        label="We speak next on", required=False, help_text="Left empty, the rhythm of the plan decides."
    )
