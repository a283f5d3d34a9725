"""What our own side did under partners' claims, by whom (R56). Staff only; nobody is ranked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from deals.cases.access import conflicts_for
from deals.models import Account, Conflict
from deals.rules.lifecycle import ConflictKind, Outcome
from partners.models import Seat

SIGNALS = (ConflictKind.REP_OPPORTUNITY, ConflictKind.SOURCE_CHANGED, ConflictKind.ROUTE_AROUND)
MOST = 500
# A ruling that said so: there was nothing to it.
_CLEARED = (Outcome.NOT_A_CONFLICT, Outcome.UPHOLD_INCUMBENT)


@dataclass(frozen=True, slots=True)
class Signals:
    """What one person of ours is named in, newest first."""

    who: str
    conflicts: Sequence[Conflict]

    def _number(self, kind: ConflictKind) -> int:
        return sum(1 for row in self.conflicts if row.kind == kind)

    @property
    def opened(self) -> int:
        """Opportunities opened under a claim."""
        return self._number(ConflictKind.REP_OPPORTUNITY)

    @property
    def changed(self) -> int:
        """Sources changed."""
        return self._number(ConflictKind.SOURCE_CHANGED)

    @property
    def closed(self) -> int:
        """Deals closed without the partner."""
        return self._number(ConflictKind.ROUTE_AROUND)

    @property
    def repeats(self) -> bool:
        """Whether it happened more than once."""
        return len(self.conflicts) > 1


def immune_signals(seat: Seat, *, since: datetime) -> list[Signals]:
    """Warnings since an instant (UTC) that a seat may see, per person by name.

    Those a ruling cleared are left out. A changed source is named with who changed it, the others with the
    opportunity's owner.
    """
    rows = (
        conflicts_for(seat)
        .filter(kind__in=SIGNALS, opened_at__gte=since)
        .filter(Q(ruling__isnull=True) | ~Q(ruling__outcome__in=_CLEARED))
        .order_by("-opened_at", "-pk")[:MOST]
    )
    by_person: dict[str, list[Conflict]] = {}
    for row in rows:
        by_person.setdefault(_who(row), []).append(row)
    return [Signals(who, by_person[who]) for who in sorted(by_person, key=str.casefold)]


def open_conflicts_on(seat: Seat, account: Account) -> Sequence[Conflict]:
    """What waits for a ruling on an account, as far as the seat may see it, by deadline."""
    rows = conflicts_for(seat).filter(account=account, closed_at__isnull=True)
    return list(rows.order_by("due_at", "pk")[:50])


def _who(row: Conflict) -> str:
    owner = row.rival_opportunity.owner_name if row.rival_opportunity else ""
    if row.kind == ConflictKind.SOURCE_CHANGED:
        return row.raised_by or owner or "Nobody is named"
    return owner or row.raised_by or "Nobody is named"
