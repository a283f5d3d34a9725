"""Activities: what happened, and how long it took."""

from django.db import models

from partners.core.records import ProgramOwned
from partners.rules.activities import ActivityKind


class Activity(ProgramOwned):
    """Something that happened with a partner on a day (program's time zone); ``minutes`` are the vendor's."""

    partner = models.ForeignKey("partners.Partner", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=ActivityKind)
    happened_on = models.DateField()
    minutes = models.PositiveIntegerField(default=0)
    note = models.TextField(blank=True)
    logged_by = models.CharField(max_length=120, blank=True)
    external_id = models.CharField(max_length=60, blank=True)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.CheckConstraint(condition=models.Q(minutes__lte=1440), name="activity_fits_in_a_day"),
            models.UniqueConstraint(
                fields=["program", "external_id"],
                condition=~models.Q(external_id=""),
                name="activity_external_id_is_unique",
            ),
        ]
        indexes = [
            models.Index(fields=["program", "partner", "happened_on"], name="activity_by_partner_and_day"),
            models.Index(fields=["program", "happened_on", "id"], name="activity_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.happened_on}"
