"""A case as the page shows it: claimants side by side, evidence in order of time, what was ruled before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from deals.cases.access import conflicts_for
from deals.cases.rules.suggestion import Basis, basis_of
from deals.cases.selectors.case_facts import since_of, who_of
from deals.cases.selectors.queue import Case
from deals.common.calendar import day_began
from deals.models import Conflict, Opportunity, Registration, Ruling, StageChange, Statement, Touch
from deals.rules.lifecycle import ConflictKind, Severity
from partners.core import clock
from partners.models import ClosedMonth, LedgerEntry, Program, Seat

_TOLD_ELSEWHERE = frozenset(
    {"conflict.opened", "statement.given", "registration.drafted", "registration.edited"}
)
# A ruling and what became of the claim by it are one act; the second says to the partner what was decided.
_BY_RULING = {
    "ruling.given": frozenset(
        {
            "registration.approved",
            "registration.declined",
            "registration.change_refused",
            "registration.duplicate",
            "registration.ruled",
        }
    ),
    "ruling.corrected": frozenset({"registration.ruling_corrected"}),
}
_DOUBT = frozenset({ConflictKind.POSSIBLE_ACCOUNT, ConflictKind.CHANGE, ConflictKind.APPEAL})
_SIMILAR = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One entry of the timeline. ``at`` None: no time on record. ``side`` is partner, incumbent or "".

    ``dated`` says that only the day is known. ``kind`` and ``id`` name the row behind it.
    """

    what: str
    at: datetime | None
    who: str = ""
    side: str = ""
    detail: str = ""
    kind: str = ""
    id: str = ""
    dated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Incumbent:
    """One party the claim meets: who, since when, how hard it stands, and what it did."""

    name: str
    what: list[str]
    since: datetime | None
    severity: str
    conflicts: list[Conflict]
    opportunity: Opportunity | None = None
    registration: Registration | None = None
    owner: str = ""
    did: list[Happening] = field(default_factory=list)

    @property
    def rules(self) -> list[str]:
        """Why each of it counts."""
        return list(dict.fromkeys(conflict.rule for conflict in self.conflicts))


def incumbents_of(case: Case, program: Program) -> list[Incumbent]:
    """The parties a claim meets, the one that stands hardest first."""
    grouped: dict[object, list[Conflict]] = {}
    for conflict in case.conflicts:
        if conflict.kind in (ConflictKind.APPEAL, ConflictKind.CHANGE):
            continue
        key = (conflict.rival_registration_id, conflict.rival_opportunity_id, conflict.account_id)
        grouped.setdefault(key, []).append(conflict)
    moves = _moves(case, program)
    order = list(Severity)
    found = [_incumbent(rows, moves, program) for rows in grouped.values()]
    return sorted(found, key=lambda item: (order.index(Severity(item.severity)), item.since or clock.now()))


def _incumbent(conflicts: list[Conflict], moves: dict[int, list[Happening]], program: Program) -> Incumbent:
    first = min(conflicts, key=lambda row: list(Severity).index(Severity(row.severity)))
    opportunity, account = first.rival_opportunity, first.account
    owner = (opportunity.owner_name if opportunity else "") or (account.owner_name if account else "")
    return Incumbent(
        name=who_of(first) or "The rules of the program",
        what=[str(row.get_kind_display()) for row in conflicts],
        since=since_of(first, program),
        severity=first.severity,
        conflicts=conflicts,
        opportunity=opportunity,
        registration=first.rival_registration,
        owner="" if first.rival_registration else owner,
        did=moves.get(opportunity.pk, []) if opportunity else [],
    )


def _moves(case: Case, program: Program) -> dict[int, list[Happening]]:
    """What our side did on the opportunities a claim meets, newest first."""
    ids = {row.rival_opportunity_id for row in case.conflicts} - {None}
    found: dict[int, list[Happening]] = {}
    if ids:
        for row in StageChange.objects.filter(opportunity__in=ids).order_by("-on", "-pk"):
            what = f"Stage {row.stage}" if row.stage else f"Marked {row.get_state_display().lower()}"
            at = day_began(row.on, program.timezone)
            found.setdefault(row.opportunity_id, []).append(Happening(what=what, at=at, dated=True))
    return found


