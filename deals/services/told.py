"""What the other side of a case is told. Another partner reads its own sentence and nothing else (R122)."""

from collections.abc import Collection, Sequence

from deals.models import Conflict
from partners.core.actor import Actor
from partners.services.ledger import record


def tell_incumbents(
    *, actor: Actor, conflicts: Sequence[Conflict], sentence: str, but: Collection[int] = ()
) -> None:
    """Put the sentence on each rival's own registration, for its partner to read; "" tells nobody.

    ``but`` are database ids of registrations whose partner is told otherwise. The caller has checked that
    the sentence names no partner.
    """
    rivals = {row.rival_registration_id: row.rival_registration for row in conflicts}
    for pk, rival in rivals.items():
        if sentence and rival is not None and pk not in but:
            record("registration.told", rival, actor=actor, partner_id=rival.partner_id, sentence=sentence)
