"""The life of a registration: one table of moves, read by services, buttons, API and tests (DESIGN §5)."""

from dataclasses import dataclass

from django.db.models import TextChoices

from partners.core.actor import Role


class State(TextChoices):
    """Where a registration stands."""

    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    NEEDS_INFO = "needs_info", "Returned for information"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"
    DUPLICATE = "duplicate", "Duplicate"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"
    REVOKED = "revoked", "Revoked"
    WON = "won", "Won"
    LOST = "lost", "Lost"


class Review(TextChoices):
    """What a registration in review is reviewed for."""

    CLAIM = "claim", "A new claim"
    APPEAL = "appeal", "An appeal"
    CHANGE = "change", "A change after approval"


class Move(TextChoices):
    """What can be done to a registration."""

    SUBMIT = "submit", "Submit"
    ASK = "ask", "Return for information"
    ANSWER = "answer", "Answer"
    APPROVE = "approve", "Approve"
    DECLINE = "decline", "Decline"
    APPEAL = "appeal", "Appeal"
    REPORT = "report", "Report progress"
    ASK_EXTENSION = "ask_extension", "Ask for an extension"
    EXTEND = "extend", "Decide on the extension"
    CHANGE = "change", "Change"
    TAKE_BACK = "take_back", "Withdraw the change"
    REVOKE = "revoke", "Revoke"
    WITHDRAW = "withdraw", "Withdraw"
    EXPIRE = "expire", "Expire"
    WIN = "win", "Mark won"
    LOSE = "lose", "Mark lost"
    REOPEN = "reopen", "Reopened"
    AGAIN = "again", "Register again"


@dataclass(frozen=True, slots=True)
class Rule:
    """From which states a move may start, where it may end, and whose move it is.

    From the states in ``by_clock`` only a job makes it: while the partner is asked, nobody declines.
    """

    sources: frozenset[State]
    targets: frozenset[State]
    roles: frozenset[Role]
    by_clock: frozenset[State] = frozenset()

    def open_to(self, role: Role, state: State) -> bool:
        """Whether the role may make the move from the state."""
        if role is Role.SYSTEM:
            return state in self.sources
        return role in self.roles and state in self.sources - self.by_clock


_PARTNER = frozenset({Role.PARTNER_ADMIN, Role.PARTNER_SELLER})
_FOR_PARTNER = _PARTNER | {Role.LEADER, Role.PARTNER_MANAGER}
_RULERS = frozenset({Role.LEADER, Role.PARTNER_MANAGER, Role.SALES_OPS})
_JOBS = frozenset({Role.SYSTEM})
_GOING_ON = frozenset({State.APPROVED, State.IN_REVIEW, State.NEEDS_INFO})


_ENDED = (
    State.DECLINED,
    State.DUPLICATE,
    State.WITHDRAWN,
    State.EXPIRED,
    State.REVOKED,
    State.LOST,
)


def _rule(roles: frozenset[Role], sources: set[State], *targets: State) -> Rule:
    return Rule(frozenset(sources), frozenset(targets), roles)