def work_of_partner(case: Case, program: Program) -> list[Happening]:
    """What the claiming partner did on the account, newest first: dated acts, and word it gave."""
    row = case.registration
    accounts = {conflict.account_id for conflict in case.conflicts} | {row.account_id}
    touches = Touch.objects.filter(
        partner_id=row.partner_id,
        opportunity__account__in=[pk for pk in accounts if pk is not None],
        removed_at__isnull=True,
    ).select_related("opportunity")
    return [
        Happening(
            what=f"{touch.get_kind_display()} on “{touch.opportunity.name}”",
            at=day_began(touch.on, program.timezone),
            who=touch.logged_by,
            side="partner",
            detail=touch.note,
            kind="opportunity",
            id=touch.opportunity.public_id,
            dated=True,
        )
        for touch in touches.order_by("-on", "-pk")[:20]
    ]


def statements_of(registration: Registration) -> Sequence[Statement]:
    """Who was asked about a registration or said something, oldest first."""
    return list(Statement.objects.filter(registration=registration).order_by("created_at", "pk"))


def ledger_of(case: Case, statements: Iterable[Statement]) -> Sequence[LedgerEntry]:
    """The ledger of the case, oldest first: the claim, the conflicts, the rulings, the statements."""
    ids = [case.registration.public_id, *(row.public_id for row in statements)]
    ids += [conflict.public_id for conflict in case.conflicts]
    rulings = Ruling.objects.filter(registration=case.registration).values("public_id")
    return list(
        (
            LedgerEntry.objects.filter(
                subject__in=["registration", "conflict", "statement"], subject_id__in=ids
            )
            | LedgerEntry.objects.filter(subject="ruling", subject_id__in=rulings)
        ).order_by("at", "pk")
    )


def timeline_of(
    case: Case, *, work: Sequence[Happening], statements: Sequence[Statement], ledger: Sequence[LedgerEntry]
) -> tuple[list[Happening], list[Happening]]:
    """Everything on record in order of time, and apart what has no time."""
    found = [*_evidence(case, ledger), *work]
    found += [
        Happening(
            what=f"Statement of {row.name}", at=row.given_at, who=row.name, detail=row.text, kind="statement"
        )
        for row in statements
        if row.given_at
    ]
    found += [
        Happening(
            what=entry.verb,
            at=entry.at,
            who=entry.actor_name,
            side="partner" if entry.verb == "registration.submitted" else "",
            detail=entry.sentence,
            kind="act",
        )
        for entry in _once(ledger)
        if entry.verb not in _TOLD_ELSEWHERE
    ]
    dated = sorted((item for item in found if item.at), key=lambda item: item.at or clock.now())
    return dated, [item for item in found if item.at is None]


