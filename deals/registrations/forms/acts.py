"""The forms of what happens to a registration after its submission."""

from dataclasses import replace
from typing import Any

from django import forms

from deals.registrations.forms.claim import RegistrationForm
from deals.registrations.returns import QUESTION_LENGTH
from deals.rules.claims import Claim
from deals.rules.lengths import NOTE_LENGTH, SENTENCE_LENGTH
from deals.rules.lifecycle import REVOKING, Reason
from deals.rules.reviews import ASKABLE, opened
from deals.rules.sentences import SENTENCES

_MOST = 2**31 - 1


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class Versioned(forms.Form):
    """A form that knows which version of the row it was opened on."""

    version = forms.IntegerField(required=False, min_value=1, max_value=_MOST, widget=forms.HiddenInput)


class TextForm(Versioned):
    """One thing, in words."""

    text = forms.CharField(widget=_lines(4))

    def __init__(self, *args: Any, label: str, help_text: str, longest: int, missing: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["text"] = forms.CharField(
            label=label,
            help_text=help_text,
            max_length=longest,
            widget=_lines(4),
            error_messages={"required": missing},
        )


class QuestionForm(Versioned):
    """What we ask the partner, and what opens up for the answer."""

    question = forms.CharField(
        label="Your question",
        help_text="The partner reads it as you write it. Name no other partner.",
        max_length=QUESTION_LENGTH,
        widget=_lines(3),
        error_messages={"required": "What do you want to know?"},
    )
    fields_asked = forms.MultipleChoiceField(
        label="What the partner may change for the answer",
        choices=list(ASKABLE.items()),
        initial=["note"],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one, such as “What we should know”."},
    )

    def __init__(self, *args: Any, offerings: int, **kwargs: Any) -> None:
        """``offerings`` is how many the program has; a single one is never asked for."""
        super().__init__(*args, **kwargs)
        if offerings < 2:
            field = self.fields["fields_asked"]
            assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - declared so above
            field.choices = [choice for choice in ASKABLE.items() if choice[0] != "offering"]


class ExtensionForm(Versioned):
    """Whether an extension is granted."""

    granted = forms.ChoiceField(
        label="Decision",
        choices=[("yes", "Extend the protection"), ("no", "Let it end")],
        widget=forms.RadioSelect,
        error_messages={"required": "How do you decide?"},
    )
    sentence = forms.CharField(
        label="Message to the partner",
        max_length=SENTENCE_LENGTH,
        widget=_lines(2),
        error_messages={"required": "Say it to the partner in a sentence."},
    )


class RevocationForm(Versioned):
    """Why an approval is taken back."""

    reason = forms.ChoiceField(
        label="Reason",
        choices=[("", "Choose"), *((r.value, r.label) for r in Reason if r in REVOKING)],
        error_messages={"required": "Choose a reason."},
    )
    note = forms.CharField(
        label="Why, for the record",
        help_text="For your colleagues. The partner does not see it.",
        max_length=NOTE_LENGTH,
        widget=_lines(3),
        error_messages={"required": "Say why; a decision without grounds is not on record."},
    )
    sentence = forms.CharField(
        label="Message to the partner",
        help_text="Left empty, the usual sentence for the ground is sent. Name no other partner.",
        max_length=SENTENCE_LENGTH,
        required=False,
        widget=_lines(2),
    )

    def told(self) -> str:
        """The sentence for the partner. Call it on a valid form."""
        return self.cleaned_data["sentence"].strip() or SENTENCES[Reason(self.cleaned_data["reason"])]


class PartForm(RegistrationForm):
    """The part of a claim that may be changed now; the rest stays as it is."""

    def __init__(self, *args: Any, before: Claim, asked: list[str] | None = None, **kwargs: Any) -> None:
        """``asked`` are the fields that open up; None opens all."""
        super().__init__(*args, **kwargs)
        self.before = before
        if asked is not None:
            self.fields["note"].help_text = "Answer here in words, beside what you wrote before."
        for name in {"key"} | (set(ASKABLE) | {"currency"} if asked is not None else set()):
            if name in self.fields and (asked is None or name not in opened(asked)):
                del self.fields[name]

    def claim(self) -> Claim:
        """The whole claim as it would be. Call it on a valid form."""
        data = self.cleaned_data
        given = {name: data[name] for name in Claim.__dataclass_fields__ if name in data}
        if data.get("offering"):
            given["offering_id"] = self.offerings.get(data["offering"])
        return replace(self.before, **given)
