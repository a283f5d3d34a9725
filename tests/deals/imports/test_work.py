"""The worker's side: all or nothing, killed and taken up again, two at once, given up after three."""

import io
import os
import signal
import time
from collections.abc import Iterator
from multiprocessing import get_context

import pytest
from django.core.cache import cache
from django.db import connections

from deals.imports import run as import_run
from deals.imports.files import progress_now, rejected_rows
from deals.imports.services import (
    ask_check,
    ask_load,
    change_mapping,
    discard_import,
    run_import,
    upload_file,
    waiting_imports,
)
from deals.imports.stage import Stage
from deals.models import Account, Import, ImportPiece, ImportState, Opportunity
from deals.tasks import import_file, sweep_imports
from partners.core.actor import Role
from partners.core.errors import Clash, NotAllowed, RuleBroken, Stale
from partners.core.scope import program_scope
from tests.support.cast import Cast
from tests.support.imports import FILES


@pytest.fixture
def scope(cast: Cast) -> Iterator[None]:
    with program_scope(cast.program.pk):
        yield


def taken(cast: Cast, name: str = "pipeline.csv", data: bytes | None = None) -> Import:
    content = data if data is not None else (FILES / name).read_bytes()
    return upload_file(actor=cast.actor("ops"), name=name, stream=io.BytesIO(content))


def fresh(file: Import) -> Import:
    return Import.objects.get(pk=file.pk)


def test_from_upload_to_load(cast: Cast, scope: None) -> None:
    file = taken(cast)
    assert (file.state, file.kind, file.dialect, file.size) == (
        "draft",
        "opportunities",
        "generic",
        (FILES / "pipeline.csv").stat().st_size,
    )
    ask_check(actor=cast.actor("ops"), file=file)
    assert waiting_imports() == [file.pk]
    import_file(file.pk, cast.program.pk)
    checked = fresh(file)
    assert (checked.state, checked.summary["created"], checked.summary["rejected"]) == ("checked", 4, 5)
    assert not Opportunity.objects.exists()
    ask_load(actor=cast.actor("ops"), file=checked)
    import_file(file.pk, cast.program.pk)
    loaded = fresh(file)
    assert (loaded.state, loaded.summary["created"], loaded.attempts) == ("done", 4, 1)
    assert Opportunity.objects.count() == 4
    import_file(file.pk, cast.program.pk)  # a message delivered twice
    assert Opportunity.objects.count() == 4


def test_rejected_rows_come_back_as_written(cast: Cast, scope: None) -> None:
    file = taken(cast)
    ask_check(actor=cast.actor("ops"), file=file)
    run_import(file.pk, cast.program.pk)
    header, first, *_ = rejected_rows(fresh(file))
    assert header[:3] == ["row", "problem", "deal_id"]
    assert first[:3] == ["6", "close_date: It is won, but no day says when it was closed.", "D-5"]
    assert len(list(rejected_rows(fresh(file)))) == 6


def test_only_a_checked_file_is_loaded(cast: Cast, scope: None) -> None:
    file = taken(cast)
    with pytest.raises(Clash):
        ask_load(actor=cast.actor("ops"), file=file)
    assert fresh(file).state == ImportState.DRAFT


def test_changed_columns_need_a_new_check(cast: Cast, scope: None) -> None:
    file = taken(cast)
    ask_check(actor=cast.actor("ops"), file=file)
    run_import(file.pk, cast.program.pk)
    mapping = fresh(file).mapping
    del mapping["product"]
    changed = change_mapping(actor=cast.actor("ops"), file=file, mapping=mapping)
    assert (changed.state, changed.mapping, changed.summary.get("created")) == ("draft", mapping, None)
    with pytest.raises(Stale):
        change_mapping(actor=cast.actor("ops"), file=file, mapping=mapping, expected_version=1)
    with pytest.raises(RuleBroken, match="no field “colour”"):
        change_mapping(actor=cast.actor("ops"), file=file, mapping={"product": "colour"})


def test_a_file_without_a_needed_column_is_not_checked(cast: Cast, scope: None) -> None:
    file = taken(cast, data=b"id,name,website\n1,Holm,holm.dk\n")
    change_mapping(actor=cast.actor("ops"), file=file, mapping={"website": "website"}, kind="accounts")
    with pytest.raises(RuleBroken, match="No column gives name"):
        ask_check(actor=cast.actor("ops"), file=file)
    assert waiting_imports() == []


@pytest.mark.parametrize("role", [Role.REP, Role.SPONSOR])
def test_roles_without_the_right_bring_nothing(cast: Cast, scope: None, role: Role) -> None:
    with pytest.raises(NotAllowed):
        upload_file(actor=cast.actor(role.value), name="x.csv", stream=io.BytesIO(b"id,name\n1,A\n"))
    assert not Import.objects.exists()


