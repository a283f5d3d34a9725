"""A claim returned to its partner for information: asked, answered, or never answered (R117)."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from deals.common.calendar import workweek
from deals.common.guards import check_authority, check_move, locked, refusals_in_words, text_for_partner
from deals.common.notify import ask_to_decide, record_and_notify
from deals.models import Conflict, Registration
from deals.registrations.approve import close_as_duplicate, decline, mark_registration
from deals.registrations.content import CONTENT, clear_question, content_of, fill
from deals.rules.claims import Claim
from deals.rules.clock import after, working_time_left
from deals.rules.lifecycle import LATER_KINDS, ConflictKind, Move, Reason, Review, State
from deals.rules.reviews import ASKABLE, SCREENED, differing, in_words, opened
from deals.rules.sentences import SENTENCES
from deals.screening.rules.standing import needs_a_person
from deals.screening.screen import Screening, open_conflicts, screen
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, FieldErrors, RuleBroken
from partners.core.scope import whole_program
from partners.models import Program
from partners.selectors import charter_in_force, program_in_force
from partners.services.ledger import record

QUESTION_LENGTH = 1000
# These say that there is something to look at, whoever the customer is.
_STAYING = LATER_KINDS | {ConflictKind.APPEAL, ConflictKind.CHANGE}


def ask_for_information(
    *,
    actor: Actor,
    registration: Registration,
    question: str,
    fields: list[str],
    expected_version: int | None = None,
) -> Registration:
    """Return a claim in review to its partner: a question, and the fields that open up for the answer.

    The decision clock stops with what is left of it; the claim time stays. Raises ``NotAllowed`` (also when
    the charter gives the say to another role), ``Clash`` when it is not in review, ``RuleBroken``, ``Stale``.
    """
    with transaction.atomic():
        row = locked(registration)
        check_move(row, Move.ASK, actor)
        charter, program, moment = charter_in_force(), program_in_force(), clock.now()
        check_authority(actor, Conflict.objects.filter(registration=row, closed_at__isnull=True), charter)
        missing = "What do you want to know? The partner reads the question."
        row.question = text_for_partner("question", question, row, longest=QUESTION_LENGTH, missing=missing)
        row.asked_fields = _askable(fields)
        row.asked_at = moment
        row.answer_due_at = moment + timedelta(days=charter.answer_days)
        due = row.decision_due_at or moment
        row.clock_left = max(timedelta(0), working_time_left(moment, due, workweek(program)))
        old, row.state = {"state": row.state}, State.NEEDS_INFO
        asked = ("question", "asked_fields", "asked_at", "answer_due_at", "clock_left")
        row.save_fields("state", *asked, expected_version=expected_version)
        record_and_notify(
            "registration.asked",
            row,
            actor=actor,
            old=old,
            new={"state": row.state, "fields": row.asked_fields, "answer_due_at": row.answer_due_at},
            sentence=row.question,
        )
        mark_registration(row, program=program)
        return row


def _askable(fields: list[str]) -> list[str]:
    unknown = [name for name in fields if name not in ASKABLE]
    if unknown or not fields:
        raise RuleBroken(
            "fields",
            f"Which fields open up? Choose among {', '.join(ASKABLE)}.",
            field="fields",
        )
    return [name for name in ASKABLE if name in fields]


def answer(
    *, actor: Actor, registration: Registration, claim: Claim, expected_version: int | None = None
) -> Registration:
    """Take in the partner's answer: the clock goes on where it stopped, and a person looks again.

    ``claim`` is the whole content; only what was asked for may differ. Another customer or offering is
    screened again. Raises ``NotAllowed``, ``Clash`` when nothing is asked, ``FieldErrors``, ``Stale``.
    """
    program = program_in_force()
    with refusals_in_words(), transaction.atomic():
        row = locked(registration)
        check_move(row, Move.ANSWER, actor)
        old, asked = content_of(row), list(row.asked_fields)
        fill(row, claim, program, complete=True)
        changed = differing(old, content_of(row))
        if closed := changed - opened(asked):
            raise FieldErrors({name: ["We did not ask for this; it stays as it was."] for name in closed})
        left = row.clock_left or timedelta(0)
        row.decision_due_at = after(clock.now(), left, workweek(program))
        row.state = State.IN_REVIEW
        record(
            "registration.answered",
            row,
            actor=actor,
            old={name: old[name] for name in changed},
            new={name: content_of(row)[name] for name in changed} | {"state": row.state},
            partner_id=row.partner_id,
            sentence="; ".join(in_words(old, content_of(row))) or "The answer is that all is right as it is.",
        )
        with whole_program("an answer moves deadlines and is screened against rivals' claims"):
            _look_again(actor, row, old, program, rescreen=bool(changed & SCREENED), version=expected_version)
        return row


def _look_again(
    actor: Actor,
    row: Registration,
    old: dict[str, Any],
    program: Program,
    *,
    rescreen: bool,
    version: int | None,
) -> None:
    """Put an answered claim back before its person, unless it turns out to be a duplicate."""
    moment, screening = clock.now(), None
    if rescreen:
        screening = screen(row, program=program, moment=moment)
        if screening.duplicate_of is not None:
            _end_as_duplicate(actor, row, screening.duplicate_of, program, version)
            return
        row.account = screening.account
    row.save_fields(
        "state", "decision_due_at", "account", *CONTENT, *clear_question(row), expected_version=version
    )
    standing = Conflict.objects.filter(registration=row, closed_at__isnull=True)
    if screening is not None:
        _supersede(actor, row, old, screening)
    standing.update(due_at=row.decision_due_at)
    open_now = list(standing.exclude(kind__in=LATER_KINDS).order_by("pk"))
    why = "the partner has answered"
    ask_to_decide(actor=actor, registration=row, conflicts=open_now, charter=charter_in_force(), why=why)
    mark_registration(row, program=program)


def _end_as_duplicate(
    actor: Actor, row: Registration, first: Registration, program: Program, version: int | None
) -> None:
    if row.reviewed_for == Review.CHANGE:
        raise Clash("duplicate", SENTENCES[Reason.SAME_PARTNER], extra={"registration": first.public_id})
    moment = clock.now()
    Conflict.objects.filter(registration=row, closed_at__isnull=True).update(closed_at=moment)
    row.save_fields(*CONTENT, expected_version=version)
    close_as_duplicate(actor=actor, registration=row, first=first, program=program, moment=moment)


def _supersede(actor: Actor, row: Registration, old: dict[str, Any], screening: Screening) -> None:
    """Replace what stood against the old content by what stands against the new.

    When nothing needs a person any more, what stood stays open with a note of that: an answer must not win
    at once, with its old claim time, what a new claim would have to win by its own.
    """
    moment = clock.now()
    standing = Conflict.objects.filter(registration=row, closed_at__isnull=True)
    if needs_a_person(screening.findings):
        closed = standing.exclude(kind__in=_STAYING).update(closed_at=moment)
        system = Actor.system(program_id=actor.program_id, name="Screening", door=actor.door)
        due = row.decision_due_at or moment
        open_conflicts(
            actor=system, registration=row, findings=screening.findings, opened_at=moment, due_at=due
        )
        note = f"Screened again after the answer: {closed} closed, {len(screening.findings)} found"
    else:
        note = "Screened again after the answer, nothing was found"
        fact = f"{note} ({'; '.join(in_words(old, content_of(row)))})"
        for conflict in standing:
            told = {"fact": fact, "at": moment.isoformat(), "kind": "registration", "id": row.public_id}
            conflict.evidence = [*conflict.evidence, told]
            conflict.save(update_fields=["evidence"])
    record("registration.screened", row, actor=actor, sentence=f"{note}.")


def decline_unanswered(*, actor: Actor, registration: Registration) -> bool:
    """Decline, by the clock, what was asked and not answered in time; whether it was.

    Safe to run again and at the same time as an answer: under its lock, only what is still asked and late is
    declined. A change that is not explained is refused instead, and the registration stands as approved.
    """
    with transaction.atomic():
        row, moment = locked(registration), clock.now()
        if row.state != State.NEEDS_INFO or row.answer_due_at is None or moment < row.answer_due_at:
            return False
        check_move(row, Move.DECLINE, actor)
        Conflict.objects.filter(registration=row, closed_at__isnull=True).exclude(
            kind__in=LATER_KINDS
        ).update(closed_at=moment)
        reason = Reason.CHANGE_REFUSED if row.reviewed_for == Review.CHANGE else Reason.NO_ANSWER
        decline(
            actor=actor,
            registration=row,
            reason=reason,
            sentence=SENTENCES[reason],
            program=program_in_force(),
            moment=moment,
        )
        return True
