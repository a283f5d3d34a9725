"""What happened with each partner: the work we put in, and their taking part."""

from datetime import date, timedelta

from partners.core.actor import Actor, Door
from partners.models import Partner
from partners.rules.activities import ActivityKind
from partners.services.activities import log_activity
from prm.management.demo.story import COMPANIES, PARTICIPATION, WORK_NOTES, Company
from prm.management.demo.timeline import Timeline

_KINDS = ("meeting", "call", "call", "training_given", "joint_call")
_MINUTES = {"meeting": (30, 90), "call": (10, 35), "training_given": (60, 180), "joint_call": (30, 75)}


def plan_activities(line: Timeline) -> None:
    """Put every partner's activities on the timeline."""
    for company in COMPANIES:
        months = company.months if company.months is not None else 2
        habit = company.kind.value
        for month in range(months + 1):
            fading = 1.0 if month <= habit.fades else 0.06
            # The first months of a partnership are the busiest.
            eager = 1.6 if month <= 2 else 1.0
            for rate, working in ((habit.work, True), (habit.participation, False)):
                for _ in range(_times(line, rate * fading * eager)):
                    _plan_one(line, company, months - month, working)


def _times(line: Timeline, rate: float) -> int:
    """A whole number that is ``rate`` on average."""
    return int(rate) + (line.chance.random() < rate % 1)


def _plan_one(line: Timeline, company: Company, months_ago: int, working: bool) -> None:
    day = line.back(months_ago * 30.4 + line.chance.uniform(0, 30))
    if company.months is not None and day < line.today - timedelta(days=round(company.months * 30.4)):
        return
    kind = line.chance.choice(_KINDS if working else PARTICIPATION)
    minutes = line.chance.randint(*_MINUTES[kind]) if working else 0
    note = line.chance.choice(WORK_NOTES[kind]) if working else ""
    line.on(day, lambda: _log(line, company.slug, kind, day, minutes, note), hour=17)


def _log(line: Timeline, slug: str, kind: str, day: date, minutes: int, note: str) -> None:
    partner: Partner = line.partners[slug]
    actor = (
        line.actor("manager@fernhill.example")
        if minutes
        else Actor.system(program_id=line.program.pk, name="Portal", door=Door.JOB)
    )
    log_activity(
        actor=actor, partner=partner, kind=ActivityKind(kind), happened_on=day, minutes=minutes, note=note
    )
