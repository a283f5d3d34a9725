"""The content of a registration: filled in from a claim, kept, and put back when a change of it fails."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from deals.common.claim_facts import protection_of
from deals.models import Registration
from deals.rules.claims import Claim, problems, tidied
from deals.rules.lifecycle import Review, State
from partners.core import clock
from partners.core.errors import FieldErrors
from partners.models import Offering, Program
from partners.selectors import open_offerings

CONTENT = ("customer_name", "website", "country", "offering", "amount", "currency", "expected_close", "note")
_UNANSWERED = ("asked_fields", "answer_due_at", "clock_left")


def fill(
    registration: Registration,
    claim: Claim,
    program: Program,
    *,
    complete: bool = False,
    offerings: Sequence[Offering] | None = None,
) -> None:
    """Put a claim into a registration, unsaved. Raises ``FieldErrors`` for what cannot be kept.

    ``complete`` asks for all that a submission needs. The offering it has may stay, though it is closed now.
    ``offerings`` are the open ones, when the caller has them.
    """
    claim = tidied(claim, currency=program.currency)
    found = problems(claim, today=clock.today(program.timezone), complete=complete)
    open_now = open_offerings() if offerings is None else offerings
    offering = _offering(claim.offering_id, registration, open_now)
    if offering is None:
        found["offering"] = ["Choose what the customer would buy."]
    if found or offering is None:
        raise FieldErrors(found)
    registration.offering = offering
    for name in CONTENT:
        if name != "offering":
            setattr(registration, name, getattr(claim, name))


def _offering(
    offering_id: int | None, registration: Registration, offerings: Sequence[Offering]
) -> Offering | None:
    """The chosen offering, or the only one there is."""
    if offering_id is None:
        return offerings[0] if len(offerings) == 1 else None
    chosen = next((offering for offering in offerings if offering.pk == offering_id), None)
    if chosen is None and not registration._state.adding and offering_id == registration.offering_id:
        return registration.offering
    return chosen


def claim_of(registration: Registration) -> Claim:
    """What a registration says, as a claim."""
    return Claim(
        customer_name=registration.customer_name,
        website=registration.website,
        country=registration.country,
        offering_id=registration.offering_id,
        amount=registration.amount,
        currency=registration.currency,
        expected_close=registration.expected_close,
        note=registration.note,
    )


def content_of(registration: Registration) -> dict[str, object]:
    """What the ledger keeps of a claim; the offering by its name."""
    content = {name: getattr(registration, name) for name in CONTENT if name != "offering"}
    return content | {"offering": registration.offering.name}


def approved_content(registration: Registration) -> dict[str, Any]:
    """What was approved, as it is kept on the row while a change of it is reviewed."""
    content = {name: getattr(registration, name) for name in CONTENT if name != "offering"}
    return content | {
        "offering": registration.offering_id,
        "amount": None if registration.amount is None else str(registration.amount),
        "expected_close": registration.expected_close and registration.expected_close.isoformat(),
    }


def undo_change(registration: Registration) -> tuple[str, ...]:
    """Put back what was approved if a change of it is under review; the names of the fields to save."""
    kept: Mapping[str, Any] = registration.approved_as
    in_review = registration.state in (State.IN_REVIEW, State.NEEDS_INFO)
    if not (in_review and registration.reviewed_for == Review.CHANGE and kept):
        return ()
    for name in ("customer_name", "website", "country", "currency", "note"):
        setattr(registration, name, kept[name])
    registration.offering_id = kept["offering"]
    registration.amount = None if kept["amount"] is None else Decimal(kept["amount"])
    day = kept["expected_close"]
    registration.expected_close = date.fromisoformat(day) if day else None
    # Not the account of that time: accounts are merged, and the protection goes with them.
    protection = protection_of(registration)
    registration.account_id = protection.account_id if protection else registration.account_id
    registration.approved_as = {}
    # By its id: a partner who withdraws may not read the account itself.
    return (*CONTENT, "account_id", "approved_as")


def clear_question(registration: Registration) -> tuple[str, ...]:
    """Nothing is asked any more; the names of the fields to save. The question itself stays on record."""
    registration.asked_fields = []
    registration.answer_due_at = registration.clock_left = None
    return _UNANSWERED


def progress_due_again(registration: Registration) -> tuple[str, ...]:
    """Whoever was asked how a deal stands while the answer was ours is asked again; the fields to save.

    What went by meanwhile is not counted against them.
    """
    registration.progress_asked_at = None
    return ("progress_asked_at",)
