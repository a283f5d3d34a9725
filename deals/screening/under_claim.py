"""Our own side's moves under a partner's claim, put on record in the transaction that makes them (R56).

Screens, the API and imports call it after they have written. Partners are told nothing until a person has
ruled. Each occasion has a key, so that the same file loaded again opens nothing again.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deals.common.calendar import day_began, day_of, decision_due
from deals.common.claim_facts import protection_of
from deals.common.notify import ask_to_decide, ask_to_decide_many, kinds_in_words
from deals.models import Account, Conflict, Opportunity, OpportunityState, Registration, Source
from deals.rules.lifecycle import ConflictKind, State
from deals.screening.rules.standing import RULES, Fact, severity_of
from deals.screening.rules.under_claim import Known, OurMove, Standing, met
from partners.core import clock
from partners.core.actor import Actor
from partners.models import Charter, Program
from partners.selectors import charter_in_force, program_in_force
from partners.services.ledger import mark_cells, record

# Claims that never held anything, and those their partner took back.
_NOTHING_HELD = (State.DRAFT, State.DUPLICATE, State.DECLINED, State.WITHDRAWN)
_BATCH = 1_000
_TOLD_APART = 5
"""So many cases are told of one by one."""


@dataclass(frozen=True, slots=True)
class _Watch:
    """What one look needs. ``told_by`` is whom or which file the moves are known from."""

    actor: Actor
    program: Program
    charter: Charter
    moment: datetime
    told_by: str


def watch(*, actor: Actor, opportunities: Iterable[int], told_by: str = "") -> list[Conflict]:
    """Open a conflict for every claim that one of these opportunities goes against; those that were opened.

    ``opportunities`` are database ids of rows just written; ``told_by`` names the file they came in. Holds
    the accounts, so that no approval on one of them slips by at the same moment.
    """
    ids = sorted(set(opportunities))
    if not ids:
        return []
    look = _Watch(actor, program_in_force(), charter_in_force(), clock.now(), told_by)
    found: list[Conflict] = []
    for start in range(0, len(ids), _BATCH):
        found += _watch(look, ids[start : start + _BATCH])
    return found


def _watch(look: _Watch, ids: Sequence[int]) -> list[Conflict]:
    rows = Opportunity.objects.filter(
        pk__in=ids, removed_at__isnull=True, account__isnull=False, state__in=("open", "won")
    ).exclude(source=Source.SOURCED)
    moves = list(rows.select_related("partner").order_by("pk"))
    accounts = sorted({row.account_id for row in moves if row.account_id is not None})
    list(Account.objects.filter(pk__in=accounts).select_for_update(no_key=True).order_by("pk"))
    claims = _claims_on(accounts)
    known = _known(ids)
    found = []
    for row in moves:
        for claim in claims[row.account_id or 0]:
            if _is_about(row, claim):
                kind = met(_move(row, look.program), _standing(claim), known[claim.pk, row.pk], look.moment)
                if kind is not None:
                    found.append(_conflict(look, kind, claim, row))
    return _open(look, found)


def _claims_on(accounts: Sequence[int]) -> dict[int, list[Registration]]:
    claims: dict[int, list[Registration]] = defaultdict(list)
    rows = Registration.objects.filter(account__in=accounts).exclude(state__in=_NOTHING_HELD)
    for row in rows.select_related("protection", "partner", "offering").order_by("claimed_at", "pk"):
        claims[row.account_id or 0].append(row)
    return claims


def _known(opportunities: Sequence[int]) -> dict[tuple[int, int], list[Known]]:
    """Per claim and opportunity: what is on record about the two, and how it was ruled."""
    known: dict[tuple[int, int], list[Known]] = defaultdict(list)
    rows = Conflict.objects.filter(rival_opportunity__in=opportunities).values_list(
        "registration_id", "rival_opportunity_id", "kind", "ruling__outcome"
    )
    for claim, opportunity, kind, outcome in rows:
        if opportunity is not None:
            known[claim, opportunity].append(Known(ConflictKind(kind), outcome or ""))
    return known


def _is_about(row: Opportunity, claim: Registration) -> bool:
    """Whether the two can be one sale, and not the partner's own."""
    own = row.pk == claim.opportunity_id and row.partner_id == claim.partner_id
    return (
        not own
        and (row.partner_id is None or row.partner_id != claim.partner_id)
        and row.offering_id in (None, claim.offering_id)
    )


def _move(row: Opportunity, program: Program) -> OurMove:
    if row.state == OpportunityState.OPEN or row.closed_on is None:
        return OurMove()
    return OurMove(
        won_since=day_began(row.closed_on, program.timezone),
        won_until=day_began(row.closed_on + timedelta(days=1), program.timezone),
    )


def _standing(claim: Registration) -> Standing:
    return Standing(
        state=State(claim.state),
        claimed_at=claim.claimed_at or claim.created_at,
        protected=_protected(claim),
    )


def _protected(claim: Registration) -> tuple[datetime, datetime] | None:
    """When its protection began and ends; None without one, or with one that was ended as it began."""
    protection = protection_of(claim)
    if protection is None or protection.period.isempty:
        return None
    return protection.period.lower, protection.period.upper


def _conflict(look: _Watch, kind: ConflictKind, claim: Registration, row: Opportunity) -> Conflict:
    return _drafted(
        look,
        kind,
        claim,
        row,
        key=f"{kind}:{row.public_id}",
        facts=(*_claim_facts(claim), *_move_facts(look, kind, claim, row)),
    )


