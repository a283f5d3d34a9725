"""Promises, with a day and a name."""

from django.db import models
from django.db.models import Q

from partners.core.records import ProgramOwned, Versioned
from plans.models.plan import Plan
from plans.rules.lifecycle import CommitmentState, Side


class Commitment(ProgramOwned, Versioned):
    """A dated promise of one side. Overdue means open and past ``due_on``; broken is said by a person.

    ``settled_on`` is the day it was kept, broken or dropped, in the program's time zone. What is settled
    stays as it is.
    """

    partner_path = "partner_id"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="commitments", db_index=False)
    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    side = models.CharField(max_length=4, choices=Side)
    what = models.CharField(max_length=300)
    owner_name = models.CharField(max_length=120)
    due_on = models.DateField()
    state = models.CharField(max_length=8, choices=CommitmentState, default=CommitmentState.OPEN)
    settled_on = models.DateField(null=True, blank=True)
    settled_by = models.CharField(max_length=120, blank=True)
    reason = models.TextField(blank=True)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state=CommitmentState.OPEN, settled_on__isnull=True)
                | (~Q(state=CommitmentState.OPEN) & Q(settled_on__isnull=False) & ~Q(settled_by="")),
                name="commitment_settled_has_day_and_name",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[CommitmentState.BROKEN, CommitmentState.DROPPED]) | ~Q(reason=""),
                name="commitment_broken_or_dropped_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["program", "plan", "due_on"], name="commitment_by_plan"),
            models.Index(fields=["program", "partner", "due_on"], name="commitment_by_partner"),
            models.Index(
                fields=["program", "due_on"],
                condition=Q(state=CommitmentState.OPEN),
                name="commitment_open_by_day",
            ),
        ]

    def __str__(self) -> str:
        return self.what
