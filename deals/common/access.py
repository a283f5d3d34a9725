"""Who may rule on a conflict, by the charter."""

from partners.core.actor import Actor, Role
from partners.models import Charter
from partners.rules.roles import may


def rulers_of(kinds: set[str], charter: Charter) -> list[Role]:
    """The roles that, by the charter, may rule on these kinds together; the leader always may.

    One ruling closes everything that stands against a claim, so its role needs the authority for each kind;
    where the charter names different roles, only the leader is left.
    """
    named = {charter.ruler_of(kind) for kind in kinds} or {charter.ruler_of("*")}
    able = [Role(name) for name in named if name in Role and may(Role(name), "conflicts.rule")]
    alone = able if len(named) == 1 and len(able) == 1 else []
    return [*(role for role in alone if role is not Role.LEADER), Role.LEADER]


def may_rule(actor: Actor, kinds: set[str], charter: Charter) -> bool:
    """Whether the actor may rule on conflicts of these kinds."""
    return actor.role in rulers_of(kinds, charter)
