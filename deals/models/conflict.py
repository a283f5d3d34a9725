"""Conflicts and rulings. Staff only: a partner never learns of a rival from these tables."""

from django.db import models

from deals.models.account import Account
from deals.models.opportunity import Opportunity
from deals.models.registration import Registration
from deals.rules.lifecycle import ConflictKind, Outcome, Reason, Severity
from partners.core.records import ProgramOwned


class CompEffect(models.TextChoices):
    """What a ruling does to somebody's pay on the deal."""

    AS_PLANNED = "as_planned", "Paid as planned"
    FULL = "full", "Paid in full as well"
    SPLIT = "split", "Paid by share"
    NONE = "none", "Not paid"


class Ruling(ProgramOwned):
    """The decision on what stood against a registration: who, by which authority, on which grounds."""

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="rulings")
    outcome = models.CharField(max_length=20, choices=Outcome)
    reason = models.CharField(max_length=20, choices=Reason)
    note = models.TextField(help_text="Why, for the record. Staff only.")
    sentence = models.TextField(help_text="What the partner reads. It names no other party.")
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey("partners.User", on_delete=models.PROTECT, null=True, related_name="+")
    decided_by_name = models.CharField(max_length=120)
    authority = models.CharField(max_length=20, help_text="The role by which it was decided.")
    charter_number = models.PositiveIntegerField(null=True)
    suggested = models.CharField(
        max_length=20, choices=Outcome, blank=True, help_text="What the rules said; empty: they left it open."
    )
    incumbent_sentence = models.TextField(blank=True, help_text="What the rep or other partner reads.")
    partner_share = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The partner's part of the credit, in percent."
    )
    comp_rep = models.CharField(max_length=16, choices=CompEffect, default=CompEffect.AS_PLANNED)
    comp_partner = models.CharField(max_length=16, choices=CompEffect, default=CompEffect.AS_PLANNED)
    appeal_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by"
    )

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.CheckConstraint(
                condition=~models.Q(note="") & ~models.Q(sentence=""), name="ruling_says_why"
            ),
            models.CheckConstraint(
                condition=~models.Q(outcome="share") | models.Q(partner_share__gte=1, partner_share__lte=99),
                name="ruling_shares_add_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.get_reason_display()}"


class Conflict(ProgramOwned):
    """A record that two interests meet on one account.

    ``evidence`` is a list of ``{"fact": sentence, "at": ISO time, "kind": str, "id": public id}``;
    ``rule`` says why it counts. One ruling closes all conflicts of a registration that are open together.
    ``key`` names what gave rise to one that is found by a job or a file, so that it is never opened twice.
    """

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="conflicts")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="conflicts")
    kind = models.CharField(max_length=20, choices=ConflictKind)
    severity = models.CharField(max_length=8, choices=Severity)
    rule = models.TextField()
    evidence = models.JSONField(default=list)
    rival_registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, null=True, related_name="+"
    )
    rival_opportunity = models.ForeignKey(Opportunity, on_delete=models.PROTECT, null=True, related_name="+")
    score = models.FloatField(null=True, help_text="How sure the matcher was of the account, 0 to 1.")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    key = models.CharField(max_length=80, blank=True)
    raised_by = models.CharField(max_length=120, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True, help_text="When its deadline was near.")
    missed_at = models.DateTimeField(
        null=True, blank=True, help_text="When its deadline was seen to be over."
    )
    closed_at = models.DateTimeField(null=True)
    ruling = models.ForeignKey(Ruling, on_delete=models.PROTECT, null=True, related_name="conflicts")

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(ruling__isnull=True) | models.Q(closed_at__isnull=False),
                name="conflict_ruled_is_closed",
            ),
            models.UniqueConstraint(
                fields=["program", "registration", "key"],
                condition=~models.Q(key=""),
                name="conflict_is_opened_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["program", "due_at"],
                condition=models.Q(closed_at__isnull=True),
                name="conflict_queue_by_deadline",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.registration_id})"
