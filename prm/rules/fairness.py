"""How fair the program is to its partners, as numbers (R37, R73, R107). Pure.

Conditions of the organisation, put as questions with their evidence: nobody is ranked, partner managers are
not even named (R76).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import TextChoices

from deals.cases.rules.suggestion import Basis
from deals.registrations.rules.benefits import BenefitAnswer
from deals.rules.lifecycle import ConflictKind, Outcome
from prm.rules.shares import Share

ENOUGH_PER_REP = 5
"""Below so many contested rulings nothing is said of one rep."""
WATCHED_FROM = 3
"""Approved deals from which one may ask whether registrations are only watched."""
# Kinds in which our own sales stand on the other side.
DIRECT = frozenset(
    {
        ConflictKind.EXISTING_CUSTOMER,
        ConflictKind.OPEN_OPPORTUNITY,
        ConflictKind.NAMED_ACCOUNT,
        ConflictKind.REP_OPPORTUNITY,
        ConflictKind.SOURCE_CHANGED,
        ConflictKind.ROUTE_AROUND,
    }
)


class Side(TextChoices):
    """Whom a ruling was for."""

    PARTNER = "partner", "For the partner"
    INCUMBENT = "incumbent", "For the incumbent"
    SHARED = "shared", "Shared"
    NO_CONFLICT = "no_conflict", "Not a conflict"


_SIDES = {
    Outcome.UPHOLD_PARTNER: Side.PARTNER,
    Outcome.UPHOLD_INCUMBENT: Side.INCUMBENT,
    Outcome.SHARE: Side.SHARED,
}


def side_of(outcome: str) -> Side:
    """Whom an outcome is for; accounts that are one are no conflict."""
    return _SIDES.get(Outcome(outcome), Side.NO_CONFLICT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """One ruling: its outcome as it stands after corrections, its times (UTC) as it was first given.

    ``due_at`` is the deadline after the pauses in which the partner was asked; ``took`` is working time
    without them. ``reps`` are the direct reps on the other side.
    """

    conflict: str
    customer: str
    partner: str
    kinds: frozenset[str]
    side: Side
    basis: Basis
    decided_at: datetime
    due_at: datetime
    took: timedelta
    reps: tuple[str, ...] = ()
    corrected: bool = False

    @property
    def in_time(self) -> bool:
        """Whether it was given by its deadline."""
        return self.decided_at <= self.due_at

    @property
    def hours(self) -> float:
        """Working hours it took."""
        return round(self.took.total_seconds() / 3600, 1)

    @property
    def is_appeal(self) -> bool:
        """Whether it answers an appeal."""
        return ConflictKind.APPEAL in self.kinds

    @property
    def overturned(self) -> bool:
        """Whether an appeal turned the first answer."""
        return self.is_appeal and self.side is not Side.INCUMBENT

    @property
    def contested(self) -> bool:
        """Whether partner and our own sales both wanted it, and it had to go to somebody."""
        return bool(self.kinds & DIRECT) and self.side is not Side.NO_CONFLICT


@dataclass(frozen=True, slots=True)
class KindLine:
    """Rulings on one kind of conflict. One ruling on two kinds counts in both lines."""

    kind: ConflictKind
    sides: dict[Side, int]

    @property
    def all(self) -> int:
        """All of them."""
        return sum(self.sides.values())


@dataclass(frozen=True, slots=True)
class Override:
    """Whether the partner team can decide for a partner against our own sales, or whether it depends."""

    share: Share
    reps: Sequence[tuple[str, Share]]

    @property
    def known(self) -> list[Share]:
        """The shares of reps with enough rulings, lowest first."""
        return sorted((share for _, share in self.reps if share.known), key=lambda share: share.value)

    @property
    def depends(self) -> bool:
        """Whether two reps' intervals lie apart, so that chance alone does not explain it."""
        return len(self.known) > 1 and self.known[0].high < self.known[-1].low

    @property
    def headline(self) -> str:
        """Yes, no, it depends, or that it cannot be told."""
        if self.depends:
            return "It depends on the rep"
        if not self.share.known:
            return "Cannot tell"
        return "Yes" if self.share.part else "Not so far"

    @property
    def range(self) -> str:
        """How far reps lie apart, in a sentence."""
        if len(self.known) < 2:
            return f"Cannot tell whether it depends on the rep: two reps need {ENOUGH_PER_REP} rulings each."
        low, high = self.known[0].value, self.known[-1].value
        chance = "more than chance explains" if self.depends else "no more than chance may do"
        return f"From {low:.0%} to {high:.0%} between {len(self.known)} reps, {chance}."


