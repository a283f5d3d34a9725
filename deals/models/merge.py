"""Accounts that turned out to be one. Staff only."""

from django.db import models

from deals.models.account import Account
from deals.models.conflict import Ruling
from partners.core.records import ProgramOwned


class AccountMerge(ProgramOwned):
    """What moved from ``merged`` to ``kept``, so that it can be moved back.

    ``moved`` is table → ids of the rows that pointed at the merged account; ``protections`` is id → when it
    had begun there; ``added`` is what the kept account took over, by field; ``before`` what the merged one
    gave up.
    """

    kept = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="merges")
    merged = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    ruling = models.ForeignKey(
        Ruling, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    moved = models.JSONField(default=dict)
    protections = models.JSONField(default=dict)
    added = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    merged_at = models.DateTimeField()
    merged_by = models.CharField(max_length=120)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=120, blank=True)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.CheckConstraint(
                condition=~models.Q(kept=models.F("merged")), name="account_is_not_merged_into_itself"
            ),
            models.UniqueConstraint(
                fields=["program", "merged"],
                condition=models.Q(undone_at__isnull=True),
                name="account_is_merged_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} into {self.kept_id}"
