"""Keeping a protection: word on progress, extensions, and revocation."""

from typing import Any

from django.db import transaction
from psycopg.types.range import TimestamptzRange

from deals.models import Conflict, Protection, Registration
from deals.rules.lifecycle import REVOKING, Move, Reason, State
from deals.rules.possible import granted_by_rule
from deals.rules.protection import lengthened
from deals.rules.reminders import reminder_due
from deals.selectors.registrations import facts_of, terms_of
from deals.services.approvals import mark_registration
from deals.services.contents import no_longer_asked, word_asked_anew
from deals.services.moves import (
    check_move,
    check_possible,
    locked,
    refusals_in_words,
    said,
    said_to_partner,
)
from deals.services.opportunities import drop_opportunity
from deals.services.protections import end_protection
from deals.services.told import call_for_extension, put_on_record
from partners.core import clock
from partners.core.actor import Actor, Role
from partners.core.errors import RuleBroken
from partners.core.scope import whole_program
from partners.core.text import clean_text
from partners.models import Charter
from partners.selectors import charter_in_force, program_in_force
from partners.services.ledger import record

TEXT_LENGTH = 2000
SENTENCE_LENGTH = 1000
NOTE_LENGTH = 4000
REVOKED_STAGE = "Revoked"


def report_progress(
    *, actor: Actor, registration: Registration, text: str, expected_version: int | None = None
) -> Registration:
    """Note the partner's word on how a protected deal stands. Raises ``NotAllowed``, ``Clash`` when it is not
    approved, ``RuleBroken`` without text or with too much, ``Stale``."""
    with transaction.atomic():
        row = locked(registration)
        check_move(row, Move.REPORT, actor)
        missing = "How does it stand? One sentence is enough."
        text = said("text", text, longest=TEXT_LENGTH, missing=missing)
        row.progress_at, row.progress_asked_at = clock.now(), None
        row.save_fields("progress_at", "progress_asked_at", expected_version=expected_version)
        record("registration.reported", row, actor=actor, partner_id=row.partner_id, sentence=text)
        return row


def ask_extension(
    *, actor: Actor, registration: Registration, note: str, expected_version: int | None = None
) -> Registration:
    """Ask for more time before the protection ends: granted at once by the charter's rule, or by a person.

    While it waits for a person the protection does not expire. Raises ``NotAllowed``, ``Clash`` (not
    approved, over already, asked already), ``RuleBroken`` without a note, ``Stale``.
    """
    with refusals_in_words(), transaction.atomic():
        row = locked(registration)
        check_move(row, Move.ASK_EXTENSION, actor)
        note = said("note", note, longest=TEXT_LENGTH, missing="What is still to come, and by when?")
        with whole_program("whether an extension needs a person is in the charter"):
            charter = charter_in_force()
        check_possible(row, Move.ASK_EXTENSION, actor, charter)
        by_rule = granted_by_rule(facts_of(row), terms_of(charter), clock.now())
        row.extension_note, row.extension_asked_at = note, clock.now()
        row.save_fields("extension_note", "extension_asked_at", expected_version=expected_version)
        record("registration.extension_asked", row, actor=actor, partner_id=row.partner_id, sentence=note)
        if by_rule:
            program = Actor.system(program_id=actor.program_id, name="Charter", door=actor.door)
            sentence = "Granted at once: you kept us up to date."
            _grant(program, row, charter, sentence)
            return row
        with whole_program("who decides on an extension are our own people"):
            call_for_extension(actor=actor, registration=row, charter=charter, note=note)
        return row


def decide_extension(
    *,
    actor: Actor,
    registration: Registration,
    granted: bool,
    sentence: str,
    expected_version: int | None = None,
) -> Registration:
    """Grant or refuse the extension that was asked for, with a sentence for the partner.

    Raises ``NotAllowed``, ``Clash`` when none was asked for or another registration holds the account by now,
    ``RuleBroken`` without a sentence, ``Stale``.
    """
    with refusals_in_words(), transaction.atomic():
        row = locked(registration)
        check_move(row, Move.EXTEND, actor)
        charter = charter_in_force()
        check_possible(row, Move.EXTEND, actor, charter)
        missing = "Say it to the partner in a sentence."
        sentence = said_to_partner("sentence", sentence, row, longest=SENTENCE_LENGTH, missing=missing)
        if granted:
            _grant(actor, row, charter, sentence, expected_version)
            return row
        row.extension_asked_at = None
        row.save_fields("extension_asked_at", *word_asked_anew(row), expected_version=expected_version)
        put_on_record("registration.extension_refused", row, actor=actor, sentence=sentence)
        return row


