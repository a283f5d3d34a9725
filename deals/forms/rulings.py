"""The form by which a person rules on a case."""

from collections.abc import Sequence
from typing import Any

from django import forms

from deals.models import Account
from deals.rules.lifecycle import APPROVING, DECLINING, Outcome, Reason
from deals.rules.sentences import SENTENCES
from deals.services.rulings import NEW_ACCOUNT, Decision


def _options(reasons: frozenset[Reason]) -> list[tuple[str, str]]:
    return [(reason.value, str(reason.label)) for reason in Reason if reason in reasons]


class RulingForm(forms.Form):
    """Outcome, ground, the note for the record, the sentence for the partner, and which account it is."""

    outcome = forms.ChoiceField(
        label="Decision",
        widget=forms.RadioSelect,
        choices=[
            (Outcome.UPHOLD_PARTNER, "For the partner: approve"),
            (Outcome.UPHOLD_INCUMBENT, "For what was there before: decline"),
            (Outcome.NOT_A_CONFLICT, "Not a conflict: approve"),
        ],
        error_messages={"required": "How do you decide?"},
    )
    reason = forms.ChoiceField(
        label="Ground",
        choices=[("", "Choose"), ("To approve", _options(APPROVING)), ("To decline", _options(DECLINING))],
        error_messages={"required": "On which ground?"},
    )
    account = forms.ChoiceField(
        label="Who the customer is", widget=forms.RadioSelect, help_text="Needed to approve."
    )
    note = forms.CharField(
        label="Why, for the record",
        help_text="For your colleagues. The partner does not see it.",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why; a decision without grounds is not on record."},
    )
    sentence = forms.CharField(
        label="What the partner reads",
        help_text="Left empty, the usual sentence for the ground is sent. Name no other partner.",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, accounts: Sequence[Account], sure: str = "", **kwargs: Any) -> None:
        """``accounts`` are those the claim may be about; ``sure`` is the public id of the certain one."""
        super().__init__(*args, **kwargs)
        field = self.fields["account"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared so above
        places = {
            row.public_id: f"{row.name} ({row.domain or row.country or 'no website'})" for row in accounts
        }
        field.choices = [*places.items(), (NEW_ACCOUNT, "Somebody else: a new account")]
        field.required = False
        field.initial = sure or None

    def decision(self) -> Decision:
        """What was decided. Call it on a valid form."""
        data = self.cleaned_data
        reason = Reason(data["reason"])
        return Decision(
            outcome=Outcome(data["outcome"]),
            reason=reason,
            note=data["note"],
            sentence=data["sentence"].strip() or SENTENCES[reason],
            account=data["account"],
        )


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
