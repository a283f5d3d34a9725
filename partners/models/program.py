"""The program (the tenant), its charter and its offerings."""

from datetime import time
from typing import Any

from django.core.validators import MinLengthValidator, RegexValidator
from django.db import models

from partners.core.clock import now
from partners.core.ids import new_public_id
from partners.core.records import ProgramOwned, Versioned

currency_code = RegexValidator(r"^[A-Z]{3}\Z", "A currency is three capital letters, such as EUR.")


class Program(Versioned):
    """One vendor's partner program.

    Times of day are in ``timezone`` (IANA). ``holidays`` is a list of ISO dates on which no clock runs.
    """

    slug = models.SlugField(max_length=60, unique=True)
    public_id = models.CharField(max_length=20, default=new_public_id, editable=False, unique=True)
    name = models.CharField(max_length=120)
    vendor = models.CharField(max_length=120, help_text="The company whose program this is.")
    currency = models.CharField(max_length=3, validators=[currency_code])
    timezone = models.CharField(max_length=60, default="UTC")
    workday_start = models.TimeField(default=time(9))
    workday_end = models.TimeField(default=time(17))
    holidays = models.JSONField(default=list, blank=True)
    launched_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(workday_start__lt=models.F("workday_end")),
                name="program_workday_has_length",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Origin(models.TextChoices):
    """Why the program exists: the first of the three tests (R39)."""

    SHORTAGE = "shortage", "Demand shortage: we need partners to bring demand"
    OVERFLOW = "overflow", "Demand overflow: we have more demand than we can serve"
    UNKNOWN = "unknown", "Cannot answer yet"


def default_authority() -> dict[str, str]:
    """Who rules on which kind of conflict when the charter says nothing else (kind → role).

    Sales ops decides claims; an appeal goes to somebody else than the one it is against.
    """
    return {"*": "sales_ops", "appeal": "leader"}


class Charter(ProgramOwned):
    """What was agreed at the start. Rows are versions; the newest is in force and none is ever edited."""

    number = models.PositiveIntegerField()
    origin = models.CharField(max_length=12, choices=Origin, default=Origin.UNKNOWN)
    origin_evidence = models.TextField(blank=True)
    sponsor = models.CharField(max_length=120, blank=True)
    authority = models.JSONField(default=default_authority)
    rules_of_engagement = models.TextField(blank=True)
    benefit = models.TextField(
        help_text="What a partner gains by registering a deal: protection, margin, help.",
        validators=[MinLengthValidator(10)],
    )
    decision_days = models.PositiveSmallIntegerField(default=2, help_text="Business days to answer a claim.")
    protection_days = models.PositiveSmallIntegerField(default=90, help_text="Days a claim is protected.")
    extension_days = models.PositiveSmallIntegerField(
        default=30, help_text="Days an extension adds; 0 when there are none."
    )
    extensions_by_rule = models.PositiveSmallIntegerField(
        default=1, help_text="Extensions granted at once while the partner keeps us up to date."
    )
    keepalive_days = models.PositiveSmallIntegerField(
        default=30, help_text="Days after which a protected deal needs word from its partner; 0 for never."
    )
    answer_days = models.PositiveSmallIntegerField(
        default=14, help_text="Days a partner has to answer what we asked."
    )
    appeal_days = models.PositiveSmallIntegerField(default=14, help_text="Appeal window.")
    notice_days = models.PositiveSmallIntegerField(
        default=14,
        help_text="A deal won this soon after its claim was on its way without the partner (R126).",
    )
    comp_redesigned_on = models.DateField(
        null=True, blank=True, help_text="When the direct reps' pay plan was made neutral; empty: it was not."
    )
    comp_rate_direct = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    comp_rate_partner = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    comp_note = models.TextField(blank=True)
    hourly_cost = models.DecimalField(
        max_digits=8,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="What an hour of ours costs, in the program's currency; empty: nobody has said.",
    )
    ramp_months = models.PositiveSmallIntegerField(default=12)
    evaluation_months = models.PositiveSmallIntegerField(default=18)
    sourced_definition = models.TextField(blank=True)
    signed_by = models.CharField(max_length=120, blank=True)
    signed_at = models.DateTimeField(default=now)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.UniqueConstraint(fields=["program", "number"], name="charter_number_is_unique"),
            models.CheckConstraint(
                condition=models.Q(decision_days__gte=1, decision_days__lte=60),
                name="charter_decision_days_are_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(protection_days__gte=1, protection_days__lte=730),
                name="charter_protection_days_are_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    extension_days__lte=365,
                    extensions_by_rule__lte=12,
                    keepalive_days__lte=365,
                    answer_days__gte=1,
                    answer_days__lte=90,
                    appeal_days__lte=90,
                    notice_days__lte=365,
                ),
                name="charter_clocks_are_sane",
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(comp_rate_direct__isnull=True)
                    | models.Q(comp_rate_direct__gte=0, comp_rate_direct__lte=100)
                )
                & (
                    models.Q(comp_rate_partner__isnull=True)
                    | models.Q(comp_rate_partner__gte=0, comp_rate_partner__lte=100)
                ),
                name="charter_rates_are_percentages",
            ),
            models.CheckConstraint(
                condition=models.Q(hourly_cost__isnull=True) | models.Q(hourly_cost__gt=0),
                name="charter_hour_costs_something",
            ),
        ]

    def __str__(self) -> str:
        return f"Charter {self.number}"

    def ruler_of(self, kind: str) -> str:
        """The role that rules on a kind of conflict."""
        table: dict[str, Any] = self.authority
        return str(table.get(kind) or table.get("*") or "sales_ops")


class Offering(ProgramOwned):
    """What is sold. A program starts with one and then is never asked for it."""

    shared_with_partners = True

    name = models.CharField(max_length=120)
    other_names = models.JSONField(default=list, blank=True)
    external_id = models.CharField(max_length=60, blank=True)
    active = models.BooleanField(default=True)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.UniqueConstraint(fields=["program", "name"], name="offering_name_is_unique"),
        ]

    def __str__(self) -> str:
        return self.name
