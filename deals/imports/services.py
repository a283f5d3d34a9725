"""Files: taken in, mapped, checked, loaded, thrown away. Screens, jobs and the command call these."""

import io
from collections.abc import Mapping
from typing import Any, BinaryIO

import structlog
from django.db import DatabaseError, transaction

from deals.common.uploads import borrowed
from deals.imports.files import forget_progress, keep_bytes, progress_of, stored_bytes
from deals.imports.run import Summary, load
from deals.models import Import, ImportProblem, ImportState
from deals.tabular.dialects import HeaderError, Reading, missing_fields, overrule, recognise
from deals.tabular.fields import RecordKind
from deals.tabular.reader import Source, Table, TableError, open_table
from partners.core import clock
from partners.core.actor import Actor, Door, Role
from partners.core.errors import Clash, DomainError, NotAllowed, NotFound, RuleBroken
from partners.core.jobs import wake
from partners.core.scope import program_scope
from partners.core.text import clean_text
from partners.rules.roles import may
from partners.selectors import program_in_force
from partners.services.ledger import record

log = structlog.get_logger(__name__)

MAX_SIZE = 150 * 1024 * 1024
SAMPLE_ROWS = 10
_LOOK = 400  # rows looked at to see which columns hold anything
_ATTEMPTS = 3
_WAITING = (ImportState.CHECKING, ImportState.LOADING)


# Taking in


def upload_file(*, actor: Actor, name: str, stream: BinaryIO, kind: str | None = None) -> Import:
    """Keep an uploaded file (a seekable stream) and recognise it.

    Raises ``RuleBroken`` (field ``file``) when it is too large or cannot be used; nothing is kept then.
    """
    _require(actor)
    size = stream.seek(0, io.SEEK_END)
    if size > MAX_SIZE:
        sentence = f"The file is larger than {MAX_SIZE // 1024**2} MB. Split it into smaller ones."
        raise RuleBroken("too_large", sentence, field="file")
    with transaction.atomic():
        file = describe_file(actor=actor, name=name, source=borrowed(stream), kind=kind)
        file.size = size
        file.save(force_insert=True)
        file.digest = keep_bytes(file, stream)
        file.save_fields("digest")
        record("import.received", file, actor=actor, new={"file": file.file_name, "size": size})
    return file


