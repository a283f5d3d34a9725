"""Programs and their charters."""

from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from partners.core.actor import Actor
from partners.core.errors import Clash, RuleBroken
from partners.core.scope import program_scope
from partners.models import Charter, Offering, Program
from partners.models.program import currency_code
from partners.services.ledger import record

STANDARD_BENEFIT = (
    "An approved registration holds the customer for you while it is protected: we will not sell around you"
    " or approve another partner for the same deal."
)


def _check(slug: str, currency: str, timezone: str) -> None:
    try:
        Program._meta.get_field("slug").run_validators(slug)
        currency_code(currency)
        ZoneInfo(timezone)
    except ValidationError as error:
        raise RuleBroken("invalid", " ".join(error.messages)) from error
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise RuleBroken(
            "timezone",
            f"{timezone!r} is not a time zone. Use a name such as Europe/Berlin.",
            field="timezone",
        ) from error


def create_program(
    *,
    slug: str,
    name: str,
    currency: str,
    timezone: str,
    vendor: str = "",
    launched_on: date | None = None,
    offering: str = "",
) -> Program:
    """The first act of a program: itself, its one offering and charter number 1.

    Raises ``RuleBroken`` for a bad currency or time zone and ``Clash`` for a slug that is taken.
    """
    _check(slug, currency, timezone)
    with transaction.atomic(), connection.cursor() as cursor:
        # The scope has to be open before the row may be written, so the id comes first.
        cursor.execute("SELECT nextval(pg_get_serial_sequence('partners_program', 'id'))")
        program_id = cursor.fetchone()[0]
    actor = Actor.system(program_id=program_id, name="create_program")
    try:
        with program_scope(program_id):
            program = Program(
                id=program_id,
                slug=slug,
                name=name,
                vendor=vendor or name,
                currency=currency,
                timezone=timezone,
                launched_on=launched_on,
            )
            program.save(force_insert=True)
            Offering.objects.create(program=program, name=offering or vendor or name)
            charter = Charter.objects.create(program=program, number=1, benefit=STANDARD_BENEFIT)
            record("charter.signed", charter, actor=actor, new={"number": 1, "benefit": STANDARD_BENEFIT})
    except IntegrityError as error:
        raise Clash(
            "slug_taken", f"There is a program {slug!r} already. Choose another slug.", field="slug"
        ) from error
    return program
