"""``manage.py`` beside a running product works on that product, as the README promises a newcomer."""

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured

from config.env import read_environment
from config.servers import start_postgres
from tests.support.database import REPOSITORY

NAMES = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "PRM_DATA")


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def kept(data: Path, server: str, **facts: str) -> None:
    (data / server).mkdir(parents=True)
    (data / server / "private.json").write_text(json.dumps(facts))


def test_what_make_run_keeps_in_the_data_folder_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRM_DATA", str(tmp_path))
    kept(tmp_path, "postgres", prm_owner="of-owner", prm_app="of-app", port="4711", made="yes")
    kept(tmp_path, "valkey", password="of-valkey", port="4712")
    found = read_environment(tmp_path)
    assert (found.database["USER"], found.database["PASSWORD"], found.database["PORT"]) == (
        "prm_app", "of-app", 4711,
    )  # fmt: skip
    assert (found.database_owner["USER"], found.database_owner["NAME"]) == ("prm_owner", "prm")
    assert found.redis_url == "redis://:of-valkey@127.0.0.1:4712/0"


def test_what_is_said_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRM_DATA", str(tmp_path))
    kept(tmp_path, "postgres", prm_owner="of-owner", prm_app="of-app", port="4711", made="yes")
    kept(tmp_path, "valkey", password="of-valkey", port="4712")
    monkeypatch.setenv("DATABASE_URL", "postgres://me@db.example:5433/mine")
    monkeypatch.setenv("REDIS_URL", "redis://cache.example:6379/2")
    found = read_environment(tmp_path)
    assert (found.database["HOST"], found.database_owner["HOST"]) == ("db.example", "db.example")
    assert found.redis_url == "redis://cache.example:6379/2"
    monkeypatch.setenv("DATABASE_URL", "mysql://me@db.example/mine")
    with pytest.raises(ImproperlyConfigured):
        read_environment(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "{}", '{"port": "4711"}'])
def test_a_half_made_or_broken_folder_is_no_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("PRM_DATA", str(tmp_path))
    kept(tmp_path, "postgres")
    (tmp_path / "postgres" / "private.json").write_text(text)
    found = read_environment(tmp_path)
    assert (found.database["HOST"], found.database["PORT"]) == ("127.0.0.1", 5432)
    assert found.redis_url == "redis://127.0.0.1:6379/0"


def test_a_first_program_is_made_by_the_readmes_command(
    data: Path, clean_environment: dict[str, str]
) -> None:
    server = start_postgres(data, fast=True)
    try:
        for words in (
            ["migrate", "--no-input", "--verbosity=0"],
            ["create_program", "acme", "--name", "Acme", "--currency", "EUR", "--timezone", "Europe/Berlin"],
        ):
            done = subprocess.run(
                [sys.executable, "manage.py", *words],
                cwd=REPOSITORY,
                env=clean_environment | {"PRM_DATA": str(data)},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
        with psycopg.connect(server.owner_url) as database:
            assert database.execute("SELECT slug FROM partners_program").fetchall() == [("acme",)]
    finally:
        server.stop()
