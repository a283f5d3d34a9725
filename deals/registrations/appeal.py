"""Appeals: a no is looked at once more, by whom the charter names for it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from deals.common.calendar import workweek
from deals.common.guards import check_move, check_possible, locked, refusals_in_words, required_text
from deals.common.notify import ask_to_decide
from deals.models import Conflict, Registration, Ruling
from deals.registrations.approve import mark_registration
from deals.rules.clock import deadline
from deals.rules.lifecycle import ConflictKind, Move, Reason, Review, Severity, State
from deals.rules.reviews import APPEAL_RULE
from deals.rules.sentences import SENTENCES
from deals.screening.rules.standing import Fact
from deals.screening.screen import screen
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash
from partners.core.scope import whole_program
from partners.models import Charter, Program
from partners.selectors import charter_in_force, program_in_force
from partners.services.ledger import record

APPEAL_LENGTH = 4000


def appeal(
    *, actor: Actor, registration: Registration, text: str, expected_version: int | None = None
) -> Registration:
    """Have a declined or revoked registration looked at again, with what the partner says to it.

    Once, and within the days of the charter. The claim time stays; a new deadline runs. Raises
    ``NotAllowed``, ``Clash`` (too late, done before, registered again meanwhile), ``RuleBroken``, ``Stale``.
    """
    with refusals_in_words(), transaction.atomic():
        row = locked(registration)
        check_move(row, Move.APPEAL, actor)
        missing = "What should we know that we did not? Say why the answer should be another."
        text = required_text("text", text, longest=APPEAL_LENGTH, missing=missing)
        with whole_program("an appeal is put before staff with what stood and stands against the claim"):
            charter, program, moment = charter_in_force(), program_in_force(), clock.now()
            check_possible(row, Move.APPEAL, actor, charter)
            mark_registration(row, program=program)
            _put_before_a_person(actor, row, text, charter, program, moment, expected_version)
        return row


def _put_before_a_person(
    actor: Actor,
    row: Registration,
    text: str,
    charter: Charter,
    program: Program,
    moment: datetime,
    expected_version: int | None,
) -> None:
    evidence = [*_said_before(row, actor, text, moment), *_stands_now(row, program, moment)]
    old = {"state": row.state, "reason": row.reason}
    row.state, row.reviewed_for, row.appealed_at = State.IN_REVIEW, Review.APPEAL, moment
    row.decision_due_at = deadline(moment, charter.decision_days, workweek(program))
    row.save_fields(
        "state",
        "reviewed_for",
        "appealed_at",
        "decision_due_at",
        "account",
        expected_version=expected_version,
    )
    record(
        "registration.appealed",
        row,
        actor=actor,
        old=old,
        new={"state": row.state, "decision_due_at": row.decision_due_at},
        partner_id=row.partner_id,
        sentence=text,
    )
    conflict = Conflict.objects.create(
        program_id=row.program_id,
        registration=row,
        account_id=row.account_id or _weighed(row),
        kind=ConflictKind.APPEAL,
        severity=Severity.REVIEW,
        rule=APPEAL_RULE,
        evidence=evidence,
        opened_at=moment,
        due_at=row.decision_due_at,
        key="appeal",
    )
    new = {"kind": conflict.kind, "severity": conflict.severity, "registration": row.public_id}
    record("conflict.opened", conflict, actor=actor, sentence=str(conflict.get_kind_display()), new=new)
    ask_to_decide(
        actor=actor, registration=row, conflicts=[conflict], charter=charter, why="an appeal to decide on"
    )


def _said_before(row: Registration, actor: Actor, text: str, moment: datetime) -> list[dict[str, Any]]:
    """The partner's words, the decision they are against, and what that rested on."""
    facts = [Fact(f"{actor.name} for {row.partner.name}: {text}", moment, "registration", row.public_id)]
    ruling = Ruling.objects.filter(registration=row).order_by("-decided_at", "-pk").first()
    if row.state == State.DECLINED and ruling is not None:
        by = f"{ruling.decided_by_name}, {ruling.get_reason_display().lower()}"
        facts.append(Fact(f"Declined by {by}: {ruling.note}", ruling.decided_at, "ruling", ruling.public_id))
    else:
        said_then = f"{row.get_state_display()}, {row.get_reason_display().lower()}: {row.sentence}"
        facts.append(Fact(said_then, row.decided_at, "registration", row.public_id))
    earlier = Conflict.objects.filter(registration=row, ruling=ruling) if ruling else Conflict.objects.none()
    told = [fact for conflict in earlier.order_by("pk") for fact in conflict.evidence]
    return [*(fact.as_json() for fact in facts), *told]


def _stands_now(row: Registration, program: Program, moment: datetime) -> list[dict[str, Any]]:
    """What screening finds today. An account that was certain stays the registration's."""
    account = row.account
    screening = screen(row, program=program, moment=moment)
    if screening.duplicate_of is not None:
        first = screening.duplicate_of.public_id
        raise Clash("registered_again", SENTENCES[Reason.SAME_PARTNER], extra={"registration": first})
    row.account = account or screening.account
    return [fact.as_json() for finding in screening.findings for fact in finding.facts]


def _weighed(row: Registration) -> int | None:
    """The account the claim was possibly about, where nobody was certain."""
    earlier = Conflict.objects.filter(registration=row, account__isnull=False).order_by("-score", "pk")
    return earlier.values_list("account_id", flat=True).first()
