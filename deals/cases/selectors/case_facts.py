"""What the rules have to weigh in a case, read from its rows. Staff only."""

from collections.abc import Sequence
from datetime import datetime

from deals.cases.rules.grouping import stands_alone
from deals.cases.rules.suggestion import Against, CaseFacts, Suggestion, suggest
from deals.common.calendar import day_began
from deals.models import Conflict, Registration, Ruling, Touch
from deals.rules.lifecycle import ConflictKind, Severity
from partners.models import Program


def grouped_conflicts(registration: Registration, conflicts: Sequence[Conflict]) -> list[list[Conflict]]:
    """Conflicts of one registration, those that are ruled on together in one list each."""
    apart: dict[bool, list[Conflict]] = {}
    for conflict in conflicts:
        key = stands_alone(conflict.kind, registration.state, registration.reviewed_for)
        apart.setdefault(key, []).append(conflict)
    return [apart[key] for key in sorted(apart)]


def standing_ruling(registration: Registration) -> Ruling | None:
    """The latest ruling on a registration, as it stands after corrections."""
    rows = Ruling.objects.filter(registration=registration, corrected_by__isnull=True)
    return rows.order_by("-decided_at", "-pk").first()


def suggestion_for(registration: Registration, conflicts: Sequence[Conflict], program: Program) -> Suggestion:
    """What the rules of the program suggest. The conflicts come with their rivals and accounts."""
    return suggest(
        CaseFacts(
            against=tuple(_against(conflict, program) for conflict in conflicts),
            partner=registration.partner.name,
            claimed_at=registration.claimed_at or registration.created_at,
            known=registration.account_id is not None or _needs_no_account(conflicts),
            first_work=_first_work(registration, program),
        )
    )


def _needs_no_account(conflicts: Sequence[Conflict]) -> bool:
    """A customer nobody knows yet is certain enough: there is no account it might be."""
    return all(conflict.account_id is None for conflict in conflicts)


def _against(conflict: Conflict, program: Program) -> Against:
    return Against(
        kind=ConflictKind(conflict.kind),
        severity=Severity(conflict.severity),
        who=who_of(conflict),
        since=since_of(conflict, program),
        fact=conflict.evidence[-1]["fact"].rstrip(".") if conflict.evidence else conflict.rule.rstrip("."),
    )


def who_of(conflict: Conflict) -> str:
    """How the other side is called: a partner, a deal, whom the customer chose, a rule, the account."""
    if conflict.rival_registration is not None:
        return conflict.rival_registration.partner.name
    if conflict.rival_opportunity is not None:
        return f"“{conflict.rival_opportunity.name}”"
    if named := next((str(fact["who"]) for fact in conflict.evidence if fact.get("who")), ""):
        return named
    return conflict.account.name if conflict.account else ""


def since_of(conflict: Conflict, program: Program) -> datetime | None:
    """When the other side's interest came about (UTC), as far as it is on record."""
    rival = conflict.rival_registration
    if rival is not None:
        protection = getattr(rival, "protection", None)
        if conflict.kind == ConflictKind.PROTECTED and protection is not None:
            began: datetime = protection.period.lower
            return began
        return rival.claimed_at
    if conflict.rival_opportunity is not None:
        return day_began(conflict.rival_opportunity.opened_on, program.timezone)
    return None


def _first_work(registration: Registration, program: Program) -> datetime | None:
    """The partner's first dated work on the account, before or after the claim."""
    if registration.account_id is None:
        return None
    rows = Touch.objects.filter(
        partner_id=registration.partner_id,
        opportunity__account_id=registration.account_id,
        removed_at__isnull=True,
    )
    first = rows.order_by("on").values_list("on", flat=True).first()
    return day_began(first, program.timezone) if first else None
