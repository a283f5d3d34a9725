"""What both sides say of the benefits promised for approved deals."""

from deals.registrations.benefits import confirm_benefit
from deals.registrations.selectors import benefits_owed
from partners.core.actor import Role
from prm.management.demo.timeline import Timeline

MANAGER = "manager@fernhill.example"
NOTES = ("Held for you; our reps were told.", "", "Nobody else was approved.", "")
MISSING = "One of our reps called the customer before he read of the claim."
THEIRS = "Your people called the customer all the same."


def plan_benefits(line: Timeline) -> None:
    """Two weeks ago the manager went through the approved deals; lately some partners answered."""
    line.on(line.back(14), lambda: _ours(line))
    line.on(line.back(6), lambda: _theirs(line))


def _ours(line: Timeline) -> None:
    for number, row in enumerate(benefits_owed().order_by("claimed_at", "pk")):
        if number % 5 == 4:
            continue  # nobody has said anything yet
        late = number % 7 == 3
        confirm_benefit(
            actor=line.actor(MANAGER),
            registration=row,
            delivered=not late,
            note=MISSING if late else NOTES[number % len(NOTES)],
        )


def _theirs(line: Timeline) -> None:
    """Admins of partners answer for a few of their deals; each sees one of them otherwise than we do."""
    for email, seat in sorted(line.seats.items()):
        if seat.partner_id is None or seat.role != Role.PARTNER_ADMIN:
            continue
        rows = benefits_owed().filter(partner_id=seat.partner_id).order_by("claimed_at", "pk")[:3]
        for number, row in enumerate(rows):
            got = number != 1
            note = "" if got else THEIRS
            confirm_benefit(actor=line.actor(email), registration=row, delivered=got, note=note)
