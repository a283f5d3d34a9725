"""Fact rows for tests of the figures, with their stage history, written the way the services write them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from deals.models import Account, Conflict, Opportunity, Protection, Registration, StageChange
from partners.core.scope import program_scope
from partners.models import Activity, CellMark, Partner, Program
from partners.services.ledger import mark_cells
from prm.models import MetricCell
from prm.services import cells
from prm.tasks import recompute_cells
from tests.support.cast import Cast

type History = list[tuple[date, str, int | None]]
Cells = dict[tuple[str | None, str, str], Decimal]


def deal(program: Program, partner: Partner | None, history: History, *, source: str = "") -> Opportunity:
    """An opportunity that was each ``(day, state, amount)`` in turn; marks its cells."""
    _first, (last_day, state, amount) = history[0], history[-1]
    opportunity = Opportunity.objects.create(
        program=program,
        name=f"Deal of {history[0][0]}",
        currency=program.currency,
        state=state,
        amount=amount,
        program_amount=amount,
        opened_on=history[0][0],
        closed_on=None if state == "open" else last_day,
        source=source or ("sourced" if partner else "direct"),
        partner=partner,
    )
    for day, at_state, at_amount in history:
        move(opportunity, day, at_state, at_amount)
    return opportunity


def move(opportunity: Opportunity, day: date, state: str, amount: int | None) -> None:
    """One more stage change; marks its cell."""
    StageChange.objects.create(
        program_id=opportunity.program_id, opportunity=opportunity, on=day, state=state, program_amount=amount
    )
    mark_cells(opportunity.program_id, [(opportunity.partner_id, day)])


def activity(
    program: Program, partner: Partner, day: date, kind: str = "meeting", minutes: int = 0
) -> Activity:
    """An activity; marks its cell."""
    row = Activity.objects.create(
        program=program, partner=partner, happened_on=day, kind=kind, minutes=minutes
    )
    mark_cells(program.pk, [(partner.pk, day)])
    return row


def claim(
    cast: Cast,
    partner: Partner,
    claimed_at: datetime,
    *,
    state: str = "in_review",
    decided_at: datetime | None = None,
    seller: str = "",
    duplicate_of: Registration | None = None,
) -> Registration:
    """A registration, with protection when it was ever approved; marks its cells."""
    approved = state in ("approved", "won", "lost", "expired")
    account = Account.objects.create(program=cast.program, name=f"Customer of {claimed_at}")
    row = Registration.objects.create(
        program=cast.program,
        partner=partner,
        state=state,
        customer_name=account.name,
        offering=cast.offering,
        currency="EUR",
        claimed_at=claimed_at,
        decision_due_at=claimed_at + timedelta(days=2),
        decided_at=decided_at,
        reason="clean" if approved else ("not_viable" if state == "declined" else ""),
        sentence="Decided." if decided_at else "",
        seller=cast.seats[seller] if seller else None,
        account=account,
        duplicate_of=duplicate_of,
    )
    if approved and decided_at:
        Protection.objects.create(
            program=cast.program,
            registration=row,
            partner=partner,
            account=account,
            offering=cast.offering,
            created_at=decided_at,
            period=DateTimeTZRange(decided_at, decided_at + timedelta(days=90)),
        )
    days = [claimed_at.date(), *([decided_at.date()] if decided_at else [])]
    mark_cells(cast.program.pk, [(partner.pk, day) for day in days])
    return row


def conflict(registration: Registration, opened_at: datetime, severity: str = "review") -> Conflict:
    """Something that stands against a claim; marks its cell."""
    row = Conflict.objects.create(
        program_id=registration.program_id,
        registration=registration,
        account=registration.account,
        kind="possible_account",
        severity=severity,
        rule="A name much like it",
        opened_at=opened_at,
        due_at=opened_at + timedelta(days=2),
    )
    mark_cells(registration.program_id, [(registration.partner_id, opened_at.date())])
    return row


def at(year: int, month: int, day: int, hour: int = 12) -> datetime:
    """An instant, UTC."""
    return datetime(year, month, day, hour, tzinfo=UTC)


def settle(program: Program) -> int:
    """Run the recompute as its task does."""
    return int(recompute_cells(program.pk))


def stored(program: Program) -> Cells:
    """Every cell as ``{(partner slug or None, month, metric): value}``."""
    with program_scope(program.pk):
        return {
            (slug, f"{month:%Y-%m}", metric): value
            for slug, month, metric, value in MetricCell.objects.values_list(
                "partner__slug", "month", "metric", "value"
            )
        }


def rebuilt(program: Program) -> Cells:
    """Every cell as it would be if none had ever been kept: all thrown away and summed from the beginning."""
    with program_scope(program.pk):
        MetricCell.objects.all().delete()
        CellMark.objects.all().delete()
        everybody = [None, *Partner.objects.values_list("pk", flat=True)]
        mark_cells(program.pk, [(partner, cells.BEGINNING) for partner in everybody])
    settle(program)
    return stored(program)


def of(found: Cells, slug: str | None, metric: str) -> dict[str, int]:
    """One partner's months of one metric, as whole numbers."""
    return {
        month: int(value)
        for (who, month, key), value in sorted(found.items(), key=str)
        if (who, key) == (slug, metric)
    }
