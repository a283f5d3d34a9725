"""Activities: what happened with a partner, and the vendor's minutes it took."""

from datetime import date

from django.db import IntegrityError, transaction

from partners.access import Place
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, FieldErrors, NotFound
from partners.core.scope import whole_program
from partners.core.text import clean_text
from partners.models import Activity, Partner
from partners.rules.activities import ActivityKind
from partners.selectors import program_in_force
from partners.services.ledger import mark_cells, record
from partners.services.rights import require

MINUTES_IN_A_DAY = 1440
_FIRST_DAY = date(2000, 1, 1)


def _check(kind: str, happened_on: date, today: date, minutes: int, note: str, external_id: str) -> None:
    errors: dict[str, list[str]] = {}
    if kind not in ActivityKind.values:
        errors["kind"] = [f"Choose one of: {', '.join(ActivityKind.values)}."]
    if happened_on > today:
        errors["happened_on"] = ["This day is still to come. Log it when it has happened."]
    elif happened_on < _FIRST_DAY:
        errors["happened_on"] = ["Give a day after 1 January 2000."]
    if not 0 <= minutes <= MINUTES_IN_A_DAY:
        errors["minutes"] = ["Give the minutes of one day: 0 to 1440."]
    if len(note) > 4000:
        errors["note"] = ["Use at most 4,000 characters."]
    if len(external_id) > 60:
        errors["external_id"] = ["Use at most 60 characters."]
    if errors:
        raise FieldErrors(errors)


@transaction.atomic
def log_activity(
    *,
    actor: Actor,
    partner: Partner,
    kind: str,
    happened_on: date | None = None,
    minutes: int = 0,
    note: str = "",
    external_id: str = "",
) -> Activity:
    """Log one thing that happened, on a day of the program's time zone (today without one).

    Raises ``NotAllowed``, ``FieldErrors``, and ``Clash`` for an external id that is there already.
    """
    require(actor, "activities.log")
    today = clock.today(program_in_force().timezone)
    happened_on = happened_on or today
    note, external_id = clean_text(note), clean_text(external_id)
    _check(kind, happened_on, today, minutes, note, external_id)
    try:
        with transaction.atomic():
            activity = Activity.objects.create(
                program_id=actor.program_id,
                partner=partner,
                kind=kind,
                happened_on=happened_on,
                minutes=minutes,
                note=note,
                logged_by=actor.name[:120],
                external_id=external_id,
            )
    except IntegrityError as error:
        raise Clash(
            "external_id_taken", "An activity with this external id is logged already.", field="external_id"
        ) from error
    record(
        "activity.logged",
        activity,
        actor=actor,
        new={"partner": partner.name, "kind": kind, "happened_on": happened_on, "minutes": minutes},
    )
    mark_cells(actor.program_id, [(partner.pk, happened_on)])
    return activity


@transaction.atomic
def remove_activity(*, actor: Actor, activity: Activity) -> None:
    """Remove what was logged by mistake: it counts no more, and the ledger keeps what it said.

    In a month that is closed the difference becomes a correction. Raises ``NotAllowed``, ``NotFound`` when it
    is gone.
    """
    require(actor, "activities.log")
    rows = Activity.objects.select_for_update(of=("self",)).select_related("partner")
    row = rows.filter(pk=activity.pk).first()
    if row is None:
        raise NotFound("There is no such activity.")
    old = {name: getattr(row, name) for name in ("kind", "happened_on", "minutes", "note")}
    record("activity.removed", row, actor=actor, old={"partner": row.partner.name, **old})
    row.delete()
    mark_cells(actor.program_id, [(row.partner_id, row.happened_on)])


def note_login(place: Place) -> bool:
    """Count a partner person's visit as participation, once per person and day. True when it was new.

    Days are the program's; staff are not counted. Activities are staff rows, hence the wide scope.
    """
    if place.partner is None:
        return False
    today = clock.today(place.program.timezone)
    mark = f"login:{place.seat.public_id}:{today.isoformat()}"
    with whole_program("a visit is noted among the staff's activities"):
        if Activity.objects.filter(external_id=mark).exists():
            return False
        made = Activity(
            program=place.program,
            partner=place.partner,
            kind=ActivityKind.LOGIN,
            happened_on=today,
            logged_by=place.actor.name[:120],
            external_id=mark,
        )
        # Two tabs opened at once meet the unique external id, and one of them is dropped.
        Activity.objects.bulk_create([made], ignore_conflicts=True)
        mark_cells(place.program.pk, [(place.partner.pk, today)])
    return True
