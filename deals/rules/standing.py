"""What stands against a claim: kinds of conflict, how hard each stands, and the rule in words. Pure.

Nothing here is ever shown to a partner.
"""

from dataclasses import dataclass, field
from datetime import datetime

from deals.rules.lifecycle import ConflictKind, Severity

RULES: dict[ConflictKind, str] = {
    ConflictKind.POSSIBLE_ACCOUNT: (
        "When the customer may be an account we know, a person says whether it is before it is approved."
    ),
    ConflictKind.EXISTING_CUSTOMER: "Who buys from us already is no new customer; a person decides.",
    ConflictKind.OPEN_OPPORTUNITY: (
        "An opportunity that was open on the account before the claim is weighed against the partner's work."
    ),
    ConflictKind.NAMED_ACCOUNT: "Named and house accounts are for direct sales unless a person says no.",
    ConflictKind.PROTECTED: "While a partner is protected on an account and offering, no other is approved.",
    ConflictKind.EARLIER_CLAIM: "Of two claims on one account and offering, the earlier is decided first.",
}

# The order in which they are shown: what blocks hardest first, doubt about the account last.
GRAVITY: tuple[ConflictKind, ...] = (
    ConflictKind.PROTECTED,
    ConflictKind.EXISTING_CUSTOMER,
    ConflictKind.NAMED_ACCOUNT,
    ConflictKind.OPEN_OPPORTUNITY,
    ConflictKind.EARLIER_CLAIM,
    ConflictKind.POSSIBLE_ACCOUNT,
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of evidence: a sentence, when it came about (None if not on record), and the row behind it."""

    fact: str
    at: datetime | None
    kind: str
    id: str

    def as_json(self) -> dict[str, str | None]:
        """As it is kept on the conflict."""
        at = self.at.isoformat() if self.at else None
        return {"fact": self.fact, "at": at, "kind": self.kind, "id": self.id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that stands against a claim. Ids are database ids of rows in the program."""

    kind: ConflictKind
    severity: Severity
    account_id: int
    score: float | None = None
    rival_registration_id: int | None = None
    rival_opportunity_id: int | None = None
    facts: tuple[Fact, ...] = field(default=())

    @property
    def rule(self) -> str:
        """Why it counts."""
        return RULES[self.kind]


def needs_a_person(findings: list[Finding]) -> bool:
    """Whether anything found is more than a note for the record."""
    return any(finding.severity is not Severity.NOTE for finding in findings)


def in_order(findings: list[Finding]) -> list[Finding]:
    """Gravest first."""
    return sorted(
        findings, key=lambda finding: (finding.severity is Severity.NOTE, GRAVITY.index(finding.kind))
    )
