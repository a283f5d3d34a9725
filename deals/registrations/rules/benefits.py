"""Promised benefits: for which claims one is owed, and what both sides say of it (R107). Pure."""

from django.db.models import TextChoices

from deals.rules.lifecycle import State

# Approved, and not taken back by either side: what was promised for the approval is owed.
OWED = frozenset({State.APPROVED, State.WON, State.LOST, State.EXPIRED})


class BenefitAnswer(TextChoices):
    """How it stands with a promised benefit."""

    DELIVERED = "delivered", "Delivered"
    NOT_DELIVERED = "not_delivered", "Not delivered"
    UNKNOWN = "unknown", "No word yet"
    DISPUTED = "disputed", "The two sides differ"


def answer_of(ours: bool | None, theirs: bool | None) -> BenefitAnswer:
    """What is known when we say ``ours`` and the partner says ``theirs``; None is no word.

    One side's word stands until the other says otherwise.
    """
    if ours is not None and theirs is not None and ours is not theirs:
        return BenefitAnswer.DISPUTED
    word = theirs if ours is None else ours
    if word is None:
        return BenefitAnswer.UNKNOWN
    return BenefitAnswer.DELIVERED if word else BenefitAnswer.NOT_DELIVERED
