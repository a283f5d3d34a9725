"""An approval taken back."""

from typing import Any

from django.db import transaction

from deals.common.guards import check_move, locked, required_text, text_for_partner
from deals.common.notify import record_and_notify
from deals.models import Conflict, Protection, Registration
from deals.opportunities.services import drop_opportunity
from deals.registrations.approve import mark_registration
from deals.registrations.content import clear_question
from deals.registrations.protect import end_protection
from deals.rules.lengths import NOTE_LENGTH, SENTENCE_LENGTH
from deals.rules.lifecycle import REVOKING, Move, Reason, State
from partners.core import clock
from partners.core.actor import Actor, Role
from partners.core.errors import RuleBroken
from partners.core.text import clean_text
from partners.selectors import program_in_force
from partners.services.ledger import record

REVOKED_STAGE = "Revoked"


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
        sentence = text_for_partner("sentence", sentence, row, longest=SENTENCE_LENGTH, missing=missing)
        note = clean_text(note)
        if note or actor.role is not Role.SYSTEM:
            missing = "Say why, for the record; the partner does not see this."
            note = required_text("note", note, longest=NOTE_LENGTH, missing=missing)
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
        *clear_question(row),
        expected_version=version,
    )
    record_and_notify(
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