def describe_file(
    *,
    actor: Actor,
    name: str,
    source: Source,
    kind: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Import:
    """An unsaved ``Import`` of what the file says about itself. Raises ``RuleBroken`` (field ``file``)."""
    shown = clean_text(name)[-255:] or "file.csv"
    try:
        table = open_table(source)
        sample, filled = _look(table)
        reading = recognise(table.columns, kind=kind, file_name=shown, filled=filled or None)
        if mapping:
            reading = overrule(reading, mapping)
    except (TableError, HeaderError) as error:
        raise RuleBroken("unusable", str(error), field="file") from error
    return Import(
        program_id=actor.program_id,
        file_name=shown,
        kind=reading.kind,
        dialect=reading.dialect,
        encoding=table.encoding,
        delimiter=table.delimiter,
        columns=list(table.columns),
        mapping=reading.mapping,
        sample=sample,
        summary={"about": table.notes},
        asked_by_id=actor.user_id,
        asked_by_name=actor.name,
        asked_by_role=actor.role,
        door=actor.door,
    )


def _look(table: Table) -> tuple[list[dict[str, Any]], set[int]]:
    """The first rows as written, and which columns hold anything in the first few hundred."""
    sample: list[dict[str, Any]] = []
    filled: set[int] = set()
    for count, row in enumerate(table.rows()):
        if count >= _LOOK:
            break
        filled.update(at for at, cell in enumerate(row.cells) if cell.strip())
        if count < SAMPLE_ROWS:
            cells = [clean_text(cell)[:200] for cell in row.cells]
            sample.append({"row": row.number, "cells": cells, "problem": row.problem})
    return sample, filled


def reading_of(file: Import) -> Reading:
    """The header's reading with the choices kept on the file: what the mapping screen shows."""
    reading = recognise(file.columns, kind=file.kind, file_name=file.file_name)
    chosen = {column: file.mapping.get(column, "") for column in file.columns}
    changed = {column: name for column, name in chosen.items() if reading.mapping.get(column, "") != name}
    cleared = dict.fromkeys(changed, "")
    return (
        overrule(overrule(reading, cleared), {c: n for c, n in changed.items() if n}) if changed else reading
    )


# Mapping


def change_mapping(
    *,
    actor: Actor,
    file: Import,
    mapping: Mapping[str, str],
    kind: str = "",
    date_order: str = "",
    decimal_mark: str = "",
    expected_version: int | None = None,
) -> Import:
    """Set which column fills which field and how dates and decimals are written; back to the draft.

    Another ``kind`` reads the header again. Raises ``RuleBroken`` for a mapping that cannot be, ``Clash``
    while a worker has the file, ``Stale``.
    """
    _require(actor)
    row = _locked(file)
    if row.state in _WAITING or row.state == ImportState.DONE:
        raise Clash("state", "The file is being worked on or loaded already; its columns stay as they are.")
    try:
        if kind and kind != row.kind:
            reading = recognise(row.columns, kind=kind, file_name=row.file_name)
        else:
            blank = recognise(row.columns, kind=row.kind)
            empty = overrule(blank, dict.fromkeys(row.columns, ""))
            reading = overrule(empty, {column: name for column, name in mapping.items() if name})
    except (HeaderError, ValueError) as error:
        raise RuleBroken("mapping", str(error), field="mapping") from error
    row.kind, row.mapping, row.state = reading.kind, reading.mapping, ImportState.DRAFT
    row.date_order, row.decimal_mark = date_order, decimal_mark
    row.summary, row.failure = {"about": row.summary.get("about", [])}, ""
    names = ("kind", "mapping", "state", "date_order", "decimal_mark", "summary", "failure")
    row.save_fields(*names, expected_version=expected_version)
    ImportProblem.objects.filter(file=row).delete()
    return row


# Without a worker


def load_now(*, actor: Actor, file: Import, source: Source, dry_run: bool = False) -> Summary:
    """Load a described file at once, inside the caller's transaction and scope: commands and the demo.

    With ``dry_run`` nothing of the program's is changed; the file's own row and problems are the caller's to
    take back. Raises ``TableError``, ``RuleBroken``.
    """
    check_complete(file)
    file.save(force_insert=True)
    summary = load(
        file=file,
        source=source,
        program=program_in_force(),
        actor=actor,
        dry_run=dry_run,
        progress=lambda doing, rows: None,
    )
    finish_import(file=file, actor=actor, summary=summary, checked=dry_run)
    return summary


def import_bytes(*, actor: Actor, file_name: str, content: bytes, kind: str | None = None) -> Summary:
    """Recognise and load the bytes of a file. Raises ``RuleBroken`` when they cannot be used."""
    file = describe_file(actor=actor, name=file_name, source=content, kind=kind)
    file.size = len(content)
    return load_now(actor=actor, file=file, source=content)


# Asking for work


def ask_check(*, actor: Actor, file: Import) -> Import:
    """Have a worker try the whole file without changing anything. Raises ``RuleBroken``, ``Clash``."""
    return _ask(
        actor, file, ImportState.CHECKING, {ImportState.DRAFT, ImportState.CHECKED, ImportState.FAILED}
    )


def ask_load(*, actor: Actor, file: Import) -> Import:
    """Have a worker load the file. Only a checked file can be. Raises ``Clash``."""
    return _ask(actor, file, ImportState.LOADING, {ImportState.CHECKED})


def _ask(actor: Actor, file: Import, wished: ImportState, allowed: set[ImportState]) -> Import:
    _require(actor)
    row = _locked(file)
    if row.state == wished:
        return row  # asked twice, done once
    if row.state not in allowed:
        raise Clash("state", f"The file is {ImportState(row.state).label.lower()}; this can not be done now.")
    check_complete(row)
    row.state, row.failure, row.attempts, row.asked_at = wished, "", 0, clock.now()
    row.asked_by_id, row.asked_by_name, row.asked_by_role = actor.user_id, actor.name, actor.role
    row.door = actor.door
    row.save_fields(
        "state", "failure", "attempts", "asked_at", "asked_by", "asked_by_name", "asked_by_role", "door"
    )
    forget_progress(row)
    wake("deals.import_file", import_id=row.pk, program_id=row.program_id)
    return row


def check_complete(file: Import) -> None:
    """Raise ``RuleBroken`` (field ``mapping``) when a field that every record needs has no column."""
    for field in missing_fields(RecordKind(file.kind), set(file.mapping.values())):
        if field.need != "stage":  # without one, all are taken as open, and that is said
            sentence = f"No column gives {field.label.lower()}. {field.without}".strip()
            raise RuleBroken("mapping", sentence, field="mapping")


def discard_import(*, actor: Actor, file: Import) -> None:
    """Throw away a file that was not loaded. Raises ``Clash`` while a worker has it or once it is loaded."""
    _require(actor)
    row = _locked(file)
    if row.state in _WAITING or row.state == ImportState.DONE:
        raise Clash("state", "Only a file that is not loaded and not being worked on can be thrown away.")
    record("import.discarded", row, actor=actor, old={"file": row.file_name})
    row.delete()


# Doing the work


def run_import(import_id: int, program_id: int) -> None:
    """What the worker does: check or load a file that waits for it, in one transaction.

    The row stays locked until that transaction ends, so a second worker steps aside; a worker that dies
    leaves the row waiting and nothing else, and the sweep wakes another.
    """
    try:
        with program_scope(program_id):
            file = _claimed(import_id)
            if file is None:
                return
            file.attempts += 1
            if file.attempts > _ATTEMPTS:
                _end(file, ImportState.FAILED, failure=_GIVEN_UP)
                return
            Import.objects.filter(pk=file.pk).update(attempts=file.attempts)
        with program_scope(program_id):
            file = _claimed(import_id)
            if file is not None:
                _run(file)
    except (TableError, DomainError, DatabaseError) as error:
        log.warning("import_failed", import_id=import_id, error=str(error))
        _fail(import_id, program_id, error)


def _claimed(import_id: int) -> Import | None:
    """The file, locked, if it waits for a worker and no other worker has it."""
    rows = Import.objects.select_for_update(skip_locked=True).filter(pk=import_id, state__in=_WAITING)
    return rows.first()


def _run(file: Import) -> None:
    checking = file.state == ImportState.CHECKING
    actor = Actor(
        program_id=file.program_id,
        role=Role(file.asked_by_role),
        door=Door.FILE,
        name=file.asked_by_name,
        user_id=file.asked_by_id,
    )
    summary = load(
        file=file,
        source=stored_bytes(file),
        program=program_in_force(),
        actor=actor,
        dry_run=checking,
        progress=progress_of(file),
    )
    finish_import(file=file, actor=actor, summary=summary, checked=checking)


def finish_import(*, file: Import, actor: Actor, summary: Summary, checked: bool) -> None:
    """Keep the summary of a check or a load; a load goes into the ledger."""
    file.summary = summary.as_json()
    _end(file, ImportState.CHECKED if checked else ImportState.DONE)
    if not checked:
        counts = {
            name: file.summary[name] for name in ("read", "created", "updated", "unchanged", "rejected")
        }
        record("import.loaded", file, actor=actor, new={"file": file.file_name, "kind": file.kind, **counts})


def _end(file: Import, state: ImportState, *, failure: str = "") -> None:
    file.state, file.failure, file.finished_at = state, failure, clock.now()
    file.save_fields("state", "failure", "finished_at", "summary")
    transaction.on_commit(lambda: forget_progress(file))


_GIVEN_UP = (
    "The file could not be worked through in three attempts; nothing was changed. Split it into smaller"
    " files, and tell whoever runs this installation."
)


def _fail(import_id: int, program_id: int, error: Exception) -> None:
    """The file's transaction is gone; say on its row why."""
    if isinstance(error, DomainError):
        sentence = error.sentence
    elif isinstance(error, TableError):
        sentence = str(error)
    else:
        sentence = "The database refused the file, so nothing was changed. Try again in a moment."
    with program_scope(program_id):
        file = Import.objects.select_for_update().filter(pk=import_id, state__in=_WAITING).first()
        if file is not None:
            _end(file, ImportState.FAILED, failure=sentence)


def is_waiting(file: Import) -> bool:
    """Whether a worker has the file or is to take it."""
    return file.state in _WAITING


def waiting_imports() -> list[int]:
    """Files of the program in force that wait for a worker: what the sweep wakes."""
    return list(Import.objects.filter(state__in=_WAITING).order_by("asked_at").values_list("pk", flat=True))


def _require(actor: Actor) -> None:
    if not may(actor.role, "files.import"):
        raise NotAllowed


def _locked(file: Import) -> Import:
    """The row for a change; one that a worker holds is busy."""
    row = Import.objects.select_for_update(skip_locked=True).filter(pk=file.pk).first()
    if row is not None:
        return row
    if Import.objects.filter(pk=file.pk).exists():
        raise Clash("busy", "A worker has the file at this moment. Look again when it has finished.")
    raise NotFound
