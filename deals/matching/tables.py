"""Reads the small word tables under ``data/``: plain text, ``#`` starts a comment, read once per process."""

from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"


def lines(name: str) -> tuple[str, ...]:
    """The lines of ``data/<name>.txt`` that say something, in the file's order."""
    text = (_DATA / f"{name}.txt").read_text(encoding="utf-8")
    found = (line.split("#", 1)[0].strip() for line in text.splitlines())
    return tuple(line for line in found if line)


@cache
def words(name: str) -> frozenset[str]:
    """Every blank-separated word of the table."""
    return frozenset(word for line in lines(name) for word in line.split())


@cache
def mapping(name: str) -> dict[str, str]:
    """Lines of ``target: word word …`` turned round: each word with what it stands for.

    Several words that belong together are joined by ``_`` and come back with blanks.
    """
    table: dict[str, str] = {}
    for line in lines(name):
        target, _, spellings = line.partition(":")
        for spelling in spellings.split():
            table[spelling.replace("_", " ")] = target.strip().replace("_", " ")
    return table
