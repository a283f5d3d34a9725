"""Protections: given with an approval, ended early, and expired by the sweep."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from psycopg.types.range import TimestamptzRange

from deals.common.guards import check_move
from deals.common.notify import record_and_notify
from deals.models import Account, Protection, Registration
from deals.rules.lifecycle import Move, State
from deals.rules.protection import again_until, ended_early, protected_until
from deals.rules.reminders import reminder_due
from partners.core import clock
from partners.core.actor import Actor
from partners.core.writing import add
from partners.selectors import program_in_force
from partners.services.ledger import mark_cells

_ENDED = "The protection has ended. Register the deal again if you are still working on it."


def protect(*, registration: Registration, account: Account, days: int, moment: datetime) -> Protection:
    """Hold an account and offering for the registration's partner.

    The database refuses two that overlap; the caller's ``refusals_in_words`` says so.
    """
    protection = Protection(
        program_id=registration.program_id,
        registration=registration,
        partner_id=registration.partner_id,
        account=account,
        offering_id=registration.offering_id,
        period=TimestamptzRange(moment, protected_until(moment, days), "[)"),
    )
    add(protection)
    return protection


def protect_again(
    *, registration: Registration, account: Account, before: Mapping[str, Any], days: int, moment: datetime
) -> Protection:
    """Go on with the protection an earlier approval gave, on the account and offering that hold now.

    ``before`` is the registration's ``approved_as``: ``until`` (when it was revoked, the end it had) or
    ``changed_at`` (when the review of a change began, whose time is given back). On another account, or after
    a break, it begins at ``moment``, because the row must not claim a past it did not have.
    """
    row = Protection.objects.get(registration=registration)
    starts, ends = row.period.lower, row.period.upper
    revoked_until, changed_at = before.get("until"), before.get("changed_at")
    same = (row.account_id, row.offering_id) == (account.pk, registration.offering_id)
    row.period = TimestamptzRange(
        starts if same and not revoked_until else moment,
        again_until(
            ends,
            moment,
            days,
            revoked_until=datetime.fromisoformat(revoked_until) if revoked_until else None,
            changed_at=datetime.fromisoformat(changed_at) if changed_at else None,
        ),
        "[)",
    )
    row.account, row.offering_id = account, registration.offering_id
    # They hear of the end with the approval.
    row.reminded_days = reminder_due((row.period.lower, row.period.upper), None, moment)
    row.save(update_fields=["period", "account", "offering", "reminded_days"])
    return row


def end_protection(registration: Registration) -> datetime | None:
    """End the registration's protection now, if it still runs; the end it would have had, None without one.

    The row stays; its period gets shorter.
    """
    row = Protection.objects.filter(registration=registration).first()
    if row is None:
        return None
    agreed: datetime = row.period.upper
    until = ended_early(row.period.lower, agreed, clock.now())
    if until != agreed:
        row.period = TimestamptzRange(row.period.lower, until, "[)")
        row.save(update_fields=["period"])
    return agreed


def resume_protection(registration: Registration, until: datetime, moment: datetime) -> bool:
    """Hold the account again from ``moment`` to ``until``; False when another protection holds it by now."""
    row = Protection.objects.get(registration=registration)
    row.period = TimestamptzRange(moment, until, "[)")
    row.reminded_days = reminder_due((moment, until), None, moment)
    try:
        with transaction.atomic():
            row.save(update_fields=["period", "reminded_days"])
    except IntegrityError:
        return False
    return True


def expire_protections(*, actor: Actor, limit: int = 500) -> int:
    """Move approved registrations whose protection is over to *expired*; how many were.

    Safe to run at any time and twice at once: each row is claimed under its lock and only while it is still
    approved, and rows somebody else is working on are left for the next run. The opportunity stays open.
    While we owe the answer to an extension asked for in time, nothing expires under the partner.
    """
    moment = clock.now()
    taken = (
        Registration.objects.filter(
            state=State.APPROVED,
            protection__period__endswith__lte=moment,
            extension_asked_at__isnull=True,
        )
        .select_for_update(skip_locked=True, no_key=True, of=("self",))
        .order_by("pk")[:limit]
    )
    # The lock reads its own row again, not the protection beside it, which may have been extended before it.
    over = Protection.objects.filter(registration__in=list(taken), period__endswith__lte=moment)
    still = set(over.values_list("registration_id", flat=True))
    ended = [registration for registration in taken if registration.pk in still]
    for registration in ended:
        check_move(registration, Move.EXPIRE, actor)
        registration.state = State.EXPIRED
        registration.save_fields("state")
        record_and_notify(
            "registration.expired",
            registration,
            actor=actor,
            old={"state": State.APPROVED},
            new={"state": State.EXPIRED},
            sentence=_ENDED,
        )
    day = clock.today(program_in_force().timezone)
    mark_cells(actor.program_id, [(registration.partner_id, day) for registration in ended])
    return len(ended)
