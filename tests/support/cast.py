"""The fixed cast: Northwind runs a program with partners Alder and Birch; Southgate is another program.

Every person's password is ``PASSWORD``. Rows are made in their scope; tests open one with ``program_scope``.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils.crypto import get_random_string

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
            client.cookies[settings.SESSION_COOKIE_NAME] = _signed_in(self.users[who])
        return client


STAFF = {
    "leader": Role.LEADER,
    "manager": Role.PARTNER_MANAGER,
    "ops": Role.SALES_OPS,
    "rep": Role.REP,
    "sponsor": Role.SPONSOR,
}


def _signed_in(user: User) -> str:
    """The key of a new session of theirs, in the one statement that matters: ``force_login`` asks for eleven,
    and the access tables sign in twelve people a row. Signing in itself has tests of its own."""
    key = get_random_string(32)
    store = SessionStore(key)
    session = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    Session.objects.create(
        session_key=key, session_data=store.encode(session), expire_date=store.get_expiry_date(expiry=None)
    )
    return key


@functools.cache
def _hash() -> str:
    """Hashing is slow on purpose; once is enough for everybody."""
    return make_password(PASSWORD)


def _people(*names: str) -> dict[str, User]:
    people = {
        who: User(email=f"{who}@example.com", name=who.replace("_", " ").title(), password=_hash())
        for who in names
    }
    User.objects.bulk_create(people.values())
    return people


type Seated = tuple[str, Role, Partner | None]


def _seats(cast: Cast, program: Program, seated: Sequence[Seated]) -> None:
    """In one statement: nearly every test has the cast, and row by row it was most of what a test cost."""
    seats = {
        who: Seat(program=program, user=cast.users[who], role=role, partner=partner)
        for who, role, partner in seated
    }
    Seat.objects.bulk_create(seats.values())
    cast.seats |= seats


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
    alder = Partner(program=program, name="Alder Consulting", slug="alder", signed_on=date(2026, 1, 15))
    birch = Partner(program=program, name="Birch Systems", slug="birch", signed_on=date(2026, 3, 2))
    cedar = Partner(program=other, name="Cedar Works", slug="cedar")
    with program_scope(program.pk):
        Partner.objects.bulk_create([alder, birch])
        offering = Offering.objects.get()
    here: list[Seated] = [(who, role, None) for who, role in STAFF.items()]
    here += [("alder_admin", Role.PARTNER_ADMIN, alder), ("alder_seller", Role.PARTNER_SELLER, alder)]
    here += [("birch_admin", Role.PARTNER_ADMIN, birch)]
    there: list[Seated] = [("other_leader", Role.LEADER, None), ("cedar_admin", Role.PARTNER_ADMIN, cedar)]
    users = _people(*(who for who, _role, _partner in here + there), "stranger")
    cast = Cast(program, other, offering, alder, birch, cedar, users)
    with program_scope(program.pk):
        _seats(cast, program, here)
    with program_scope(other.pk):
        Partner.objects.bulk_create([cedar])
        _seats(cast, other, there)
    return cast
