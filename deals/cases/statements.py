"""Statements on a case: asked for by a link that works once, or given on the case page; dated and kept.

A link is forwarded easily, so what stands behind it says as little as will do: the customer, the question and
who asks. It never names a partner.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from deals.cases.access import statement_program
from deals.models import Conflict, Registration, Statement
from deals.rules.lifecycle import State
from deals.rules.sentences import named_in
from partners.core import clock
from partners.core.actor import Actor, Door
from partners.core.errors import Clash, FieldErrors, NotFound, RuleBroken
from partners.core.jobs import wake
from partners.core.scope import program_scope
from partners.core.text import clean_text
from partners.models import Partner, Program
from partners.selectors import program_in_force
from partners.services.ledger import record
from partners.services.mail import claim, mail_link, owed
from partners.services.rights import require
from partners.services.tokens import digest_of

OPEN_FOR = timedelta(days=14)
TEXT_LENGTH = 4000
QUESTION_LENGTH = 1000
MOST_OPEN = 10
_UNKNOWN = "This link is not known. Copy the whole address from the e-mail, or ask for a new one."


def ask_statement(
    *, actor: Actor, registration: Registration, name: str, email: str, question: str
) -> Statement:
    """Ask somebody who knows the account; a job mails the link after commit, and it works for 14 days.

    Raises ``NotAllowed``, ``FieldErrors`` (also when the question names a partner), and ``Clash`` when the
    case is decided, the person was asked already, or too many links are open.
    """
    require(actor, "conflicts.rule")
    name, email, question = clean_text(name), clean_text(email).lower(), clean_text(question)
    errors = _wrong(name, email, question, registration)
    if errors:
        raise FieldErrors(errors)
    with transaction.atomic():
        row = Registration.objects.select_for_update(no_key=True).get(pk=registration.pk)
        _still_weighed(row)
        moment = clock.now()
        waiting = Statement.objects.filter(
            registration=row, given_at__isnull=True, revoked_at__isnull=True, expires_at__gt=moment
        )
        if waiting.filter(email=email).exists():
            raise Clash("asked", "This person was asked and has not answered yet.", field="email")
        if waiting.count() >= MOST_OPEN:
            raise Clash("too_many", f"At most {MOST_OPEN} people are asked at once. Take a question back.")
        statement = Statement.objects.create(
            program_id=actor.program_id,
            registration=row,
            name=name,
            email=email,
            question=question,
            asked_by=actor.name[:120],
            asked_at=moment,
            expires_at=moment + OPEN_FOR,
        )
        record("statement.asked", statement, actor=actor, new=_about(statement), sentence=question)
        wake("deals.send_statement", program_id=actor.program_id, statement_id=statement.pk)
    return statement


def give_statement(*, actor: Actor, registration: Registration, text: str) -> Statement:
    """Put one's own word on record, as staff. The caller has found that the actor may see the case.

    Raises ``NotAllowed``, ``RuleBroken`` without text or with too much, ``Clash`` when the case is decided.
    """
    require(actor, "conflicts.view")
    text = _said(text)
    with transaction.atomic():
        row = Registration.objects.select_for_update(no_key=True).get(pk=registration.pk)
        _still_weighed(row)
        statement = Statement.objects.create(
            program_id=actor.program_id,
            registration=row,
            name=actor.name[:120],
            text=text,
            given_at=clock.now(),
            given_by_id=actor.user_id,
        )
        record("statement.given", statement, actor=actor, new=_about(statement), sentence=text)
    return statement


def revoke_statement(*, actor: Actor, registration: Registration, public_id: str) -> Statement:
    """Take a question back; its link stops working at once. Raises ``NotAllowed``, ``NotFound``, ``Clash``
    when it is answered or taken back already."""
    require(actor, "conflicts.rule")
    with transaction.atomic():
        rows = Statement.objects.select_for_update(of=["self"]).filter(registration=registration)
        row = rows.filter(public_id=public_id).first()
        if row is None or row.asked_at is None:
            raise NotFound("There is no such question.")
        if row.given_at is not None:
            raise Clash("given", "This statement is given; it stays on record.")
        if row.revoked_at is not None:
            raise Clash("revoked", "This question was taken back already.")
        row.revoked_at = clock.now()
        row.save(update_fields=["revoked_at"])
        record("statement.revoked", row, actor=actor, old={"email": row.email}, new=_about(row))
    return row


def owed_statements() -> list[int]:
    """Ids of questions whose mail is owed and may be tried now."""
    rows = Statement.objects.filter(
        asked_at__isnull=False,
        given_at__isnull=True,
        revoked_at__isnull=True,
        expires_at__gt=clock.now(),
    )
    return list(owed(rows).values_list("pk", flat=True)[:100])


def send_statement(*, program_id: int, statement_id: int, site: str) -> bool:
    """Make the link and mail it. True when sent; what fails is tried again by the sweep.

    ``site`` is the address the link begins with.
    """
    secret = secrets.token_urlsafe(32)
    with program_scope(program_id):
        found = Statement.objects.select_for_update(of=["self"], skip_locked=True).filter(pk=statement_id)
        row = found.filter(given_at__isnull=True, revoked_at__isnull=True).first()
        if row is None or row.asked_at is None:
            return False
        row.digest = digest_of(secret)
        if not claim(row, "digest"):
            return False
        program = program_in_force()
        customer = customer_of(row)
    link = f"{site}/statements/{secret}/"
    return mail_link(
        row,
        program_id=program_id,
        to=row.email,
        digest=row.digest,
        subject=f"{row.asked_by} asks you about {customer}",
        template="deals/mail/statement.txt",
        words={"statement": row, "program": program, "customer": customer, "link": link},
    )


@dataclass(frozen=True, slots=True)
class Question:
    """What the holder of a link sees. ``until`` is UTC."""

    program: Program
    customer: str
    name: str
    asked_by: str
    question: str
    until: datetime


def read_question(*, secret: str) -> Question:
    """What a link asks. Raises ``NotFound`` or ``Clash`` with the sentence to show."""
    digest = digest_of(secret)
    with program_scope(_program_of(digest)):
        row = _usable(Statement.objects.select_related("registration__account").filter(digest=digest).first())
        return Question(
            program=program_in_force(),
            customer=customer_of(row),
            name=row.name,
            asked_by=row.asked_by,
            question=row.question,
            until=row.expires_at or clock.now(),
        )


def answer_by_link(*, secret: str, text: str) -> Statement:
    """Give the one statement a link is good for. Raises ``NotFound``, ``Clash``, ``RuleBroken``."""
    digest = digest_of(secret)
    with program_scope(_program_of(digest)):
        # The lock lets one of two clicks through; the other then reads "given".
        found = Statement.objects.select_for_update(of=["self"]).select_related("registration")
        row = _usable(found.filter(digest=digest).first())
        row.text, row.given_at = _said(text), clock.now()
        row.save(update_fields=["text", "given_at"])
        actor = Actor.system(program_id=row.program_id, name=f"{row.name}, by link"[:120], door=Door.SCREEN)
        record("statement.given", row, actor=actor, new=_about(row), sentence=row.text)
    return row


def customer_of(statement: Statement) -> str:
    """The customer a statement is about, as we know them; as claimed while nobody is certain."""
    account = statement.registration.account
    return account.name if account else statement.registration.customer_name


def _wrong(name: str, email: str, question: str, registration: Registration) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not name or len(name) > 120:
        errors["name"] = ["Say in 1 to 120 characters who it is."]
    try:
        validate_email(email)
    except ValidationError:
        errors["email"] = ["Give an e-mail address, such as ada@example.com."]
    if len(email) > 254:
        errors["email"] = ["This address is longer than addresses can be."]
    if not question:
        errors["question"] = ["What would you like to know? One question is enough."]
    elif len(question) > QUESTION_LENGTH:
        errors["question"] = [f"At most {QUESTION_LENGTH:,} characters; this has {len(question):,}."]
    else:
        names = list(Partner.objects.values_list("name", flat=True))
        named = named_in(question, names, allowed=registration.customer_name)
        if named:
            errors["question"] = [f"Mails are forwarded: leave the name of {named} out."]
    return errors


def _still_weighed(row: Registration) -> None:
    """A case is weighed while it is reviewed, and while something that came up later waits for a ruling."""
    if row.state in (State.IN_REVIEW, State.NEEDS_INFO):
        return
    if not Conflict.objects.filter(registration=row, closed_at__isnull=True).exists():
        raise Clash("decided", "This case is decided; a statement would come too late.")


def _said(text: str) -> str:
    text = clean_text(text)
    if not text:
        raise RuleBroken("text", "Write what you know; one sentence is enough.", field="text")
    if len(text) > TEXT_LENGTH:
        raise RuleBroken("text", f"At most {TEXT_LENGTH:,} characters; this has {len(text):,}.", field="text")
    return text


def _program_of(digest: str) -> int:
    program_id = statement_program(digest)
    if program_id is None:
        raise NotFound(_UNKNOWN)
    return program_id


def _usable(row: Statement | None) -> Statement:
    """Raise what the holder is told when the link is no longer good."""
    if row is None:
        raise NotFound(_UNKNOWN)
    if row.given_at is not None:
        raise Clash("given", "This question was answered already. Thank you.")
    if row.revoked_at is not None:
        raise Clash("revoked", f"This question was taken back. Ask {row.asked_by} if you still have a say.")
    if row.expires_at is None or row.expires_at <= clock.now():
        raise Clash("expired", f"This link has expired. Ask {row.asked_by} for a new one.")
    _still_weighed(row.registration)
    return row


def _about(statement: Statement) -> dict[str, str]:
    return {
        "registration": statement.registration.public_id,
        "name": statement.name,
        "email": statement.email,
    }
