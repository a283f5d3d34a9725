"""The map of partners: activity across, what came of it up, and four named quarters. No verdict, no
ranking."""

from decimal import Decimal

from django.db.models import TextChoices

BUSY = Decimal(2)
"""Work activities a month, on average since the agreement, from which on a partner counts as active."""


class Quarter(TextChoices):
    """Where a partner stands on the map."""

    WORKING = "working", "Working"
    QUIET = "quiet", "Quiet"
    BUSY = "busy", "Busy"
    ASLEEP = "asleep", "Asleep"


MEANING = {
    Quarter.WORKING: "We work with them, and sourced pipeline came of it.",
    Quarter.QUIET: "Sourced pipeline with little work from us.",
    Quarter.BUSY: "Much work, and no sourced pipeline in this period.",
    Quarter.ASLEEP: "Little work, and no sourced pipeline in this period.",
}


def quarter_of(work_per_month: Decimal, brought: Decimal) -> Quarter:
    """``brought`` is sourced pipeline open at the end of the period plus what was won in it."""
    if brought > 0:
        return Quarter.WORKING if work_per_month >= BUSY else Quarter.QUIET
    return Quarter.BUSY if work_per_month >= BUSY else Quarter.ASLEEP
