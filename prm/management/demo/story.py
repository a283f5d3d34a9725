"""The demo's story: who is in it. Made up, and the same every time; days are counted back from today.

Fernhill sells scheduling software to clinics and labs and is eighteen months into its partner program.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from partners.core.actor import Role
from partners.models import Intent, Origin

# Printed at every start: there is nothing in the demo worth guessing for.
PASSWORD = "fernhill-demo-2026"  # noqa: S105
PROGRAM_MONTHS = 18


@dataclass(frozen=True)
class Person:
    """Someone with a seat: ``partner`` is a partner's slug, empty for staff."""

    email: str
    name: str
    role: Role
    partner: str = ""


STAFF = (
    Person("leader@fernhill.example", "Ines Halloran", Role.LEADER),
    Person("manager@fernhill.example", "Tobias Wendt", Role.PARTNER_MANAGER),
    Person("ops@fernhill.example", "Marta Kowal", Role.SALES_OPS),
    Person("rep@fernhill.example", "Callum Baird", Role.REP),
    Person("sponsor@fernhill.example", "Renate Voss", Role.SPONSOR),
)
PARTNER_PEOPLE = (
    Person("admin@pellworm.example", "Jonna Petersen", Role.PARTNER_ADMIN, "pellworm-it"),
    Person("seller@pellworm.example", "Eike Brodersen", Role.PARTNER_SELLER, "pellworm-it"),
    Person("admin@brightwater.example", "Sunil Mistry", Role.PARTNER_ADMIN, "brightwater-digital"),
    Person("admin@lindqvist.example", "Astrid Lindqvist", Role.PARTNER_ADMIN, "lindqvist-partner"),
    Person("admin@corso.example", "Paolo Ferri", Role.PARTNER_ADMIN, "corso-sistemi"),
)


@dataclass(frozen=True)
class Habit:
    """How a kind of partner behaves, per month: work and participation (count), deals once ramped up.

    ``ramp`` is the month of the first deal, ``fades`` the month after which the partner goes quiet.
    """

    work: float
    participation: float
    deals: float = 0.0
    ramp: int = 4
    wins: float = 0.4
    size: int = 24_000
    fades: int = 99


class Kind(Enum):
    """Kinds of partner a partner leader has met."""

    MARQUEE = Habit(0.8, 0.6)
    BUSY = Habit(7.0, 9.0)
    QUIET_SELLER = Habit(0.9, 0.4, deals=1.1, ramp=3, wins=0.5, size=38_000)
    LEADS_ONLY = Habit(2.2, 1.5)
    ON_CURVE = Habit(3.6, 3.0, deals=0.9, ramp=4, size=21_000)
    STALLED = Habit(4.5, 4.0, deals=0.5, ramp=4, wins=0.0, fades=6)
    STEADY = Habit(3.2, 2.0, deals=0.6, ramp=4, wins=0.45, size=27_000)
    SMALL = Habit(1.6, 1.2, deals=0.3, ramp=5, wins=0.4, size=12_000)
    ASLEEP = Habit(0.2, 0.2)
    NEW = Habit(4.0, 3.5)


@dataclass(frozen=True)
class Company:
    """A partner of the demo; ``months`` since it signed (None: still a prospect)."""

    slug: str
    name: str
    intent: Intent
    country: str
    kind: Kind
    months: int | None
    goals: str = ""
    ended: bool = False


