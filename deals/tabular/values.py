"""Cells as values: ids, flags, numbers, addresses. Dates and money are in modules of their own.

Every reader takes the text of a cell and returns a value, or None for an empty cell, or raises ``ValueFault``
with a sentence that names the text and what is wrong with it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from partners.core.text import clean_text

_TRUE = frozenset({"true", "t", "yes", "y", "1", "x"})
_FALSE = frozenset({"false", "f", "no", "n", "0", ""})
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SALESFORCE = re.compile(r"[0-9A-Za-z]{15}(?:[A-Za-z0-5]{3})?")
_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")
_HOST = re.compile(r"(?:[\w](?:[\w-]{0,61}[\w])?\.)+[^\W\d_](?:[\w-]{0,61}[\w])?", re.UNICODE)
_EMPTY = frozenset({"", "-", "--", "n/a", "na", "null", "none", "#n/a", "(blank)", "[not provided]"})
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Style:
    """How a column is written. ``choice`` is "mdy" or "dmy" for dates, "." or "," (decimal mark) for money.

    ``note`` is empty when the column decided by itself; ``mixed`` when its cells contradict each other.
    """

    choice: str
    decided: bool
    mixed: bool = False
    note: str = ""


class ValueFault(ValueError):
    """A cell that cannot be read; ``str(fault)`` is the sentence."""


def shown(text: str) -> str:
    """The text in quotes, shortened, for a sentence."""
    flat = " ".join(text.split())
    return f"“{flat[:_SHOWN]}…”" if len(flat) > _SHOWN else f"“{flat}”"


def is_blank(text: str) -> bool:
    """Whether a cell says nothing (empty, or a spreadsheet's word for empty)."""
    return text.strip().casefold() in _EMPTY


def _clean(text: str) -> str:
    """``clean_text``, at once for plain text, which most cells are."""
    return text.strip() if text.isascii() and text.isprintable() else clean_text(text)


def read_text(text: str, *, limit: int) -> str:
    """The text as typed, storable. Raises when longer than ``limit`` characters."""
    value = _clean(text)
    if len(value) > limit:
        raise ValueFault(f"The text has {len(value):,} characters; at most {limit:,} can be kept.")
    return value


def read_flag(text: str) -> bool:
    """true/false, yes/no, 1/0; an empty cell is no."""
    word = text.strip().casefold()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueFault(f"{shown(text)} is not yes or no.")


def read_integer(text: str, *, low: int = 0, high: int = 2_000_000_000) -> int | None:
    """A whole number; ``1,200``, ``1 200`` and ``1200.0`` are the same."""
    if is_blank(text):
        return None
    plain = re.sub(r"[\s\u00a0\u202f']", "", text.strip())
    if re.fullmatch(r"[+-]?\d{1,3}(?:[.,]\d{3})+", plain):
        plain = plain.replace(",", "").replace(".", "")
    match = re.fullmatch(r"([+-]?\d{1,18})(?:[.,]0+)?", plain)
    if not match:
        raise ValueFault(f"{shown(text)} is not a whole number.")
    number = int(match[1])
    if not low <= number <= high:
        raise ValueFault(f"{shown(text)} is outside {low:,} to {high:,}.")
    return number


def read_percent(text: str) -> int | None:
    """A chance from 0 to 100; ``0.4`` means 40 and ``40 %`` means 40."""
    if is_blank(text):
        return None
    match = re.fullmatch(r"(\d{1,6})(?:[.,](\d+))?\s*%?", text.strip())
    if not match:
        raise ValueFault(f"{shown(text)} is not a percentage.")
    value = float(f"{match[1]}.{match[2] or 0}")
    if value < 1 and match[2] and "%" not in text:
        value *= 100
    if value > 100:
        raise ValueFault(f"{shown(text)} is more than 100%.")
    return round(value)


def salesforce_checksum(fifteen: str) -> str:
    """The three characters that make a 15-character Salesforce id its 18-character form."""
    return "".join(
        _CHECK[sum(1 << bit for bit, char in enumerate(fifteen[at : at + 5]) if "A" <= char <= "Z")]
        for at in (0, 5, 10)
    )


@lru_cache(maxsize=65_536)
def salesforce_id(text: str) -> str:
    """The 18-character form of a 15 or 18-character id, so that both forms name one record.

    An 18-character id whose letters lost their case is put right from its own check characters, which is what
    they are for. Raises ``ValueFault`` when length, characters or check characters are wrong.
    """
    raw = text.strip()
    if not _SALESFORCE.fullmatch(raw):
        raise ValueFault(f"{shown(text)} is not a Salesforce id of 15 or 18 characters.")
    fifteen, check = raw[:15], raw[15:].upper()
    if not check or salesforce_checksum(fifteen) == check:
        return fifteen + salesforce_checksum(fifteen)
    if fifteen in (fifteen.upper(), fifteen.lower()):
        restored = _restored_case(fifteen, check)
        if restored and salesforce_checksum(restored) == check:
            return restored + check
    raise ValueFault(
        f"{shown(text)} fails its own check characters: one of its letters was changed on the way."
    )


def _restored_case(fifteen: str, check: str) -> str:
    bits = "".join(format(_CHECK.index(char), "05b")[::-1] for char in check)
    return "".join(
        char.upper() if bit == "1" else char.lower() for char, bit in zip(fifteen, bits, strict=True)
    )


def is_salesforce_id(text: str) -> bool:
    """Whether ``salesforce_id`` would read it."""
    try:
        salesforce_id(text)
    except ValueFault:
        return False
    return True


def read_id(text: str, *, salesforce: bool, limit: int = 60) -> str:
    """A record's id in the system the file came from; empty when there is none.

    In a Salesforce file, what looks like a Salesforce id is checked and made 18 characters long; anything
    else (hashed or custom ids) is kept as written.
    """
    value = _clean(text)
    if is_blank(value):
        return ""
    if "." in value and re.fullmatch(r"\d+\.0", value):  # a spreadsheet took the id for a number
        value = value[:-2]
    if "+" in value and re.fullmatch(r"\d(?:\.\d+)?[Ee]\+\d+", value):
        raise ValueFault(
            f"{shown(text)} is an id that a spreadsheet turned into a rounded number; its digits are lost."
        )
    if len(value) > limit:
        raise ValueFault(f"The id has {len(value):,} characters; at most {limit} can be kept.")
    if salesforce and _SALESFORCE.fullmatch(value):
        return salesforce_id(value)
    return value


def read_ids(text: str, *, salesforce: bool = False) -> tuple[str, ...]:
    """Several ids in one cell, as HubSpot writes them: ``9002;9999`` or ``9002:1661707291575;9999:…``."""
    parts = (part.strip().split(":", 1)[0] for part in re.split(r"[;,|\s]+", text) if part.strip())
    return tuple(dict.fromkeys(read_id(part, salesforce=salesforce) for part in parts if not is_blank(part)))


def read_email(text: str) -> str:
    """An e-mail address in lower case; empty for an empty cell."""
    if is_blank(text):
        return ""
    value = clean_text(text).removeprefix("mailto:").casefold()
    if len(value) > 254 or not _EMAIL.fullmatch(value):
        raise ValueFault(f"{shown(text)} is not an e-mail address.")
    return value
