"""Shaping what a person typed on the top floor."""

from typing import Any

from django import forms

from partners.models import Intent
from prm.rules.review import ReviewDecision


class ReviewForm(forms.Form):
    """A decision on a partner, why, and when one asks again."""

    decision = forms.ChoiceField(choices=ReviewDecision.choices, widget=forms.RadioSelect)
    reasons = forms.CharField(max_length=4000, label="Why", widget=forms.Textarea(attrs={"rows": 3}))
    ask_again_on = forms.DateField(
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        label="Ask again on",
        help_text="For all but an end: the day by which it is fixed, or on which one looks again.",
    )
    intent = forms.ChoiceField(
        required=False,
        label="What the partnership is for from now on",
        help_text="Only when you expect less.",
    )
    seen = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, *args: Any, present: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = [(value, label) for value, label in Intent.choices if value != present]
        self.fields["intent"].choices = [("", "As before"), *others]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """An end is not asked about again, so the day that was filled in beforehand is left out."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("decision") == ReviewDecision.EXIT:
            data["ask_again_on"] = None
        return data
