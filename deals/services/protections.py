"""Protections: given with an approval, ended early, and expired by the sweep."""

from datetime import datetime

from psycopg.types.range import TimestamptzRange

from deals.models import Account, Protection, Registration
from deals.rules.lifecycle import Move, State
from deals.rules.protection import ended_early, protected_until
from deals.services.moves import check_move
from partners.core import clock
from partners.core.actor import Actor
from partners.selectors import program_in_force
from partners.services.ledger import mark_cells, record


def protect(*, registration: Registration, account: Account, days: int, moment: datetime) -> Protection:
    """Hold an account and offering for the registration's partner.

    The database refuses two that overlap; the caller's ``refusals_in_words`` says so.
    """
    return Protection.objects.create(
        program_id=registration.program_id,
        registration=registration,
        partner_id=registration.partner_id,
        account=account,
        offering_id=registration.offering_id,
        period=TimestamptzRange(moment, protected_until(moment, days), "[)"),
    )


def end_protection(registration: Registration) -> None:
    """End the registration's protection now, if it still runs. The row stays; its period gets shorter."""
    row = Protection.objects.filter(registration=registration).first()
    if row is None:
        return
    until = ended_early(row.period.lower, row.period.upper, clock.now())
    if until != row.period.upper:
        row.period = TimestamptzRange(row.period.lower, until, "[)")
        row.save(update_fields=["period"])


def expire_protections(*, actor: Actor, limit: int = 500) -> int:
    """Move approved registrations whose protection is over to *expired*; how many were.

    Safe to run at any time and twice at once: each row is claimed under its lock and only while it is still
    approved, and rows somebody else is working on are left for the next run. The opportunity stays open.
    """
    moment = clock.now()
    ended = list(
        Registration.objects.filter(state=State.APPROVED, protection__period__endswith__lte=moment)
        .select_for_update(skip_locked=True, no_key=True, of=("self",))
        .order_by("pk")[:limit]
    )
    for registration in ended:
        check_move(registration, Move.EXPIRE, actor)
        registration.state = State.EXPIRED
        registration.save_fields("state")
        record(
            "registration.expired",
            registration,
            actor=actor,
            old={"state": State.APPROVED},
            new={"state": State.EXPIRED},
            partner_id=registration.partner_id,
            sentence="The protection has ended. Register the deal again if you are still working on it.",
        )
    day = clock.today(program_in_force().timezone)
    mark_cells(actor.program_id, [(registration.partner_id, day) for registration in ended])
    return len(ended)
