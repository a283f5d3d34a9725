"""More time for a protection: asked for, and granted or not."""

from django.db import transaction
from psycopg.types.range import TimestamptzRange

from deals.common.claim_facts import facts_of, terms_of
from deals.common.guards import (
    check_move,
    check_possible,
    locked,
    refusals_in_words,
    required_text,
    text_for_partner,
)
from deals.common.notify import ask_to_extend, record_and_notify
from deals.models import Protection, Registration
from deals.registrations.content import progress_due_again
from deals.rules.lengths import SENTENCE_LENGTH, TEXT_LENGTH
from deals.rules.lifecycle import Move
from deals.rules.possible import granted_by_rule
from deals.rules.protection import lengthened
from deals.rules.reminders import reminder_due
from partners.core import clock
from partners.core.actor import Actor
from partners.core.scope import whole_program
from partners.models import Charter
from partners.selectors import charter_in_force
from partners.services.ledger import record


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
        note = required_text("note", note, longest=TEXT_LENGTH, missing="What is still to come, and by when?")
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
            ask_to_extend(actor=actor, registration=row, charter=charter, note=note)
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
        sentence = text_for_partner("sentence", sentence, row, longest=SENTENCE_LENGTH, missing=missing)
        if granted:
            _grant(actor, row, charter, sentence, expected_version)
            return row
        row.extension_asked_at = None
        row.save_fields("extension_asked_at", *progress_due_again(row), expected_version=expected_version)
        record_and_notify("registration.extension_refused", row, actor=actor, sentence=sentence)
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
    row.save_fields("extension_asked_at", "extensions", *progress_due_again(row), expected_version=version)
    record_and_notify(
        "registration.extended",
        row,
        actor=actor,
        old={"until": old},
        new={"until": until, "extensions": row.extensions},
        sentence=sentence,
    )
