"""Checks that every act on a registration begins with."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, OperationalError
from psycopg.errors import DeadlockDetected

from deals.models import Registration
from deals.rules.lifecycle import MOVES, Move, State
from partners.core.actor import Actor, Role
from partners.core.errors import Clash, NotAllowed, NotFound

_REFUSALS = {
    "protection_is_one_per_account_and_offering": (
        "protected",
        "Another registration holds this account and offering. Two cannot be protected at once: "
        "decline this one, or approve it after that protection has ended.",
    ),
    "registration_public_id_is_unique": (
        "sent_twice",
        "This form was sent before; the registration is already there.",
    ),
}


def locked(registration: Registration) -> Registration:
    """The registration as it is now, locked to the end of the transaction. Raises ``NotFound``.

    Others may still refer to the row (a rival's conflict does), so two submissions never wait in a circle.
    """
    try:
        return Registration.objects.select_for_update(no_key=True).get(pk=registration.pk)
    except Registration.DoesNotExist as error:
        raise NotFound("There is no such registration.") from error


def keep(registration: Registration, *fields: str, expected_version: int | None = None) -> None:
    """Write a registration: the whole row when it is new, otherwise the named fields. Raises ``Stale``."""
    if registration._state.adding:
        registration.save(force_insert=True)
        # A row just made has no protection yet; whoever shows it need not ask.
        Registration._meta.get_field("protection").set_cached_value(registration, None)
    else:
        registration.save_fields(*fields, expected_version=expected_version)


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """What the database refuses, as a ``Clash`` with a sentence. Goes round the block that is rolled back."""
    try:
        yield
    except IntegrityError as error:
        for constraint, (code, sentence) in _REFUSALS.items():
            if constraint in str(error):
                raise Clash(code, sentence) from error
        raise
    except OperationalError as error:
        if isinstance(error.__cause__, DeadlockDetected):
            raise Clash("busy", "Somebody decided on the same account at this moment. Try again.") from error
        raise


def check_role(move: Move, actor: Actor) -> None:
    """Raise ``NotAllowed`` when the move is not this role's to make."""
    if actor.role is not Role.SYSTEM and actor.role not in MOVES[move].roles:
        raise NotAllowed


def check_move(registration: Registration, move: Move, actor: Actor) -> None:
    """Raise ``NotAllowed`` or ``Clash`` unless the actor may make the move from the present state."""
    check_role(move, actor)
    if State(registration.state) not in MOVES[move].sources:
        raise Clash(
            "illegal_move",
            f"This registration is {registration.get_state_display().lower()}; "
            f"“{move.label.lower()}” is not possible from there.",
            extra={"state": registration.state, "move": move.value},
        )
