"""What the customer chose in writing, and the rules of engagement. Staff only: both may name a rival."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from deals.models.account import Account
from deals.rules.engagement import Stance
from partners.core.records import ProgramOwned, Versioned


class CustomerChoice(ProgramOwned):
    """A customer's own words on whom they want to buy through (R24).

    ``partner`` None means us; ``offering`` None means whatever they buy. ``proof`` says where it is written.
    Of several the newest ``chosen_on`` counts. One that was recorded by mistake, or that the customer took
    back, gets ``ended_at`` and stays on record.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="choices")
    offering = models.ForeignKey(
        "partners.Offering", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    chosen_on = models.DateField(help_text="The day the customer wrote it, program time zone.")
    proof = models.TextField(help_text="Who wrote what, and where it is kept.")
    recorded_by = models.CharField(max_length=120)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.CheckConstraint(condition=~models.Q(proof=""), name="customer_choice_is_proven"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.partner_id or 'us'}"


class EngagementRule(ProgramOwned, Versioned):
    """Who sells to which customers (R36). An empty list means any; the most specific that fits counts."""

    name = models.CharField(max_length=120)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    verticals = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    segments = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    stance = models.CharField(max_length=8, choices=Stance)
    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    text = models.TextField(blank=True, help_text="The rule as people agreed it.")
    active = models.BooleanField(default=True)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(stance="partner", partner__isnull=False)
                | (~models.Q(stance="partner") & models.Q(partner__isnull=True)),
                name="engagement_rule_names_its_partner",
            ),
        ]
        indexes = [models.Index(fields=["program", "active"], name="engagement_rule_in_force")]

    def __str__(self) -> str:
        return self.name
