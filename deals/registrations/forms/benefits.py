"""The form in which either side says whether a promised benefit was delivered."""

from typing import Any

from django import forms

from deals.registrations.benefits import NOTE_LENGTH


class BenefitForm(forms.Form):
    """Delivered or not, since when, and a sentence. The partner is not asked for the day."""

    delivered = forms.ChoiceField(
        label="Was it delivered?",
        choices=[("yes", "Yes"), ("no", "No")],
        widget=forms.RadioSelect,
        error_messages={"required": "Yes or no?"},
    )
    on = forms.DateField(
        label="On",
        required=False,
        help_text="Today unless said. Left out for a no.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    note = forms.CharField(
        label="In a sentence",
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, by_partner: bool, **kwargs: Any) -> None:
        """``by_partner``: the partner's people answer, otherwise staff."""
        super().__init__(*args, **kwargs)
        self.fields["note"].help_text = "What you got, or what is missing. A no needs it."
        if by_partner:
            self.fields["delivered"].label = "Did you get what you were promised?"
            del self.fields["on"]
        else:
            self.fields[
                "note"
            ].help_text = (
                "What was delivered, or why not; a no needs it. The partner reads it: name no other partner."
            )