def test_an_unusable_file_leaves_nothing(cast: Cast, scope: None) -> None:
    with pytest.raises(RuleBroken, match="Excel workbook"):
        taken(cast, data=b"PK\x03\x04")
    assert not Import.objects.exists()
    assert not ImportPiece.objects.exists()


def test_a_file_that_breaks_off_fails_with_a_sentence(cast: Cast, scope: None) -> None:
    lines = b"".join(b"%d,Account %d,\n" % (n, n) for n in range(500))
    file = taken(cast, data=b"id,name,website\n" + lines + b'501,"Never closed,\n')
    ask_check(actor=cast.actor("ops"), file=file)
    run_import(file.pk, cast.program.pk)
    failed = fresh(file)
    assert failed.state == ImportState.FAILED
    assert failed.failure.startswith("A quote opened in row 502 is never closed")
    discard_import(actor=cast.actor("ops"), file=failed)
    assert not ImportPiece.objects.exists()


def test_what_the_database_refuses_changes_nothing(
    cast: Cast, scope: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = taken(cast)
    ask_check(actor=cast.actor("ops"), file=file)
    run_import(file.pk, cast.program.pk)
    ask_load(actor=cast.actor("ops"), file=fresh(file))
    stage = import_run.STAGES["opportunities"]  # type: ignore[index]
    written = stage.apply

    def apply_and_break(self: Stage) -> None:
        written(self)
        self.run(
            "UPDATE deals_opportunity SET state = 'open' WHERE state = 'won' AND program_id = %(program)s"
        )

    monkeypatch.setattr(stage, "apply", apply_and_break)
    run_import(file.pk, cast.program.pk)
    assert (fresh(file).state, Opportunity.objects.count(), Account.objects.count()) == ("failed", 0, 0)


def test_a_file_that_kills_its_workers_is_given_up(cast: Cast, scope: None) -> None:
    file = taken(cast)
    ask_check(actor=cast.actor("ops"), file=file)
    Import.objects.filter(pk=file.pk).update(attempts=3)
    run_import(file.pk, cast.program.pk)
    assert (fresh(file).state, "three attempts" in fresh(file).failure) == ("failed", True)


def _work(database: str, import_id: int, program_id: int, slow: bool) -> None:
    """A worker process of its own; a slow one stops in the middle of writing."""
    connections["default"].close()
    connections["default"].settings_dict["NAME"] = database
    if slow:
        stage = import_run.STAGES["opportunities"]  # type: ignore[index]
        written = stage.apply

        def apply_and_wait(self: Stage) -> None:
            written(self)
            cache.set(f"test:written:{import_id}", True, 60)
            time.sleep(60)

        stage.apply = apply_and_wait  # type: ignore[method-assign]
    run_import(import_id, program_id)


def _waiting_load(cast: Cast) -> Import:
    with program_scope(cast.program.pk):
        file = taken(cast)
        ask_check(actor=cast.actor("ops"), file=file)
    run_import(file.pk, cast.program.pk)
    with program_scope(cast.program.pk):
        ask_load(actor=cast.actor("ops"), file=fresh(file))
    return file


def test_a_killed_worker_leaves_nothing_and_the_next_one_finishes(committed_cast: Cast) -> None:
    cast = committed_cast
    file = _waiting_load(cast)
    database = str(connections["default"].settings_dict["NAME"])
    connections.close_all()
    worker = get_context("fork").Process(target=_work, args=(database, file.pk, cast.program.pk, True))
    worker.start()
    deadline = time.monotonic() + 30
    while not cache.get(f"test:written:{file.pk}") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert cache.get(f"test:written:{file.pk}")
    with program_scope(cast.program.pk):
        assert progress_now(file)["doing"] == "Writing"
        assert Opportunity.objects.count() == 0
    run_import(file.pk, cast.program.pk)  # a second worker steps aside while the first is alive
    with program_scope(cast.program.pk):
        assert (fresh(file).state, Opportunity.objects.count()) == ("loading", 0)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    with program_scope(cast.program.pk):
        assert (fresh(file).state, Opportunity.objects.count(), waiting_imports()) == (
            "loading",
            0,
            [file.pk],
        )
    time.sleep(0.5)  # PostgreSQL notices the lost connection and lets the lock go
    run_import(file.pk, cast.program.pk)
    with program_scope(cast.program.pk):
        assert (fresh(file).state, Opportunity.objects.count(), progress_now(file)) == ("done", 4, {})


def test_the_sweep_wakes_a_worker_for_what_waits(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[tuple[str, dict[str, int]]] = []
    monkeypatch.setattr("deals.tasks.wake", lambda name, **ids: woken.append((name, ids)))
    sweep_imports()
    assert woken == []
    with program_scope(cast.program.pk):
        file = taken(cast)
        ask_check(actor=cast.actor("ops"), file=file)
    sweep_imports()
    assert woken == [("deals.import_file", {"import_id": file.pk, "program_id": cast.program.pk})]
