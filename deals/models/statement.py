"""Statements: what people who know an account say about a claim, dated, in their own words. Staff only."""

from django.db import models

from deals.models.registration import Registration
from partners.core.records import ProgramOwned
from partners.models.notice import Mailed


class Statement(ProgramOwned, Mailed):
    """One person's word on one case: asked for by a link in a mail, or given on the case page.

    The row is the queue of its mail; the job that sends it makes the link's secret, of which only a digest is
    kept. ``given_at`` set means that it is given and stays as it is; a link works once, until ``expires_at``
    (UTC), unless it is taken back before. ``question`` may not name a partner: mails are forwarded.
    """

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="statements")
    name = models.CharField(max_length=120, help_text="Whose statement it is.")
    email = models.EmailField(max_length=254, blank=True)
    question = models.TextField(blank=True, help_text="What we ask, in our words.")
    asked_by = models.CharField(max_length=120, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 - none without a link
    text = models.TextField(blank=True)
    given_at = models.DateTimeField(null=True, blank=True)
    given_by = models.ForeignKey(
        "partners.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(given_at__isnull=True, text="")
                | (models.Q(given_at__isnull=False) & ~models.Q(text="")),
                name="statement_given_says_something",
            ),
            models.CheckConstraint(
                condition=models.Q(given_at__isnull=False)
                | models.Q(asked_at__isnull=False, expires_at__isnull=False) & ~models.Q(email=""),
                name="statement_is_asked_or_given",
            ),
        ]
        indexes = [
            models.Index(
                fields=["program", "id"],
                condition=models.Q(sent_at__isnull=True, given_at__isnull=True, revoked_at__isnull=True),
                name="statement_mail_owed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.registration_id}"
