"""How long a text may be. Forms, services and the API read the same numbers."""

LIMITS = {
    "purpose": 2000,
    "why_call_us": 2000,
    "what": 300,
    "owner_name": 120,
    "name": 200,
    "proves": 300,
    "proof": 4000,
    "proof_link": 500,
    "said": 8000,
    "agreed": 8000,
    "reason": 2000,
}


# What an act in the ledger is called on a page.
ACTS = {
    "plan.drafted": "Plan begun",
    "plan.changed": "Terms changed",
    "plan.quota_answered": "Quota question answered",
    "plan.proposed": "Proposed",
    "plan.signed": "Signed",
    "plan.agreed": "Agreed by both sides",
    "plan.ready": "Ready: every step proven",
    "plan.closed": "Closed",
    "commitment.made": "Promise made",
    "commitment.changed": "Promise changed",
    "commitment.dropped": "Promise dropped",
    "commitment.kept": "Promise kept",
    "commitment.broken": "Promise broken",
    "milestone.added": "Step added",
    "milestone.changed": "Step changed",
    "milestone.dropped": "Step dropped",
    "milestone.proven": "Step proven",
    "check_in.held": "Check-in",
}


def too_long(field: str, text: str) -> str | None:
    """The sentence for a text that is longer than its field takes, or None."""
    if len(text) <= LIMITS[field]:
        return None
    return f"This is {len(text):,} characters; {LIMITS[field]:,} fit. Shorten it."
