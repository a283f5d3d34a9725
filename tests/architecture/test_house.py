"""What the import contract cannot see: upward names, sizes, jobs and queues, migrations, documents."""

import ast
import re
from pathlib import Path

import pytest
from django.urls import URLPattern

from config.celery import app as celery
from tests.access.test_tables import tenant_urls

REPOSITORY = Path(__file__).resolve().parent.parent.parent
FLOORS = ["partners", "deals", "plans", "prm"]
CODE = [
    path
    for folder in (*FLOORS, "config", "tests", "benchmarks")
    for path in sorted((REPOSITORY / folder).rglob("*.py"))
    if "migrations" not in path.parts
]
TEMPLATES = [path for floor in FLOORS for path in sorted((REPOSITORY / floor / "templates").rglob("*.html"))]


def floor_of(path: Path) -> str:
    return path.relative_to(REPOSITORY).parts[0]


def test_the_scans_find_something() -> None:
    assert len(CODE) > 100
    assert len(TEMPLATES) > 40


def test_sizes() -> None:
    too_long = [
        f"{path.relative_to(REPOSITORY)} {lines}"
        for paths, most in ((CODE, 400), (TEMPLATES, 120))
        for path in paths
        if (lines := path.read_text().count("\n")) > most
    ]
    assert too_long == []


def test_functions_are_short() -> None:
    too_long = [
        f"{path.relative_to(REPOSITORY)}:{node.lineno} {node.name}"
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= 50
    ]
    assert too_long == []


UPWARD = re.compile(
    r"""(?:\{%\s*(?:include|extends)\s+["'](\w+)/ | \{%\s*url\s+["'](\w+): | reverse\(\s*["'](\w+): )""",
    re.VERBOSE,
)
SPACES = {**{floor: floor for floor in FLOORS}, "portal": "prm"}


def test_no_upward_names_in_templates_and_code() -> None:
    found = []
    for path in [*TEMPLATES, *(p for p in CODE if floor_of(p) in FLOORS)]:
        for match in UPWARD.finditer(path.read_text()):
            target = SPACES.get(next(group for group in match.groups() if group))
            if target and FLOORS.index(target) > FLOORS.index(floor_of(path)):
                found.append(f"{path.relative_to(REPOSITORY)}: {match.group(0)}")
    assert found == []


INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=[\"']|javascript:|https?://(?!www\.w3\.org)"
)


def test_templates_have_nothing_inline_and_nothing_from_elsewhere() -> None:
    found = [
        f"{path.relative_to(REPOSITORY)}: {match.group(0)}"
        for path in TEMPLATES
        for match in INLINE.finditer(path.read_text())
    ]
    assert found == []


def test_components_open_with_a_usage_line() -> None:
    components = [path for path in TEMPLATES if path.parent.name == "components"]
    assert len(components) > 5
    assert [path.name for path in components if not path.read_text().lstrip().startswith("{#")] == []


def registered_tasks() -> set[str]:
    celery.autodiscover_tasks(FLOORS, force=True)
    return {name for name in celery.tasks if not name.startswith("celery.")}


def test_every_task_has_its_queue_in_the_one_table() -> None:
    assert len(registered_tasks()) >= 4
    assert set(celery.conf.task_routes) == registered_tasks()
    assert {route["queue"] for route in celery.conf.task_routes.values()} == {"control", "work", "metrics"}


def test_every_woken_name_and_beat_entry_is_registered() -> None:
    woken = {
        match[1]
        for path in CODE
        if floor_of(path) in FLOORS
        for match in re.finditer(r"""\bwake\(\s*["']([\w.]+)["']""", path.read_text())
    }
    beaten = {entry["task"] for entry in celery.conf.beat_schedule.values()}
    assert woken
    assert beaten
    assert sorted((woken | beaten) - registered_tasks()) == []


def test_every_tenant_url_has_a_gate() -> None:
    def gate(pattern: URLPattern) -> object:
        view = pattern.callback
        return getattr(view, "gate", None) or getattr(getattr(view, "cls", None), "gate", None)

    assert [route for route, _name, pattern in tenant_urls() if not gate(pattern)] == []


def test_migrations_are_named_for_their_purpose() -> None:
    names = [path.stem for floor in FLOORS for path in (REPOSITORY / floor / "migrations").glob("0*.py")]
    assert names
    assert [name for name in names if re.search(r"_auto|_merge|_alter_", name)] == []


def test_decisions_are_numbered_and_listed() -> None:
    folder = REPOSITORY / "docs" / "decisions"
    files = sorted(path.name for path in folder.glob("0*.md"))
    assert [name[:4] for name in files] == [f"{number:04d}" for number in range(1, len(files) + 1)]
    index = (folder / "README.md").read_text()
    assert [name for name in files if name not in index] == []


@pytest.mark.parametrize("word", ["/work/", "//pypi.org", "deb.debian.org", "registry.npmjs"])
def test_no_machine_or_registry_is_named(word: str) -> None:
    kinds = {".py", ".html", ".css", ".js", ".md", ".toml", ".yml", ".txt", ""}
    skipped = {".git", ".venv", ".mypy_cache", ".ruff_cache", ".hypothesis", "staticfiles"}
    named = [
        str(path.relative_to(REPOSITORY))
        for path in REPOSITORY.rglob("*")
        if path.is_file()
        and path.suffix in kinds
        and not skipped & set(path.relative_to(REPOSITORY).parts)
        and not path.relative_to(REPOSITORY).parts[0].startswith(".data")
        and path != Path(__file__).resolve()
        and word in path.read_text(errors="replace")
    ]
    assert named == []
