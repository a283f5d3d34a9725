"""Metric cells: figures that are ready when a page asks, and the record of proving them right."""

from django.db import models

from partners.core import clock
from partners.core.records import ProgramOwned, TenantRow


class MetricCell(TenantRow):
    """One number of one partner in one month; ``partner`` empty is the vendor's own (direct) figure.

    Derived: every cell can be computed again from the fact rows, and each night is. A value of zero has no
    row. ``month`` is a first day; ``as_of`` is when the value was computed. Money is in the program's
    currency.
    """

    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    month = models.DateField()
    metric = models.CharField(max_length=30)
    value = models.DecimalField(max_digits=20, decimal_places=2)
    as_of = models.DateTimeField(default=clock.now)

    class Meta(TenantRow.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["program", "partner", "month", "metric"],
                name="metric_cell_is_one_per_partner_month_and_metric",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=models.Q(month__day=1), name="metric_cell_month_is_a_first_day"),
        ]
        indexes = [models.Index(fields=["program", "metric", "month"], name="metric_cell_by_metric")]

    def __str__(self) -> str:
        return f"{self.metric} {self.month:%Y-%m}: {self.value}"


class Correction(TenantRow):
    """What a change made after a month was closed comes to: ``value`` more (or less) in that month.

    The closed month prints as it was closed; the difference counts in ``booked``, the month in which it came
    about. Of a level it is the step: what would have come on top at the end of ``about``.
    """

    partner = models.ForeignKey(
        "partners.Partner", on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    metric = models.CharField(max_length=30)
    about = models.DateField(help_text="First day of the closed month.")
    booked = models.DateField(help_text="First day of the month it counts in.")
    value = models.DecimalField(max_digits=20, decimal_places=2)
    made_at = models.DateTimeField(default=clock.now)

    class Meta(TenantRow.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(about__day=1, booked__day=1, booked__gt=models.F("about")),
                name="correction_counts_after_the_month_it_is_about",
            )
        ]
        indexes = [models.Index(fields=["program", "partner", "booked"], name="correction_by_partner")]

    def __str__(self) -> str:
        return f"{self.metric} {self.about:%Y-%m}: {self.value}"


class CellCalendar(TenantRow):
    """Up to which month the cells of a program have been carried. One row per program.

    A level such as open pipeline exists in a new month although nothing happened in it, so the turn of the
    month is itself a change.
    """

    month = models.DateField()

    class Meta(TenantRow.Meta):
        constraints = [models.UniqueConstraint(fields=["program"], name="cell_calendar_is_one_per_program")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class RebuildRun(ProgramOwned):
    """One proof of the cells: all figures summed again from the fact rows and held against what was stored.

    ``differences`` lists the first thousand cells that differed as ``{"partner": name or "", "month":
    "2026-11",
    "metric": key, "old": text, "new": text}``. Those cells are computed again right after.
    """

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    cells = models.PositiveIntegerField(help_text="Cells compared.")
    differed = models.PositiveIntegerField()
    differences = models.JSONField(default=list)

    class Meta(ProgramOwned.Meta):
        constraints = [*ProgramOwned.Meta.constraints]
        indexes = [models.Index(fields=["program", "-started_at"], name="rebuild_run_newest_first")]

    def __str__(self) -> str:
        return f"{self.differed} of {self.cells} cells differed"
