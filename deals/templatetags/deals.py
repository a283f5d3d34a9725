"""Words for what the ledger and the charter hold as codes."""

from django import template

from deals.matching.countries import read_country
from partners.core.actor import Role

register = template.Library()

_ACTS = {
    "registration.drafted": "Draft created",
    "registration.edited": "Draft changed",
    "registration.submitted": "Registered",
    "registration.approved": "Approved",
    "registration.in_review": "Sent for review",
    "registration.duplicate": "Closed as a duplicate",
    "registration.declined": "Declined",
    "registration.withdrawn": "Withdrawn",
    "registration.expired": "Protection ended",
    "registration.won": "Won",
    "registration.lost": "Lost",
    "registration.reopened": "Reopened",
    "registration.passed_on": "Continued",
    "registration.reminded": "Expiry reminder",
    "registration.progress_asked": "Status update requested",
    "registration.asked": "Returned for information",
    "registration.answered": "Answered",
    "registration.screened": "Screened again",
    "registration.appealed": "Appealed",
    "registration.reported": "Status update",
    "registration.extension_asked": "Extension requested",
    "registration.extended": "Protection extended",
    "registration.extension_refused": "Extension declined",
    "registration.changed": "Changed",
    "registration.change_refused": "Change not accepted",
    "registration.change_taken_back": "Change withdrawn",
    "registration.revoked": "Revoked",
    "registration.revoked_because": "Revoked, for the record",
    "registration.benefit_said": "Benefit feedback",
    "lead.taken_down": "Created",
    "lead.given": "Given",
    "lead.changed": "Changed",
    "lead.routed": "Offered",
    "lead.offered": "Offered",
    "lead.accepted": "Accepted",
    "lead.opened": "Opened to the partner",
    "lead.declined": "Declined",
    "lead.expired": "Not answered in time",
    "lead.withdrawn": "Offer withdrawn",
    "lead.freed": "Available again",
    "lead.closed": "Given up",
    "conflict.opened": "Conflict found",
    "conflict.escalated": "Deadline near",
    "conflict.missed": "Deadline missed",
    "ruling.given": "Ruling",
    "ruling.corrected": "Ruling corrected",
    "registration.told": "Other party notified",
    "registration.ruled": "Decided",
    "registration.ruling_corrected": "Ruling corrected",
    "statement.asked": "Asked for a statement",
    "statement.given": "Statement",
    "statement.revoked": "Request withdrawn",
    "opportunity.credited": "Credit changed",
}
_TONES = {
    "registration.approved": "good",
    "lead.accepted": "good",
    "lead.declined": "bad",
    "lead.expired": "warn",
    "registration.won": "good",
    "registration.in_review": "warn",
    "conflict.opened": "warn",
    "registration.declined": "bad",
    "registration.expired": "warn",
    "registration.asked": "warn",
    "registration.extended": "good",
    "registration.extension_refused": "warn",
    "registration.change_refused": "warn",
    "registration.revoked": "bad",
}


@register.filter
def act(verb: str) -> str:
    """``registration.approved`` as a person says it; the code itself when it has no words yet."""
    return _ACTS.get(verb, verb.replace(".", " ").replace("_", " ").capitalize())


@register.filter
def act_tone(verb: str) -> str:
    """The tone of an act in a timeline, or ""."""
    return _TONES.get(verb, "")


@register.filter
def role_label(role: str) -> str:
    """``sales_ops`` as *Sales ops*."""
    return str(Role(role).label) if role in Role else role


@register.filter
def country_read(text: str) -> str:
    """A country as somebody wrote it, by the name it was read as: *Deutschland* as *Germany*."""
    if not text:
        return ""
    return read_country(text).name or f"“{text}”, no country we know"


@register.filter
def rest(share: int) -> int:
    """What is left of 100 percent."""
    return 100 - share


@register.filter
def last_fact(evidence: list[dict[str, str]]) -> str:
    """The most telling fact of a conflict: the last, after what is said of the account itself."""
    return evidence[-1]["fact"].rstrip(".") if evidence else ""