# "Submitted" of DESIGN §5 is not a resting place: screening ends in the transaction of the submission. What a
# review of a change declines, and what its partner takes back, is the change: the registration is approved
# again as it was.
MOVES: dict[Move, Rule] = {
    Move.SUBMIT: _rule(_FOR_PARTNER, {State.DRAFT}, State.APPROVED, State.IN_REVIEW, State.DUPLICATE),
    Move.ASK: _rule(_RULERS, {State.IN_REVIEW}, State.NEEDS_INFO),
    Move.ANSWER: _rule(_FOR_PARTNER, {State.NEEDS_INFO}, State.IN_REVIEW, State.APPROVED, State.DUPLICATE),
    Move.APPROVE: _rule(_RULERS, {State.IN_REVIEW}, State.APPROVED),
    Move.DECLINE: Rule(
        frozenset({State.IN_REVIEW, State.NEEDS_INFO}),
        frozenset({State.DECLINED, State.APPROVED}),
        _RULERS | _JOBS,
        by_clock=frozenset({State.NEEDS_INFO}),
    ),
    Move.APPEAL: _rule(_FOR_PARTNER, {State.DECLINED, State.REVOKED}, State.IN_REVIEW),
    Move.REPORT: _rule(_FOR_PARTNER, {State.APPROVED}, State.APPROVED),
    Move.ASK_EXTENSION: _rule(_FOR_PARTNER, {State.APPROVED}, State.APPROVED),
    Move.EXTEND: _rule(_RULERS | _JOBS, {State.APPROVED}, State.APPROVED),
    Move.CHANGE: _rule(_FOR_PARTNER, {State.APPROVED}, State.APPROVED, State.IN_REVIEW),
    Move.TAKE_BACK: _rule(_FOR_PARTNER, {State.IN_REVIEW, State.NEEDS_INFO}, State.APPROVED),
    Move.REVOKE: _rule(_RULERS | _JOBS, {State.APPROVED}, State.REVOKED),
    Move.WITHDRAW: _rule(
        _FOR_PARTNER,
        {State.DRAFT, State.IN_REVIEW, State.NEEDS_INFO, State.APPROVED},
        State.WITHDRAWN,
    ),
    Move.EXPIRE: _rule(_JOBS, {State.APPROVED}, State.EXPIRED),
    # What a person closed, only the CRM's file opens again or ends otherwise.
    Move.WIN: Rule(
        _GOING_ON | {State.LOST}, frozenset({State.WON}), _RULERS | _JOBS, by_clock=frozenset({State.LOST})
    ),
    Move.LOSE: Rule(
        _GOING_ON | {State.WON}, frozenset({State.LOST}), _RULERS | _JOBS, by_clock=frozenset({State.WON})
    ),
    Move.REOPEN: _rule(_JOBS, {State.WON, State.LOST}, State.APPROVED, State.EXPIRED),
    # A new draft is made from it; the claim itself stays as it ended.
    Move.AGAIN: _rule(_FOR_PARTNER, set(_ENDED), *_ENDED),
}


def moves_for(state: State, role: Role) -> list[Move]:
    """The moves a role may make now, in the order buttons are shown."""
    return [move for move, rule in MOVES.items() if rule.open_to(role, state)]


class Reason(TextChoices):
    """Coded reasons of a decision; a sentence for the partner goes with each (R118)."""

    CLEAN = "clean", "Nothing stands against it"
    PARTNER_FIRST = "partner_first", "The partner's work came first"
    CUSTOMER_CHOICE = "customer_choice", "The customer chose in writing"
    BOTH_WORKED = "both_worked", "Both sides worked on it"
    NOT_A_CONFLICT = "not_a_conflict", "A different customer or deal"
    EXISTING_CUSTOMER = "existing_customer", "Already a customer"
    OPEN_OPPORTUNITY = "open_opportunity", "Our own opportunity was open before"
    NAMED_ACCOUNT = "named_account", "A named or house account"
    EARLIER_CLAIM = "earlier_claim", "An earlier claim holds the account"
    SAME_PARTNER = "same_partner", "The partner's own earlier claim"
    TOO_LITTLE = "too_little", "Too little information"
    NOT_VIABLE = "not_viable", "Not a viable deal"
    PUBLIC_TENDER = "public_tender", "A public tender"
    OUT_OF_SCOPE = "out_of_scope", "Out of scope"
    NOT_AVAILABLE = "not_available", "Not open for registration"
    NO_ANSWER = "no_answer", "Our question was not answered"
    NO_PROGRESS = "no_progress", "No progress was reported"
    WRONG_CLAIM = "wrong_claim", "The claim was not what it said"
    CHANGE_REFUSED = "change_refused", "The change was not accepted"


