"""Mail as rows: what is owed is in the database, so a killed worker or a silent mail server loses none."""

from django.db import models

from partners.core.records import ProgramOwned
from partners.rules.notices import kinds


class Mailed(models.Model):
    """A row that is its own mail's queue: a job sends it and sets ``sent_at``; the other two say how often
    and when (UTC) it was tried."""

    send_attempts = models.PositiveSmallIntegerField(default=0)
    attempted_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class Notice(ProgramOwned, Mailed):
    """Something one person is told, in the product and by mail. Written in the transaction of the act.

    ``key`` names what gave rise to it, so nobody is told twice. ``page`` is the name of the address it leads
    to and ``page_id`` the public id there. What a partner's person reads must not hint at a rival.
    """

    partner_path = "partner_id"

    seat = models.ForeignKey("partners.Seat", on_delete=models.PROTECT, related_name="+", db_index=False)
    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=20, choices=kinds)
    key = models.CharField(max_length=120)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    page = models.CharField(max_length=60)
    page_id = models.CharField(max_length=20)
    by_mail = models.BooleanField(default=True, help_text="False: the person switched this kind off.")
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta(ProgramOwned.Meta):
        constraints = [
            *ProgramOwned.Meta.constraints,
            models.UniqueConstraint(fields=["program", "seat", "key"], name="notice_is_given_once"),
        ]
        indexes = [
            models.Index(fields=["program", "seat", "-created_at"], name="notice_newest_first"),
            models.Index(  # every page counts them
                fields=["program", "seat"],
                condition=models.Q(read_at__isnull=True),
                name="notice_unread",
            ),
            models.Index(
                fields=["program", "id"],
                condition=models.Q(sent_at__isnull=True, by_mail=True),
                name="notice_owed",
            ),
        ]

    def __str__(self) -> str:
        return self.subject