def _once(ledger: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """The ledger without rulings that are told again by what became of the claim."""
    told = []
    for at, entry in enumerate(ledger):
        verbs = _BY_RULING.get(entry.verb)
        rest = ledger[at + 1 :] if verbs else []
        follows = next((item for item in rest if item.verb in _BY_RULING or item.verb in (verbs or ())), None)
        if follows is None or follows.verb in _BY_RULING or follows.actor_name != entry.actor_name:
            told.append(entry)
    return told


def _same(fact: str, words: str) -> bool:
    """Whether a fact of a claim repeats what its act says: *Who: why* and *why*, or one change of several."""
    return fact.endswith(words) or fact in words


def _evidence(case: Case, ledger: Sequence[LedgerEntry]) -> list[Happening]:
    """Every fact once. What a conflict says of the claim itself, or of a ruling on it, is in the ledger."""
    seen: dict[str, Happening] = {}
    own = case.registration.public_id
    rulings = {entry.subject_id for entry in ledger if entry.subject == "ruling"}
    said = {entry.sentence for entry in ledger if entry.subject_id == own and entry.sentence}
    for conflict in case.conflicts:
        for fact in conflict.evidence:
            at = datetime.fromisoformat(fact["at"]) if fact.get("at") else None
            if fact["kind"] == "registration" and fact["id"] == own and at == case.registration.claimed_at:
                continue
            if fact["kind"] == "ruling" and fact["id"] in rulings:
                continue
            if fact["id"] == own and any(_same(fact["fact"], words) for words in said):
                continue
            side = "" if fact["id"] == own else "incumbent"
            day = fact["kind"] == "opportunity"
            seen.setdefault(
                fact["fact"],
                Happening(
                    what=fact["fact"],
                    at=at,
                    side=side if fact["kind"] != "account" or at else "",
                    kind=fact["kind"],
                    id=fact["id"] or "",
                    dated=day,
                ),
            )
    return list(seen.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedent:
    """A ruling on a case like this one, and what the two have in common."""

    ruling: Ruling
    conflict: Conflict
    alike: list[str]

    @property
    def basis(self) -> Basis:
        """Whether it followed the rules."""
        return basis_of(self.ruling.suggested, self.ruling.outcome)


def precedents(seat: Seat, case: Case) -> list[Precedent]:
    """At most five past rulings on conflicts of the same kinds: the most alike, newest first.

    A direct rep is shown those on their own accounts.
    """
    kinds = {conflict.kind for conflict in case.conflicts}
    kinds = kinds - _DOUBT or kinds
    rows = (
        conflicts_for(seat)
        .filter(kind__in=kinds, ruling__isnull=False, ruling__corrected_by__isnull=True)
        .exclude(registration=case.registration)
        .order_by("-ruling__decided_at", "-ruling__pk", "pk")[:60]
    )
    found: dict[int, Precedent] = {}
    for row in rows:
        if row.ruling is not None and row.ruling_id not in found:
            found[row.ruling.pk] = Precedent(ruling=row.ruling, conflict=row, alike=_alike(row, case))
    closest = sorted(found.values(), key=lambda item: -len(item.alike))[:_SIMILAR]
    return sorted(closest, key=lambda item: item.ruling.decided_at, reverse=True)


def _alike(row: Conflict, case: Case) -> list[str]:
    """What a past conflict has in common with a case, besides its kind."""
    alike = [str(row.get_kind_display())]
    accounts = [conflict.account for conflict in case.conflicts if conflict.account]
    if row.registration.partner_id == case.registration.partner_id:
        alike.append(f"same partner, {case.registration.partner.name}")
    if row.account:
        segments = {account.segment for account in accounts} - {""}
        owners = {account.owner_name for account in accounts} - {""}
        if row.account.segment in segments:
            alike.append(f"same segment, {row.account.segment}")
        if row.account.owner_name in owners:
            alike.append(f"same rep, {row.account.owner_name}")
    return alike


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """A ruling on the case, with its corrections, the newest of them first."""

    first: Ruling
    corrections: list[Ruling]
    closed: frozenset[str]  # months whose figures are final, as 2026-11

    @property
    def standing(self) -> Ruling:
        """The ruling as it stands after corrections."""
        return self.corrections[0] if self.corrections else self.first

    @property
    def basis(self) -> Basis:
        """Whether it followed the rules."""
        return basis_of(self.first.suggested, self.standing.outcome)

    @property
    def month_is_closed(self) -> bool:
        """Whether the month it was given in is final, so that a correction counts in the present one."""
        return f"{self.first.decided_at:%Y-%m}" in self.closed


def rulings_on(registration: Registration) -> list[Ruled]:
    """The rulings on a registration, newest first, each with its corrections."""
    rows = list(
        Ruling.objects.filter(registration=registration)
        .select_related("appeal_of")
        .order_by("decided_at", "pk")
    )
    chains: dict[int, list[Ruling]] = {}
    root: dict[int, int] = {}
    for row in rows:
        start = root.get(row.corrects_id or 0, row.pk)
        root[row.pk] = start
        chains.setdefault(start, []).append(row)
    months = ClosedMonth.objects.values_list("month", flat=True) if rows else []
    closed = frozenset(f"{month:%Y-%m}" for month in months)
    found = [Ruled(first=chain[0], corrections=chain[:0:-1], closed=closed) for chain in chains.values()]
    return found[::-1]
