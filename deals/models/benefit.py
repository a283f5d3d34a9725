"""Benefits: whether what was promised for an approved deal was delivered (R107)."""

from django.db import models

from deals.models.registration import Registration
from partners.core.records import ProgramOwned, Versioned


class BenefitDelivery(ProgramOwned, Versioned):
    """What each side says about the benefit promised for one registration.

    ``delivered`` is our word and ``received`` the partner's; None: no word yet. The promise itself is
    ``Registration.benefit``. Its partner reads the row, so the notes are written for both sides.
    ``delivered_on`` is a day of the program's time zone; the times are UTC.
    """

    partner_path = "partner_id"

    registration = models.OneToOneField(
        Registration, on_delete=models.PROTECT, related_name="benefit_delivery"
    )
    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    delivered = models.BooleanField(null=True, blank=True)
    delivered_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True, help_text="What was delivered, or why not. The partner reads it.")
    said_by = models.CharField(max_length=120, blank=True)
    said_at = models.DateTimeField(null=True, blank=True)
    received = models.BooleanField(null=True, blank=True)
    partner_note = models.TextField(blank=True)
    partner_said_by = models.CharField(max_length=120, blank=True)
    partner_said_at = models.DateTimeField(null=True, blank=True)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(delivered=True, delivered_on__isnull=False)
                | (models.Q(delivered_on__isnull=True) & ~models.Q(delivered=True)),
                name="benefit_delivered_has_its_day",
            ),
            models.CheckConstraint(
                condition=models.Q(delivered__isnull=True) | models.Q(said_at__isnull=False),
                name="benefit_word_has_its_time",
            ),
            models.CheckConstraint(
                condition=models.Q(received__isnull=True) | models.Q(partner_said_at__isnull=False),
                name="benefit_answer_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["program", "partner", "delivered_on"], name="benefit_by_partner"),
        ]

    def __str__(self) -> str:
        return f"Benefit of {self.registration_id}"
