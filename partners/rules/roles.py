"""Who may do what: one table of permission × role. Screens, portal, API and navigation read the same one."""

from partners.core.actor import PARTNER_ROLES, STAFF_ROLES, Role

LEADER, MANAGER, OPS, REP = Role.LEADER, Role.PARTNER_MANAGER, Role.SALES_OPS, Role.REP
WORKERS = frozenset({LEADER, MANAGER, OPS})

PERMISSIONS: dict[str, frozenset[Role]] = {
    # The sponsor reads the program and its report, not the working lists (R12).
    "program.view": STAFF_ROLES,
    "program.edit": frozenset({LEADER}),
    "people.view": frozenset({LEADER, MANAGER, OPS}),
    "people.invite": frozenset({LEADER}),
    "people.invite_partner": frozenset({LEADER, MANAGER}),
    "tokens.own": STAFF_ROLES | PARTNER_ROLES,
    # One's own link, and those of whoever one may invite.
    "links.make": frozenset({LEADER, MANAGER}) | PARTNER_ROLES,
    "notices.own": STAFF_ROLES | PARTNER_ROLES,
    "months.close": frozenset({LEADER}),
    "pipeline.view": STAFF_ROLES,
    "partners.view": frozenset({LEADER, MANAGER, OPS, Role.SPONSOR}),
    "partners.edit": frozenset({LEADER, MANAGER}),
    "requests.view": WORKERS,
    "reviews.view": frozenset({LEADER, MANAGER}),
    "activities.view": frozenset({LEADER, MANAGER, OPS}),
    "activities.log": frozenset({LEADER, MANAGER, OPS}),
    "accounts.view": WORKERS | {REP},
    "accounts.check": WORKERS,
    "accounts.edit": frozenset({LEADER, OPS}),
    "files.import": frozenset({LEADER, OPS, MANAGER}),
    "opportunities.view": WORKERS | {REP},
    "opportunities.edit": frozenset({LEADER, OPS}),
    "opportunities.open": frozenset({LEADER, OPS, REP}),
    "touches.log": WORKERS | {REP},
    "choices.record": WORKERS,
    "registrations.view": WORKERS,
    "registrations.register": frozenset({LEADER, MANAGER}),
    "conflicts.view": WORKERS | {REP},
    "conflicts.raise": WORKERS | {REP},
    # The charter's authority table narrows this further, per kind of conflict.
    "conflicts.rule": frozenset({LEADER, MANAGER, OPS}),
    "fairness.view": WORKERS,
    "leads.view": WORKERS,
    "leads.edit": WORKERS,
    "plans.view": WORKERS | {Role.SPONSOR},
    "plans.edit": frozenset({LEADER, MANAGER}),
    "portal.view": PARTNER_ROLES,
    "portal.register": PARTNER_ROLES,
    "portal.leads": PARTNER_ROLES,
    "portal.plan": PARTNER_ROLES,
    # Agreeing binds the partner; a seller reads the plan and the partner's admin signs it.
    "portal.agree": frozenset({Role.PARTNER_ADMIN}),
    "portal.invite": frozenset({Role.PARTNER_ADMIN}),
}


def may(role: Role, permission: str) -> bool:
    """Whether ``role`` holds ``permission``. A system job holds all; an unknown name raises ``KeyError``."""
    holders = PERMISSIONS[permission]
    return role is Role.SYSTEM or role in holders
