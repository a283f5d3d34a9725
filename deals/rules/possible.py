"""What can be done with one registration now, beyond what its state allows; and why not. Pure.

``lifecycle.MOVES`` says from where and by whom; this adds what the row itself says: an appeal once and in
time, an extension before the end. Buttons, services and the API all ask here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from deals.rules.lifecycle import Move, Reason, Review, State, moves_for
from deals.rules.reminders import GRACE
from deals.rules.sentences import SENTENCES
from partners.core.actor import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTerms:
    """What the charter says of a claim's life, in days; 0 means that there is no such thing."""

    appeal_days: int
    extension_days: int
    extensions_by_rule: int
    keepalive_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFacts:
    """What a registration's row says of itself. Times are UTC; ``protected`` is from and until.

    ``has_deal``: an opportunity came of it. ``stands_again``: another claim of its partner stands on the same
    customer and offering.
    """

    state: State
    reviewed_for: Review = Review.CLAIM
    decided_at: datetime | None = None
    appealed_at: datetime | None = None
    progress_at: datetime | None = None
    progress_asked_at: datetime | None = None
    extension_asked_at: datetime | None = None
    extensions: int = 0
    has_deal: bool = False
    stands_again: bool = False
    protected: tuple[datetime, datetime] | None = None

    def runs(self, now: datetime) -> bool:
        """Whether the protection is still running."""
        return self.protected is not None and now < self.protected[1]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a move that the state allows is not open, with a stable code."""

    code: str
    sentence: str


def appeal_until(facts: ClaimFacts, terms: ClaimTerms) -> datetime | None:
    """The instant (UTC) until which the decision can be appealed; None when it cannot."""
    if facts.decided_at is None or facts.appealed_at is not None or not terms.appeal_days:
        return None
    return facts.decided_at + timedelta(days=terms.appeal_days)


def progress_due(facts: ClaimFacts, terms: ClaimTerms) -> datetime | None:
    """Until when we wait for the next word on a protected deal (UTC); None when none is asked for.

    Whoever was asked when it was due, or later, has the days of grace from then on. Nothing is waited for
    while we owe the answer to an extension, or when the protection is over before word would be late.
    """
    if facts.state != State.APPROVED or not terms.keepalive_days or facts.protected is None:
        return None
    if facts.extension_asked_at is not None:
        return None
    since = max(facts.progress_at or facts.protected[0], facts.protected[0])
    due, asked = since + timedelta(days=terms.keepalive_days), facts.progress_asked_at
    if asked is not None and asked >= due:
        return asked + GRACE
    return due if due + GRACE < facts.protected[1] else None


def granted_by_rule(facts: ClaimFacts, terms: ClaimTerms, now: datetime) -> bool:
    """Whether an extension needs nobody's decision: some are left, and the partner keeps us up to date."""
    if facts.extensions >= terms.extensions_by_rule:
        return False
    if not terms.keepalive_days:
        return True
    return facts.progress_at is not None and now - facts.progress_at <= timedelta(days=terms.keepalive_days)


def why_not(move: Move, facts: ClaimFacts, terms: ClaimTerms, now: datetime) -> Refusal | None:
    """What stands against a move that the state allows; None when nothing does."""
    if move is Move.APPEAL:
        return _appeal(facts, terms, now)
    if move is Move.ASK_EXTENSION:
        return _extension(facts, terms, now)
    if move is Move.EXTEND and facts.extension_asked_at is None:
        return Refusal("not_asked", "No extension was asked for, or it has been decided.")
    if move is Move.CHANGE and not facts.runs(now):
        return Refusal("protection_over", "The protection has ended. Register the deal again.")
    if move is Move.TAKE_BACK and facts.reviewed_for is not Review.CHANGE:
        return Refusal("no_change", "What is looked at is not a change, so there is none to take back.")
    if move is Move.AGAIN and facts.stands_again:
        return Refusal("registered_again", SENTENCES[Reason.SAME_PARTNER])
    if move in (Move.WIN, Move.LOSE) and not facts.has_deal:
        return Refusal("no_deal", "No opportunity came of it that could be won or lost.")
    return None


def _appeal(facts: ClaimFacts, terms: ClaimTerms, now: datetime) -> Refusal | None:
    if not terms.appeal_days:
        return Refusal("no_appeals", "This program has no appeals. Register the deal again if it changes.")
    if facts.appealed_at is not None:
        return Refusal("appealed", "This was appealed once, and the answer to that is final.")
    until = appeal_until(facts, terms)
    if until is None or now > until:
        days = f"{terms.appeal_days} day{'' if terms.appeal_days == 1 else 's'}"
        return Refusal("appeal_late", f"An appeal is possible for {days} after the decision.")
    return None


def _extension(facts: ClaimFacts, terms: ClaimTerms, now: datetime) -> Refusal | None:
    if not terms.extension_days:
        return Refusal("no_extensions", "This program extends no protection. Register the deal again.")
    if facts.extension_asked_at is not None:
        return Refusal("asked_already", "An extension was asked for already and is being decided on.")
    if not facts.runs(now):
        return Refusal("protection_over", "The protection has ended. Register the deal again.")
    return None


def open_moves(facts: ClaimFacts, role: Role, terms: ClaimTerms, now: datetime) -> list[Move]:
    """The moves a role may make with this registration now, in the order buttons are shown."""
    return [move for move in moves_for(facts.state, role) if why_not(move, facts, terms, now) is None]


_SOON = timedelta(days=7)
_NEAR_THE_END = timedelta(days=30)


def pressing(facts: ClaimFacts, terms: ClaimTerms, found: list[Move], now: datetime) -> Move | None:
    """The one thing to ask of the partner first, of the moves ``found`` open; None when it can rest."""
    if Move.ANSWER in found:
        return Move.ANSWER
    due = progress_due(facts, terms)
    if Move.REPORT in found and due is not None and now >= due - _SOON:
        return Move.REPORT
    if Move.ASK_EXTENSION in found and facts.protected and facts.protected[1] - now <= _NEAR_THE_END:
        return Move.ASK_EXTENSION
    return Move.AGAIN if Move.AGAIN in found and Move.APPEAL not in found else None
