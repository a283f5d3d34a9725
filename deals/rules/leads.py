"""Leads both ways: their states, the reasons of a no, and what may be shown before a yes. Pure."""

import re
from decimal import Decimal

from django.db.models import TextChoices

from deals.rules.domains import registrable_domain
from deals.rules.sentences import named_in


class Direction(TextChoices):
    """Who hands the buyer to whom."""

    ROUTED = "routed", "From us to a partner"
    GIVEN = "given", "From a partner to us"


class LeadState(TextChoices):
    """Where a lead stands. One that is given waits for our answer; one to be routed, for a partner."""

    WAITING = "waiting", "Waiting"
    OFFERED = "offered", "Offered"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    CLOSED = "closed", "Not placed"


class OfferState(TextChoices):
    """Where the offer of a lead to one partner stands."""

    OFFERED = "offered", "Waiting for an answer"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    EXPIRED = "expired", "Not answered in time"
    WITHDRAWN = "withdrawn", "Taken back"


class OfferReason(TextChoices):
    """Why a partner does not take a lead. What is about its kind counts when the next of that kind is routed."""

    NO_CAPACITY = "no_capacity", "No people free for it now"
    REGION = "region", "Not where we work"
    FIELD = "field", "Not our field"
    SIZE = "size", "Too small or too large for us"
    TOO_LITTLE = "too_little", "Too little is known about it"
    OTHER = "other", "Something else"


ABOUT_THE_KIND = frozenset({OfferReason.REGION, OfferReason.FIELD, OfferReason.SIZE})


class AnswerReason(TextChoices):
    """Why we do not take a lead a partner gave us. None tells of anybody else (R122)."""

    NOT_AVAILABLE = "not_available", "Not open for us at present"
    NO_NEED = "no_need", "No need, or no budget"
    NO_FIT = "no_fit", "Not what we sell"
    NO_CONTACT = "no_contact", "The buyer could not be reached"
    TOO_LITTLE = "too_little", "Too little is known about it"


ANSWERS: dict[AnswerReason, str] = {
    AnswerReason.NOT_AVAILABLE: "This buyer is not open for us at present. Thank you for thinking of us.",
    AnswerReason.NO_NEED: "We spoke with them: there is no need or no budget for now.",
    AnswerReason.NO_FIT: "What they look for is not what we sell.",
    AnswerReason.NO_CONTACT: "We tried several times and could not reach them.",
    AnswerReason.TOO_LITTLE: "We could not tell who the buyer is or what they need. Please tell us more.",
}

_EDGES = (Decimal(10_000), Decimal(25_000), Decimal(100_000), Decimal(500_000))


def size_band(amount: Decimal | None, currency: str) -> str:
    """An amount as roughly as a partner learns it before saying yes, such as ``EUR 25,000 to 100,000``."""
    if amount is None:
        return ""
    if amount < _EDGES[0]:
        return f"under {currency} {_EDGES[0]:,}"
    for low, high in zip(_EDGES, _EDGES[1:], strict=False):
        if amount < high:
            return f"{currency} {low:,} to {high:,}"
    return f"{currency} {_EDGES[-1]:,} or more"


_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|https?://|www\.|\+?\d[\d ()/.-]{7,}\d")


def tells_who(text: str, *, customer: str, contact: str, website: str, partners: list[str]) -> str:
    """What stands against showing ``text`` to a partner before it accepts, as a sentence; "" when nothing does.

    It may hold neither the buyer's name nor a way to reach it, and no partner's name.
    """
    domain = registrable_domain(website) or ""
    if named_in(text, [name for name in (customer, contact) if name]) or (
        domain and domain.casefold() in text.casefold()
    ):
        return "A partner reads this before accepting. Leave the buyer's name out of it."
    if _ADDRESS.search(text):
        return "A partner reads this before accepting. Leave addresses and telephone numbers out of it."
    if named_in(text, partners, allowed=customer):
        return "Partners read this. Leave other partners' names out of it."
    return ""
