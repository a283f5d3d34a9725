"""Shaping what a person typed. Rules stay in services; ``blame`` puts their refusals beside the fields."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms

from partners.core.actor import PARTNER_ROLES, STAFF_ROLES
from partners.core.errors import DomainError, FieldErrors, NotAllowed, NotFound
from partners.models import Charter, CompetingLine, Intent, Origin, Partner, PartnerStatus, Seat
from partners.rules.countries import country_choices
from partners.rules.lines import YesNoUnknown
from partners.rules.terms import AUTHORITY_KINDS, CLOCK_FIELDS
from partners.services.charters import RULERS
from partners.services.partners import LISTS

STAFF_CHOICES = [(role.value, role.label) for role in sorted(STAFF_ROLES, key=lambda role: role.label)]
PARTNER_CHOICES = [(role.value, role.label) for role in sorted(PARTNER_ROLES, key=lambda role: role.label)]
_CLOCKS = tuple(field[0] for field in CLOCK_FIELDS)
# Browsers read a day field's value as ISO only, whatever the language.
_DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
PAY_FIELDS = ("comp_redesigned_on", "comp_rate_direct", "comp_rate_partner", "comp_note", "hourly_cost")


def blame(form: forms.BaseForm, error: DomainError) -> None:
    """Show a refusal at its field, or above the form when the form has no such field."""
    errors = error.errors if isinstance(error, FieldErrors) else {error.field: [error.sentence]}
    for name, sentences in errors.items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, sentence)


def tried[T](form: forms.BaseForm, act: Callable[[], T]) -> T | None:
    """What the act on a valid form gives. None when the form, or the act, refuses what was typed: it says so.

    That one may not, or that there is no such row, is about no field: it is raised.
    """
    if not form.is_valid():
        return None
    try:
        return act()
    except (NotAllowed, NotFound):
        raise
    except DomainError as refusal:
        blame(form, refusal)
        return None


class PartnerForm(forms.Form):
    """A partner organisation; only the name is asked for."""

    name = forms.CharField(max_length=200)
    intent = forms.ChoiceField(
        choices=Intent.choices, initial=Intent.CO_SELL, help_text="What the partnership is for."
    )
    status = forms.ChoiceField(choices=PartnerStatus.choices, initial=PartnerStatus.ACTIVE)
    signed_on = forms.DateField(
        required=False, widget=_DAY, label="Agreement signed", help_text="Starts the ramp clock."
    )
    website = forms.CharField(max_length=255, required=False)
    country = forms.ChoiceField(choices=[("", "Not known"), *country_choices()], required=False)
    manager = forms.ChoiceField(required=False, label="Partner manager")
    goals = forms.CharField(
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What the partner itself wants to reach, in its own words.",
    )
    external_id = forms.CharField(max_length=60, required=False, label="Id in your CRM")
    countries = forms.CharField(
        max_length=400,
        required=False,
        label="Works in",
        help_text="For leads: two-letter codes, such as DE, AT. Empty: anywhere.",
    )
    verticals = forms.CharField(
        max_length=2000, required=False, label="Knows the fields", help_text="Such as healthcare, logistics."
    )
    segments = forms.CharField(max_length=2000, required=False, label="Serves the segments")
    functions = forms.CharField(
        max_length=2000, required=False, label="Knows buyers in", help_text="Such as IT, finance."
    )
    lead_capacity = forms.IntegerField(
        min_value=0,
        max_value=100,
        required=False,
        initial=3,
        label="Leads at once",
        help_text="How many it can work on; 0 sends it none.",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, seats: list[Seat], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Unassigned"), *((seat.public_id, str(seat.user)) for seat in seats)]
        self.fields["manager"].choices = choices  # type: ignore[attr-defined]
        # One that is on record and no country's is shown, so that saving does not lose it unseen.
        if (odd := self.initial.get("country")) and odd not in dict(country_choices()):
            self.fields["country"].choices.append((odd, odd))  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Lists as they are typed: one line, commas between."""
        data: dict[str, Any] = super().clean() or {}
        for name in LISTS:
            if name in data:
                data[name] = data[name].split(",")
        if data.get("lead_capacity") is None:
            data.pop("lead_capacity", None)
        return data

    @staticmethod
    def initial_of(partner: Partner) -> dict[str, Any]:
        """What the form shows for a partner that is there."""
        fields = ("name", "intent", "status", "signed_on", "website", "country", "goals", "external_id")
        values: dict[str, Any] = {name: getattr(partner, name) for name in (*fields, "version")}
        values |= {name: ", ".join(getattr(partner, name)) for name in LISTS}
        values["lead_capacity"] = partner.lead_capacity
        return {**values, "manager": partner.manager.public_id if partner.manager else ""}


