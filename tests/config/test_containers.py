"""What production is described by: read as Compose and Docker read it, for no Docker runs here."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSE = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|DSN|_URL$|PGPASS", re.I)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load(COMPOSE))


def test_every_part_is_there_and_says_how_it_is(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert sorted(services) == ["beat", "migrate", "postgres", "valkey", "web", "worker"]
    lasting = {name: service for name, service in services.items() if name != "migrate"}
    for name, service in lasting.items():
        assert service["healthcheck"]["test"], name
        assert service["restart"] == "unless-stopped", name
    assert services["migrate"]["restart"] == "no"
    assert services["postgres"]["image"] == "postgres:18"
    assert services["postgres"]["volumes"] == ["database:/var/lib/postgresql"]  # where 18 keeps its data


def test_nobody_works_before_the_database_is_migrated(compose: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat"):
        waits = compose["services"][name]["depends_on"]
        assert waits["migrate"] == {"condition": "service_completed_successfully"}
        assert waits["postgres"] == waits["valkey"] == {"condition": "service_healthy"}


def test_only_migrate_knows_the_owner_of_the_database(compose: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat"):
        environment = compose["services"][name]["environment"]
        assert "DATABASE_OWNER_URL" not in environment
        assert "PRM_OWNER_PASSWORD" not in str(environment)
        assert environment["DATABASE_URL"].startswith("postgres://prm_app:")
    owner = compose["services"]["migrate"]["environment"]["DATABASE_OWNER_URL"]
    assert owner.startswith("postgres://prm_owner:")


def test_secrets_come_from_the_environment_and_a_missing_one_is_named(compose: dict[str, Any]) -> None:
    seen = 0
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if not SECRET.search(name):
                continue
            seen += 1
            given = re.findall(r"\$\{(\w+)(:[?-])([^}]*)\}", value)
            assert given, f"{name} is written out"
            for variable, operator, words in given:
                if variable == "SENTRY_DSN":
                    assert (operator, words) == (":-", "")
                else:
                    assert operator == ":?", f"{variable} has a default"
                    assert words.startswith(f"set {variable}")
    assert seen >= 15
    variables_out = re.sub(r"\$\{[^}]*\}", "$", COMPOSE)
    assert "://prm_app:$@" in variables_out
    assert not re.findall(r"://[^:/\s]*:(?!\$@)[^@/\s]+@", variables_out)


def test_the_application_login_has_no_rights_of_its_own(compose: dict[str, Any]) -> None:
    script = compose["configs"]["application-login"]["content"]
    assert "CREATE ROLE prm_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS" in script
    assert "$" not in script.replace("$$", "")


def test_application_containers_have_no_rights_they_do_not_need(compose: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat", "migrate"):
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert compose["services"]["web"]["ports"][0].startswith("127.0.0.1:")  # the TLS proxy stands before it


def test_the_image_runs_as_an_account_without_rights() -> None:
    last_stage = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    users = re.findall(r"^USER (\S+)$", last_stage, re.M)
    assert users == ["10001:10001"]
    assert "HEALTHCHECK" in last_stage
    assert "SECRET_KEY" not in last_stage
    assert not re.findall(r"^(?:ENV|ARG) .*(?:PASSWORD|SECRET|TOKEN)", DOCKERFILE, re.M)


def test_the_image_takes_only_the_code() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert lines[0] == "*"
    taken = {line.removeprefix("!") for line in lines if line.startswith("!")}
    copied = set(re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE, re.M))
    assert taken == copied
    assert all((ROOT / name).exists() for name in taken)
