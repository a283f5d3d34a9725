"""Who acts. Every write takes an ``Actor``; there is no default and no anonymous one."""

from dataclasses import dataclass

from django.db.models import TextChoices


class Role(TextChoices):
    """A person's place in a program. The last two belong to one partner."""

    LEADER = "leader", "Program leader"
    PARTNER_MANAGER = "partner_manager", "Partner manager"
    SALES_OPS = "sales_ops", "Sales ops"
    REP = "rep", "Direct rep"
    SPONSOR = "sponsor", "Sponsor"
    PARTNER_ADMIN = "partner_admin", "Partner admin"
    PARTNER_SELLER = "partner_seller", "Partner seller"
    SYSTEM = "system", "PRM"


STAFF_ROLES = frozenset({Role.LEADER, Role.PARTNER_MANAGER, Role.SALES_OPS, Role.REP, Role.SPONSOR})
PARTNER_ROLES = frozenset({Role.PARTNER_ADMIN, Role.PARTNER_SELLER})


class Door(TextChoices):
    """The way an act came in; kept in the ledger."""

    SCREEN = "screen", "Workspace"
    PORTAL = "portal", "Portal"
    API = "api", "API"
    FILE = "file", "File"
    JOB = "job", "Job"
    COMMAND = "command", "Command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person (or a named job) acting in one program through one door.

    ``name`` is what the ledger prints; ``partner_id`` is set exactly for partner people.
    """

    program_id: int
    role: Role
    door: Door
    name: str
    user_id: int | None = None
    partner_id: int | None = None

    def __post_init__(self) -> None:
        if (self.role in PARTNER_ROLES) != (self.partner_id is not None):
            raise ValueError("partner_id goes with a partner role and only with one")

    @property
    def is_partner(self) -> bool:
        return self.partner_id is not None

    @classmethod
    def system(cls, *, program_id: int, name: str, door: Door = Door.JOB) -> "Actor":
        """The program itself acting through a named job or command."""
        return cls(program_id=program_id, role=Role.SYSTEM, door=door, name=name)
