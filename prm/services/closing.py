"""Closing months: from then on their figures print as they are, and what changes counts in a later month."""

from datetime import date

from django.db import IntegrityError, transaction

from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, RuleBroken
from partners.models import ClosedMonth
from partners.selectors import closed_through, program_in_force
from partners.services.ledger import record
from partners.services.rights import require
from prm.rules.periods import shift
from prm.services.cells import hold_months, recompute_cells, running_month


def close_month(*, actor: Actor, month: date) -> ClosedMonth:
    """Close a month and all before it, after counting every change that was made until now.

    ``month`` is a first day. It cannot be opened again. Raises ``NotAllowed``, ``RuleBroken`` for a month
    that is not over in the program's time zone, ``Clash`` for one that is closed already.
    """
    require(actor, "months.close")
    program = program_in_force()
    month = month.replace(day=1)
    if month >= running_month(program):
        raise RuleBroken("month_runs", f"{month:%B %Y} is not over. Close it when it is.", field="month")
    with transaction.atomic():
        hold_months(program)
        closed = closed_through()
        if closed is not None and month <= closed:
            raise Clash("closed", f"{month:%B %Y} is closed already.", field="month")
        while recompute_cells():
            pass
        try:
            with transaction.atomic():
                row = ClosedMonth.objects.create(
                    program_id=program.pk, month=month, closed_at=clock.now(), closed_by=actor.name[:120]
                )
        except IntegrityError as error:
            raise Clash("closed", f"{month:%B %Y} is closed already.", field="month") from error
        record("month.closed", row, actor=actor, new={"month": f"{month:%Y-%m}"})
        return row


def closable(current: date, closed: date | None, first: date | None) -> list[date]:
    """The months that can be closed, newest first: over, not closed, and at most two years back.

    ``current`` is the running month, ``first`` the first with figures.
    """
    begin = max(shift(closed, 1) if closed else first or current, shift(current, -24))
    months = []
    month = shift(current, -1)
    while month >= begin:
        months.append(month)
        month = shift(month, -1)
    return months
