"""Private words do not come back: docs/glossary.md says what is said instead."""

import re

import pytest

from tests.architecture.test_house import CODE, FLOORS, REPOSITORY, TEMPLATES, floor_of

BANNED = ("vigilance", "sitting", "sittings", "lateness", "upkeep", "put_on_record", "anew", "dealings")
PHRASES = ("this is no ", "is no website", "is no amount")
DOCUMENTS = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
READ = [
    *(path for path in CODE if floor_of(path) in (*FLOORS, "config", "benchmarks")),
    *TEMPLATES,
    *(path for path in DOCUMENTS if path.name != "glossary.md"),
]


def test_there_is_something_to_read() -> None:
    assert len(READ) > 400


@pytest.mark.parametrize("word", BANNED)
def test_a_banned_word_does_not_come_back(word: str) -> None:
    pattern = re.compile(rf"(?<![a-z]){word}(?![a-z])", re.IGNORECASE)
    found = [str(path.relative_to(REPOSITORY)) for path in READ if pattern.search(path.read_text())]
    named = [str(path.relative_to(REPOSITORY)) for path in READ if pattern.search(path.stem)]
    assert found + named == []


@pytest.mark.parametrize("phrase", PHRASES)
def test_an_error_says_what_to_enter(phrase: str) -> None:
    said = [
        f"{path.relative_to(REPOSITORY)}: {line.strip()[:80]}"
        for path in READ
        if path.suffix in (".py", ".html")
        for line in path.read_text().splitlines()
        if phrase in line.lower() and not line.lstrip().startswith("#")
    ]
    assert said == []
