"""Charters: what was agreed. A change is a new version; no version is ever edited."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from partners.core import clock
from partners.core.actor import Actor, Role
from partners.core.errors import FieldErrors, Stale
from partners.core.text import clean_text
from partners.models import Charter
from partners.selectors import charter_in_force
from partners.services.ledger import record
from partners.services.rights import require

TERMS = (
    "origin",
    "origin_evidence",
    "sponsor",
    "authority",
    "rules_of_engagement",
    "benefit",
    "decision_days",
    "protection_days",
    "extension_days",
    "extensions_by_rule",
    "keepalive_days",
    "answer_days",
    "appeal_days",
    "notice_days",
    "comp_redesigned_on",
    "comp_rate_direct",
    "comp_rate_partner",
    "comp_note",
    "hourly_cost",
    "ramp_months",
    "evaluation_months",
    "sourced_definition",
)
RULERS = (Role.LEADER, Role.PARTNER_MANAGER, Role.SALES_OPS)
_LONGEST_TEXT = 8000


def terms_of(charter: Charter) -> dict[str, Any]:
    """What a charter says, by field."""
    return {name: getattr(charter, name) for name in TERMS}


def _check(charter: Charter) -> None:
    errors: dict[str, list[str]] = {}
    try:
        charter.full_clean(exclude=["program", "public_id", "number"], validate_unique=False)
    except ValidationError as error:
        errors = {name: list(texts) for name, texts in error.message_dict.items()}
    for name in ("origin_evidence", "rules_of_engagement", "benefit", "sourced_definition", "comp_note"):
        if len(getattr(charter, name)) > _LONGEST_TEXT:
            errors[name] = ["Use at most 8,000 characters."]
    rulers = {role.value for role in RULERS}
    table = charter.authority
    if not isinstance(table, dict) or "*" not in table or not set(table.values()) <= rulers:
        errors["authority"] = [
            "Say for every kind of conflict which role rules: leader, manager or sales ops."
        ]
    if errors:
        raise FieldErrors(errors)


@transaction.atomic
def sign_charter(*, actor: Actor, expected_number: int, **terms: Any) -> Charter:
    """Put a new version in force: the present one with ``terms`` changed; nothing when nothing differs.

    ``expected_number`` is the version the leader saw. Raises ``NotAllowed``, ``FieldErrors``, ``Stale``.
    """
    require(actor, "program.edit")
    present = charter_in_force()
    if present.number != expected_number:
        raise Stale
    old = terms_of(present)
    clean = {name: clean_text(value) if isinstance(value, str) else value for name, value in terms.items()}
    changed = {name: value for name, value in clean.items() if old[name] != value}
    if not changed:
        return present
    charter = Charter(
        program_id=actor.program_id,
        number=present.number + 1,
        signed_by=actor.name[:120],
        signed_at=clock.now(),
        **{**old, **changed},
    )
    _check(charter)
    try:
        with transaction.atomic():
            charter.save(force_insert=True)
    except IntegrityError as error:  # somebody signed the same number a moment ago
        raise Stale from error
    record(
        "charter.signed",
        charter,
        actor=actor,
        old={name: old[name] for name in changed},
        new={"number": charter.number, **changed},
    )
    return charter
