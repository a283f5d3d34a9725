"""Who may see which conflicts and rulings. Staff only."""

from django.db import connection
from django.db.models import Q, QuerySet

from deals.models import Conflict, Registration, Ruling
from deals.rules.lifecycle import State
from partners.access import one_of
from partners.core.actor import Role
from partners.models import Seat


def conflicts_for(seat: Seat) -> QuerySet[Conflict]:
    """Staff see all conflicts; a direct rep those on accounts and opportunities they own."""
    rows = Conflict.objects.select_related(
        "registration__partner",
        "registration__offering",
        "account",
        "ruling",
        "rival_registration__partner",
        "rival_opportunity",
    )
    if seat.role == Role.REP:
        return rows.filter(Q(account__owner=seat) | Q(rival_opportunity__owner=seat))
    return rows


def access_conflict(seat: Seat, public_id: str) -> Conflict:
    """One conflict the seat may see. Raises ``NotFound``."""
    return one_of(conflicts_for(seat), public_id, "There is no such conflict.")


def access_raisable(seat: Seat, public_id: str) -> Registration:
    """A claim the seat may flag: a direct rep's are those on their own accounts. Raises ``NotFound``."""
    rows = Registration.objects.select_related("partner").exclude(state=State.DRAFT)
    if seat.role == Role.REP:
        rows = rows.filter(Q(account__owner=seat) | Q(opportunity__owner=seat))
    return one_of(rows, public_id, "There is no such registration.")


def access_ruling(registration: Registration, public_id: str) -> Ruling:
    """One ruling on a registration the actor may see. Raises ``NotFound``."""
    rows = Ruling.objects.select_related("registration").filter(registration=registration)
    return one_of(rows, public_id, "There is no such ruling.")


def statement_program(digest: str) -> int | None:
    """The program the link of a statement belongs to, or None. Answers before any scope is open."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT prm_statement(%s)", [digest])
        row = cursor.fetchone()
        return row[0] if row else None
