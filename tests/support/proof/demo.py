"""The demo's rows, told at a fixed time: what its services wrote, line by line, with ids made stable."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import time_machine
from django.core.management import call_command
from django.db.models import Model
from django.test import override_settings

from deals.models import Conflict, Lead, Opportunity, Registration, Ruling
from partners.access import program_id_of
from partners.core.scope import program_scope
from partners.models import LedgerEntry, Notice
from plans.models import Commitment, Plan
from prm.models import MetricCell

FRIDAY = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
# A table and the fields that tell what became of its rows; those whose ids are in texts come first.
TOLD: tuple[tuple[type[Model], str], ...] = (
    (Registration, "partner customer_name state claimed_at decided_at reason sentence account opportunity"),
    (Opportunity, "partner name state stage source amount program_amount opened_on closed_on"),
    (Conflict, "registration kind severity opened_at due_at closed_at ruling rule evidence"),
    (Ruling, "registration outcome reason decided_at decided_by sentence"),
    (Lead, "customer_name direction state settled_at reason opened_to"),
    (Plan, "partner state version"),
    (Commitment, "plan side what state due_on"),
    (MetricCell, "partner month metric value"),
    (Notice, "seat kind subject body page page_id created_at"),
    (LedgerEntry, "at verb subject subject_id actor_name actor_role door partner old new sentence"),
)
_ID = re.compile(r"\b[0-9a-hjkmnp-tv-z]{14}\b")


@contextmanager
def the_demo(folder: Path) -> Iterator[int]:
    """The demo made on a Friday in November; gives its program's id with its scope open."""
    with override_settings(PRM_DATA=folder), time_machine.travel(FRIDAY, tick=False):
        call_command("make_demo", verbosity=0)
        program_id = program_id_of("demo") or 0
        with program_scope(program_id):
            yield program_id


def lines() -> Iterator[str]:
    """Every row of ``TOLD`` in the open scope, the oldest first. Random ids become table and number."""
    known: dict[str, str] = {}
    for model, names in TOLD:
        # Cells are computed in any order; their value is all there is to them.
        order = ("metric", "month", "partner__slug") if model is MetricCell else ("pk",)
        rows = list(model._default_manager.order_by(*order))
        kind = model.__name__.lower()
        for number, row in enumerate(rows, 1):
            if public_id := getattr(row, "public_id", ""):
                known[public_id] = f"{kind}-{number}"
        for number, row in enumerate(rows, 1):
            told = {name: _plain(getattr(row, name, None)) for name in names.split()}
            text = json.dumps(told, ensure_ascii=False, sort_keys=True)
            yield f"{kind}-{number} " + _ID.sub(lambda found: known.get(found[0], "id"), text)


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return str(getattr(value, "slug", "") or getattr(value, "public_id", "") or value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        # A number a database gave out says nothing of the same row in another.
        return {
            key: "id" if key.endswith("_id") and isinstance(inner, int) else _plain(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, Decimal) else value
