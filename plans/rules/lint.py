"""What a plan makes one ask: questions with their evidence, never verdicts (R28, R81, R86, R88, R92, R95)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from plans.rules.lifecycle import CommitmentState, MilestoneState, Quota, Side, State
from plans.rules.readiness import OPEN_AT_ONCE

AHEAD_DAYS = 30  # how far ahead our support should be visible
SIGNATURE_DAYS = 14  # how long a proposal may wait before one asks
QUARTER_END_DAYS = 14
DAYS_IN_MONTH = 30


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment as lint reads it."""

    side: Side
    due_on: date
    state: CommitmentState


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFacts:
    """A plan as lint reads it; days are in the program's time zone."""

    today: date
    state: State
    quota: Quota
    promises: Sequence[Promise]
    steps: Sequence[MilestoneState]
    check_in_days: int
    starts_on: date | None = None
    proposed_on: date | None = None
    agreed_on: date | None = None
    last_check_in: date | None = None
    next_check_in_on: date | None = None
    signed_on: date | None = None
    aim_by: date | None = None
    ramp_months: int | None = None
    competing: Sequence[str] = ()  # sentences on what else the partner sells, and at which margin

    def open_promises(self, side: Side) -> list[Promise]:
        return [p for p in self.promises if p.side is side and p.state is CommitmentState.OPEN]


@dataclass(frozen=True, slots=True)
class Notice:
    """A question, and what was seen."""

    code: str
    question: str
    evidence: str


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _long_day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _overdue_support(facts: PlanFacts) -> Notice | None:
    late = [p for p in facts.open_promises(Side.US) if p.due_on < facts.today]
    if not late:
        return None
    oldest = min(p.due_on for p in late)
    return Notice(
        "support_overdue",
        "Is the partner waiting for us?",
        f"{_count(len(late), 'promise')} of ours past the day, the oldest since {_long_day(oldest)}.",
    )


def _support_ahead(facts: PlanFacts) -> Notice | None:
    end = facts.today + timedelta(days=AHEAD_DAYS)
    ahead = [p for p in facts.open_promises(Side.US) if facts.today <= p.due_on <= end]
    if ahead:
        return None
    return Notice(
        "no_support_ahead",
        "What do we do for them next?",
        f"No promise of ours falls due in the next {AHEAD_DAYS} days.",
    )


def _asks(facts: PlanFacts) -> Notice | None:
    ours, theirs = len(facts.open_promises(Side.US)), len(facts.open_promises(Side.THEM))
    if theirs <= ours:
        return None
    return Notice(
        "asks_outnumber_support",
        "Do we ask for more than we give?",
        f"{_count(theirs, 'open promise')} of theirs beside {ours} of ours.",
    )


def _overload(facts: PlanFacts) -> Notice | None:
    count = sum(step is MilestoneState.OPEN for step in facts.steps)
    if count <= OPEN_AT_ONCE:
        return None
    return Notice(
        "many_steps_open",
        "Is it too much at once?",
        f"{count} readiness steps are open. The partner is shown the first {OPEN_AT_ONCE};"
        " the next appears when one is proven.",
    )


def _thin(facts: PlanFacts) -> Notice | None:
    if sum(step is not MilestoneState.DROPPED for step in facts.steps) != 1:
        return None
    return Notice(
        "one_step_only",
        "Is one step enough to know that they are ready?",
        "The plan names a single readiness step.",
    )


def _assumed(facts: PlanFacts) -> Notice | None:
    started = facts.starts_on is not None and facts.starts_on + timedelta(days=AHEAD_DAYS) <= facts.today
    proven = any(step is MilestoneState.PROVEN for step in facts.steps)
    if not started or proven or facts.starts_on is None:
        return None
    return Notice(
        "readiness_unproven",
        "Is readiness assumed?",
        f"The plan started on {_long_day(facts.starts_on)} and no step has been proven since.",
    )


def _quota(facts: PlanFacts) -> Notice | None:
    if facts.quota is Quota.UNKNOWN:
        return Notice(
            "quota_unknown",
            "Does selling this retire their sellers' quota?",
            "Nobody has written down the answer. A seller whose quota it does not touch has little reason"
            " to call.",
        )
    return None


def _silence(facts: PlanFacts) -> Notice | None:
    if facts.state not in (State.PROPOSED, State.AGREED):
        return None
    last = facts.last_check_in or facts.agreed_on or facts.proposed_on
    if last is None or (facts.today - last).days <= facts.check_in_days * 3 // 2:
        return None
    seen = "Last check-in" if facts.last_check_in else "No check-in yet; the plan was written down"
    return Notice(
        "long_silence",
        "When did we last talk about this?",
        f"{seen} {(facts.today - last).days} days ago; the rhythm is every {facts.check_in_days} days.",
    )


def _no_contact(facts: PlanFacts) -> Notice | None:
    if facts.state is not State.PROPOSED or facts.next_check_in_on is not None:
        return None
    return Notice("no_next_contact", "Who calls next, and when?", "No next contact is scheduled.")


def _unsigned(facts: PlanFacts) -> Notice | None:
    if facts.state is not State.PROPOSED or facts.proposed_on is None:
        return None
    waited = (facts.today - facts.proposed_on).days
    if waited <= SIGNATURE_DAYS:
        return None
    return Notice(
        "proposal_waits",
        "Is this still the plan?",
        f"It was proposed {waited} days ago and has not been agreed by both sides.",
    )


def _early_aim(facts: PlanFacts) -> Notice | None:
    if facts.aim_by is None or facts.signed_on is None or not facts.ramp_months:
        return None
    months = (facts.aim_by - facts.signed_on).days // DAYS_IN_MONTH
    if months >= facts.ramp_months:
        return None
    return Notice(
        "aim_before_ramp",
        "Is the aim earlier than the ramp allows?",
        f"It is set for month {months} after signature; the charter expects a ramp of {facts.ramp_months}"
        " months.",
    )


def _competing(facts: PlanFacts) -> Notice | None:
    if not facts.competing:
        return None
    return Notice("competing_lines", "Why would their sellers sell ours first?", " ".join(facts.competing))


def quarter_end(day: date) -> date:
    """The last day of the calendar quarter ``day`` is in."""
    month = (day.month - 1) // 3 * 3 + 3
    first_of_next = date(day.year + month // 12, month % 12 + 1, 1)
    return first_of_next - timedelta(days=1)


def _pressure(facts: PlanFacts) -> Notice | None:
    theirs = facts.open_promises(Side.THEM)
    late = [p for p in theirs if (quarter_end(p.due_on) - p.due_on).days < QUARTER_END_DAYS]
    if len(late) < 2 or len(late) * 2 <= len(theirs):
        return None
    return Notice(
        "asks_at_quarter_end",
        "Whose calendar is this?",
        f"{len(late)} of {_count(len(theirs), 'promise')} of theirs fall in the last {QUARTER_END_DAYS} days"
        " of a calendar quarter.",
    )


CHECKS: tuple[Callable[[PlanFacts], Notice | None], ...] = (
    _overdue_support, _no_contact, _silence, _unsigned, _support_ahead, _asks, _pressure, _assumed, _overload,
    _thin, _quota, _competing, _early_aim,
)  # fmt: skip


def lint(facts: PlanFacts) -> list[Notice]:
    """The questions this plan raises today, the most pressing first. A closed plan raises none."""
    if facts.state is State.CLOSED:
        return []
    return [notice for check in CHECKS if (notice := check(facts)) is not None]
