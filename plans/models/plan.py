"""The joint plan: one page both sides agreed to."""

from django.db import models
from django.db.models import Q

from partners.core.records import ProgramOwned, Versioned
from plans.rules.cadence import LONGEST, SHORTEST
from plans.rules.lifecycle import Quota, State


class Plan(ProgramOwned, Versioned):
    """What two companies do together, on one page. One plan per partner is live (not closed).

    ``edition`` counts changes of the terms, so that a signature names what was read; it is apart from
    ``version``, which counts every save. The four signature columns belong to the present edition.
    ``agreed_at`` (UTC) is when both sides last agreed, and stays when a later change makes a new proposal.
    ``ready_on`` is the day the last readiness step was proven; only then may there be a pipeline aim.
    Days are in the program's time zone. Partner people see a plan from
    its first proposal on (``proposed_at``), also in the database.
    """

    partner_path = "partner_id"

    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    purpose = models.TextField(blank=True)
    why_call_us = models.TextField(blank=True, help_text="What the partner's seller gains per deal.")
    retires_quota = models.CharField(max_length=8, choices=Quota, default=Quota.UNKNOWN)
    starts_on = models.DateField()
    check_in_days = models.PositiveSmallIntegerField(default=28)
    next_check_in_on = models.DateField(null=True, blank=True)
    ready_on = models.DateField(null=True, blank=True)
    aim_amount = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    aim_currency = models.CharField(max_length=3, blank=True)
    aim_by = models.DateField(null=True, blank=True)
    edition = models.PositiveIntegerField(default=1, editable=False)
    proposed_at = models.DateTimeField(null=True, blank=True)
    signed_by_us = models.CharField(max_length=120, blank=True)
    signed_by_us_at = models.DateTimeField(null=True, blank=True)
    signed_by_them = models.CharField(max_length=120, blank=True)
    signed_by_them_at = models.DateTimeField(null=True, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closing_note = models.TextField(blank=True)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["program", "partner"],
                condition=~Q(state=State.CLOSED),
                name="plan_is_one_live_per_partner",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.AGREED)
                | Q(
                    signed_by_us_at__isnull=False,
                    signed_by_them_at__isnull=False,
                    agreed_at__isnull=False,
                ),
                name="plan_agreed_is_signed_by_both",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.AGREED) | Q(next_check_in_on__isnull=False),
                name="plan_agreed_has_next_contact",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.PROPOSED, State.AGREED])
                | (Q(proposed_at__isnull=False) & ~Q(purpose="") & ~Q(why_call_us="")),
                name="plan_proposed_says_purpose_and_gain",
            ),
            # What a partner may see is what was once proposed (the wall reads proposed_at).
            models.CheckConstraint(
                condition=~Q(state=State.DRAFT) | Q(proposed_at__isnull=True),
                name="plan_draft_was_never_proposed",
            ),
            models.CheckConstraint(
                condition=Q(aim_amount__isnull=True, aim_currency="", aim_by__isnull=True)
                | (Q(aim_amount__gt=0, aim_by__isnull=False) & ~Q(aim_currency="")),
                name="plan_aim_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(aim_amount__isnull=True) | Q(ready_on__isnull=False),
                name="plan_aim_comes_after_readiness",
            ),
            models.CheckConstraint(
                condition=Q(check_in_days__gte=SHORTEST, check_in_days__lte=LONGEST),
                name="plan_rhythm_is_sane",
            ),
            models.CheckConstraint(
                condition=Q(state=State.CLOSED, closed_at__isnull=False)
                | (~Q(state=State.CLOSED) & Q(closed_at__isnull=True)),
                name="plan_closed_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["program", "state", "next_check_in_on"], name="plan_by_next_contact"),
            models.Index(fields=["program", "partner", "-created_at"], name="plan_by_partner"),
        ]

    def __str__(self) -> str:
        return f"Plan {self.public_id} ({self.state})"
