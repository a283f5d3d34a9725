"""Whether a partner sourced an opportunity, influenced it, or neither; never two (R126, R127). Pure."""

from collections.abc import Iterable
from datetime import date

from django.db.models import TextChoices


class TouchKind(TextChoices):
    """What a partner did on an opportunity."""

    MEETING = "meeting", "Meeting"
    DEMO = "demo", "Demo"
    REFERENCE = "reference", "Reference"
    PROPOSAL = "proposal", "Proposal"
    INTRODUCTION = "introduction", "Introduction"


class Attribution(TextChoices):
    """What a partner's part in an opportunity is called."""

    SOURCED = "sourced", "Sourced"
    INFLUENCED = "influenced", "Influenced"
    NEITHER = "neither", "Neither"


def attribution(*, is_sourced: bool, touched_on: Iterable[date], closed_on: date | None) -> Attribution:
    """One word for an opportunity.

    ``is_sourced``: it stands in the books as sourced, which takes an approved registration that was not late.
    ``touched_on``: days of the partner's acts; those after ``closed_on`` (None while open) come too late.
    """
    if is_sourced:
        return Attribution.SOURCED
    if any(closed_on is None or day <= closed_on for day in touched_on):
        return Attribution.INFLUENCED
    return Attribution.NEITHER


def won_in_notice(claimed_on: date, won_on: date, notice_days: int) -> bool:
    """Whether a deal was won so near its claim that it was on its way without the partner (R126).

    Days in the program's time zone. With no days of notice, a win counts only if it came before the claim.
    """
    return won_on < claimed_on or (won_on - claimed_on).days < notice_days