@dataclass(frozen=True, slots=True)
class Fairness:
    """The figures of a period."""

    rulings: int
    in_time: Share
    hours: float | None
    sides: dict[Side, int]
    bases: dict[Basis, int]
    by_rule: Share
    kinds: Sequence[KindLine]
    override: Override
    appeals: Share
    corrected: int


def measured(rows: Sequence[Ruled]) -> Fairness:
    """The figures of some rulings. Appeals are rulings of their own, beside the ones they are against."""
    bases = {basis: sum(row.basis is basis for row in rows) for basis in Basis}
    spoken = bases[Basis.RULE] + bases[Basis.EXCEPTION]
    appeals = [row for row in rows if row.is_appeal]
    return Fairness(
        rulings=len(rows),
        in_time=Share(sum(row.in_time for row in rows), len(rows), "rulings"),
        hours=round(median(row.took.total_seconds() for row in rows) / 3600, 1) if rows else None,
        sides=_sides(rows),
        bases=bases,
        by_rule=Share(bases[Basis.RULE], spoken, "rulings the rules spoke to"),
        kinds=[
            KindLine(kind, _sides(of_kind))
            for kind in ConflictKind
            if (of_kind := [row for row in rows if kind in row.kinds])
        ],
        override=override(rows),
        appeals=Share(sum(row.overturned for row in appeals), len(appeals), "appeals decided"),
        corrected=sum(row.corrected for row in rows),
    )


def _sides(rows: Iterable[Ruled]) -> dict[Side, int]:
    found = [row.side for row in rows]
    return {side: found.count(side) for side in Side}


def override(rows: Sequence[Ruled]) -> Override:
    """Contested rulings for the partner of all contested ones, over all and rep by rep, by name."""
    contested = [row for row in rows if row.contested]
    names = sorted({name for row in contested for name in row.reps}, key=str.casefold)
    return Override(
        _upheld(contested, "contested rulings"),
        [
            (name, _upheld([row for row in contested if name in row.reps], "rulings", ENOUGH_PER_REP))
            for name in names
        ],
    )


def _upheld(rows: Sequence[Ruled], noun: str, enough: int | None = None) -> Share:
    part = sum(row.side is Side.PARTNER for row in rows)
    return Share(part, len(rows), noun) if enough is None else Share(part, len(rows), noun, enough)


@dataclass(frozen=True, slots=True)
class Benefits:
    """Approved deals by how it stands with what was promised for them."""

    answers: dict[BenefitAnswer, int]

    @property
    def approved(self) -> int:
        """All of them."""
        return sum(self.answers.values())

    @property
    def delivered(self) -> Share:
        """Delivered, of those on which there is any word."""
        said = self.approved - self.answers[BenefitAnswer.UNKNOWN]
        return Share(self.answers[BenefitAnswer.DELIVERED], said, "approved deals with word on it")


def benefits(answers: Sequence[BenefitAnswer]) -> Benefits:
    """The deals counted by answer."""
    return Benefits({answer: answers.count(answer) for answer in BenefitAnswer})


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What half a year brought one partner. ``came`` are its claims of the last three months."""

    partner: str
    public_id: str
    approved: int
    delivered: int
    came: int

    @property
    def only(self) -> bool:
        """Whether its deals seem to be watched only: approved, nothing delivered, and it still registers."""
        return self.approved >= WATCHED_FROM and not self.delivered and self.came > 0

    @property
    def evidence(self) -> str:
        """What makes one ask."""
        return (
            f"{self.approved} deals approved in six months, no benefit on record as delivered, "
            f"and {self.came} {'claim' if self.came == 1 else 'claims'} made in the last three months."
        )
