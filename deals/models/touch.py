"""Touches: dated acts of a partner on an opportunity, which make it influenced (R127)."""

from django.db import models

from deals.models.opportunity import Opportunity
from deals.rules.attribution import TouchKind
from partners.core.records import ProgramOwned


class Touch(ProgramOwned):
    """One thing a partner did for one opportunity on one day (program time zone).

    Its partner reads the row, so the note is written for them too. ``created_at`` tells when it was put on
    record; one that never happened gets ``removed_at`` and no longer counts.
    """

    partner_path = "partner_id"

    opportunity = models.ForeignKey(Opportunity, on_delete=models.PROTECT, related_name="touches")
    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    on = models.DateField()
    kind = models.CharField(max_length=12, choices=TouchKind)
    note = models.TextField(blank=True)
    logged_by = models.CharField(max_length=120)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta(ProgramOwned.Meta):
        indexes = [models.Index(fields=["program", "partner", "on"], name="touch_by_partner")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.on}"
