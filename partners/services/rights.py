"""The last word before a write: the service asks for the permission again, whoever called it."""

from partners.core.actor import Actor
from partners.core.errors import NotAllowed
from partners.rules.roles import may


def require(actor: Actor, *permissions: str) -> None:
    """Raise ``NotAllowed`` unless the actor's role holds at least one of the permissions."""
    if not any(may(actor.role, permission) for permission in permissions):
        raise NotAllowed
