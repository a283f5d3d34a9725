"""Clocks of the vendor's side: decisions about to be missed, decisions missed, questions never answered.

Each function is a sweep over the program in force. Safe to run at any time and twice at once: a case is taken
under the lock of its registration and only while nobody else holds it, what is done is written beside it in
the same transaction, and what was skipped is found by the next run.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from deals.common.access import rulers_of
from deals.common.calendar import workweek
from deals.common.notify import claim_in_words, concerns_us_alone, due_in_words, kinds_in_words, local_time
from deals.models import Conflict, Registration
from deals.registrations.returns import decline_unanswered
from deals.rules.clock import pressing_until
from deals.rules.lifecycle import LATER_KINDS, State
from partners.core import clock
from partners.core.actor import Actor, Role
from partners.models import Charter
from partners.rules.notices import NoticeKind
from partners.selectors import charter_in_force, program_in_force
from partners.services.ledger import record
from partners.services.notices import Message, staff_with, tell

_BATCH = 100

# While a partner is asked for something, the clock of its claim stands still.
PAUSED = Q(registration__state=State.NEEDS_INFO) & ~Q(kind__in=LATER_KINDS)


def escalate_decisions(*, actor: Actor, limit: int = _BATCH) -> int:
    """Tell those who may rule, and the leader, of decisions about to be missed; how many cases there were.

    One that was overdue before anybody looked is missed, and told of as such.
    """
    moment, program, charter = clock.now(), program_in_force(), charter_in_force()
    until = pressing_until(moment, charter.decision_days, workweek(program))
    pressing = _running().filter(escalated_at__isnull=True, due_at__gt=moment, due_at__lt=until)
    cases = _taken(pressing, limit)
    for registration, conflicts in cases:
        _mark(actor, registration, conflicts, moment, "escalated_at")
        first = conflicts[0]
        claim, due = claim_in_words(registration, program), local_time(first.due_at, program)
        message = Message(
            kind=NoticeKind.DECISION_DUE,
            key=f"decision due {first.public_id}",
            subject=f"{registration.customer_name}: decide by {due}",
            body=(f"{claim} {due_in_words(conflicts, program)} Conflict: {kinds_in_words(conflicts)}."),
            page="deals:conflict",
            page_id=first.public_id,
        )
        tell(actor=actor, seats=staff_with(_rulers(conflicts, charter)), message=message)
    return len(cases)


def note_missed_decisions(*, actor: Actor, limit: int = _BATCH) -> int:
    """Put missed decisions on record and tell those who may rule, and the leader, once more.

    Where the leader alone rules, the sponsor is told as well. Returns how many cases there were.
    """
    moment, program, charter = clock.now(), program_in_force(), charter_in_force()
    cases = _taken(_running().filter(missed_at__isnull=True, due_at__lte=moment), limit)
    for registration, conflicts in cases:
        _mark(actor, registration, conflicts, moment, "missed_at")
        first, rulers = conflicts[0], _rulers(conflicts, charter)
        claim = claim_in_words(registration, program)
        ours, promised = concerns_us_alone(conflicts), due_in_words(conflicts, program, late=True)
        message = Message(
            kind=NoticeKind.DECISION_LATE,
            key=f"decision late {first.public_id}",
            subject=f"{registration.customer_name}: {'a decision' if ours else 'our answer'} is late",
            body=f"{claim} {promised} Conflict: {kinds_in_words(conflicts)}.",
            page="deals:conflict",
            page_id=first.public_id,
        )
        tell(actor=actor, seats=staff_with(rulers), message=message)
        if set(rulers) == {Role.LEADER}:
            for_sponsor = Message(
                kind=NoticeKind.DECISION_LATE,
                key=message.key,
                subject="A decision of the program leader is late"
                if ours
                else "An answer the program leader owes a partner is late",
                body=f"{promised} By the charter, the program leader decides on it.",
                page="prm:today",
                page_id="",
            )
            tell(actor=actor, seats=staff_with({Role.SPONSOR}), message=for_sponsor)
    return len(cases)


def close_unanswered(*, actor: Actor, limit: int = _BATCH) -> int:
    """Decline what its partner was asked about and never answered, and tell them; how many there were.

    Of a change after approval only the change is declined.
    """
    silent = Registration.objects.filter(state=State.NEEDS_INFO, answer_due_at__lte=clock.now())
    rows = silent.select_for_update(skip_locked=True, no_key=True, of=("self",)).order_by("pk")[:limit]
    closed = 0
    for row in rows:
        closed += decline_unanswered(actor=actor, registration=row)
    return closed


def _running() -> QuerySet[Conflict]:
    """Open conflicts whose clock runs, the nearest deadline first."""
    return Conflict.objects.filter(closed_at__isnull=True).exclude(PAUSED).order_by("due_at", "pk")


def _taken(wanted: QuerySet[Conflict], limit: int) -> list[tuple[Registration, list[Conflict]]]:
    """The cases of these conflicts that nobody else is working on, locked, as they are now."""
    ids = wanted.order_by().values("registration")
    rows = {
        row.pk: row
        for row in Registration.objects.filter(pk__in=ids)
        .select_for_update(skip_locked=True, no_key=True, of=("self",))
        .select_related("partner")
        .order_by("pk")[:limit]
    }
    found: dict[int, list[Conflict]] = {}
    for conflict in wanted.filter(registration__in=list(rows)):
        found.setdefault(conflict.registration_id, []).append(conflict)
    return [(rows[pk], conflicts) for pk, conflicts in found.items()]


def _mark(
    actor: Actor, registration: Registration, conflicts: list[Conflict], moment: datetime, field: str
) -> None:
    """Say once on each conflict, and in the ledger, that its deadline is near or was missed."""
    for conflict in conflicts:
        setattr(conflict, field, moment)
        record(
            f"conflict.{field.removesuffix('_at')}",
            conflict,
            actor=actor,
            new={"due_at": conflict.due_at, "registration": registration.public_id},
        )
    Conflict.objects.bulk_update(conflicts, [field])


def _rulers(conflicts: Iterable[Conflict], charter: Charter) -> list[Role]:
    """Who may rule on them together; the leader always may."""
    return rulers_of({conflict.kind for conflict in conflicts}, charter)
