"""The conflict queue: cases by deadline, and who may rule on each. Staff only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import (
    Exists,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from deals.cases.access import conflicts_for
from deals.cases.selectors.case_facts import grouped_conflicts
from deals.common.access import rulers_of
from deals.models import Conflict, Registration, Ruling
from deals.rules.lifecycle import ConflictKind, State
from partners.core import clock
from partners.core.actor import Actor, Role
from partners.models import Charter, Partner, Seat
from partners.rules.roles import may
from partners.selectors import charter_in_force

SORTS = {
    "due": ("paused", "due", "pk"),
    "-due": ("paused", "-due", "-pk"),
    "partner": ("partner__name", "due", "pk"),
    "-partner": ("-partner__name", "due", "pk"),
    "customer": ("customer_name", "pk"),
    "-customer": ("-customer_name", "-pk"),
}
DUE = [("late", "Late"), ("near", "Due soon"), ("paused", "Waits for the partner")]
# One who is asked of everybody, and the roles that may be given authority over a kind.
RULERS = [("me", "Me")] + [
    (role.value, str(role.label)) for role in Role if role is not Role.SYSTEM and may(role, "conflicts.rule")
]


@dataclass(frozen=True, slots=True)
class Case:
    """What is ruled on together: conflicts of one registration, with who may rule on them."""

    registration: Registration
    conflicts: Sequence[Conflict]
    rulers: Sequence[Role]
    charter: Charter
    ruled_by: int | None  # the person behind the ruling that stands

    @property
    def first(self) -> Conflict:
        """The conflict by whose id the case is addressed."""
        return self.conflicts[0]

    @property
    def due_at(self) -> datetime:
        """When the answer is due (UTC)."""
        return min(conflict.due_at for conflict in self.conflicts)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to rule."""
        return any(conflict.closed_at is None for conflict in self.conflicts)

    @property
    def is_paused(self) -> bool:
        """Whether the clock stands still because the partner was asked for something."""
        return self.is_open and self.registration.state == State.NEEDS_INFO

    @property
    def is_escalated(self) -> bool:
        """Whether somebody was warned of its deadline."""
        return any(conflict.escalated_at or conflict.missed_at for conflict in self.conflicts)

    @property
    def ruling(self) -> Ruling | None:
        """The ruling that closed it, if one did."""
        return next((conflict.ruling for conflict in self.conflicts if conflict.ruling), None)

    @property
    def is_appeal(self) -> bool:
        """Whether it is an appeal against a ruling."""
        return any(conflict.kind == ConflictKind.APPEAL for conflict in self.conflicts)

    def may_rule(self, actor: Actor) -> bool:
        """Whether the charter lets the actor rule on this, and it is no appeal against their own ruling."""
        return actor.role in self.rulers and not self.is_against_own(actor)

    def is_against_own(self, actor: Actor) -> bool:
        """Whether it is an appeal against what the actor ruled, which somebody else decides."""
        if not self.is_appeal or actor.role is Role.LEADER or actor.user_id is None:
            return False
        return actor.user_id == self.ruled_by


def cases_found(
    seat: Seat,
    *,
    charter: Charter | None = None,
    q: str = "",
    kind: str = "",
    ruler: str = "",
    due: str = "",
    is_open: bool = True,
    sort: str = "",
) -> QuerySet[Registration]:
    """Registrations in conflict that the seat may see, by deadline; each with its conflicts in ``told``.

    ``ruler`` is a role or ``me``; ``due`` is one of ``DUE``. Cases whose clock stands still come last.
    """
    seen = conflicts_for(seat).select_related("rival_registration__protection").order_by("pk")
    within = seen.filter(closed_at__isnull=is_open)
    if not is_open:
        within = within.filter(ruling__isnull=False)
    if kind:
        within = within.filter(kind=kind)
    if is_open and due in dict(DUE):
        within = within.filter(_due(due))
    counted = Q(conflicts__closed_at__isnull=is_open)
    rows: QuerySet[Any] = (
        Registration.objects.filter(pk__in=within.order_by().values("registration"))
        .select_related("partner", "offering")
        .prefetch_related(
            Prefetch("conflicts", queryset=seen.filter(closed_at__isnull=is_open), to_attr="told")
        )
    )
    rows = _timed(rows, counted, is_open=is_open)
    if is_open and ruler in dict(RULERS):
        role = seat.role if ruler == "me" else ruler
        if ruler != "me" or role != Role.LEADER:
            rows = _ruled_by(rows, role, charter or charter_in_force())
    if q:
        rows = rows.filter(
            Q(customer_name__icontains=q)
            | Q(partner__in=Partner.objects.filter(name__icontains=q))
            | Q(pk__in=within.filter(account__name__icontains=q).order_by().values("registration"))
        )
    return rows.order_by(*SORTS.get(sort, SORTS["due"] if is_open else ("-due", "-pk")))


