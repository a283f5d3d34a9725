"""Files on their way in: the upload, what was asked of it, and every problem by row and column.

The bytes are kept in the database, in pieces, so that any web server can take an upload and any worker can
load it. The row is also the queue: a state that waits for a worker is found by a sweep if nobody was woken.
"""

from django.db import models

from deals.tabular.dialects import Dialect
from deals.tabular.fields import RecordKind
from partners.core.actor import Door, Role
from partners.core.records import ProgramOwned, TenantRow, Versioned


class ImportState(models.TextChoices):
    """Where a file stands. ``checking`` and ``loading`` wait for, or are with, a worker."""

    DRAFT = "draft", "Columns to confirm"
    CHECKING = "checking", "Being checked"
    CHECKED = "checked", "Checked"
    LOADING = "loading", "Being loaded"
    DONE = "done", "Loaded"
    FAILED = "failed", "Could not be used"


class Import(ProgramOwned, Versioned):
    """One file. Staff only.

    ``mapping`` is column → field; ``date_order`` ("mdy", "dmy") and ``decimal_mark`` (".", ",") overrule what
    the columns say. ``sample`` is the first rows as written. ``summary`` is the answer of the last check or
    load: ``read, created, updated, unchanged, rejected`` (counts) and ``notes`` (sentences).
    """

    file_name = models.CharField(max_length=255)
    size = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=16, choices=RecordKind)
    dialect = models.CharField(max_length=24, choices=Dialect)
    encoding = models.CharField(max_length=40)
    delimiter = models.CharField(max_length=4)
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    date_order = models.CharField(max_length=3, blank=True)
    decimal_mark = models.CharField(max_length=1, blank=True)
    sample = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.DRAFT)
    summary = models.JSONField(default=dict)
    failure = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.ForeignKey(
        "partners.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    asked_by_name = models.CharField(max_length=120, blank=True)
    asked_by_role = models.CharField(max_length=20, choices=Role, default=Role.SYSTEM)
    door = models.CharField(max_length=10, choices=Door, default=Door.SCREEN)

    class Meta(ProgramOwned.Meta):
        constraints = [*ProgramOwned.Meta.constraints]
        indexes = [models.Index(fields=["program", "-created_at"], name="import_newest_first")]

    def __str__(self) -> str:
        return self.file_name


class ImportPiece(TenantRow):
    """A megabyte of an uploaded file."""

    file = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="pieces", db_index=False)
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta(TenantRow.Meta):
        constraints = [
            models.UniqueConstraint(fields=["program", "file", "number"], name="import_piece_is_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.file_id} {self.number}"


class ImportProblem(TenantRow):
    """Why one row of a file was not loaded."""

    file = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="problems", db_index=False)
    row = models.PositiveIntegerField()
    column = models.CharField(max_length=200, blank=True)
    problem = models.TextField()

    class Meta(TenantRow.Meta):
        indexes = [models.Index(fields=["program", "file", "row"], name="import_problem_by_row")]

    def __str__(self) -> str:
        return f"Row {self.row}: {self.problem}"
