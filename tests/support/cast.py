"""The fixed cast: Northwind runs a program with partners Alder and Birch; Southgate is another program.

Every person's password is ``PASSWORD``. Rows are made in their scope; tests open one with ``program_scope``.
"""

import functools
from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.hashers import make_password
from django.test import Client

from partners.core.actor import Actor, Door, Role
from partners.core.scope import program_scope
from partners.models import Offering, Partner, Program, Seat, User
from partners.services.programs import create_program

PASSWORD = "correct horse battery"


@dataclass
class Cast:
    """Programs, partners and people by name."""

    program: Program
    other_program: Program
    offering: Offering
    alder: Partner
    birch: Partner
    cedar: Partner  # a partner of the other program
    users: dict[str, User] = field(default_factory=dict)
    seats: dict[str, Seat] = field(default_factory=dict)

    def actor(self, who: str, door: Door = Door.SCREEN) -> Actor:
        """A person acting in their program."""
        seat = self.seats[who]
        return Actor(
            program_id=seat.program_id,
            role=Role(seat.role),
            door=door,
            name=str(self.users[who]),
            user_id=self.users[who].pk,
            partner_id=seat.partner_id,
        )

    def client(self, who: str | None) -> Client:
        """A browser signed in as a person (None: nobody)."""
        client = Client()
        if who is not None:
            client.force_login(self.users[who])
        return client


STAFF = {
    "leader": Role.LEADER,
    "manager": Role.PARTNER_MANAGER,
    "ops": Role.SALES_OPS,
    "rep": Role.REP,
    "sponsor": Role.SPONSOR,
}


@functools.cache
def _hash() -> str:
    """Hashing is slow on purpose; once is enough for everybody."""
    return make_password(PASSWORD)


def _person(who: str) -> User:
    return User.objects.create(
        email=f"{who}@example.com", name=who.replace("_", " ").title(), password=_hash()
    )


def _seat(cast: Cast, who: str, program: Program, role: Role, partner: Partner | None = None) -> None:
    user = _person(who)
    cast.users[who] = user
    cast.seats[who] = Seat.objects.create(program=program, user=user, role=role, partner=partner)


def make_cast() -> Cast:
    """Everyone, in place."""
    program = create_program(
        slug="northwind",
        name="Northwind Partners",
        currency="EUR",
        timezone="Europe/Berlin",
        vendor="Northwind",
    )
    other = create_program(
        slug="southgate",
        name="Southgate Partners",
        currency="USD",
        timezone="America/New_York",
        vendor="Southgate",
    )
    with program_scope(program.pk):
        cast = Cast(
            program=program,
            other_program=other,
            offering=Offering.objects.get(),
            alder=Partner.objects.create(
                program=program, name="Alder Consulting", slug="alder", signed_on=date(2026, 1, 15)
            ),
            birch=Partner.objects.create(
                program=program, name="Birch Systems", slug="birch", signed_on=date(2026, 3, 2)
            ),
            cedar=Partner(),
        )
        for who, role in STAFF.items():
            _seat(cast, who, program, role)
        _seat(cast, "alder_admin", program, Role.PARTNER_ADMIN, cast.alder)
        _seat(cast, "alder_seller", program, Role.PARTNER_SELLER, cast.alder)
        _seat(cast, "birch_admin", program, Role.PARTNER_ADMIN, cast.birch)
    with program_scope(other.pk):
        cast.cedar = Partner.objects.create(program=other, name="Cedar Works", slug="cedar")
        _seat(cast, "other_leader", other, Role.LEADER)
        _seat(cast, "cedar_admin", other, Role.PARTNER_ADMIN, cast.cedar)
    cast.users["stranger"] = _person("stranger")
    return cast