def _timed(rows: QuerySet[Any], counted: Q, *, is_open: bool) -> QuerySet[Any]:
    """When each is due or was closed, whether its clock stands, and who gave the ruling that stands."""
    found: QuerySet[Any] = rows.annotate(
        due=Min("conflicts__due_at", filter=counted)
        if is_open
        else Max("conflicts__closed_at", filter=counted),
        ruled_by=_ruled_by_whom(OuterRef("pk")),
        paused=models.Case(
            When(state=State.NEEDS_INFO, then=Value(1)), default=Value(0), output_field=IntegerField()
        ),
    )
    return found


def _ruled_by_whom(registration: OuterRef) -> Subquery:
    """The person behind the ruling on a registration that stands."""
    rulings = Ruling.objects.filter(registration=registration, corrected_by__isnull=True)
    return Subquery(rulings.order_by("-decided_at", "-pk").values("decided_by")[:1])


def _due(due: str) -> Q:
    paused = Q(registration__state=State.NEEDS_INFO)
    if due == "paused":
        return paused
    if due == "near":
        return Q(escalated_at__isnull=False) & ~paused
    return Q(due_at__lt=clock.now()) & ~paused


def _ruled_by(rows: QuerySet[Registration], role: str, charter: Charter) -> QuerySet[Registration]:
    """Cases that a role decides by the charter. The leader may rule on all; asked for by name, hers alone."""
    if role == Role.LEADER:
        for other, _ in RULERS:
            if other not in ("me", Role.LEADER):
                rows = rows.filter(Exists(_beyond(other, charter)))
        return rows
    return rows.filter(~Exists(_beyond(role, charter)))


def _beyond(role: str, charter: Charter) -> QuerySet[Conflict]:
    """Open conflicts of the outer registration on which by the charter a role may not rule."""
    foreign = [kind for kind in ConflictKind.values if charter.ruler_of(kind) != role]
    return Conflict.objects.filter(registration=OuterRef("pk"), closed_at__isnull=True, kind__in=foreign)


def cases_in(row: Registration, charter: Charter) -> Iterator[Case]:
    """The cases of a registration that ``cases_found`` gave: usually one."""
    for conflicts in grouped_conflicts(row, told(row)):
        yield as_case(row, charter, conflicts)


def told(row: Registration) -> Sequence[Conflict]:
    """The conflicts that ``cases_found`` read along with a registration."""
    found: Sequence[Conflict] = getattr(row, "told")  # noqa: B009 - an attribute of the query, not of the model
    return found


def as_case(row: Registration, charter: Charter, conflicts: Sequence[Conflict]) -> Case:
    """Conflicts of a registration that ``cases_found`` gave that are ruled on together, with who may rule."""
    ruled_by: int | None = getattr(row, "ruled_by")  # noqa: B009 - an attribute of the query, as ``told``
    return _case(row, charter, conflicts, ruled_by)


def _case(row: Registration, charter: Charter, conflicts: Sequence[Conflict], ruled_by: int | None) -> Case:
    rulers = rulers_of({conflict.kind for conflict in conflicts}, charter)
    return Case(row, conflicts, rulers, charter, ruled_by)


def case_of(seat: Seat, conflict: Conflict, charter: Charter) -> Case:
    """The whole case one conflict belongs to, as far as the seat may see it.

    For an open one that is what is open together; for a decided one what its ruling decided.
    """
    row = conflict.registration
    rows = conflicts_for(seat).filter(registration=row).select_related("rival_registration__protection")
    ruled_by = _ruled_by_whom(OuterRef("registration"))
    found: list[Any] = list(rows.annotate(ruled_by=ruled_by).order_by("pk"))
    if conflict.closed_at is None:
        still_open = [item for item in found if item.closed_at is None]
        together = next(group for group in grouped_conflicts(row, still_open) if conflict in group)
    else:
        together = [item for item in found if item.closed_at and item.ruling_id == conflict.ruling_id]
    for item in together:
        item.registration = row
    return _case(row, charter, together, found[0].ruled_by)
