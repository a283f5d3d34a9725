"""Conversations about a plan."""

from django.db import models
from django.db.models import F, Q

from partners.core.records import ProgramOwned
from plans.models.plan import Plan


class CheckIn(ProgramOwned):
    """What was said and agreed on a day, and when the two sides speak next.

    ``purpose`` is the joint purpose as it was read out; ``purpose_confirmed`` says that both still mean it.
    One check-in per plan and day, so the same conversation is never logged twice.
    """

    partner_path = "partner_id"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="check_ins", db_index=False)
    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    held_on = models.DateField()
    said = models.TextField()
    agreed = models.TextField(blank=True)
    purpose = models.TextField()
    purpose_confirmed = models.BooleanField()
    next_on = models.DateField()
    logged_by = models.CharField(max_length=120)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.UniqueConstraint(fields=["program", "plan", "held_on"], name="check_in_is_one_per_day"),
            models.CheckConstraint(
                condition=Q(next_on__gt=F("held_on")), name="check_in_is_followed_by_a_later_one"
            ),
        ]

    def __str__(self) -> str:
        return f"Check-in on {self.held_on}"
