"""Corrections of rulings. None is ever edited: what was wrong is put right by a new, dated one (R128)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from deals.cases.credit import WHOLE, set_share
from deals.cases.decision import check_share, check_words
from deals.cases.rules.grouping import may_become, no_ground
from deals.common.guards import check_authority, locked
from deals.common.notify import notify_incumbents, record_and_notify
from deals.models import CompEffect, Conflict, Registration, Ruling
from deals.registrations.approve import mark_registration
from deals.rules.lifecycle import Outcome, Reason, shown_reason
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, FieldErrors, RuleBroken
from partners.core.text import clean_text
from partners.models import Charter, Program
from partners.selectors import charter_in_force, program_in_force
from partners.services.ledger import record


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a ruling should have said: ``note`` is why it is corrected, ``sentence`` is for the partner."""

    outcome: Outcome
    reason: Reason
    note: str
    sentence: str
    incumbent_sentence: str = ""
    partner_share: int | None = None
    comp_rep: CompEffect
    comp_partner: CompEffect


def correct_ruling(*, actor: Actor, ruling: Ruling, correction: Correction) -> Ruling:
    """Put a ruling right by a new one that stands in its place; the first stays on record as it was.

    Ground, share, pay and wording can be put right, not a yes into a no. The credit follows the correction;
    figures of a closed month stay, and the difference counts in the present one. Raises ``NotAllowed``,
    ``FieldErrors``, ``RuleBroken`` when nothing is different, ``Clash`` when it was corrected already.
    """
    with transaction.atomic():
        row = locked(ruling.registration)
        ruling = Ruling.objects.get(pk=ruling.pk)
        first, charter = _first(ruling), charter_in_force()
        conflicts = list(
            Conflict.objects.filter(ruling=first).select_related("rival_registration__partner").order_by("pk")
        )
        check_authority(actor, conflicts, charter)
        if Ruling.objects.filter(corrects=ruling).exists():
            raise Clash("corrected", "This ruling was corrected already. Correct the newer one.")
        texts = _checked(ruling, correction, row, conflicts)
        new = _write(actor, ruling, correction, texts, charter, clock.now())
        if correction.outcome in (Outcome.SHARE, Outcome.UPHOLD_PARTNER, Outcome.NOT_A_CONFLICT):
            share = correction.partner_share or WHOLE
            set_share(actor=actor, registration=row, share=share, conflicts=conflicts)
        _tell(actor, row, first, new, program_in_force())
        if new.incumbent_sentence != ruling.incumbent_sentence:
            notify_incumbents(actor=actor, conflicts=conflicts, sentence=new.incumbent_sentence)
    return new


def _first(ruling: Ruling) -> Ruling:
    """The ruling that a chain of corrections began with."""
    while ruling.corrects_id is not None:
        ruling = Ruling.objects.get(pk=ruling.corrects_id)
    return ruling


def _checked(
    ruling: Ruling, correction: Correction, row: Registration, conflicts: list[Conflict]
) -> tuple[str, str, str]:
    """The three texts, made storable."""
    note, sentence = clean_text(correction.note), clean_text(correction.sentence)
    told = clean_text(correction.incumbent_sentence)
    errors = check_words(note, sentence, told, row, conflicts)
    errors |= check_share(correction.outcome, correction.partner_share)
    if not may_become(ruling.outcome, correction.outcome):
        errors["outcome"] = [
            "A correction does not turn a yes into a no or back. Revoke the registration, or let its partner "
            "appeal or register again."
        ]
    elif problem := no_ground(correction.outcome, correction.reason):
        errors["reason"] = [problem]
    if errors:
        raise FieldErrors(errors)
    terms = ("outcome", "reason", "partner_share", "comp_rep", "comp_partner")
    same = all(getattr(ruling, name) == getattr(correction, name) for name in terms)
    if same and (sentence, told) == (ruling.sentence, ruling.incumbent_sentence):
        raise RuleBroken(
            "nothing_changed", "Nothing of this differs from the ruling. What was wrong with it?"
        )
    return note, sentence, told


def _write(
    actor: Actor,
    ruling: Ruling,
    correction: Correction,
    texts: tuple[str, str, str],
    charter: Charter,
    moment: datetime,
) -> Ruling:
    note, sentence, told = texts
    new = Ruling.objects.create(
        program_id=actor.program_id,
        registration_id=ruling.registration_id,
        corrects=ruling,
        appeal_of_id=ruling.appeal_of_id,
        suggested=ruling.suggested,
        outcome=correction.outcome,
        reason=correction.reason,
        note=note,
        sentence=sentence,
        incumbent_sentence=told,
        partner_share=correction.partner_share,
        comp_rep=correction.comp_rep,
        comp_partner=correction.comp_partner,
        decided_at=moment,
        decided_by_id=actor.user_id,
        decided_by_name=actor.name[:120],
        authority=actor.role,
        charter_number=charter.number,
    )
    terms = ("outcome", "reason", "partner_share", "comp_rep", "comp_partner", "sentence")
    record(
        "ruling.corrected",
        new,
        actor=actor,
        old={name: getattr(ruling, name) for name in terms} | {"ruling": ruling.public_id},
        new={name: getattr(new, name) for name in terms} | {"note": note},
        sentence=note,
    )
    return new


def _tell(actor: Actor, row: Registration, first: Ruling, new: Ruling, program: Program) -> None:
    """The partner reads the corrected sentence, where the ruling is the one its registration rests on."""
    before = new.corrects.sentence if new.corrects else ""
    if row.decided_at == first.decided_at:
        row.sentence = new.sentence
        if row.reason != Reason.CHANGE_REFUSED:
            row.reason = shown_reason(Reason(new.reason))
        row.save_fields("sentence", "reason")
    if before != new.sentence:
        record_and_notify("registration.ruling_corrected", row, actor=actor, sentence=new.sentence)
    mark_registration(row, program=program)
