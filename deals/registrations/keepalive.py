"""Protections kept alive: progress reports, reminders, and what happens without an answer."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest

from deals.common.guards import check_move, locked, required_text
from deals.models import Protection, Registration
from deals.registrations.revocation import revoke
from deals.rules.lengths import TEXT_LENGTH
from deals.rules.lifecycle import Move, Reason, State
from deals.rules.protection import days_left
from deals.rules.reminders import BEFORE_THE_END, GRACE, Keepalive, Word, reminder_due
from deals.rules.sentences import SENTENCES
from partners.core import clock
from partners.core.actor import Actor
from partners.models import Charter, Program
from partners.rules.notices import NoticeKind
from partners.selectors import charter_in_force, program_in_force
from partners.services.ledger import record
from partners.services.notices import Message, people_of, tell


def report_progress(
    *, actor: Actor, registration: Registration, text: str, expected_version: int | None = None
) -> Registration:
    """Note the partner's word on how a protected deal stands. Raises ``NotAllowed``, ``Clash`` when it is not
    approved, ``RuleBroken`` without text or with too much, ``Stale``."""
    with transaction.atomic():
        row = locked(registration)
        check_move(row, Move.REPORT, actor)
        missing = "Enter a status update. One sentence is enough."
        text = required_text("text", text, longest=TEXT_LENGTH, missing=missing)
        row.progress_at, row.progress_asked_at = clock.now(), None
        row.save_fields("progress_at", "progress_asked_at", expected_version=expected_version)
        record("registration.reported", row, actor=actor, partner_id=row.partner_id, sentence=text)
        return row


_BATCH = 100


def remind_of_protections(*, actor: Actor, limit: int = _BATCH) -> int:
    """Remind partners 30, 14 and 3 days before a protection ends; how many reminders were written.

    Each is sent once. After a silence of ours only the nearest is. Who asked for an extension and waits for
    our answer is not reminded.
    """
    moment, program, charter = clock.now(), program_in_force(), charter_in_force()
    steps = Q()
    for days in BEFORE_THE_END:
        unsent = Q(reminded_days__isnull=True) | Q(reminded_days__gt=days)
        near = Q(period__endswith__lte=moment + timedelta(days=days))
        longer = Q(period__startswith__lt=F("period__endswith") - timedelta(days=days))
        steps |= near & longer & unsent
    ending = Protection.objects.filter(steps, period__endswith__gt=moment)
    rows = _locked(ending, limit, state=State.APPROVED, extension_asked_at__isnull=True)
    sent = 0
    for protection in Protection.objects.filter(registration__in=rows).order_by("pk"):
        period = (protection.period.lower, protection.period.upper)
        step = reminder_due(period, protection.reminded_days, moment)
        if step is None:
            continue
        protection.reminded_days = step
        protection.save(update_fields=["reminded_days"])
        _remind(actor, rows[protection.registration_id], protection, program, charter, moment)
        sent += 1
    return sent


def _locked(ending: QuerySet[Protection], limit: int, **kept: object) -> dict[int, Registration]:
    """The registrations behind these protections that nobody else works on, locked, by id."""
    rows = Registration.objects.filter(protection__in=ending, **kept).order_by("pk")
    taken = rows.select_for_update(skip_locked=True, no_key=True, of=("self",))[:limit]
    return {row.pk: row for row in taken}


def _remind(
    actor: Actor,
    row: Registration,
    protection: Protection,
    program: Program,
    charter: Charter,
    moment: datetime,
) -> None:
    until = protection.period.upper
    left, day = days_left(until, moment), _day(until, program)
    ask = (
        "Tell us how it stands, or ask for an extension before that day."
        if charter.extension_days
        else "Tell us how it stands. After that day you can register it again."
    )
    sentence = f"The protection ends on {day}: {left} day{'' if left == 1 else 's'} left. {ask}"
    record(
        "registration.reminded",
        row,
        actor=actor,
        new={"until": until, "days": protection.reminded_days},
        partner_id=row.partner_id,
        sentence=sentence,
    )
    message = Message(
        kind=NoticeKind.PROTECTION_ENDS,
        key=f"protection {protection.reminded_days} {row.public_id} {until:%Y-%m-%d %H:%M:%S}",
        subject=f"{row.customer_name}: protected until {day}",
        body=sentence,
        page="portal:deal",
        page_id=row.public_id,
    )
    tell(actor=actor, seats=people_of(row.partner_id, seller_id=row.seller_id), message=message)


def keep_alive(*, actor: Actor, limit: int = _BATCH) -> int:
    """Ask for word on protected deals a week before it is due and when it is; a week later revoke.

    Nobody loses a protection without having been asked when word was due, or while we owe an answer to an
    extension they asked for; nobody is asked for what would keep nothing. Returns how many were asked or
    revoked.
    """
    moment, program, charter = clock.now(), program_in_force(), charter_in_force()
    every = charter.keepalive_days
    if not every:
        return 0
    acted = 0
    for row in _silent(moment, every, limit):
        begun = row.protection.period.lower
        given = max(begun, row.progress_at or begun)
        ends = row.protection.period.upper
        due = Word(given_at=given, asked_at=row.progress_asked_at, ends_at=ends, every=every)
        act = due.act(moment)
        if act is Keepalive.REVOKE:
            _revoke(actor, row)
        elif act is not Keepalive.NOTHING:
            _ask(actor, row, due, act, program, moment)
        acted += act is not Keepalive.NOTHING
    return acted


def _silent(moment: datetime, every: int, limit: int) -> list[Registration]:
    """Protected deals, locked, on which something may be due by ``Word``: it decides, this only narrows."""
    days = timedelta(days=every)
    ahead = Word(given_at=moment, asked_at=None, ends_at=moment, every=every).ask_from - moment
    word = Greatest(
        "protection__period__startswith", Coalesce("progress_at", "protection__period__startswith")
    )
    unasked = (
        Q(progress_asked_at__isnull=True)
        | Q(progress_asked_at__lte=F("word"))
        | Q(word__lte=moment - days, progress_asked_at__lt=F("word") + days)
    )
    ends_later = Q(protection__period__endswith__gt=Greatest(F("word") + days, moment) + GRACE)
    unanswered = Q(progress_asked_at__gte=F("word") + days, progress_asked_at__lte=moment - GRACE)
    rows = Registration.objects.annotate(word=word).filter(
        (unasked & ends_later) | unanswered,
        state=State.APPROVED,
        extension_asked_at__isnull=True,
        word__lte=moment - ahead,
        protection__period__endswith__gt=moment,
    )
    taken = rows.select_for_update(skip_locked=True, no_key=True, of=("self",))
    return list(taken.select_related("protection").order_by("pk")[:limit])


def _ask(
    actor: Actor, row: Registration, word: Word, act: Keepalive, program: Program, moment: datetime
) -> None:
    # Not a change anybody could have edited meanwhile, so open forms stay valid: the version stays.
    Registration.objects.filter(pk=row.pk).update(progress_asked_at=moment)
    by = word.due_at if act is Keepalive.ASK_AHEAD else moment + GRACE
    lost = "" if act is Keepalive.ASK_AHEAD else " Without it the protection ends then."
    sentence = f"How does this deal stand? A line is enough. Please tell us by {_day(by, program)}.{lost}"
    record(
        "registration.progress_asked",
        row,
        actor=actor,
        new={"due_at": word.due_at},
        partner_id=row.partner_id,
        sentence=sentence,
    )
    message = Message(
        kind=NoticeKind.PROGRESS,
        key=f"{act.value} {row.public_id} {by:%Y-%m-%d %H:%M:%S}",
        subject=f"{row.customer_name}: how does it stand?",
        body=sentence,
        page="portal:deal",
        page_id=row.public_id,
    )
    tell(actor=actor, seats=people_of(row.partner_id, seller_id=row.seller_id), message=message)


def _revoke(actor: Actor, row: Registration) -> None:
    sentence = SENTENCES[Reason.NO_PROGRESS]
    revoke(
        actor=actor,
        registration=row,
        reason=Reason.NO_PROGRESS,
        sentence=sentence,
        note="Asked when word was due; a week went by without an answer.",
    )


def _day(moment: datetime, program: Program) -> str:
    return f"{moment.astimezone(ZoneInfo(program.timezone)):%-d %B %Y}"
