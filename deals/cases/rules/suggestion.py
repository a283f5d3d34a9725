"""What the rules of a program suggest for a case, and whether a ruling followed them. Pure.

The first rule that has something to say speaks. A suggestion binds nobody; it is kept with the ruling, so
that later one can see what was decided by rule and what by exception (R37). Staff only: it names the rival.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import TextChoices

from deals.rules.lifecycle import ConflictKind, Outcome, Reason, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """One thing that stands against the claim. ``since`` is when it came about (UTC), None if not on record.

    ``who`` is how it is called on the page: a rival partner, an opportunity, an account. ``fact`` is what is
    on record about it, as a sentence without its full stop.
    """

    kind: ConflictKind
    severity: Severity
    who: str
    since: datetime | None = None
    fact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What the rules look at. Times are UTC.

    ``known`` is false while it is open which account the customer is. ``first_work`` is the partner's first
    dated work on the account, as far as it is on record.
    """

    against: tuple[Against, ...]
    partner: str
    claimed_at: datetime
    known: bool = True
    first_work: datetime | None = None

    def of(self, *kinds: ConflictKind) -> list[Against]:
        """What stands against the claim by these kinds and is more than a note."""
        return [row for row in self.against if row.kind in kinds and row.severity != Severity.NOTE]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What the rules say: an outcome with its ground, or that they leave it open (both None), and why."""

    outcome: Outcome | None = None
    reason: Reason | None = None
    why: str = field(default="")

    @property
    def is_open(self) -> bool:
        """Whether the rules leave it to the person."""
        return self.outcome is None


class Basis(TextChoices):
    """How a ruling stands to what the rules suggested."""

    RULE = "rule", "By rule"
    EXCEPTION = "exception", "By exception"
    OPEN = "open", "The rules left it open"


# For the partner: the claim is approved, or stays so, with nothing taken off.
_FOR_PARTNER = frozenset({Outcome.UPHOLD_PARTNER, Outcome.NOT_A_CONFLICT})


def basis_of(suggested: str, outcome: str) -> Basis:
    """Whether a ruling followed the rules. ``suggested`` is "" when they left it open."""
    if not suggested:
        return Basis.OPEN
    same = suggested == outcome or {suggested, outcome} <= _FOR_PARTNER
    return Basis.RULE if same else Basis.EXCEPTION


def suggest(facts: CaseFacts) -> Suggestion:
    """What the rules of the program suggest for a case, in one sentence."""
    for rule in _RULES:
        found = rule(facts)
        if found is not None:
            return found
    return Suggestion(why="No rule speaks to this. Weigh the evidence.")


def _for_partner(reason: Reason, why: str) -> Suggestion:
    return Suggestion(outcome=Outcome.UPHOLD_PARTNER, reason=reason, why=why)


def _for_incumbent(reason: Reason, why: str) -> Suggestion:
    return Suggestion(outcome=Outcome.UPHOLD_INCUMBENT, reason=reason, why=why)


def _by_choice(facts: CaseFacts) -> Suggestion | None:
    """R24: what the customer chose in writing comes before any other rule."""
    choices = [row for row in facts.against if row.kind == ConflictKind.CUSTOMER_CHOICE]
    against = [row for row in choices if row.severity != Severity.NOTE]
    if not choices:
        return None
    why = f"What the customer chose in writing comes first: {(against or choices)[0].fact}."
    if against:
        return _for_incumbent(Reason.CUSTOMER_CHOICE, why)
    return _for_partner(Reason.CUSTOMER_CHOICE, why)


def _by_our_own_move(facts: CaseFacts) -> Suggestion | None:
    """What our side did under a protection does not take the deal from the partner (R56)."""
    moved = facts.of(ConflictKind.REP_OPPORTUNITY, ConflictKind.ROUTE_AROUND, ConflictKind.SOURCE_CHANGED)
    if not moved:
        return None
    what = {
        ConflictKind.REP_OPPORTUNITY: "was opened on an account",
        ConflictKind.ROUTE_AROUND: "was closed without the partner on an account",
        ConflictKind.SOURCE_CHANGED: "lost its source on an account",
    }[moved[0].kind]
    return _for_partner(
        Reason.PARTNER_FIRST,
        f"{moved[0].who} {what} that {facts.partner} was protected on: what is done under a protection "
        "counts for the one protected.",
    )


def _by_identity(facts: CaseFacts) -> Suggestion | None:
    if not facts.known:
        return Suggestion(why="First say who the customer is: the rules depend on the account.")
    return None


def _by_protection(facts: CaseFacts) -> Suggestion | None:
    held = facts.of(ConflictKind.PROTECTED)
    if not held:
        return None
    return _for_incumbent(
        Reason.EARLIER_CLAIM,
        f"{_subject(held[0].who)} holds a protection{_since(held[0])}: while it runs, no other is approved.",
    )


def _by_engagement(facts: CaseFacts) -> Suggestion | None:
    """The rules of engagement: who sells where."""
    told = [row for row in facts.against if row.kind == ConflictKind.ENGAGEMENT]
    against = [row for row in told if row.severity != Severity.NOTE]
    if against:
        return _for_incumbent(
            Reason.OUT_OF_SCOPE,
            f"The rules of engagement keep it from the partner: {against[0].fact}.",
        )
    named = facts.of(ConflictKind.NAMED_ACCOUNT)
    if named and not told:
        return _for_incumbent(
            Reason.NAMED_ACCOUNT, f"{named[0].who} is a named or house account: for direct sales only."
        )
    return None


def _by_opportunity(facts: CaseFacts) -> Suggestion | None:
    """Our own opportunity against the claim: whose dated work came first."""
    ours = sorted(
        (row for row in facts.of(ConflictKind.OPEN_OPPORTUNITY) if row.since is not None),
        key=lambda row: row.since or facts.claimed_at,
    )
    if not ours or ours[0].since is None:
        return None
    first = ours[0]
    began: datetime = ours[0].since
    if began > facts.claimed_at:
        return _for_partner(
            Reason.PARTNER_FIRST, f"{first.who} was opened {_after(began - facts.claimed_at)} the claim."
        )
    if facts.first_work is not None and facts.first_work < began:
        return _for_partner(
            Reason.PARTNER_FIRST,
            f"{facts.partner}'s first work on the account is {_after(began - facts.first_work, 'before')} "
            f"{first.who}.",
        )
    return _for_incumbent(
        Reason.OPEN_OPPORTUNITY,
        f"{first.who} was open {_after(facts.claimed_at - began, 'before')} the claim, and no earlier work "
        f"of {facts.partner} is on record.",
    )


def _by_customer(facts: CaseFacts) -> Suggestion | None:
    bought = facts.of(ConflictKind.EXISTING_CUSTOMER)
    if bought:
        return _for_incumbent(
            Reason.EXISTING_CUSTOMER, f"{bought[0].who} buys from us already, so it is no new customer."
        )
    return None


def _by_claim_time(facts: CaseFacts) -> Suggestion | None:
    for row in facts.of(ConflictKind.EARLIER_CLAIM):
        if row.since is not None and row.since < facts.claimed_at:
            gap = _after(facts.claimed_at - row.since, "before")
            return _for_incumbent(
                Reason.EARLIER_CLAIM,
                f"{_subject(row.who)} claimed it {gap} this claim: of two the earlier goes first. "
                "Decide that one before this.",
            )
    return None


def _by_late_claim(facts: CaseFacts) -> Suggestion | None:
    if facts.of(ConflictKind.LATE):
        return _for_incumbent(
            Reason.OPEN_OPPORTUNITY,
            "It was registered when the deal was on its way already: influenced at best, not sourced.",
        )
    return None


_PERSONAL = {
    ConflictKind.APPEAL: "An appeal has no rule of its own: look at what is new since the first ruling.",
    ConflictKind.RAISED: "It was raised by hand, and no rule speaks to it. Weigh what was said.",
    ConflictKind.COMPETING: "The rules leave competing products to a person.",
    ConflictKind.EXCLUSIVITY: "The rules leave exclusivity to a person.",
    ConflictKind.COVERAGE: "It lies outside what the partner covers; the rules leave that to a person.",
}


def _left_to_a_person(facts: CaseFacts) -> Suggestion | None:
    for kind, why in _PERSONAL.items():
        if facts.of(kind):
            return Suggestion(why=why)
    return None


def _by_nothing_else(facts: CaseFacts) -> Suggestion | None:
    """A change that nothing else stands against, and what is only noted, are no conflict."""
    if any(row.severity != Severity.NOTE and row.kind != ConflictKind.CHANGE for row in facts.against):
        return None
    why = "Nothing stands against it."
    if facts.of(ConflictKind.CHANGE):
        why = "Nothing stands against the claim as it was changed."
    return Suggestion(outcome=Outcome.NOT_A_CONFLICT, reason=Reason.NOT_A_CONFLICT, why=why)


_RULES = (
    _by_choice,
    _by_our_own_move,
    _by_identity,
    _by_protection,
    _by_engagement,
    _by_opportunity,
    _by_customer,
    _by_claim_time,
    _by_late_claim,
    _left_to_a_person,
    _by_nothing_else,
)


def _subject(who: str) -> str:
    return who or "Another partner"


def _since(row: Against) -> str:
    return f" since {row.since:%-d %b %Y}" if row.since else ""


def _after(gap: timedelta, word: str = "after") -> str:
    """``3 days before``, from the larger unit that fits."""
    days = gap.days
    if days >= 1:
        return f"{days:,} day{'' if days == 1 else 's'} {word}"
    hours = int(gap.total_seconds() // 3600)
    if hours >= 1:
        return f"{hours} hour{'' if hours == 1 else 's'} {word}"
    minutes = max(1, int(gap.total_seconds() // 60))
    return f"{minutes} minute{'' if minutes == 1 else 's'} {word}"
