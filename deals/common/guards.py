"""Checks that every act on a registration begins with."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import IntegrityError, OperationalError
from psycopg.errors import DeadlockDetected

from deals.common.access import may_rule, rulers_of
from deals.common.claim_facts import facts_of, terms_of
from deals.models import Conflict, Registration
from deals.rules.lifecycle import MOVES, Move, State
from deals.rules.possible import ClaimTerms, why_not
from deals.rules.sentences import named_in
from partners.core import clock
from partners.core.actor import Actor, Role
from partners.core.errors import Clash, NotAllowed, NotFound, RuleBroken
from partners.core.scope import current_scope
from partners.core.text import clean_text
from partners.core.writing import add, write_waiting
from partners.models import Charter, Partner

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
# What met somebody else's act at this moment and may go through when it is done once more.
MET = frozenset({"protected", "busy"})


def locked(registration: Registration) -> Registration:
    """The registration as it is now, locked to the end of the transaction. Raises ``NotFound``.

    Others may still refer to the row (a rival's conflict does), so two submissions never wait in a circle.
    """
    try:
        return Registration.objects.select_for_update(no_key=True).get(pk=registration.pk)
    except Registration.DoesNotExist as error:
        raise NotFound("There is no such registration.") from error


def save_registration(registration: Registration, *fields: str, expected_version: int | None = None) -> None:
    """Write a registration: the whole row when it is new, otherwise the named fields. Raises ``Stale``."""
    if registration._state.adding:
        add(registration)
        # A row just made has no protection yet; whoever shows it need not ask.
        Registration._meta.get_field("protection").set_cached_value(registration, None)
    else:
        write_waiting()  # the row refers to what was made before it
        registration.save_fields(*fields, expected_version=expected_version)


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """What the database refuses, as a ``Clash`` with a sentence. Goes round the block that is rolled back."""
    try:
        yield
    except IntegrityError as error:
        for constraint, (code, sentence) in _REFUSALS.items():
            if constraint in str(error):
                raise _told(code, sentence) from error
        raise
    except OperationalError as error:
        if isinstance(error.__cause__, DeadlockDetected):
            sentence = "Somebody decided on the same account at this moment. Try again."
            raise _told("busy", sentence) from error
        raise


def _told(code: str, sentence: str) -> Clash:
    """A refusal as its reader may hear it: in a partner's scope nothing tells of anybody else (R122)."""
    scope = current_scope()
    if code in MET and scope is not None and scope.partner_id is not None:
        sentence = "This could not be finished at this moment. Nothing is lost: please send it again."
        return Clash("busy", sentence)
    return Clash(code, sentence)


def check_role(move: Move, actor: Actor) -> None:
    """Raise ``NotAllowed`` when the move is not this role's to make."""
    if actor.role is not Role.SYSTEM and actor.role not in MOVES[move].roles:
        raise NotAllowed


def check_move(registration: Registration, move: Move, actor: Actor) -> None:
    """Raise ``NotAllowed`` or ``Clash`` unless the actor may make the move from the present state."""
    check_role(move, actor)
    if not MOVES[move].open_to(actor.role, State(registration.state)):
        raise Clash(
            "illegal_move",
            f"This registration is {registration.get_state_display().lower()}; "
            f"“{move.label.lower()}” is not possible from there.",
            extra={"state": registration.state, "move": move.value},
        )


def check_possible(registration: Registration, move: Move, actor: Actor, terms: Charter | ClaimTerms) -> None:
    """Like ``check_move``, and raise ``Clash`` for what the row itself says: too late, or done before."""
    check_move(registration, move, actor)
    terms = terms_of(terms) if isinstance(terms, Charter) else terms
    refusal = why_not(move, facts_of(registration), terms, clock.now())
    if refusal:
        raise Clash(refusal.code, refusal.sentence, extra={"state": registration.state, "move": move.value})


def check_authority(actor: Actor, conflicts: Iterable[Conflict], charter: Charter) -> None:
    """Raise ``NotAllowed`` when the charter gives the say on these conflicts to another role."""
    kinds = {conflict.kind for conflict in conflicts}
    if actor.role is not Role.SYSTEM and not may_rule(actor, kinds, charter):
        roles = " or ".join(role.label.lower() for role in rulers_of(kinds, charter))
        raise NotAllowed(f"By the charter, the {roles} rules on this.", code="no_authority")


def required_text(field: str, text: str, *, longest: int, missing: str) -> str:
    """Text a person wrote, made storable. Raises ``RuleBroken`` when there is none or too much of it."""
    text = clean_text(text)
    if not text:
        raise RuleBroken(field, missing, field=field)
    if len(text) > longest:
        raise RuleBroken(field, f"At most {longest:,} characters; this has {len(text):,}.", field=field)
    return text


def text_for_partner(field: str, text: str, registration: Registration, *, longest: int, missing: str) -> str:
    """Text the registration's partner will read: as ``said``, and it names no other partner."""
    text = required_text(field, text, longest=longest, missing=missing)
    others = list(Partner.objects.exclude(pk=registration.partner_id).values_list("name", flat=True))
    if rival := named_in(text, others, allowed=registration.customer_name):
        raise RuleBroken(
            field, f"The partner reads this and may not learn of {rival}. Leave the name out.", field=field
        )
    return text
