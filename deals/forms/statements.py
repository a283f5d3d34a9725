"""Asking for a statement, and giving one."""

from django import forms

from deals.services.statements import QUESTION_LENGTH, TEXT_LENGTH


class AskForm(forms.Form):
    """Whom to ask, and what."""

    name = forms.CharField(label="Name", max_length=120, error_messages={"required": "Whom do you ask?"})
    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        help_text="They get a link that works once and needs no account.",
        error_messages={"required": "Where do we send the link?"},
    )
    question = forms.CharField(
        label="Question",
        help_text="Mails are forwarded, so name no partner.",
        max_length=QUESTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "What would you like to know? One question is enough."},
    )


class StatementForm(forms.Form):
    """One's own word."""

    text = forms.CharField(
        label="What you know",
        help_text="Who did what and when. Dates help most.",
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write what you know; one sentence is enough."},
    )