APPROVING = frozenset({Reason.PARTNER_FIRST, Reason.CUSTOMER_CHOICE, Reason.NOT_A_CONFLICT})
# What credit is shared for.
SHARING = frozenset({Reason.BOTH_WORKED, Reason.CUSTOMER_CHOICE})
DECLINING = frozenset(Reason) - {
    Reason.CLEAN,
    Reason.PARTNER_FIRST,
    Reason.BOTH_WORKED,
    Reason.NOT_A_CONFLICT,
    Reason.SAME_PARTNER,
    Reason.NOT_AVAILABLE,
    Reason.NO_ANSWER,
    Reason.NO_PROGRESS,
}
REVOKING = frozenset(
    {Reason.NO_PROGRESS, Reason.WRONG_CLAIM, Reason.OUT_OF_SCOPE, Reason.CUSTOMER_CHOICE, Reason.NOT_VIABLE}
)
# Whatever stood in the way, the partner reads one and the same reason: a code of its own for an earlier claim
# would tell of a rival, and so would being the only one left out (R122). The ruling keeps the true one.
_TAKEN = frozenset(
    {Reason.EXISTING_CUSTOMER, Reason.OPEN_OPPORTUNITY, Reason.NAMED_ACCOUNT, Reason.EARLIER_CLAIM}
)


def shown_reason(reason: Reason) -> Reason:
    """The reason as its partner may read it."""
    return Reason.NOT_AVAILABLE if reason in _TAKEN else reason


# Claims in these states stand: a second one of the same partner for the same deal is a duplicate of them.
LIVE = frozenset({State.IN_REVIEW, State.NEEDS_INFO, State.APPROVED})


class ConflictKind(TextChoices):
    """What stands against a registration (DESIGN §5.2)."""

    POSSIBLE_ACCOUNT = "possible_account", "Possible duplicate account"
    EXISTING_CUSTOMER = "existing_customer", "Existing customer"
    OPEN_OPPORTUNITY = "open_opportunity", "Open opportunity of our own"
    NAMED_ACCOUNT = "named_account", "Named or house account"
    PROTECTED = "protected", "Another partner's protection"
    EARLIER_CLAIM = "earlier_claim", "Another partner's earlier claim"
    CUSTOMER_CHOICE = "customer_choice", "The customer's written choice"
    ENGAGEMENT = "engagement", "Rules of engagement"
    COVERAGE = "coverage", "Outside the partner's coverage"
    LATE = "late", "Registered late"
    APPEAL = "appeal", "Appeal"
    CHANGE = "change", "Changed after approval"
    REP_OPPORTUNITY = "rep_opportunity", "Direct deal opened during protection"
    SOURCE_CHANGED = "source_changed", "Source changed"
    ROUTE_AROUND = "route_around", "Closed without partner credit"
    COMPETING = "competing", "A competing product of the partner"
    EXCLUSIVITY = "exclusivity", "Exclusivity"
    RAISED = "raised", "Flagged manually"


# These come up after approval, when the vendor's side moves; ruling on them leaves the registration as it is.
LATER_KINDS = frozenset(
    {
        ConflictKind.REP_OPPORTUNITY,
        ConflictKind.SOURCE_CHANGED,
        ConflictKind.ROUTE_AROUND,
        ConflictKind.COMPETING,
        ConflictKind.EXCLUSIVITY,
        ConflictKind.RAISED,
    }
)


class Severity(TextChoices):
    """How hard a conflict stands in the way."""

    BLOCK = "block", "Blocks"
    REVIEW = "review", "Needs review"
    NOTE = "note", "Note"


class Outcome(TextChoices):
    """How a ruling ends."""

    UPHOLD_PARTNER = "uphold_partner", "Uphold the partner"
    UPHOLD_INCUMBENT = "uphold_incumbent", "Keep with current owner"
    SHARE = "share", "Share the credit"
    NOT_A_CONFLICT = "not_a_conflict", "Not a conflict"
    MERGE = "merge", "Same account: merge"
