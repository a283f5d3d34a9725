"""Requests of organisations that want to become partners: what may be decided, and why (R16)."""

from django.db.models import TextChoices


class RequestState(TextChoices):
    """Where a request stands. ``later`` waits for its day and is then asked again."""

    OPEN = "open", "Open"
    LATER = "later", "Later"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"


# Only these wait for a decision; accepted and declined are final, and a new request starts again.
UNDECIDED = frozenset({RequestState.OPEN, RequestState.LATER})


class DeclineReason(TextChoices):
    """Why we said no."""

    NO_FIT = "no_fit", "Not the kind of partner we look for"
    NO_CUSTOMERS = "no_customers", "No customers of their own we could win together"
    NO_CAPACITY = "no_capacity", "We could not support them now"
    COMPETES = "competes", "Sells or builds what competes with us"
    KNOWN = "known", "A partner of ours already"
    NO_ANSWER = "no_answer", "They did not answer our questions"
    NOT_SERIOUS = "not_serious", "Not meant seriously"


def waits(state: str) -> bool:
    """Whether a request in this state may still be decided."""
    return state in UNDECIDED
