"""Fields and form parts that several forms have."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from rest_framework import serializers

from deals.rules.money import currency_codes
from partners.access import Place
from partners.kit.fields import Field
from partners.models import Offering, Partner
from partners.selectors import open_offerings

_GROUPED = re.compile(r"\d{1,3}(?:[ ,\u00a0\u202f']\d{3})+(?:\.\d{1,2})?")


class AmountField(forms.DecimalField):
    """A decimal that may be written with its thousands apart: 25,000 or 25 000.50."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    default_error_messages = {"invalid": "Enter an amount, such as 1200.50."}

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


def day_field(**more: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


def text_field(rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(widget=forms.Textarea(attrs={"rows": rows}), **more)


class PickingForm(forms.Form):
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


@dataclass(frozen=True)
class Amount(Field):
    """An amount of money."""

    def form_field(self, place: Place) -> AmountField:
        return AmountField(**self._form(place))

    def api_field(self) -> serializers.DecimalField:
        null = {} if self.required else {"allow_null": True}
        return serializers.DecimalField(max_digits=16, decimal_places=2, min_value=0, **self._api(**null))


def in_own_currency(place: Place) -> str:
    """In which currency an amount is typed."""
    return f"In {place.program.currency}."
