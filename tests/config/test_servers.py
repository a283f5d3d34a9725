"""The built-in PostgreSQL and Valkey: real processes, started, killed and started again."""

import os
import signal
import stat
import time
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from config.processes import StartRefused, living_in
from config.servers import Postgres, start_postgres, start_valkey


def _one(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return row[0]


def test_data_stays_and_a_killed_server_blocks_nothing(data: Path) -> None:
    server = start_postgres(data)
    with psycopg.connect(server.owner_url) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('here')")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(server.pid)], timeout=5)
    assert (data / "postgres/cluster/postmaster.pid").exists()  # the control: a stale file was left
    server._lock.release()  # the kernel does this for a process that was killed

    begun = time.monotonic()
    again = start_postgres(data)
    print(f"start after a kill: {time.monotonic() - begun:.2f} s")
    assert _one(again.owner_url, "SELECT word FROM kept") == "here"
    assert again.owner_url == server.owner_url  # same port, same password
    again.stop()
    again.stop()
    assert living_in(data / "postgres/cluster", "postgres") == []


def test_somebody_elses_process_id_in_a_stale_file_is_left_alone(data: Path) -> None:
    start_postgres(data, fast=True).stop()
    bystander = psutil.Popen(["sleep", "60"])
    stale = data / "postgres/cluster/postmaster.pid"
    stale.write_text(f"{bystander.pid}\n{data}\n0\n5432\n\n127.0.0.1\n 1 1\nready\n")
    server = start_postgres(data, fast=True)
    try:
        assert server.running()
        assert bystander.is_running()
        assert bystander.status() != psutil.STATUS_ZOMBIE
    finally:
        server.stop()
        bystander.kill()
        bystander.wait()


def test_the_two_logins_have_different_rights(data: Path) -> None:
    server = start_postgres(data, fast=True)
    try:
        rights = "SELECT (rolsuper, rolbypassrls, rolcreatedb, rolcreaterole)::text FROM pg_roles"
        mine = f"{rights} WHERE rolname = current_user"
        assert _one(server.owner_url, mine) == "(t,t,t,t)"
        assert _one(server.app_url, mine) == "(f,f,f,f)"
        with psycopg.connect(server.app_url) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("CREATE TABLE mine (id int)")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.app_url.replace("prm_app:", "prm_app:x"))
    finally:
        server.stop()


def test_passwords_are_private_and_servers_listen_here_only(data: Path) -> None:
    servers = (start_postgres(data, fast=True), start_valkey(data, fast=True))
    try:
        for server in servers:
            private = server.folder / "private.json"
            assert stat.S_IMODE(private.stat().st_mode) == 0o600
            assert server.pid is not None
            process = psutil.Process(server.pid)
            places = {place.laddr.ip for place in process.net_connections() if place.status == "LISTEN"}
            assert places == {"127.0.0.1"}
            passwords = [word for word in private.read_text().split('"') if len(word) == 32]
            assert passwords
            assert not any(word in " ".join(process.cmdline()) for word in passwords)
    finally:
        for server in servers:
            server.stop()


def test_two_side_by_side_and_one_folder_only_once(data: Path) -> None:
    first, second = start_postgres(data / "one", fast=True), start_postgres(data / "two", fast=True)
    try:
        assert first.owner_url != second.owner_url
        assert _one(first.owner_url, "SELECT 1") == _one(second.owner_url, "SELECT 1") == 1
        with pytest.raises(StartRefused, match=r"is in use by process \d+\. Stop that one, or set PRM_DATA"):
            Postgres(data / "one", fast=True)
        assert _one(first.owner_url, "SELECT 1") == 1
    finally:
        first.stop()
        second.stop()


def test_a_half_made_cluster_is_made_anew(data: Path) -> None:
    (data / "postgres/cluster").mkdir(parents=True)
    (data / "postgres/cluster/half").write_text("initdb was killed here")
    server = start_postgres(data, fast=True)
    assert _one(server.owner_url, "SELECT count(*) FROM pg_database WHERE datname = 'prm'") == 1
    server.stop()


def test_another_major_version_is_refused_and_untouched(data: Path) -> None:
    start_postgres(data, fast=True).stop()
    version = data / "postgres/cluster/PG_VERSION"
    version.write_text("14\n")
    with pytest.raises(StartRefused, match="was made by PostgreSQL 14 and this release brings 18"):
        start_postgres(data, fast=True)
    assert version.read_text() == "14\n"
    version.write_text("18\n")
    start_postgres(data, fast=True).stop()


def test_valkey_keeps_its_queue_and_its_password(data: Path) -> None:
    server = start_valkey(data)
    with redis.Redis.from_url(server.url) as client:
        client.rpush("work", "a job")
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url(server.url.replace("redis://:", "redis://:x")).ping()
    server.stop()
    assert not server.running()
    again = start_valkey(data)
    with redis.Redis.from_url(again.url) as client:
        assert client.lrange("work", 0, -1) == [b"a job"]
    again.stop()
    assert living_in(data / "valkey", "valkey-server") == []
