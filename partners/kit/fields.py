"""What an act asks: fields with label and limits, from which a form's and a body's fields are made."""

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from django import forms
from django.db.models import TextChoices
from rest_framework import serializers

from partners.access import Place
from partners.api.named import offering_named, partner_named
from partners.models import Partner
from partners.selectors import open_offerings

type Pairs = Sequence[tuple[str, str]]
FORM, API = "form", "api"


@dataclass(frozen=True)
class Field:
    """One thing asked. ``help`` stands below it in a form, ``said`` describes it in the API."""

    name: str
    _: KW_ONLY
    label: str = ""
    help: str | Callable[[Place], str] = ""
    said: str = ""
    required: bool = True
    initial: Any = None
    only: str = ""  # FORM or API: the other door does not ask for it
    optional: str = ""  # FORM or API: there it may be left out all the same
    to: str = ""  # what the service calls it, where that is otherwise
    absent: Any = None  # what the service gets when an optional field was left out

    def form_field(self, place: Place) -> forms.Field | None:
        """The field of a form, or None where there is nothing to choose."""
        raise NotImplementedError(type(self).__name__)

    def api_field(self) -> serializers.Field[Any, Any, Any, Any]:
        """The field of a body."""
        raise NotImplementedError(type(self).__name__)

    def value(self, given: Any) -> Any:
        """What the service gets for what was given. Raises ``RuleBroken``."""
        return self.absent if given is None else given

    def shown(self, value: Any) -> Any:
        """What a form begins with for the value a row has."""
        return value

    def _form(self, place: Place, **more: Any) -> dict[str, Any]:
        label = {"label": self.label} if self.label else {}
        said = self.help(place) if callable(self.help) else self.help
        first = self.initial(place) if callable(self.initial) else self.initial
        needed = self.required and self.optional != FORM
        return {**label, "help_text": said, "required": needed, "initial": first} | more

    def _api(self, **more: Any) -> dict[str, Any]:
        needed = self.required and self.optional != API
        return {"required": needed, **({"help_text": self.said} if self.said else {}), **more}


@dataclass(frozen=True)
class Line(Field):
    """A line of text of at most ``longest`` characters."""

    longest: int = 200
    _: KW_ONLY
    absent: Any = ""

    def form_field(self, place: Place) -> forms.Field:
        return forms.CharField(**self._form(place, max_length=self.longest))

    def api_field(self) -> serializers.CharField:
        blank = {} if self.required else {"allow_blank": True}
        return serializers.CharField(**self._api(max_length=self.longest, **blank))


@dataclass(frozen=True)
class Email(Line):
    """An e-mail address."""

    def form_field(self, place: Place) -> forms.Field:
        return forms.EmailField(**self._form(place, max_length=self.longest))

    def api_field(self) -> serializers.EmailField:
        blank = {} if self.required else {"allow_blank": True}
        return serializers.EmailField(**self._api(max_length=self.longest, **blank))


@dataclass(frozen=True)
class Text(Line):
    """Text of several lines."""

    _: KW_ONLY
    rows: int = 3

    def form_field(self, place: Place) -> forms.Field:
        area = forms.Textarea(attrs={"rows": self.rows})
        return forms.CharField(**self._form(place, max_length=self.longest, widget=area))


@dataclass(frozen=True)
class Lines(Text):
    """Several short texts: one a line in a form, a list in the API."""

    _: KW_ONLY
    most: int = 40
    longest_each: int = 200

    def api_field(self) -> serializers.ListField:  # type: ignore[override]  # a list where a form has text
        each = serializers.CharField(max_length=self.longest_each)
        return serializers.ListField(child=each, **self._api(max_length=self.most))

    def value(self, given: Any) -> list[str]:
        return given.splitlines() if isinstance(given, str) else list(given or [])

    def shown(self, value: Any) -> str:
        return "\n".join(value)


