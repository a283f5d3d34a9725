"""Writing to the ledger, and marking the month cells an act may have changed."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from partners.core import clock
from partners.core.actor import Actor
from partners.core.jobs import wake
from partners.core.records import ProgramOwned
from partners.core.writing import add
from partners.models import CellMark, LedgerEntry, Program


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(dict(values), cls=DjangoJSONEncoder, default=str))
    return plain


def record(
    verb: str,
    subject: ProgramOwned | Program,
    *,
    actor: Actor,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    partner_id: int | None = None,
    sentence: str = "",
) -> None:
    """Append one act on ``subject``. ``partner_id`` names the partner who may read it (default: staff only).

    ``verb`` is ``thing.verb`` in the past tense, such as ``registration.approved``.
    """
    add(
        LedgerEntry(
            program_id=actor.program_id,
            at=clock.now(),
            verb=verb,
            subject=str(subject._meta.model_name),
            subject_id=subject.public_id,
            actor_name=actor.name,
            actor_role=actor.role,
            actor_user_id=actor.user_id,
            door=actor.door,
            partner_id=partner_id,
            old=_plain(old or {}),
            new=_plain(new or {}),
            sentence=sentence,
        )
    )


def mark_cells(program_id: int, cells: Iterable[tuple[int | None, date]]) -> None:
    """Say that the figures of these ``(partner_id or None, day)`` may be wrong from that month on.

    Call it in the transaction of the change. The recompute is woken after commit; were it not, its sweep
    finds the marks.
    """
    months = {(partner_id, day.replace(day=1)) for partner_id, day in cells}
    if not months:
        return
    ordered = sorted(months, key=lambda cell: (cell[0] or 0, cell[1]))
    add(
        *(
            CellMark(program_id=program_id, partner_id=partner_id, since=since)
            for partner_id, since in ordered
        )
    )
    wake("prm.recompute_cells", once=True, program_id=program_id)
