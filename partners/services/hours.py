"""When a program works: its time zone, its hours, and the days on which nobody does."""

from collections.abc import Collection
from datetime import date, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction

from partners.core.actor import Actor
from partners.core.errors import FieldErrors
from partners.models import Partner, Program
from partners.rules.hours import MOST_HOLIDAYS
from partners.selectors import program_in_force
from partners.services.ledger import mark_cells, record
from partners.services.rights import require

_BEGINNING = date(1900, 1, 1)
_FIELDS = ("timezone", "workday_start", "workday_end", "holidays")


def change_hours(
    *,
    actor: Actor,
    timezone: str | None = None,
    workday_start: time | None = None,
    workday_end: time | None = None,
    holidays: Collection[date] | None = None,
    expected_version: int | None = None,
) -> Program:
    """Change what is given; deadlines that run keep their time, new ones are counted by the new hours.

    ``timezone`` is an IANA name and moves the borders of months as well, so all figures of open months are
    counted again. Times are local. Raises ``NotAllowed``, ``FieldErrors``, ``Stale``.
    """
    require(actor, "program.edit")
    with transaction.atomic():
        program = program_in_force()
        old = _hours(program)
        program.timezone = program.timezone if timezone is None else timezone
        program.workday_start = workday_start or program.workday_start
        program.workday_end = workday_end or program.workday_end
        if holidays is not None:
            program.holidays = [day.isoformat() for day in sorted(set(holidays))]
        _check(program)
        new = _hours(program)
        changed = {name: value for name, value in new.items() if value != old[name]}
        program.save_fields(*_FIELDS, expected_version=expected_version)
        if not changed:
            return program
        record(
            "program.hours_changed",
            program,
            actor=actor,
            old={name: old[name] for name in changed},
            new=changed,
        )
        if "timezone" in changed:
            everybody: list[int | None] = [None, *Partner.objects.values_list("pk", flat=True)]
            mark_cells(actor.program_id, [(partner_id, _BEGINNING) for partner_id in everybody])
        return program


def _hours(program: Program) -> dict[str, object]:
    return {name: getattr(program, name) for name in _FIELDS}


def _check(program: Program) -> None:
    errors: dict[str, list[str]] = {}
    try:
        ZoneInfo(program.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        errors["timezone"] = ["Use the name of a time zone, such as Europe/Berlin."]
    if len(program.timezone) > 60:
        errors["timezone"] = ["Use the name of a time zone, such as Europe/Berlin."]
    if program.workday_start >= program.workday_end:
        errors["workday_end"] = ["The working day ends after it begins, on the same day."]
    if len(program.holidays) > MOST_HOLIDAYS:
        errors["holidays"] = [f"At most {MOST_HOLIDAYS} days. Leave out those that are over."]
    if errors:
        raise FieldErrors(errors)
