"""Claims that came late: the deal was on its way without the partner, so it is never sourced (R126)."""

from datetime import date

from deals.common.calendar import day_began, day_of
from deals.models import Account, Conflict, Opportunity, OpportunityState, Registration, Source
from deals.rules.attribution import won_in_notice
from deals.rules.lifecycle import ConflictKind, Reason, Severity
from deals.screening.rules.standing import RULES, Fact
from deals.screening.selectors.late_claims import came_late
from deals.screening.under_claim import watch
from partners.core import clock
from partners.core.actor import Actor
from partners.models import Charter, Program
from partners.selectors import charter_in_force
from partners.services.ledger import record

# Nothing stood against a clean claim; and when it is a different deal, nothing of ours came before it.
_ON_TIME = frozenset({Reason.CLEAN, Reason.NOT_A_CONFLICT})


def source_of(
    registration: Registration, account: Account, reason: Reason, *, program: Program, charter: Charter
) -> Source:
    """What the opportunity of a claim approved for ``reason`` counts as: sourced, or ours to be fulfilled."""
    late = reason not in _ON_TIME and came_late(
        registration,
        account,
        program=program,
        notice_days=charter.notice_days,
        worked_first=reason == Reason.PARTNER_FIRST,
    )
    return Source.ROUTED if late else Source.SOURCED


def check_for_late_claim(
    *, actor: Actor, registration: Registration, account: Account, reason: Reason
) -> None:
    """After a ruling for a claim: opportunities of ours that came in while it was weighed are conflicts."""
    if reason == Reason.CLEAN:
        return  # screening has just looked
    rows = Opportunity.objects.filter(
        account=account, state=OpportunityState.OPEN, removed_at__isnull=True
    ).exclude(source=Source.SOURCED)
    watch(actor=actor, opportunities=rows.values_list("pk", flat=True))


def fulfil_if_late(
    *, actor: Actor, registration: Registration, opportunity: Opportunity, won_on: date, program: Program
) -> str:
    """A sourced deal won within the notice period was on its way: its partner fulfils it, no more (R126).

    What its partner reads of that; "" when it was not late. Both rows are locked by the caller, who marks the
    cells from the day the opportunity was opened.
    """
    if opportunity.source != Source.SOURCED or registration.claimed_at is None:
        return ""
    notice = charter_in_force().notice_days
    if not won_in_notice(day_of(registration.claimed_at, program.timezone), won_on, notice):
        return ""
    opportunity.source = Source.ROUTED
    opportunity.save_fields("source")
    moment = clock.now()
    won = f"“{opportunity.name}” was won within {notice} days of the claim"
    fact = Fact(won, day_began(won_on, program.timezone), "opportunity", opportunity.public_id)
    conflict = Conflict.objects.create(
        program_id=actor.program_id,
        registration=registration,
        account_id=opportunity.account_id,
        kind=ConflictKind.LATE,
        severity=Severity.NOTE,
        rule=RULES[ConflictKind.LATE],
        evidence=[fact.as_json()],
        opened_at=moment,
        due_at=moment,
        closed_at=moment,
        key=f"{ConflictKind.LATE}:{opportunity.public_id}",
    )
    record(
        "conflict.opened",
        conflict,
        actor=actor,
        sentence=str(ConflictKind.LATE.label),
        new={"kind": conflict.kind, "registration": registration.public_id},
    )
    sentence = f"Won within {notice} days of the claim: it counts as fulfilled by you, not as sourced."
    record(
        "opportunity.source_changed",
        opportunity,
        actor=actor,
        old={"source": Source.SOURCED},
        new={"source": Source.ROUTED},
        partner_id=opportunity.partner_id,
        sentence=sentence,
    )
    return sentence
