"""Fields that several forms have."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms

from deals.rules.money import currency_codes

_GROUPED = re.compile(r"\d{1,3}(?:[ ,\u00a0\u202f']\d{3})+(?:\.\d{1,2})?")


class AmountField(forms.DecimalField):
    """A decimal that may be written with its thousands apart: 25,000 or 25 000.50."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    default_error_messages = {"invalid": "This is no amount. Write a number such as 25000 or 25,000.50."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=16, decimal_places=2, min_value=0, **kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and _GROUPED.fullmatch(value.strip()):
            value = re.sub(r"[^\d.]", "", value)
        return super().to_python(value)


def currency_choices(first: str) -> list[tuple[str, str]]:
    """Currencies by code, after the one that is usual."""
    return [(code, code) for code in (first, *sorted(currency_codes() - {first}))]


def offer(form: forms.Form, name: str, rows: Sequence[Any], *first: tuple[str, str]) -> None:
    """Let rows be picked by their public id in a field of choices, after ``first``."""
    choose(form, name, [*first, *((row.public_id, row.name) for row in rows)])


def choose(form: forms.Form, name: str, choices: Sequence[tuple[str, str]]) -> None:
    """Give a field of choices what there is to choose from."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared so by the form
    field.choices = list(choices)