COMPANIES = (
    Company(
        "meridian-group",
        "Meridian Group",
        Intent.MARQUEE,
        "GB",
        Kind.MARQUEE,
        16,
        "Be seen beside young products in health.",
    ),
    Company(
        "brightwater-digital",
        "Brightwater Digital",
        Intent.CO_SELL,
        "GB",
        Kind.BUSY,
        13,
        "Grow the clinic practice from four to ten people.",
    ),
    Company(
        "pellworm-it",
        "Pellworm IT",
        Intent.RESELL,
        "DE",
        Kind.QUIET_SELLER,
        15,
        "Recurring revenue that needs no travel.",
    ),
    Company(
        "castell-rowe",
        "Castell & Rowe",
        Intent.REFERRAL,
        "GB",
        Kind.LEADS_ONLY,
        12,
        "More implementation work for the team in Leeds.",
    ),
    Company(
        "lindqvist-partner",
        "Lindqvist & Partner",
        Intent.CO_SELL,
        "SE",
        Kind.ON_CURVE,
        7,
        "Own the laboratory niche in the Nordics.",
    ),
    Company("vantage-ops", "Vantage Ops", Intent.RESELL, "NL", Kind.STALLED, 14),
    Company(
        "corso-sistemi",
        "Corso Sistemi",
        Intent.RESELL,
        "IT",
        Kind.STEADY,
        14,
        "A second product line beside their own billing software.",
    ),
    Company("tamarind-health", "Tamarind Health Advisory", Intent.CO_SELL, "FR", Kind.STEADY, 12),
    Company("osterwald", "Osterwald Beratung", Intent.CO_SELL, "DE", Kind.STEADY, 11),
    Company("quayside", "Quayside Systems", Intent.RESELL, "IE", Kind.SMALL, 13),
    Company("nadir-soluciones", "Nadir Soluciones", Intent.RESELL, "ES", Kind.SMALL, 10),
    Company("halden-data", "Halden Data", Intent.CO_SELL, "NO", Kind.SMALL, 9),
    Company("polder-consult", "Polder Consult", Intent.REFERRAL, "NL", Kind.SMALL, 8),
    Company("bergmann-soehne", "Bergmann & Söhne", Intent.DELIVER, "AT", Kind.ASLEEP, 15),
    Company("first-orchard", "First Orchard", Intent.REFERRAL, "GB", Kind.ASLEEP, 12),
    Company("clinea", "Clinea Conseil", Intent.DELIVER, "FR", Kind.ON_CURVE, 6),
    Company("wrenfield", "Wrenfield", Intent.RESELL, "GB", Kind.STALLED, 11),
    Company("kontor-nord", "Kontor Nord", Intent.CO_SELL, "DE", Kind.BUSY, 9),
    Company("sable-networks", "Sable Networks", Intent.RESELL, "BE", Kind.ASLEEP, 10),
    Company("alvor", "Alvor Tecnologia", Intent.RESELL, "PT", Kind.NEW, 2),
    Company("mirelle", "Mirelle", Intent.REFERRAL, "CH", Kind.NEW, 1),
    Company("hartmann-lab", "Hartmann Lab Services", Intent.DELIVER, "DE", Kind.NEW, 2),
    Company("dunmore", "Dunmore Associates", Intent.REFERRAL, "IE", Kind.ASLEEP, 14, ended=True),
    Company("soleno", "Soleno", Intent.CO_SELL, "IT", Kind.NEW, None),
    Company("vigdis", "Vigdis Rådgivning", Intent.CO_SELL, "DK", Kind.NEW, None),
)

# The charter Fernhill signed in its first week.
CHARTER: dict[str, object] = {
    "origin": Origin.SHORTAGE,
    "origin_evidence": "Quota attainment fell from 84 % to 61 % over three quarters while spend per lead rose"
    " by a third. There is no inbound backlog.",
    "sponsor": "Renate Voss, CRO; attends every quarterly review",
    "authority": {"*": "sales_ops", "named_account": "leader", "protected": "sales_ops"},
    "rules_of_engagement": "A rep who meets a protected customer calls the partner first. Named accounts"
    " stay with direct sales unless the customer asks for a partner in writing.",
    "comp_note": "Commission on direct deals only; a partner's deal counts towards the team's target.",
    "comp_rate_direct": Decimal(8),
    "comp_rate_partner": Decimal(3),
    "hourly_cost": Decimal(85),
    "ramp_months": 9,
    "evaluation_months": 18,
    "sourced_definition": "An opportunity that began with an approved registration and would not have existed"
    " without the partner.",
}

# Customers are a first and a last word and a place; every pair is used once.
FIRST = (
    "Aldermoor", "Bexley Park", "Cranford", "Delmare", "Eastbrook", "Falkenrath", "Grønvold", "Hollin Bank",
    "Isarwinkel", "Jardim", "Kirkstone", "Lövholm", "Marlow", "Nettlecombe", "Ostermoor", "Praxis Süd",
    "Quarrington", "Rosenhof", "Santaluce", "Thornbury", "Uferpark", "Valmont", "Westerhay", "Yarrow",
)  # fmt: skip
LAST = (
    "Clinic",
    "Dental Care",
    "Diagnostics",
    "Eye Centre",
    "Health Group",
    "Laboratories",
    "Medical",
    "Radiology",
)
ENDINGS = {
    "DE": ("GmbH", "de"), "GB": ("Ltd", "co.uk"), "FR": ("SARL", "fr"), "IT": ("S.r.l.", "it"),
    "NL": ("B.V.", "nl"), "SE": ("AB", "se"), "ES": ("S.L.", "es"), "IE": ("Ltd", "ie"),
    "NO": ("AS", "no"), "AT": ("GmbH", "at"), "BE": ("NV", "be"), "CH": ("AG", "ch"), "PT": ("Lda", "pt"),
    "DK": ("ApS", "dk"),
}  # fmt: skip
REPS = ("Callum Baird", "Lena Fischbach", "Oscar Prieto", "Nadia Rahimi")
STAGES = ("Discovery", "Pilot", "Proposal", "Contract")
WORK_NOTES = {
    "meeting": ("Walked through two target clinics", "Joint account review", "Met the practice lead"),
    "call": (
        "Short call on the open proposal",
        "Answered questions on data export",
        "Caught up on next steps",
    ),
    "training_given": ("How to open the first conversation", "Demo practice with three sellers"),
    "joint_call": ("Joined the customer's second meeting", "Presented the pilot together"),
}
PARTICIPATION = ("login", "login", "login", "download", "event", "certificate")
