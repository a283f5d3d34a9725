"""Registrations: drafted, edited, submitted and withdrawn."""

import re
from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction

from deals.accounts.services import create_account
from deals.common.calendar import workweek
from deals.common.claim_facts import terms_of
from deals.common.guards import MET, check_move, check_role, locked, refusals_in_words, save_registration
from deals.common.notify import ask_to_decide, record_and_notify
from deals.models import Conflict, Registration
from deals.opportunities.services import drop_opportunity
from deals.registrations.approve import approve, close_as_duplicate, mark_registration
from deals.registrations.content import CONTENT, claim_of, clear_question, content_of, fill, undo_change
from deals.registrations.protect import end_protection
from deals.rules.claims import Claim, problems
from deals.rules.clock import deadline
from deals.rules.lifecycle import Move, Reason, State
from deals.rules.sentences import SENTENCES
from deals.screening.screen import Screening, open_conflicts, screen
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, FieldErrors, NotFound, RuleBroken
from partners.core.ids import new_public_id
from partners.core.scope import whole_program
from partners.core.writing import together
from partners.models import Charter, Partner, Program, Seat
from partners.models.partner import PartnerStatus
from partners.selectors import charter_and_offerings, program_in_force
from partners.services.ledger import record

_PUBLIC_ID = re.compile(r"[0-9a-hjkmnp-tv-z]{14}\Z")


def save_draft(
    *,
    actor: Actor,
    claim: Claim,
    partner_id: int | None = None,
    public_id: str = "",
    seat: Seat | None = None,
) -> Registration:
    """Keep what was typed so far. Staff say for which partner; partner people always for their own.

    ``public_id`` may be chosen by the form, so that sending it twice makes one draft; anything that does not
    look like one is ignored. ``seat`` is the actor's, with its program and partner, when the caller has just
    read it. Raises ``NotAllowed``, ``FieldErrors``, ``NotFound`` (the partner) and ``Clash`` when that id was
    used already.
    """
    registration = _begun(actor, partner_id, public_id, seat)
    fill(registration, claim, registration.program)
    with refusals_in_words(), transaction.atomic():
        registration.save(force_insert=True)
    record(
        "registration.drafted",
        registration,
        actor=actor,
        new=content_of(registration),
        partner_id=registration.partner_id,
    )
    return registration


def _begun(actor: Actor, partner_id: int | None, public_id: str, seat: Seat | None) -> Registration:
    """A registration that is neither filled in nor written."""
    check_role(Move.SUBMIT, actor)
    program = seat.program if seat else program_in_force()
    partner, seller = _claimant(actor, partner_id, seat)
    return Registration(
        program=program,
        public_id=public_id if _PUBLIC_ID.match(public_id) else new_public_id(),
        partner=partner,
        submitted_by=actor.name[:120],
        seller=seller,
    )


def edit_draft(
    *, actor: Actor, registration: Registration, claim: Claim, expected_version: int | None = None
) -> Registration:
    """Change a draft. Raises ``NotAllowed``, ``Clash`` once it is submitted, ``FieldErrors``, ``Stale``."""
    row = locked(registration)
    check_move(row, Move.SUBMIT, actor)
    old = content_of(row)
    fill(row, claim, program_in_force())
    row.save_fields(*CONTENT, expected_version=expected_version)
    record("registration.edited", row, actor=actor, old=old, new=content_of(row), partner_id=row.partner_id)
    return row


def register(
    *,
    actor: Actor,
    claim: Claim,
    partner_id: int | None = None,
    public_id: str = "",
    seat: Seat | None = None,
    savepoint: bool = True,
) -> Registration:
    """Submit without a draft before it; when it cannot be submitted nothing is kept.

    Takes and raises what ``save_draft`` and ``submit_registration`` do. A caller that rolls its transaction
    back after any refusal needs no ``savepoint``.
    """

    def attempt() -> Registration:
        row = _begun(actor, partner_id, public_id, seat)
        return _submit(actor, row, row.program, claim=claim, savepoint=savepoint)

    return _once_more(attempt)


def submit_registration(
    *, actor: Actor, registration: Registration, expected_version: int | None = None
) -> Registration:
    """Submit a draft and screen it in the same transaction: approved, in review, or a duplicate.

    The claim time is now, once and for all. What the partner is told does not depend on what was found.
    Raises ``NotAllowed``, ``Clash`` when it was submitted before, ``FieldErrors`` when something is missing
    or wrong, ``Stale``.
    """

    def attempt() -> Registration:
        row = locked(registration)
        check_move(row, Move.SUBMIT, actor)
        return _submit(actor, row, program_in_force(), expected_version=expected_version)

    return _once_more(attempt)


def _once_more(attempt: Callable[[], Registration]) -> Registration:
    """Make the attempt, and a second one when a protection began on the account while the first was screened.

    The second screening sees that protection, so that the claim waits for a person like any other that came
    later. Without a savepoint there is no second one: the caller's transaction went with the first.
    """
    try:
        return attempt()
    except Clash as refusal:
        if refusal.code not in MET or connection.needs_rollback:
            raise
    return attempt()


