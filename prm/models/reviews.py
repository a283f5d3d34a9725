"""Reviews of partners: what was decided, on what evidence, and when it is asked again."""

import pgtrigger
from django.db import models

from partners.core.clock import now
from partners.core.records import ProgramOwned
from partners.models import Intent
from prm.rules.review import ReviewDecision


class PartnerReview(ProgramOwned):
    """One decision about a partner (R18). Appended, never changed: the history is the point. Staff only.

    ``signals`` is what was seen on that day, as ``{"code", "question", "evidence"}``; ``ask_again_on`` is a
    day of the program's time zone, and empty when the partnership ended.
    """

    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decision = models.CharField(max_length=10, choices=ReviewDecision)
    reasons = models.TextField()
    ask_again_on = models.DateField(null=True, blank=True)
    intent_before = models.CharField(max_length=12, choices=Intent)
    intent_after = models.CharField(max_length=12, choices=Intent)
    signals = models.JSONField(default=list)
    decided_by = models.CharField(max_length=120)
    decided_at = models.DateTimeField(default=now)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.CheckConstraint(condition=~models.Q(reasons=""), name="partner_review_says_why"),
            models.CheckConstraint(
                condition=models.Q(decision=ReviewDecision.EXIT, ask_again_on__isnull=True)
                | (~models.Q(decision=ReviewDecision.EXIT) & models.Q(ask_again_on__isnull=False)),
                name="partner_review_is_asked_again_unless_it_ended",
            ),
        ]
        indexes = [models.Index(fields=["program", "partner", "-id"], name="partner_review_newest_first")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} ({self.partner_id})"
