"""Leads both ways: their states, the reasons of a no, and what may be shown before a yes. Pure."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db.models import TextChoices

from deals.matching.domains import registrable_domain
from deals.rules.claims import NOTE_LENGTH, Claim, Problems
from deals.rules.claims import problems as problems_of_claim
from deals.rules.sentences import named_in
from partners.core.text import clean_text


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
    CLOSED = "closed", "Closed, unplaced"


class OfferState(TextChoices):
    """Where the offer of a lead to one partner stands."""

    OFFERED = "offered", "Waiting for an answer"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    EXPIRED = "expired", "Not answered in time"
    WITHDRAWN = "withdrawn", "Taken back"


class OfferReason(TextChoices):
    """Why a partner does not take a lead. What is about its kind counts when the next one is routed."""

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
    for low, high in pairwise(_EDGES):
        if amount < high:
            return f"{currency} {low:,} to {high:,}"
    return f"{currency} {_EDGES[-1]:,} or more"


_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|https?://|www\.|\+?\d[\d ()/.-]{7,}\d")


def tells_who(text: str, *, customer: str, contact: str, website: str, partners: list[str]) -> str:
    """What stands against showing ``text`` to a partner before it accepts, in a sentence; "" when nothing.

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


SENTENCE_LENGTH = 1000
_LENGTHS = {
    "vertical": 80,
    "segment": 80,
    "function": 80,
    "contact_name": 120,
    "contact_email": 254,
    "contact_phone": 40,
    "details": NOTE_LENGTH,
}
_OLDEST = timedelta(days=2 * 366)
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """What is said of a buyer. ``currency`` "" is the program's, ``received_on`` None is today."""

    customer_name: str = ""
    website: str = ""
    country: str = ""
    vertical: str = ""
    segment: str = ""
    function: str = ""
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    need: str = ""
    details: str = ""
    offering_id: int | None = None
    amount: Decimal | None = None
    currency: str = ""
    received_on: date | None = None


def tidied(buyer: Buyer, *, currency: str, today: date) -> Buyer:
    """The buyer with storable text, and the program's currency and day where none was said."""
    lines = ("customer_name", "vertical", "segment", "function", "contact_name", "contact_phone")
    changed: dict[str, Any] = {name: " ".join(clean_text(getattr(buyer, name)).split()) for name in lines}
    return replace(
        buyer,
        **changed,
        website=clean_text(buyer.website),
        country=clean_text(buyer.country).upper(),
        contact_email=clean_text(buyer.contact_email),
        need=clean_text(buyer.need),
        details=clean_text(buyer.details),
        currency=(clean_text(buyer.currency) or currency).upper(),
        received_on=buyer.received_on or today,
    )


def problems(buyer: Buyer, *, today: date) -> Problems:
    """What is wrong with a tidied buyer, by field. ``today`` is the day in the program's time zone."""
    claim = Claim(
        customer_name=buyer.customer_name,
        website=buyer.website,
        country=buyer.country,
        amount=buyer.amount,
        currency=buyer.currency,
        note=buyer.need,
    )
    found = problems_of_claim(claim, today=today, complete=False)
    if "note" in found:
        found["need"] = found.pop("note")
    for name, longest in _LENGTHS.items():
        if len(getattr(buyer, name)) > longest:
            found[name] = [f"Use at most {longest:,} characters."]
    if buyer.contact_email and not _EMAIL.fullmatch(buyer.contact_email):
        found.setdefault("contact_email", ["Enter an e-mail address, such as anna@acme.com."])
    if buyer.received_on is None or not today - _OLDEST <= buyer.received_on <= today:
        found["received_on"] = ["Give a day between two years ago and today."]
    if not buyer.customer_name:
        found.setdefault("customer_name", ["Who is the buyer? Give the company's name."])
    if not buyer.need:
        found.setdefault("need", ["What do they need? One sentence will do."])
    return found