def _submit(
    actor: Actor,
    row: Registration,
    program: Program,
    *,
    claim: Claim | None = None,
    expected_version: int | None = None,
    savepoint: bool = True,
) -> Registration:
    """Screen and settle; all that is written is rolled back when something refuses it.

    ``claim`` fills in a row that was only begun.
    """
    with (
        refusals_in_words(),
        whole_program("screening a claim must see rivals, accounts and the charter", savepoint=savepoint),
        together(),
    ):
        charter, offerings = charter_and_offerings()
        if claim is not None:
            fill(row, claim, program, offerings=offerings)
        if found := problems(claim_of(row), today=clock.today(program.timezone), complete=True):
            raise FieldErrors(found)
        row.terms = terms_of(charter)  # type: ignore[attr-defined] # whoever shows the row need not ask again
        moment = clock.now()
        row.claimed_at = moment
        row.benefit = charter.benefit
        content = {"claimed_at": moment, **content_of(row)}
        record_and_notify("registration.submitted", row, actor=actor, new=content)
        screening = screen(row, program=program, moment=moment, charter=charter)
        _settle(actor, row, screening, program, charter, moment, expected_version)
    return row


def _settle(
    actor: Actor,
    row: Registration,
    screening: Screening,
    program: Program,
    charter: Charter,
    moment: datetime,
    expected_version: int | None,
) -> None:
    """Act on what screening found."""
    if screening.duplicate_of is not None:
        close_as_duplicate(
            actor=actor,
            registration=row,
            first=screening.duplicate_of,
            program=program,
            moment=moment,
            expected_version=expected_version,
        )
        return
    due = deadline(moment, charter.decision_days, workweek(program))
    # What follows is the program's own act; the partner only asked.
    asker, actor = actor, Actor.system(program_id=actor.program_id, name="Screening", door=actor.door)
    if screening.needs_a_person:
        _put_to_a_person(actor, row, due, program, expected_version)
    else:
        account = screening.account or create_account(
            actor=actor, name=row.customer_name, website=row.website, country=row.country
        )
        approve(
            actor=actor,
            registration=row,
            account=account,
            reason=Reason.CLEAN,
            sentence=SENTENCES[Reason.CLEAN],
            program=program,
            charter=charter,
            moment=moment,
            expected_version=expected_version,
            no_opportunity_yet=screening.no_opportunity_yet,
        )
    if screening.findings:
        opened = open_conflicts(
            actor=actor, registration=row, findings=screening.findings, opened_at=moment, due_at=due
        )
        if screening.needs_a_person:
            why = "a claim to decide on"
            ask_to_decide(actor=asker, registration=row, conflicts=opened, charter=charter, why=why)


def _put_to_a_person(
    actor: Actor, row: Registration, due: datetime, program: Program, expected_version: int | None
) -> None:
    row.state = State.IN_REVIEW
    row.decision_due_at = due
    fields = ("state", "decision_due_at", "claimed_at", "benefit", "account")
    save_registration(row, *fields, expected_version=expected_version)
    record(
        "registration.in_review",
        row,
        actor=actor,
        old={"state": State.DRAFT},
        new={"state": State.IN_REVIEW, "decision_due_at": due},
        partner_id=row.partner_id,
        sentence="A person looks at it and answers by the time given.",
    )
    mark_registration(row, program=program)


def withdraw(
    *, actor: Actor, registration: Registration, expected_version: int | None = None
) -> Registration:
    """Take a claim back. Its protection ends, what stood against it is closed, its open opportunity is lost.

    Raises ``NotAllowed``, ``Clash`` when it is decided against or over, ``Stale``.
    """
    with transaction.atomic():
        row = locked(registration)
        check_move(row, Move.WITHDRAW, actor)
        old = {"state": row.state}
        undone = (*undo_change(row), *clear_question(row))
        row.state = State.WITHDRAWN
        row.save_fields("state", *undone, expected_version=expected_version)
        record(
            "registration.withdrawn",
            row,
            actor=actor,
            old=old,
            new={"state": State.WITHDRAWN},
            partner_id=row.partner_id,
        )
        with whole_program("withdrawing closes conflicts and stage history, which partners never see"):
            program = program_in_force()
            Conflict.objects.filter(registration=row, closed_at__isnull=True).update(closed_at=clock.now())
            end_protection(row)
            if row.opportunity_id is not None:
                drop_opportunity(actor=actor, opportunity_id=row.opportunity_id, program=program)
            mark_registration(row, program=program)
        return row


def _claimant(actor: Actor, partner_id: int | None, seat: Seat | None) -> tuple[Partner, Seat | None]:
    """The partner claimed for, and the seat of its person; none when staff or a job does it."""
    if not actor.is_partner:
        seat = None
    elif seat is None:
        seats = Seat.objects.filter(user_id=actor.user_id or 0, ended_at__isnull=True)
        seat = seats.select_related("partner").first()
    partner, wanted = seat.partner if seat else None, actor.partner_id or partner_id
    if wanted is None:
        raise RuleBroken("partner", "For which partner is this registration?", field="partner")
    if partner is None:
        partner = Partner.objects.filter(pk=wanted).first()
    if partner is None:
        raise NotFound("There is no such partner.")
    if partner.status == PartnerStatus.ENDED:
        raise RuleBroken(
            "partner_ended", "The partnership has ended, so no new deals can be registered.", field="partner"
        )
    return partner, seat
