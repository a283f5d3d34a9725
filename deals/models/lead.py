"""Leads: buyers handed from one side to the other, and the offers of a lead to partners."""

from django.db import models

from deals.models.account import Account
from deals.models.opportunity import Opportunity
from deals.rules.leads import AnswerReason, Direction, LeadState, OfferReason, OfferState
from partners.core.records import ProgramOwned, Versioned


class Lead(ProgramOwned, Versioned):
    """A buyer.

    ``opened_to`` is the partner it concerns, and the only one that may read the row: the one that gave it, or
    the one that accepted it. Until then nobody outside the vendor reads any of it; what is shown of it
    meanwhile is copied to its offers. Nothing about another partner is stored here, so ``version`` counts
    changes of what the lead says and never its offers. ``need`` is shown with an offer and names nobody;
    ``details`` open with the lead. ``received_on`` is a day in the program's time zone; ``due_at`` is when
    our answer to a given one is due.
    """

    partner_path = "opened_to_id"

    direction = models.CharField(max_length=8, choices=Direction)
    state = models.CharField(max_length=10, choices=LeadState, default=LeadState.WAITING)
    customer_name = models.CharField(max_length=255)
    website = models.CharField(max_length=255, blank=True)
    country = models.CharField(max_length=2, blank=True)
    vertical = models.CharField(max_length=80, blank=True)
    segment = models.CharField(max_length=80, blank=True)
    function = models.CharField(max_length=80, blank=True, help_text="Who buys there: IT, finance.")
    contact_name = models.CharField(max_length=120, blank=True)
    contact_email = models.CharField(max_length=254, blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    need = models.TextField(blank=True)
    details = models.TextField(blank=True)
    offering = models.ForeignKey(
        "partners.Offering", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    amount = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3)
    received_on = models.DateField()
    told_by = models.CharField(max_length=120, blank=True, help_text="The person who entered it.")
    opened_to = models.ForeignKey(
        "partners.Partner", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    due_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True, help_text="Accepted, declined or given up.")
    reason = models.CharField(max_length=16, choices=AnswerReason, blank=True)
    sentence = models.TextField(blank=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opportunity = models.OneToOneField(
        Opportunity, on_delete=models.PROTECT, null=True, blank=True, related_name="lead"
    )

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(direction="given", opened_to__isnull=False, due_at__isnull=False)
                | models.Q(direction="routed", state="accepted", opened_to__isnull=False)
                | models.Q(direction="routed", opened_to__isnull=True) & ~models.Q(state="accepted"),
                name="lead_opens_by_giving_or_accepting",
            ),
            models.CheckConstraint(
                condition=models.Q(direction="given", state__in=["waiting", "accepted", "declined"])
                | models.Q(direction="routed", state__in=["waiting", "offered", "accepted", "closed"]),
                name="lead_state_goes_with_direction",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "offered"], settled_at__isnull=True)
                | ~models.Q(state__in=["waiting", "offered"]) & models.Q(settled_at__isnull=False),
                name="lead_settled_has_its_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state="declined") & ~models.Q(reason="") & ~models.Q(sentence="")
                | ~models.Q(state="declined") & models.Q(reason=""),
                name="lead_no_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | models.Q(amount__gte=0),
                name="lead_amount_is_not_negative",
            ),
        ]
        indexes = [
            models.Index(fields=["program", "state", "due_at"], name="lead_by_state"),
            models.Index(fields=["program", "opened_to", "direction"], name="lead_by_partner"),
        ]

    def __str__(self) -> str:
        return self.customer_name


class LeadOffer(ProgramOwned, Versioned):
    """A lead offered to one partner: a copy of its open part, and the partner's answer by ``due_at`` (UTC).

    The partner reads its own offers and, of the lead behind one, nothing until it accepts. ``size`` is the
    amount in words, roughly.
    """

    partner_path = "partner_id"

    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="offers", db_index=False)
    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    country = models.CharField(max_length=2, blank=True)
    vertical = models.CharField(max_length=80, blank=True)
    segment = models.CharField(max_length=80, blank=True)
    function = models.CharField(max_length=80, blank=True)
    need = models.TextField()
    size = models.CharField(max_length=60, blank=True)
    offering = models.ForeignKey(
        "partners.Offering", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10, choices=OfferState, default=OfferState.OFFERED)
    offered_at = models.DateTimeField()
    offered_by = models.CharField(max_length=120)
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=16, choices=OfferReason, blank=True)
    sentence = models.TextField(blank=True)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["program", "lead"],
                condition=models.Q(state__in=["offered", "accepted"]),
                name="lead_is_offered_to_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state="declined") & ~models.Q(reason="")
                | ~models.Q(state="declined") & models.Q(reason=""),
                name="leadoffer_no_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(state="offered", answered_at__isnull=True)
                | ~models.Q(state="offered") & models.Q(answered_at__isnull=False),
                name="leadoffer_answer_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["program", "lead"], name="lead_offer_by_lead"),
            models.Index(fields=["program", "partner", "state"], name="lead_offer_by_partner"),
            models.Index(
                fields=["program", "due_at"],
                condition=models.Q(state="offered"),
                name="lead_offer_by_deadline",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} to {self.partner_id}"
