"""Lists of companies that were looked up among the accounts. Staff only, and kept for a month."""

from django.db import models

from partners.core.records import ProgramOwned, TenantRow


class ListCheck(ProgramOwned):
    """One list. Its rows are the queue: a row without ``answers`` waits for a worker.

    ``same`` and ``possible`` count rows by their best answer.
    """

    file_name = models.CharField(max_length=255)
    rows = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    possible = models.PositiveIntegerField(default=0)
    notes = models.JSONField(default=list)
    asked_by = models.CharField(max_length=120)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta(ProgramOwned.Meta):
        constraints = [*ProgramOwned.Meta.constraints]
        indexes = [models.Index(fields=["program", "-created_at"], name="list_check_newest_first")]

    def __str__(self) -> str:
        return self.file_name


class ListRow(TenantRow):
    """One company of a list.

    ``answers`` is None until it was looked up, then a list of ``{"account": id, "name": text, "band": text,
    "score": number, "reasons": text}``, best first. The account's id is the CRM's, or ours where it has none.
    """

    check_list = models.ForeignKey(ListCheck, on_delete=models.CASCADE, related_name="listed", db_index=False)
    number = models.PositiveIntegerField()
    query_id = models.CharField(max_length=120)
    name = models.CharField(max_length=255)
    website = models.CharField(max_length=255, blank=True)
    country = models.CharField(max_length=60, blank=True)
    band = models.CharField(max_length=10, blank=True)
    answers = models.JSONField(null=True)

    class Meta(TenantRow.Meta):
        constraints = [
            models.UniqueConstraint(fields=["program", "check_list", "number"], name="list_row_is_in_order")
        ]
        indexes = [
            models.Index(
                fields=["program", "check_list", "number"],
                condition=models.Q(answers__isnull=True),
                name="list_row_waiting",
            )
        ]

    def __str__(self) -> str:
        return self.name