@dataclass(frozen=True)
class Day(Field):
    """A day."""

    def form_field(self, place: Place) -> forms.Field:
        # Browsers read a day field's value as ISO only, whatever the language.
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        return forms.DateField(**self._form(place, widget=widget))

    def api_field(self) -> serializers.DateField:
        return serializers.DateField(**self._api(**({} if self.required else {"allow_null": True})))


@dataclass(frozen=True)
class Whole(Field):
    """A whole number between two."""

    _: KW_ONLY
    least: int = 0
    most: int = 2**31 - 1

    def form_field(self, place: Place) -> forms.Field:
        return forms.IntegerField(**self._form(place, min_value=self.least, max_value=self.most))

    def api_field(self) -> serializers.IntegerField:
        return serializers.IntegerField(**self._api(min_value=self.least, max_value=self.most))


@dataclass(frozen=True)
class Flag(Field):
    """Yes or no."""

    _: KW_ONLY
    required: bool = False
    absent: Any = False

    def form_field(self, place: Place) -> forms.Field:
        return forms.BooleanField(**self._form(place))

    def api_field(self) -> serializers.BooleanField:
        return serializers.BooleanField(**self._api())


@dataclass(frozen=True)
class Choice(Field):
    """One of several. ``of`` is an enumeration, or some of its members; ``none`` names the empty choice."""

    _: KW_ONLY
    of: type[TextChoices] | tuple[TextChoices, ...] = ()
    none: str = ""
    radio: bool = False

    @property
    def _pairs(self) -> list[tuple[str, str]]:
        return [(str(member.value), str(member.label)) for member in self.of]

    def form_field(self, place: Place) -> forms.Field:
        first = [("", self.none)] if self.none else []
        more = {"widget": forms.RadioSelect} if self.radio else {}
        return forms.ChoiceField(**self._form(place, choices=[*first, *self._pairs], **more))

    def api_field(self) -> serializers.ChoiceField:
        return serializers.ChoiceField(self._pairs, **self._api())

    def value(self, given: Any) -> Any:
        kind = self.of if isinstance(self.of, type) else type(self.of[0])
        return kind(given) if given else self.absent


@dataclass(frozen=True)
class Picked(Field):
    """A row that is named by its public id: ``rows`` are those a form offers, ``named`` finds one again."""

    _: KW_ONLY
    rows: Callable[[], Sequence[Any]] = tuple
    named: Callable[[str], Any] = str
    first: Pairs | Callable[[Place], Pairs] = ()  # choices before the rows, such as ("", "Unassigned")

    def form_field(self, place: Place) -> forms.Field | None:
        pairs = [(row.public_id, str(getattr(row, "name", row))) for row in self.rows()]
        first = self.first(place) if callable(self.first) else self.first
        return forms.ChoiceField(**self._form(place, choices=[*first, *pairs]))

    def api_field(self) -> serializers.CharField:
        null = {} if self.required else {"allow_null": True}
        return serializers.CharField(**self._api(max_length=20, **null))

    def value(self, given: Any) -> Any:
        return self.named(given) if given else self.absent

    def shown(self, value: Any) -> str:
        return "" if value is None else str(value.public_id)


def _partners() -> Sequence[Partner]:
    return list(Partner.objects.order_by("name", "pk"))


@dataclass(frozen=True)
class PartnerPicked(Picked):
    """A partner."""

    _: KW_ONLY
    rows: Callable[[], Sequence[Any]] = _partners
    named: Callable[[str], Any] = partner_named


@dataclass(frozen=True)
class OfferingPicked(Picked):
    """An offering; a form asks for it only where there are several, and takes the only one otherwise."""

    _: KW_ONLY
    rows: Callable[[], Sequence[Any]] = open_offerings
    named: Callable[[str], Any] = offering_named

    def form_field(self, place: Place) -> forms.Field | None:
        return super().form_field(place) if len(self.rows()) > 1 else None
