"""Text that came from people: made storable, and harmless when it leaves as CSV."""

import re
import unicodedata

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def clean_text(value: str) -> str:
    """NFC, without control characters (PostgreSQL refuses NUL) or lone surrogates; otherwise as typed."""
    value = value.encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", _CONTROL.sub("", value)).strip()


def csv_safe(value: object) -> str:
    """A cell that no spreadsheet will run as a formula: a leading ``'`` marks it as text.

    Plain numbers keep their sign. After OWASP's advice on CSV injection.
    """
    text = "" if value is None else str(value)
    if text.startswith(_FORMULA) and not re.fullmatch(r"[+-]?\d+(?:[.,]\d+)*", text):
        return "'" + text
    return text
