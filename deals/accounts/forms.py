"""The form of a customer's other names."""

from django import forms

from deals.common.form_fields import text_field


class KnownForm(forms.Form):
    """What else a customer is called, and where else it is found."""

    other_names = text_field(
        5,
        label="Other names",
        required=False,
        max_length=6000,
        help_text="One on each line: what it was called before, a short form, a translation.",
    )
    other_domains = text_field(
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
