"""What stands against a claim: kinds of conflict, how hard each stands, and the rule in words. Pure.

Nothing here is ever shown to a partner.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

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
    ConflictKind.CUSTOMER_CHOICE: "Whom the customer chose in writing comes first.",
    ConflictKind.ENGAGEMENT: "The program's rules of engagement say who sells to which customers.",
    ConflictKind.COVERAGE: "A claim outside what the partner covers is noted; a rule may ask for a look.",
    ConflictKind.LATE: (
        "A deal that was on its way without the partner counts as influenced or fulfilled, never as sourced."
    ),
    ConflictKind.APPEAL: "A partner may ask once for a decision to be looked at again.",
    ConflictKind.CHANGE: "A change of customer, offering or amount after approval is looked at again.",
    ConflictKind.REP_OPPORTUNITY: (
        "While a partner's claim stands, our side opens nothing of its own on the account and offering."
    ),
    ConflictKind.SOURCE_CHANGED: "What came from a partner's registration stays the partner's until ruled.",
    ConflictKind.ROUTE_AROUND: "A deal a partner holds is not closed without that partner.",
    ConflictKind.COMPETING: "What a partner sells against us is looked at before we share a deal.",
    ConflictKind.EXCLUSIVITY: "Somebody may have been promised this customer alone.",
    ConflictKind.RAISED: "A person saw something that the rules do not see.",
}

# The order in which they are shown: what blocks hardest first, doubt about the account last.
GRAVITY: tuple[ConflictKind, ...] = (
    ConflictKind.CUSTOMER_CHOICE,
    ConflictKind.ROUTE_AROUND,
    ConflictKind.SOURCE_CHANGED,
    ConflictKind.REP_OPPORTUNITY,
    ConflictKind.PROTECTED,
    ConflictKind.EXISTING_CUSTOMER,
    ConflictKind.NAMED_ACCOUNT,
    ConflictKind.ENGAGEMENT,
    ConflictKind.OPEN_OPPORTUNITY,
    ConflictKind.EARLIER_CLAIM,
    ConflictKind.LATE,
    ConflictKind.EXCLUSIVITY,
    ConflictKind.COMPETING,
    ConflictKind.RAISED,
    ConflictKind.APPEAL,
    ConflictKind.CHANGE,
    ConflictKind.COVERAGE,
    ConflictKind.POSSIBLE_ACCOUNT,
)


class How(StrEnum):
    """The circumstances on which the severity of a kind depends."""

    ANY = "any"
    OURS = "ours"  # our own, for the same offering
    OTHER = "other"  # another's, or for another offering
    AGAINST = "against"  # speaks against the claim
    FOR = "for"  # speaks for the claim
    ASKED = "asked"  # a rule of engagement asks for a look


# How hard a thing stands in the way while the account is certain. Whatever is not here needs a look.
SEVERITIES: dict[tuple[ConflictKind, How], Severity] = {
    (ConflictKind.CUSTOMER_CHOICE, How.AGAINST): Severity.BLOCK,
    (ConflictKind.CUSTOMER_CHOICE, How.FOR): Severity.NOTE,
    (ConflictKind.PROTECTED, How.OURS): Severity.BLOCK,
    (ConflictKind.PROTECTED, How.OTHER): Severity.NOTE,
    (ConflictKind.EXISTING_CUSTOMER, How.ANY): Severity.BLOCK,
    (ConflictKind.NAMED_ACCOUNT, How.ANY): Severity.BLOCK,
    (ConflictKind.ENGAGEMENT, How.AGAINST): Severity.BLOCK,
    (ConflictKind.ENGAGEMENT, How.FOR): Severity.NOTE,
    (ConflictKind.OPEN_OPPORTUNITY, How.OURS): Severity.BLOCK,
    (ConflictKind.OPEN_OPPORTUNITY, How.OTHER): Severity.REVIEW,
    (ConflictKind.EARLIER_CLAIM, How.ANY): Severity.REVIEW,
    (ConflictKind.LATE, How.ANY): Severity.REVIEW,
    (ConflictKind.COVERAGE, How.ANY): Severity.NOTE,
    (ConflictKind.COVERAGE, How.ASKED): Severity.REVIEW,
    (ConflictKind.POSSIBLE_ACCOUNT, How.ANY): Severity.REVIEW,
    (ConflictKind.ROUTE_AROUND, How.ANY): Severity.BLOCK,
    (ConflictKind.SOURCE_CHANGED, How.ANY): Severity.BLOCK,
    (ConflictKind.REP_OPPORTUNITY, How.ANY): Severity.REVIEW,
}


def severity_of(kind: ConflictKind, how: How = How.ANY, *, sure: bool = True) -> Severity:
    """How hard it stands; what would block needs a look while the account is only possible."""
    severity = SEVERITIES.get((kind, how), Severity.REVIEW)
    return Severity.REVIEW if severity is Severity.BLOCK and not sure else severity


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of evidence: a sentence, when it came about (None if not on record), and the row behind it.

    ``who`` is the other side by name, where no row of the conflict says it: whom a customer chose, or a rule.
    """

    fact: str
    at: datetime | None
    kind: str
    id: str
    who: str = ""

    def as_json(self) -> dict[str, str | None]:
        """As it is kept on the conflict."""
        at = self.at.isoformat() if self.at else None
        kept: dict[str, str | None] = {"fact": self.fact, "at": at, "kind": self.kind, "id": self.id}
        return kept | {"who": self.who} if self.who else kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that stands against a claim, or speaks for it. Ids are database ids of rows in the program.

    ``account_id`` is None when the customer is not known yet. ``supports``: it only speaks for the claim.
    """

    kind: ConflictKind
    severity: Severity
    account_id: int | None
    score: float | None = None
    rival_registration_id: int | None = None
    rival_opportunity_id: int | None = None
    facts: tuple[Fact, ...] = field(default=())
    supports: bool = False

    @property
    def rule(self) -> str:
        """Why it counts."""
        return RULES[self.kind]


def needs_a_person(findings: list[Finding]) -> bool:
    """Whether anything found is more than a note for the record."""
    return any(finding.severity is not Severity.NOTE for finding in findings)


def in_order(findings: list[Finding]) -> list[Finding]:
    """Gravest first. What only speaks for a claim is left out when nothing speaks against it."""
    weighed = findings if needs_a_person(findings) else [found for found in findings if not found.supports]
    return sorted(
        weighed, key=lambda finding: (finding.severity is Severity.NOTE, GRAVITY.index(finding.kind))
    )
