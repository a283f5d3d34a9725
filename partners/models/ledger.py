"""The ledger, and the marks by which higher floors learn what changed."""

import pgtrigger
from django.db import models

from partners.core.actor import Door, Role
from partners.core.clock import now
from partners.core.records import ProgramOwned, TenantRow


class LedgerEntry(ProgramOwned):
    """One act, as it happened. Appended, never changed: triggers refuse updates and deletes.

    ``partner`` is the partner who may read the entry; an entry without one is for staff. What a partner
    may read must not hint at a rival, so such facts go into an entry of their own.
    """

    partner_path = "partner_id"

    at = models.DateTimeField(default=now)
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=20)
    actor_name = models.CharField(max_length=120)
    actor_role = models.CharField(max_length=20, choices=Role)
    actor_user = models.ForeignKey(
        "partners.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    door = models.CharField(max_length=10, choices=Door)
    partner = models.ForeignKey("partners.Partner", on_delete=models.PROTECT, null=True, related_name="+")
    old = models.JSONField(default=dict)
    new = models.JSONField(default=dict)
    sentence = models.TextField(blank=True)

    class Meta(ProgramOwned.Meta):
        constraints = [*ProgramOwned.Meta.constraints]
        indexes = [
            models.Index(fields=["program", "subject", "subject_id", "at"], name="ledger_by_subject"),
            models.Index(fields=["program", "at"], name="ledger_by_time"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_id}"


class CellMark(TenantRow):
    """What was counted for this partner from this month on may be wrong now.

    Written in the transaction of the change, read and deleted by the recompute of the metric cells. Rows are
    only appended, so writers never wait for each other; ``partner`` empty means the vendor's own figures.
    """

    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    since = models.DateField(help_text="First day of the first month touched.")
    marked_at = models.DateTimeField(default=now)

    class Meta(TenantRow.Meta):
        indexes = [models.Index(fields=["program", "id"], name="cell_mark_by_program")]

    def __str__(self) -> str:
        return f"{self.partner_id} since {self.since}"


class ClosedMonth(ProgramOwned):
    """A month whose figures are final. Its cells are never computed again; a correction counts in the month
    in which it is made (R128)."""

    month = models.DateField(help_text="First day of the month.")
    closed_at = models.DateTimeField(default=now)
    closed_by = models.CharField(max_length=120)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.UniqueConstraint(fields=["program", "month"], name="month_is_closed_once"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="closed_month_is_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
