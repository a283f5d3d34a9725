"""What one command starts: heard, started again a limited number of times, known again after a kill."""

import json
import sys
import time
from pathlib import Path

import psutil
import pytest

from config.children import Child, Children
from config.processes import StartRefused, wait_until
from config.run import Choices, Run


def _child(code: str, name: str = "part") -> Child:
    return Child(name, [sys.executable, "-c", code], {"PYTHONUNBUFFERED": "1"}, Path.cwd())


def test_lines_carry_the_name_of_the_part(capsys: pytest.CaptureFixture[str], data: Path) -> None:
    children = Children(data / "run.json")
    children.run(_child("print('one'); import sys; print('two', file=sys.stderr)"), lambda: False)
    assert capsys.readouterr().out == "part    | one\npart    | two\n"


def test_a_part_that_fails_to_do_its_work_is_named(data: Path) -> None:
    children = Children(data / "run.json")
    with pytest.raises(StartRefused, match=r"^migrate failed \(exit code 3\)\. Its lines above say why\.$"):
        children.run(_child("raise SystemExit(3)", "migrate"), lambda: False)


def test_a_part_that_dies_over_and_over_ends_the_run(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    children = Children(data / "run.json")
    child = children.add(_child("raise SystemExit(1)", "worker"))
    for _ in range(5):
        assert wait_until(lambda: not child.running(), seconds=10)
        children.watch()
    assert wait_until(lambda: not child.running(), seconds=10)
    with pytest.raises(StartRefused, match=r"^worker stopped 6 times within a minute\."):
        children.watch()
    assert capsys.readouterr().out.count("worker stopped by itself (exit code 1); starting it again.") == 5
    children.stop()


def test_a_stop_ends_the_whole_group_also_of_a_part_that_will_not_listen(data: Path) -> None:
    deaf = "import signal, subprocess, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    deaf += "subprocess.Popen(['sleep', '60']); print('up'); time.sleep(60)"
    children = Children(data / "run.json")
    child = children.add(_child(deaf))
    assert wait_until(lambda: list(child.last) == ["up"], seconds=10)
    assert child.process is not None
    family = [psutil.Process(child.process.pid), *psutil.Process(child.process.pid).children()]
    assert len(family) == 2
    children.stop(patience=0.5)
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []
    assert not (data / "run.json").exists()


def test_leftovers_are_known_by_id_and_birth(data: Path) -> None:
    left, stranger = psutil.Popen(["sleep", "60"]), psutil.Popen(["sleep", "60"])
    try:
        known = [[left.pid, left.create_time()], [stranger.pid, stranger.create_time() - 3600]]
        (data / "run.json").write_text(json.dumps(known))
        Children(data / "run.json").stop_leftovers()
        assert not left.is_running()
        assert stranger.is_running()  # it merely got an old process id
        assert stranger.status() != psutil.STATUS_ZOMBIE
    finally:
        stranger.kill()
        stranger.wait()


def test_a_broken_record_blocks_nothing(data: Path) -> None:
    (data / "run.json").write_text('[[12, "')
    begun = time.monotonic()
    Children(data / "run.json").stop_leftovers()
    assert time.monotonic() - begun < 5


def test_sign_ins_are_printed_when_there_is_a_demo(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = Run(Choices.read({"PRM_DATA": str(data), "PRM_PORT": "8123"}), {})
    run.print_sign_ins()
    assert capsys.readouterr().out == ""
    people = [{"role": "Program leader", "email": "lena@nordwind.example"}]
    (data / "demo.json").write_text(json.dumps({"password": "four plain words here", "people": people}))
    run.print_sign_ins()
    assert capsys.readouterr().out == (
        "\nSign in as any of these with the password: four plain words here\n"
        "  Program leader     lena@nordwind.example\n"
        "Mail the product sends is shown at http://127.0.0.1:8123/outbox/\n\n"
    )
