"""Partners one asks about: from what is on record, as questions with evidence, never as a verdict (R18).

Each intent is judged by what it is expected to bring (R15): a marquee partner by references, press and
introductions, not by pipeline (R20).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import TextChoices

from partners.models.partner import Intent
from prm.rules.periods import months_between

QUIET_MONTHS = 6  # months without a deal (or a marquee partner's act) from which on one asks
LOOK_BACK = 12  # months over which promises and give and take are read
BROKEN = 2  # promises of theirs not kept in that time
GIVEN_HOURS = 20  # our hours in that time from which on it is fair to ask what came back
GIVEN_PROMISES = 3
FARTHEST = timedelta(days=366)  # how far ahead a partner can be asked about again


class ReviewDecision(TextChoices):
    """What a review ends with."""

    KEEP = "keep", "Keep"
    FIX = "fix", "Fix by a date"
    DOWNGRADE = "downgrade", "Change partner type"
    EXIT = "exit", "End the partnership"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerFacts:
    """A partner as the rules read it. Counts are of the last ``LOOK_BACK`` months.

    ``last_deal_on`` is the day its newest sourced deal opened, for a delivering partner also a routed one;
    ``last_act_on`` that of a marquee partner's newest reference, press or introduction.
    """

    today: date
    intent: Intent
    signed_on: date | None
    ramp_months: int
    last_deal_on: date | None = None
    last_act_on: date | None = None
    claims: int = 0
    minutes: int = 0
    ours_kept: int = 0
    ours_broken: int = 0
    ours_overdue: int = 0
    theirs_kept: int = 0
    theirs_broken: int = 0
    theirs_overdue: int = 0

    @property
    def months(self) -> int | None:
        """Whole months since the agreement, None without its day."""
        return None if self.signed_on is None else months_between(self.signed_on, self.today)


@dataclass(frozen=True, slots=True)
class Signal:
    """A question and what was seen."""

    code: str
    question: str
    evidence: str


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _quiet(last: date | None, facts: PartnerFacts) -> bool:
    return last is None or months_between(last, facts.today) >= QUIET_MONTHS


def _since(last: date | None, what: str) -> str:
    return f"The last {what} was on {last.day} {last:%b %Y}" if last else f"No {what} so far"


def _no_deal(facts: PartnerFacts) -> Signal | None:
    months = facts.months
    if facts.intent is Intent.MARQUEE or months is None or months < facts.ramp_months + QUIET_MONTHS:
        return None
    if not _quiet(facts.last_deal_on, facts):
        return None
    delivers = facts.intent is Intent.DELIVER
    what = "sourced or routed deal" if delivers else "sourced deal"
    question = "Does any work reach them?" if delivers else "Does anything come of it?"
    return Signal(
        "no_deal",
        question,
        f"{_since(facts.last_deal_on, what)}; signed {months} months ago, the ramp is {facts.ramp_months}.",
    )


def _marquee(facts: PartnerFacts) -> Signal | None:
    months = facts.months
    if facts.intent is not Intent.MARQUEE or months is None or months < QUIET_MONTHS:
        return None
    if not _quiet(facts.last_act_on, facts):
        return None
    evidence = f"{_since(facts.last_act_on, 'reference, press or introduction')}; signed {months} months ago."
    return Signal("marquee_quiet", "Does the name still open doors?", evidence)


def _promises(facts: PartnerFacts) -> Signal | None:
    missed = facts.theirs_broken + facts.theirs_overdue
    if missed < BROKEN or missed < facts.theirs_kept:
        return None
    return Signal(
        "promises_broken",
        "Are their promises too big, or not meant?",
        f"In {LOOK_BACK} months they kept {facts.theirs_kept}, did not keep {facts.theirs_broken},"
        f" and {facts.theirs_overdue} {'is' if facts.theirs_overdue == 1 else 'are'} past the day.",
    )


def _one_sided(facts: PartnerFacts) -> Signal | None:
    if facts.intent is Intent.MARQUEE or facts.claims or facts.theirs_kept:
        return None
    if facts.minutes < GIVEN_HOURS * 60 and facts.ours_kept < GIVEN_PROMISES:
        return None
    return Signal(
        "one_sided",
        "Is it give and take?",
        f"In {LOOK_BACK} months we gave {_count(facts.minutes // 60, 'hour')} and kept"
        f" {_count(facts.ours_kept, 'promise')}; they made no claim and kept no promise.",
    )


RULES: tuple[Callable[[PartnerFacts], Signal | None], ...] = (_no_deal, _marquee, _promises, _one_sided)


def signals(facts: PartnerFacts) -> list[Signal]:
    """What is on record about a partner that makes one ask."""
    return [signal for rule in RULES if (signal := rule(facts)) is not None]


def our_part(facts: PartnerFacts) -> str:
    """What we owe the partner, to be read before anything is asked of it; "" when nothing."""
    if not facts.ours_broken and not facts.ours_overdue:
        return ""
    broken = f"In {LOOK_BACK} months we did not keep {_count(facts.ours_broken, 'promise')} of ours."
    verb = "is" if facts.ours_overdue == 1 else "are"
    late = f"{_count(facts.ours_overdue, 'promise')} of ours {verb} past the day now."
    return " ".join(
        text for number, text in ((facts.ours_broken, broken), (facts.ours_overdue, late)) if number
    )


def is_asked(*, found: bool, ask_again_on: date | None, decided: bool, today: date) -> bool:
    """Whether a partner is asked about today.

    One that was decided on rests until its day, and is then asked about again whatever the rules find.
    """
    if not decided:
        return found
    return ask_again_on is not None and ask_again_on <= today
