"""Words for what the ledger and the charter hold as codes."""

from django import template

from partners.core.actor import Role

register = template.Library()

_ACTS = {
    "registration.drafted": "Draft begun",
    "registration.edited": "Draft changed",
    "registration.submitted": "Registered",
    "registration.approved": "Approved",
    "registration.in_review": "Given to a person",
    "registration.duplicate": "Closed as a duplicate",
    "registration.declined": "Declined",
    "registration.withdrawn": "Withdrawn",
    "registration.expired": "Protection ended",
    "registration.won": "Won",
    "registration.lost": "Lost",
    "lead.taken_down": "Taken down",
    "lead.given": "Given",
    "lead.changed": "Changed",
    "lead.routed": "Offered",
    "lead.offered": "Offered",
    "lead.accepted": "Accepted",
    "lead.opened": "Opened to the partner",
    "lead.declined": "Declined",
    "lead.expired": "Not answered in time",
    "lead.withdrawn": "Offer taken back",
    "lead.freed": "Free again",
    "lead.closed": "Given up",
    "conflict.opened": "Conflict found",
    "ruling.given": "Ruling",
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
