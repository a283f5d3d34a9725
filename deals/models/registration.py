"""Registrations: a partner's claim on a customer for an offering, and the protection that may follow."""

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models

from deals.models.account import Account
from deals.models.opportunity import Opportunity
from deals.rules.lifecycle import Reason, Review, State
from partners.core.records import ProgramOwned, Versioned


class Registration(ProgramOwned, Versioned):
    """A claim. Its partner may read every column of its own rows, so nothing about a rival is stored here.

    ``claimed_at`` is the server's time of the first successful submission (UTC) and never changes: a trigger
    refuses it. ``benefit`` is the promise shown when it was made. ``sentence`` is what the partner reads.
    ``duplicate_of`` and ``again_of`` are the same partner's earlier claims, never another's. ``approved_as``
    is the content that was approved, kept while a change of it is reviewed. ``clock_left`` is the working
    time left to decide, kept while the partner is asked for ``asked_fields``.
    """

    partner_path = "partner_id"

    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    submitted_by = models.CharField(max_length=120, blank=True)
    seller = models.ForeignKey(
        "partners.Seat", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    customer_name = models.CharField(max_length=255)
    website = models.CharField(max_length=255, blank=True)
    country = models.CharField(max_length=2, blank=True)
    offering = models.ForeignKey(
        "partners.Offering", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    amount = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3)
    expected_close = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True, help_text="What the partner wants us to know.")
    benefit = models.TextField(blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    decision_due_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    sentence = models.TextField(blank=True)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="registrations"
    )
    opportunity = models.OneToOneField(
        Opportunity, on_delete=models.PROTECT, null=True, blank=True, related_name="registration"
    )
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    again_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    reviewed_for = models.CharField(max_length=8, choices=Review, default=Review.CLAIM)
    approved_as = models.JSONField(default=dict, blank=True)
    question = models.TextField(blank=True, help_text="What we asked the partner, in our words.")
    asked_fields = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    answer_due_at = models.DateTimeField(null=True, blank=True)
    clock_left = models.DurationField(null=True, blank=True)
    appealed_at = models.DateTimeField(null=True, blank=True)
    progress_at = models.DateTimeField(null=True, blank=True, help_text="When the partner last told us news.")
    progress_asked_at = models.DateTimeField(null=True, blank=True)
    extension_asked_at = models.DateTimeField(null=True, blank=True)
    extension_note = models.TextField(blank=True)
    extensions = models.PositiveSmallIntegerField(default=0, help_text="How many were granted.")

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "withdrawn"]) | models.Q(claimed_at__isnull=False),
                name="registration_past_draft_has_claim_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="in_review") | models.Q(decision_due_at__isnull=False),
                name="registration_in_review_has_deadline",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["approved", "declined", "revoked"])
                | (models.Q(decided_at__isnull=False) & ~models.Q(reason="")),
                name="registration_decision_has_reason_and_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state="needs_info", asked_at__isnull=False, clock_left__isnull=False)
                & ~models.Q(question="")
                | ~models.Q(state="needs_info") & models.Q(clock_left__isnull=True),
                name="registration_clock_stops_while_asked",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | models.Q(amount__gte=0),
                name="registration_amount_is_not_negative",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="duplicate") | models.Q(duplicate_of__isnull=False),
                name="registration_duplicate_names_the_first",
            ),
        ]
        indexes = [
            models.Index(fields=["program", "partner", "-claimed_at"], name="registration_by_partner"),
            models.Index(fields=["program", "state", "decision_due_at"], name="registration_by_deadline"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="claim_time_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("claimed_at"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Q(old__claimed_at__isnull=False)
                & pgtrigger.Q(old__claimed_at__df=pgtrigger.F("new__claimed_at")),
                func="RAISE EXCEPTION 'the claim time of a registration never changes' "
                "USING ERRCODE = 'check_violation', CONSTRAINT = 'registration_claim_time_stays';",
            )
        ]

    def __str__(self) -> str:
        return self.customer_name


class Protection(ProgramOwned):
    """The period in which one approved registration holds an account and offering.

    Ending a protection early shortens its ``period``; rows are never deleted, so history stays true. The
    exclusion constraint refuses two that overlap, whatever races. ``reminded_days`` is how many days before
    its end the partner was last reminded.
    """

    partner_path = "partner_id"

    registration = models.OneToOneField(Registration, on_delete=models.PROTECT, related_name="protection")
    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="protections")
    offering = models.ForeignKey(
        "partners.Offering", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    period = DateTimeRangeField()
    reminded_days = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            ExclusionConstraint(
                name="protection_is_one_per_account_and_offering",
                expressions=[
                    ("program", RangeOperators.EQUAL),
                    ("account", RangeOperators.EQUAL),
                    ("offering", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registration_id} {self.period}"
