"""Conflicts that a person sees and the rules do not: raised by hand, with a type (R33)."""

from hashlib import blake2b

from django.db import transaction

from deals.common.calendar import decision_due
from deals.common.guards import locked, required_text
from deals.common.notify import ask_to_decide, kinds_in_words
from deals.models import Conflict, Registration
from deals.rules.lifecycle import LIVE, ConflictKind, State
from deals.screening.rules.standing import RULES, Fact, severity_of
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, RuleBroken
from partners.selectors import charter_in_force, program_in_force
from partners.services.ledger import mark_cells, record
from partners.services.rights import require

FLAG_LENGTH = 2000
RAISABLE = (ConflictKind.RAISED, ConflictKind.COMPETING, ConflictKind.EXCLUSIVITY)
_STANDS = LIVE | {State.WON}


def raise_conflict(*, actor: Actor, registration: Registration, kind: ConflictKind, text: str) -> Conflict:
    """Put before a ruler what somebody saw about a claim that stands. The partner is told nothing of it.

    Whose claims a direct rep may flag is for the caller to see to (``access_raisable``). Raises
    ``NotAllowed``, ``RuleBroken``, and ``Clash`` when the claim is over or the same was raised and is open.
    """
    require(actor, "conflicts.raise")
    words = required_text("text", text, longest=FLAG_LENGTH, missing="What did you see?")
    if kind not in RAISABLE:
        raise RuleBroken("kind", "This kind is found by the program itself.", field="kind")
    with transaction.atomic():
        claim = locked(registration)
        if claim.state not in _STANDS:
            raise Clash("over", f"This registration is {claim.get_state_display().lower()}.")
        moment, program, charter = clock.now(), program_in_force(), charter_in_force()
        key = f"{kind}:{blake2b(words.encode(), digest_size=16).hexdigest()}"
        if Conflict.objects.filter(registration=claim, key=key).exists():
            raise Clash("raised", "This was raised before.")
        undecided = claim.state in (State.IN_REVIEW, State.NEEDS_INFO) and claim.decision_due_at
        fact = Fact(f"{actor.name}: {words}", moment, "person", "")
        conflict = Conflict.objects.create(
            program_id=actor.program_id,
            registration=claim,
            account_id=claim.account_id,
            kind=kind,
            severity=severity_of(kind),
            rule=RULES[kind],
            evidence=[fact.as_json()],
            opened_at=moment,
            due_at=undecided or decision_due(program, charter, moment),
            key=key,
            raised_by=actor.name[:120],
        )
        record(
            "conflict.opened",
            conflict,
            actor=actor,
            sentence=str(conflict.get_kind_display()),
            new={"kind": kind, "registration": claim.public_id, "text": words},
        )
        mark_cells(actor.program_id, [(claim.partner_id, clock.today(program.timezone))])
        ask_to_decide(
            actor=actor,
            registration=claim,
            conflicts=[conflict],
            charter=charter,
            why=kinds_in_words([conflict]),
        )
        return conflict
