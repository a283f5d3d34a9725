"""Partner organisations."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from partners.core.records import ProgramOwned, Versioned


class Intent(models.TextChoices):
    """What the partnership is for; each kind is expected to bring other things (R15)."""

    MARQUEE = "marquee", "Marquee"
    REFERRAL = "referral", "Referral"
    CO_SELL = "co_sell", "Co-sell"
    RESELL = "resell", "Resell"
    DELIVER = "deliver", "Deliver"


class PartnerStatus(models.TextChoices):
    """Where the agreement stands."""

    PROSPECT = "prospect", "Prospect"
    ACTIVE = "active", "Active"
    ENDED = "ended", "Ended"


class Partner(ProgramOwned, Versioned):
    """A partner organisation of one program. ``signed_on`` starts its ramp clock."""

    partner_path = "id"

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=80)
    intent = models.CharField(max_length=12, choices=Intent, default=Intent.CO_SELL)
    status = models.CharField(max_length=10, choices=PartnerStatus, default=PartnerStatus.ACTIVE)
    website = models.CharField(max_length=255, blank=True)
    country = models.CharField(max_length=2, blank=True)
    signed_on = models.DateField(null=True, blank=True)
    manager = models.ForeignKey(
        "partners.Seat", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    goals = models.TextField(blank=True, help_text="What the partner itself wants to reach.")
    countries = ArrayField(
        models.CharField(max_length=2),
        default=list,
        db_default=[],
        blank=True,
        help_text="Where it works; empty: anywhere.",
    )
    verticals = ArrayField(models.CharField(max_length=80), default=list, db_default=[], blank=True)
    segments = ArrayField(models.CharField(max_length=80), default=list, db_default=[], blank=True)
    functions = ArrayField(
        models.CharField(max_length=80),
        default=list,
        db_default=[],
        blank=True,
        help_text="Buyers it knows: IT, finance.",
    )
    lead_capacity = models.PositiveSmallIntegerField(
        default=3, db_default=3, help_text="Leads it can work on at once; 0: send none."
    )
    external_id = models.CharField(max_length=60, blank=True)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.UniqueConstraint(fields=["program", "slug"], name="partner_slug_is_unique"),
            models.UniqueConstraint(
                fields=["program", "external_id"],
                condition=~models.Q(external_id=""),
                name="partner_external_id_is_unique",
            ),
        ]
        indexes = [models.Index(fields=["program", "name"], name="partner_by_name")]

    def __str__(self) -> str:
        return self.name
