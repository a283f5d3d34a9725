"""Organisations that asked to become partners."""

from django.db import models

from partners.core.records import ProgramOwned, Versioned
from partners.models.partner import Intent
from partners.rules.requests import DeclineReason, RequestState


class PartnerRequest(ProgramOwned, Versioned):
    """One organisation asking to be our partner, and what we answered (R16).

    ``domain`` is what its website or e-mail says about who it is; ``received_on`` and ``ask_again_on`` are
    days of the program's time zone. Accepted and declined are final. Staff only.
    """

    organisation = models.CharField(max_length=200)
    website = models.CharField(max_length=255, blank=True)
    domain = models.CharField(max_length=255, blank=True, editable=False)
    contact = models.CharField(max_length=120, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    intent = models.CharField(max_length=12, choices=Intent, default=Intent.CO_SELL)
    why_them = models.TextField(blank=True, help_text="What they would bring.")
    why_us = models.TextField(blank=True, help_text="Why they ask us, in their words.")
    received_on = models.DateField()
    received_from = models.CharField(max_length=120, blank=True, help_text="Who passed it on.")
    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.OPEN)
    reason = models.CharField(max_length=20, choices=DeclineReason, blank=True)
    sentence = models.TextField(blank=True, help_text="What they were told.")
    ask_again_on = models.DateField(null=True, blank=True)
    decided_by = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.CheckConstraint(
                condition=~models.Q(state=RequestState.DECLINED)
                | (~models.Q(reason="") & ~models.Q(sentence="")),
                name="partner_request_declined_says_why",
            ),
            models.CheckConstraint(
                condition=models.Q(state=RequestState.ACCEPTED, partner__isnull=False)
                | (~models.Q(state=RequestState.ACCEPTED) & models.Q(partner__isnull=True)),
                name="partner_request_accepted_names_its_partner",
            ),
            models.CheckConstraint(
                condition=models.Q(state=RequestState.LATER, ask_again_on__isnull=False)
                | (~models.Q(state=RequestState.LATER) & models.Q(ask_again_on__isnull=True)),
                name="partner_request_later_has_its_day",
            ),
            models.CheckConstraint(
                condition=models.Q(state=RequestState.OPEN)
                | (models.Q(decided_at__isnull=False) & ~models.Q(decided_by="")),
                name="partner_request_answer_has_time_and_name",
            ),
        ]
        indexes = [
            models.Index(fields=["program", "state", "received_on"], name="partner_request_by_state"),
            models.Index(fields=["program", "domain"], name="partner_request_by_domain"),
        ]

    def __str__(self) -> str:
        return self.organisation