def _grant(
    actor: Actor, row: Registration, charter: Charter, sentence: str, version: int | None = None
) -> None:
    """Lengthen the protection; the database refuses it when another one has begun meanwhile."""
    protection, moment = Protection.objects.get(registration=row), clock.now()
    begins, old = protection.period.lower, protection.period.upper
    until = lengthened(old, moment, charter.extension_days)
    protection.period = TimestamptzRange(begins, until, "[)")
    protection.reminded_days = reminder_due((begins, until), None, moment)  # they hear of the new end now
    protection.save(update_fields=["period", "reminded_days"])
    Registration._meta.get_field("protection").set_cached_value(row, protection)
    row.extension_asked_at, row.extensions = None, row.extensions + 1
    row.save_fields("extension_asked_at", "extensions", *word_asked_anew(row), expected_version=version)
    put_on_record(
        "registration.extended",
        row,
        actor=actor,
        old={"until": old},
        new={"until": until, "extensions": row.extensions},
        sentence=sentence,
    )


def revoke(
    *,
    actor: Actor,
    registration: Registration,
    reason: Reason,
    sentence: str,
    note: str = "",
    expected_version: int | None = None,
) -> Registration:
    """Take back an approval: the protection ends now and the opportunity it opened is closed as lost.

    What the partner sourced until today stays in the months it was in. ``note`` is for staff and needed from
    a person. Raises ``NotAllowed``, ``Clash`` when it is not approved, ``RuleBroken``, ``Stale``.
    """
    with transaction.atomic():
        row = locked(registration)
        check_move(row, Move.REVOKE, actor)
        if reason not in REVOKING:
            raise RuleBroken("reason", f"“{reason.label}” is no reason to revoke.", field="reason")
        missing = "Say it to the partner in a sentence."
        sentence = said_to_partner("sentence", sentence, row, longest=SENTENCE_LENGTH, missing=missing)
        note = clean_text(note)
        if note or actor.role is not Role.SYSTEM:
            missing = "Say why, for the record; the partner does not see this."
            note = said("note", note, longest=NOTE_LENGTH, missing=missing)
        _take_back(actor, row, reason, sentence, note, expected_version)
        return row


def _take_back(
    actor: Actor, row: Registration, reason: Reason, sentence: str, note: str, version: int | None
) -> None:
    program, moment = program_in_force(), clock.now()
    protection = Protection.objects.get(registration=row)
    old: dict[str, Any] = {"state": row.state, "until": protection.period.upper}
    # An appeal that is upheld gives the old end back.
    row.approved_as = {"until": protection.period.upper.isoformat()}
    mark_registration(row, program=program)
    row.state, row.reason, row.sentence, row.decided_at = State.REVOKED, reason, sentence, moment
    row.extension_asked_at = None
    row.save_fields(
        "state",
        "reason",
        "sentence",
        "decided_at",
        "approved_as",
        "extension_asked_at",
        *no_longer_asked(row),
        expected_version=version,
    )
    put_on_record(
        "registration.revoked",
        row,
        actor=actor,
        old=old,
        new={"state": row.state, "reason": row.reason},
        sentence=sentence,
    )
    if note:
        record("registration.revoked_because", row, actor=actor, sentence=note)
    Conflict.objects.filter(registration=row, closed_at__isnull=True).update(closed_at=moment)
    end_protection(row)
    if row.opportunity_id is not None:
        drop_opportunity(actor=actor, opportunity_id=row.opportunity_id, program=program, stage=REVOKED_STAGE)
    mark_registration(row, program=program)
