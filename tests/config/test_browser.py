"""One list of names finds the Chromium of the journeys, and one that does not start is passed over."""

from pathlib import Path

import pytest

from tests.support import browser


def program(path: Path, code: int = 0) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\nexit {code}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without a browser: an empty PATH and an empty environment."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(browser, "VENV", tmp_path / "venv")
    browser._starts.cache_clear()
    return tmp_path


def test_nothing_is_found_on_a_bare_machine() -> None:
    assert browser.find() is None


@pytest.mark.parametrize("name", browser.NAMES)
def test_every_name_is_found(bare: Path, name: str) -> None:
    made = program(bare / "bin" / name)
    assert browser.find() == made


def test_the_named_one_goes_before_those_on_the_path(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare / "bin" / "chromium")
    monkeypatch.setenv("CHROMIUM", program(bare / "mine"))
    assert browser.find() == str(bare / "mine")


def test_one_that_does_not_start_is_passed_over(bare: Path) -> None:
    program(bare / "bin" / "chromium", code=127)
    program(bare / "venv" / "playwright" / "chromium-1" / "chrome-linux" / "chrome", code=127)
    assert browser.find() is None
    works = program(bare / "bin" / "google-chrome-stable")
    assert browser.find() == works


def test_the_next_way_is_tried_when_what_was_fetched_does_not_start(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fetched = bare / "venv" / "playwright" / "chromium-1" / "chrome-linux" / "chrome"
    monkeypatch.setattr(browser, "driver_works", lambda: True)
    monkeypatch.setattr(browser, "by_playwright", lambda: program(fetched, code=127))
    monkeypatch.setattr(browser, "by_package", lambda: program(bare / "venv" / "chromium" / "start"))
    assert browser.main() == 0
    assert capsys.readouterr().out.strip() == str(bare / "venv" / "chromium" / "start")


def test_every_way_that_failed_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def closed() -> None:
        raise OSError("no network")

    monkeypatch.setattr(browser, "driver_works", lambda: False)
    for way in ("fetch_node", "by_playwright", "by_package", "by_system"):
        monkeypatch.setattr(browser, way, closed)
    assert browser.main() == 1
    said = capsys.readouterr().err
    for way in ("Node.js for Playwright", "Playwright", "npm", "apt"):
        assert f"  {way}: no network" in said
