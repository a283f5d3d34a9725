"""Readiness steps and what proves them."""

from django.db import models
from django.db.models import Q

from partners.core.records import ProgramOwned, Versioned
from plans.models.plan import Plan
from plans.rules.lifecycle import MilestoneState


class Milestone(ProgramOwned, Versioned):
    """One readiness step of a plan: a capability with the evidence that would show it.

    ``proof`` says what was seen and ``proof_link`` where; ``proven_on`` is a day of the program's time zone.
    ``partner`` repeats the plan's (the database holds them equal), so that the walls need no join.
    """

    partner_path = "partner_id"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="milestones", db_index=False)
    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    proves = models.CharField(max_length=300, help_text="What will show that it is so.")
    state = models.CharField(max_length=8, choices=MilestoneState, default=MilestoneState.OPEN)
    proof = models.TextField(blank=True)
    proof_link = models.URLField(max_length=500, blank=True)
    proven_on = models.DateField(null=True, blank=True)
    proven_by = models.CharField(max_length=120, blank=True)
    reason = models.TextField(blank=True, help_text="Why it was dropped.")

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.UniqueConstraint(fields=["program", "plan", "position"], name="milestone_has_one_place"),
            models.CheckConstraint(
                condition=(~Q(state=MilestoneState.PROVEN) & Q(proven_on__isnull=True))
                | (
                    Q(state=MilestoneState.PROVEN, proven_on__isnull=False)
                    & (~Q(proof="") | ~Q(proof_link=""))
                    & ~Q(proven_by="")
                ),
                name="milestone_proven_has_proof",
            ),
            models.CheckConstraint(
                condition=~Q(state=MilestoneState.DROPPED) | ~Q(reason=""),
                name="milestone_dropped_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.name
