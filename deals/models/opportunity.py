"""Opportunities and their stage history."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from deals.models.account import Account
from partners.core.clock import now
from partners.core.records import ProgramOwned, TenantRow, Versioned


class OpportunityState(models.TextChoices):
    """Whatever the vendor calls its stages, a deal is one of these."""

    OPEN = "open", "Open"
    WON = "won", "Won"
    LOST = "lost", "Lost"


class Source(models.TextChoices):
    """Where an opportunity came from (R127)."""

    DIRECT = "direct", "Direct"
    SOURCED = "sourced", "Sourced by a partner"
    ROUTED = "routed", "Routed to a partner"


class Opportunity(ProgramOwned, Versioned):
    """A possible sale.

    ``amount`` is in ``currency``; ``program_amount`` is the same in the program's currency at ``rate``, the
    reference rate of ``rate_on``. Days are in the program's time zone. ``stage`` is the vendor's own word.
    """

    partner_path = "partner_id"

    # The database holds this by a reference to program and id (migration 0002). One to the id alone would be
    # looked up once more for each row of a file, and say nothing new.
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    name = models.CharField(max_length=255)
    offering = models.ForeignKey(
        "partners.Offering", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    state = models.CharField(max_length=8, choices=OpportunityState, default=OpportunityState.OPEN)
    stage = models.CharField(max_length=80, blank=True)
    amount = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3)
    program_amount = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    rate = models.DecimalField(max_digits=18, decimal_places=8, default=1)
    rate_on = models.DateField(null=True, blank=True)
    opened_on = models.DateField()
    closes_on = models.DateField(null=True, blank=True, help_text="Expected while open.")
    closed_on = models.DateField(null=True, blank=True)
    owner = models.ForeignKey(
        "partners.Seat", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    owner_name = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=8, choices=Source, default=Source.DIRECT)
    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    partner_share = models.PositiveSmallIntegerField(
        default=100,
        db_default=100,
        help_text="The partner's part of the credit in percent, when a ruling shared it.",
    )
    external_id = models.CharField(max_length=60, blank=True)
    other_ids = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(source="direct", partner__isnull=True)
                | (~models.Q(source="direct") & models.Q(partner__isnull=False)),
                name="opportunity_source_names_its_partner",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | models.Q(amount__gte=0),
                name="opportunity_amount_is_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(partner_share__gte=1, partner_share__lte=100),
                name="opportunity_share_is_a_percentage",
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", closed_on__isnull=True)
                | (~models.Q(state="open") & models.Q(closed_on__isnull=False)),
                name="opportunity_closed_day_goes_with_state",
            ),
            models.UniqueConstraint(
                fields=["program", "external_id"],
                condition=~models.Q(external_id=""),
                name="opportunity_external_id_is_unique",
            ),
        ]
        indexes = [
            models.Index(fields=["program", "partner", "opened_on"], name="opportunity_by_partner"),
            models.Index(fields=["program", "state", "closes_on"], name="opportunity_by_state"),
        ]

    def __str__(self) -> str:
        return self.name


class StageChange(TenantRow):
    """What an opportunity was from an instant on; the newest row says what it is now.

    The month cells are computed from these, so a past month keeps its figures when a deal moves later.
    """

    # One reference to program and opportunity (migration 0002) holds both, and the first index finds them.
    program = models.ForeignKey(
        "partners.Program", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.CASCADE, related_name="stages", db_index=False, db_constraint=False
    )
    on = models.DateField(help_text="Day it came about, program time zone.")
    state = models.CharField(max_length=8, choices=OpportunityState)
    stage = models.CharField(max_length=80, blank=True)
    program_amount = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    recorded_at = models.DateTimeField(default=now)

    class Meta(TenantRow.Meta):
        indexes = [
            models.Index(fields=["program", "opportunity", "on", "id"], name="stage_change_in_order"),
            models.Index(fields=["program", "on"], name="stage_change_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.stage or self.state} on {self.on}"