def _drafted(
    look: _Watch,
    kind: ConflictKind,
    claim: Registration,
    row: Opportunity | None,
    *,
    key: str,
    facts: tuple[Fact, ...],
) -> Conflict:
    """A conflict that is filled in and not yet written; one with an undecided claim is due with it."""
    undecided = claim.state in (State.IN_REVIEW, State.NEEDS_INFO) and claim.decision_due_at
    return Conflict(
        program_id=claim.program_id,
        registration=claim,
        account_id=claim.account_id,
        kind=kind,
        severity=severity_of(kind),
        rule=RULES[kind],
        evidence=[fact.as_json() for fact in facts],
        rival_opportunity=row,
        opened_at=look.moment,
        due_at=undecided or decision_due(look.program, look.charter, look.moment),
        key=key[:80],
        raised_by="" if look.told_by else look.actor.name[:120],
    )


def _claim_facts(claim: Registration) -> list[Fact]:
    facts = [
        Fact(
            f"{claim.partner.name} claimed {claim.customer_name} for {claim.offering.name}",
            claim.claimed_at,
            "registration",
            claim.public_id,
        )
    ]
    if (protected := _protected(claim)) is not None:
        began, ends = protected
        held = f"{claim.partner.name} is protected, until {ends:%-d %b %Y}"
        facts.append(Fact(held, began, "registration", claim.public_id))
    return facts


def _move_facts(look: _Watch, kind: ConflictKind, claim: Registration, row: Opportunity) -> list[Fact]:
    zone = look.program.timezone
    stage = f", stage {row.stage}" if row.stage and row.state == OpportunityState.OPEN else ""
    whose = f"routed to {row.partner.name}" if row.partner else "our own"
    owner = f", owner {row.owner_name}" if row.owner_name else ""
    first = claim.claimed_at is not None and row.opened_on < day_of(claim.claimed_at, zone)
    before = " Its opening day lies before the claim." if first else ""
    opened = Fact(
        f"Opportunity “{row.name}” opened ({whose}{stage}{owner}).{before}",
        day_began(row.opened_on, zone),
        "opportunity",
        row.public_id,
    )
    facts = [opened]
    if kind is ConflictKind.ROUTE_AROUND and row.closed_on is not None:
        won = f"“{row.name}” won without {claim.partner.name}"
        facts.append(Fact(won, day_began(row.closed_on, zone), "opportunity", row.public_id))
    source = f"from the file {look.told_by}" if look.told_by else f"by {look.actor.name}"
    facts.append(Fact(f"Added {source}", look.moment, "opportunity", row.public_id))
    return facts


def _open(look: _Watch, conflicts: list[Conflict]) -> list[Conflict]:
    """Write them; one that somebody else opened at the same moment is left to them."""
    if not conflicts:
        return []
    Conflict.objects.bulk_create(conflicts, ignore_conflicts=True)
    ids = [conflict.public_id for conflict in conflicts]
    rows = Conflict.objects.filter(public_id__in=ids).order_by("pk")
    opened = list(rows.select_related("registration__partner", "registration__program"))
    for conflict in opened:
        record(
            "conflict.opened",
            conflict,
            actor=look.actor,
            sentence=str(conflict.get_kind_display()),
            new={
                "kind": conflict.kind,
                "severity": conflict.severity,
                "registration": conflict.registration.public_id,
            },
        )
    day = day_of(look.moment, look.program.timezone)
    mark_cells(look.program.pk, [(conflict.registration.partner_id, day) for conflict in opened])
    _call(look, opened)
    return opened


def _call(look: _Watch, opened: Sequence[Conflict]) -> None:
    """Tell those who decide; of many at once, as a first file brings them, in one notice.

    Whoever loaded a file did not make the moves it tells of, and is told of them too.
    """
    system = Actor.system(program_id=look.program.pk, name=look.actor.name, door=look.actor.door)
    actor = system if look.told_by else look.actor
    cases: dict[int, list[Conflict]] = defaultdict(list)
    for conflict in opened:
        cases[conflict.registration_id].append(conflict)
    if len(cases) > _TOLD_APART:
        source = f"in the file {look.told_by}" if look.told_by else f"from {look.actor.name}"
        ask_to_decide_many(
            actor=actor, conflicts=opened, program=look.program, charter=look.charter, source=source
        )
        return
    for conflicts in cases.values():
        ask_to_decide(
            actor=actor,
            registration=conflicts[0].registration,
            conflicts=conflicts,
            charter=look.charter,
            why=kinds_in_words(conflicts),
        )


def watch_source(
    *,
    actor: Actor,
    opportunity: Opportunity,
    claim: Registration,
    was: str,
    became: str,
    reason: str = "",
    told_by: str = "",
) -> Conflict | None:
    """Open a conflict because what came from ``claim`` is no longer its partner's; None if one is open.

    ``was`` and ``became`` are the source before and after, in words; ``reason`` is what a person gave for it.
    """
    open_already = Conflict.objects.filter(
        registration=claim, kind=ConflictKind.SOURCE_CHANGED, closed_at__isnull=True
    )
    if claim.state in _NOTHING_HELD or open_already.exists():
        return None
    look = _Watch(actor, program_in_force(), charter_in_force(), clock.now(), told_by)
    source = f"in the file {told_by}" if told_by else f"by {actor.name}"
    why = f": “{reason}”" if reason else ""
    changed = Fact(
        f"The source of “{opportunity.name}” went from {was} to {became}, {source}{why}",
        look.moment,
        "opportunity",
        opportunity.public_id,
    )
    conflict = _drafted(
        look,
        ConflictKind.SOURCE_CHANGED,
        claim,
        opportunity,
        key=f"{ConflictKind.SOURCE_CHANGED}:{opportunity.public_id}:{opportunity.version}",
        facts=(*_claim_facts(claim), changed),
    )
    return next(iter(_open(look, [conflict])), None)
