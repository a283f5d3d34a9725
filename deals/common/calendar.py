"""The program's working time, and the days of its clock as instants."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from deals.rules.clock import Workweek, deadline, holidays_of
from partners.models import Charter, Program


def workweek(program: Program) -> Workweek:
    """The business hours of a program."""
    return Workweek(
        program.timezone, program.workday_start, program.workday_end, holidays_of(program.holidays)
    )


def decision_due(program: Program, charter: Charter, moment: datetime) -> datetime:
    """Until when a person has to rule on what came up at ``moment`` (UTC)."""
    return deadline(moment, charter.decision_days, workweek(program))


def day_of(moment: datetime, timezone: str) -> date:
    """The day of an instant in the program's time zone (IANA)."""
    return moment.astimezone(ZoneInfo(timezone)).date()


def day_began(day: date, timezone: str) -> datetime:
    """The first instant of a day in the program's time zone (IANA)."""
    return datetime.combine(day, time.min, ZoneInfo(timezone))
