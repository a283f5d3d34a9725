"""The conflict queue and the case. Staff only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Min, Prefetch, Q, QuerySet

from deals.access import conflicts_for, rulers_of
from deals.models import Conflict, Registration
from partners.core.actor import Actor, Role
from partners.models import Charter, LedgerEntry, Seat

SORTS = {
    "due": ("due", "pk"),
    "-due": ("-due", "-pk"),
    "partner": ("partner__name", "due", "pk"),
    "-partner": ("-partner__name", "due", "pk"),
    "customer": ("customer_name", "pk"),
    "-customer": ("-customer_name", "-pk"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A registration with what stands against it: one row of the queue, ruled on as a whole."""

    registration: Registration
    conflicts: Sequence[Conflict]
    rulers: Sequence[Role]

    @property
    def first(self) -> Conflict:
        """The gravest conflict, by whose id the case is addressed."""
        return self.conflicts[0]

    @property
    def due_at(self) -> datetime:
        """When the answer is due (UTC)."""
        return self.first.due_at

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to rule."""
        return any(conflict.closed_at is None for conflict in self.conflicts)

    def may_rule(self, actor: Actor) -> bool:
        """Whether the charter lets the actor rule on this."""
        return actor.role in self.rulers


def cases_found(
    seat: Seat, *, q: str = "", kind: str = "", is_open: bool = True, sort: str = ""
) -> QuerySet[Registration]:
    """Registrations in conflict that the seat may see, by deadline; each with its conflicts in ``told``."""
    seen = conflicts_for(seat).order_by("pk")
    within = seen.filter(closed_at__isnull=is_open)
    if not is_open:
        within = within.filter(ruling__isnull=False)
    if kind:
        within = within.filter(kind=kind)
    rows = (
        Registration.objects.filter(pk__in=within.order_by().values("registration"))
        .select_related("partner", "offering")
        .prefetch_related(
            Prefetch("conflicts", queryset=seen.filter(closed_at__isnull=is_open), to_attr="told")
        )
        .annotate(
            due=Min("conflicts__due_at") if is_open else Max("conflicts__due_at"),
        )
    )
    if q:
        rows = rows.filter(
            Q(customer_name__icontains=q)
            | Q(partner__name__icontains=q)
            | Q(pk__in=within.filter(account__name__icontains=q).order_by().values("registration"))
        )
    return rows.order_by(*SORTS.get(sort, ("due", "pk") if is_open else ("-due", "-pk")))


def told(row: Registration) -> Sequence[Conflict]:
    """The conflicts that ``cases_found`` read along with a registration."""
    found: Sequence[Conflict] = getattr(row, "told")  # noqa: B009 - an attribute of the query, not of the model
    return found


def as_case(registration: Registration, charter: Charter, conflicts: Sequence[Conflict]) -> Case:
    """A registration and its conflicts with who may rule on them."""
    return Case(registration, conflicts, rulers_of({conflict.kind for conflict in conflicts}, charter))


def case_of(seat: Seat, conflict: Conflict, charter: Charter) -> Case:
    """The whole case one conflict belongs to, as far as the seat may see it."""
    rows = conflicts_for(seat).filter(registration=conflict.registration_id).order_by("pk")
    conflicts = list(rows)
    still_open = [row for row in conflicts if row.closed_at is None]
    return as_case(conflict.registration, charter, still_open or conflicts)


def case_history(case: Case) -> Sequence[LedgerEntry]:
    """The ledger of the case: the claim, the conflicts and the ruling, oldest first."""
    ids = [case.registration.public_id]
    for conflict in case.conflicts:
        ids.append(conflict.public_id)
        if conflict.ruling is not None:
            ids.append(conflict.ruling.public_id)
    return list(
        LedgerEntry.objects.filter(
            subject__in=["registration", "conflict", "ruling"], subject_id__in=ids
        ).order_by("at", "pk")
    )


def evidence_in_order(case: Case) -> list[dict[str, object]]:
    """Every fact of the case once, with the time it came about, the undated ones first."""
    seen: dict[str, dict[str, object]] = {}
    for conflict in case.conflicts:
        for fact in conflict.evidence:
            at = datetime.fromisoformat(fact["at"]) if fact.get("at") else None
            seen.setdefault(fact["fact"], {**fact, "at": at})
    claimed = case.registration.claimed_at
    own = f"{case.registration.partner.name} claimed {case.registration.customer_name}"
    facts: list[dict[str, object]] = [
        *seen.values(),
        {"fact": own, "at": claimed, "kind": "registration", "id": "", "own": True},
    ]
    undated = [fact for fact in facts if fact["at"] is None]
    return undated + sorted((fact for fact in facts if fact["at"]), key=lambda fact: str(fact["at"]))