class InviteForm(forms.Form):
    """An e-mail and a role; for partner roles also the partner."""

    email = forms.EmailField(max_length=254, label="E-mail")
    name = forms.CharField(max_length=120, required=False)
    role = forms.ChoiceField()
    partner = forms.ChoiceField(required=False, help_text="For partner roles only.")

    def __init__(
        self,
        *args: Any,
        roles: list[tuple[str, str]],
        partners: list[tuple[str, str]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = roles  # type: ignore[attr-defined]
        if partners is None:
            del self.fields["partner"]
        else:
            self.fields["partner"].choices = [("", "None"), *partners]  # type: ignore[attr-defined]


class RoleForm(forms.Form):
    """Another role on the same side."""

    role = forms.ChoiceField()

    def __init__(self, *args: Any, seat: Seat, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = PARTNER_CHOICES if seat.partner_id else STAFF_CHOICES
        self.fields["role"].choices = choices  # type: ignore[attr-defined]
        self.initial = {"role": seat.role}


class AcceptForm(forms.Form):
    """A new person's name, and a password if they want one."""

    name = forms.CharField(max_length=120, label="Your name")
    password = forms.CharField(
        max_length=200,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 10 characters. Leave it empty to sign in by a code sent to your e-mail.",
    )


class TokenForm(forms.Form):
    """What will use the token."""

    name = forms.CharField(
        max_length=120,
        label="What will use it",
        help_text="What stops when you revoke it.",
    )


class LineForm(forms.Form):
    """A product the partner sells that competes with ours."""

    product = forms.CharField(max_length=120)
    vendor = forms.CharField(max_length=120, required=False, label="Made by")
    higher_margin = forms.ChoiceField(
        choices=YesNoUnknown.choices, initial=YesNoUnknown.UNKNOWN, label="Is its margin higher than ours?"
    )
    exclusive = forms.ChoiceField(
        choices=YesNoUnknown.choices,
        initial=YesNoUnknown.UNKNOWN,
        label="Is the partner bound to it exclusively?",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @staticmethod
    def initial_of(line: CompetingLine) -> dict[str, Any]:
        """What the form shows for a line that is there."""
        fields = ("product", "vendor", "higher_margin", "exclusive", "version")
        return {name: getattr(line, name) for name in fields}


def _rate(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        required=False, min_value=0, max_value=100, max_digits=5, decimal_places=2, label=label
    )


class CharterForm(forms.Form):
    """The terms of a charter, and who rules on what."""

    origin = forms.ChoiceField(choices=Origin.choices, label="Why the program exists")
    origin_evidence = forms.CharField(
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Evidence for that",
        help_text="Quota attainment, spend per lead, inbound or delivery backlog: figures with their day.",
    )
    sponsor = forms.CharField(required=False, max_length=120, help_text="Executive sponsor.")
    benefit = forms.CharField(
        max_length=8000,
        min_length=10,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="What a partner gains by registering",
        help_text="Partners read this above the form. Protection, margin, help: what they can hold you to.",
    )
    decision_days = forms.IntegerField(min_value=1, max_value=60, label="Business days to answer a claim")
    protection_days = forms.IntegerField(
        min_value=1, max_value=730, label="Days an approved claim is protected"
    )
    ramp_months = forms.IntegerField(min_value=1, max_value=120, label="Months a partner needs to ramp")
    evaluation_months = forms.IntegerField(
        min_value=1, max_value=120, label="Months before we judge the program"
    )
    sourced_definition = forms.CharField(
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="What counts as sourced",
    )
    rules_of_engagement = forms.CharField(
        required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 4})
    )
    comp_redesigned_on = forms.DateField(
        required=False,
        widget=_DAY,
        label="Reps' pay plan redesigned on",
        help_text="The day from which a rep loses nothing when a partner brings the deal. Empty: it was not.",
    )
    comp_rate_direct = _rate("A rep earns on a direct deal, %")
    comp_rate_partner = _rate("A rep earns on a partner-sourced deal, %")
    comp_note = forms.CharField(
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="How the pay plan works",
    )
    hourly_cost = forms.DecimalField(
        required=False,
        min_value=Decimal("0.01"),
        max_digits=8,
        decimal_places=2,
        label="An hour of our time costs",
        help_text="In the program's currency. Sets minutes against revenue; empty: cannot be said.",
    )
    number = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rulers = [(role.value, role.label) for role in RULERS]
        self.fields["rules_all"] = forms.ChoiceField(choices=rulers, label="Any conflict, unless said below")
        for name, least, most, label, help_text in CLOCK_FIELDS:
            self.fields[name] = forms.IntegerField(
                required=False, min_value=least, max_value=most, label=label, help_text=help_text
            )
        for kind, label in AUTHORITY_KINDS.items():
            self.fields[f"rules_{kind}"] = forms.ChoiceField(
                choices=[("", "Default"), *rulers], required=False, label=label
            )

    @property
    def terms(self) -> list[forms.BoundField]:
        """The fields besides the pay plan and the authority table."""
        return [
            field
            for field in self.visible_fields()
            if field.name == "rules_of_engagement"
            or not (field.name.startswith("rules_") or field.name in (*PAY_FIELDS, *_CLOCKS))
        ]

    @property
    def clocks(self) -> list[forms.BoundField]:
        """How long things take."""
        return [self[name] for name in _CLOCKS]

    @property
    def pay(self) -> list[forms.BoundField]:
        """What direct reps earn, and what an hour costs."""
        return [self[name] for name in PAY_FIELDS]

    @property
    def authority(self) -> list[forms.BoundField]:
        """The authority table, one field per kind."""
        return [self["rules_all"], *(self[f"rules_{kind}"] for kind in AUTHORITY_KINDS)]

    @staticmethod
    def initial_of(charter: Charter) -> dict[str, Any]:
        """What the form shows for the charter in force."""
        fields = ("origin", "origin_evidence", "sponsor", "benefit", "decision_days", "protection_days")
        more = ("ramp_months", "evaluation_months", "sourced_definition", "rules_of_engagement", "number")
        table = {f"rules_{kind}": charter.authority.get(kind, "") for kind in AUTHORITY_KINDS}
        values = {name: getattr(charter, name) for name in (*fields, *more, *PAY_FIELDS, *_CLOCKS)}
        return {**values, **table, "rules_all": charter.ruler_of("*")}

    def as_terms(self, charter: Charter) -> dict[str, Any]:
        """Arguments of ``sign_charter``. Kinds this form does not know keep what the charter says."""
        data = self.cleaned_data
        table = {kind: role for kind, role in charter.authority.items() if kind not in AUTHORITY_KINDS}
        table["*"] = data["rules_all"]
        table |= {kind: data[f"rules_{kind}"] for kind in AUTHORITY_KINDS if data[f"rules_{kind}"]}
        plain = {
            name: value
            for name, value in data.items()
            if name != "number"
            and (not name.startswith("rules_") or name == "rules_of_engagement")
            and not (name in _CLOCKS and value is None)
        }
        return {**plain, "authority": table}
