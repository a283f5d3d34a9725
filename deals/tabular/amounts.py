"""Amounts as written in a file, read by the column and never by the cell.

``1.234`` and ``1,234`` mean two things. So a whole column is looked at first, then its decimal mark is
settled once, and only then are cells read. When no cell decides, the mark is taken for a thousands mark
(money has two decimals at most) and ``Style.note`` says so. When cells contradict each other, those that can
only mean one thing are read and the others are refused.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from deals.rules.money import LARGEST, currency_codes
from deals.tabular.values import Style, ValueFault, is_blank, shown

_SYMBOLS = {
    "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₪": "ILS", "₺": "TRY", "₽": "RUB", "₫": "VND",
    "₱": "PHP", "฿": "THB", "₦": "NGN", "₴": "UAH", "zł": "PLN", "Kč": "CZK", "US$": "USD", "C$": "CAD",
    "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "S$": "SGD", "HK$": "HKD", "R$": "BRL",
    "MX$": "MXN",
}  # fmt: skip
_SHARED_SYMBOLS = {
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "COP", "CLP", "ARS", "TWD"),
    "¥": ("JPY", "CNY"),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
}
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009'’]")
_NAME = r"([^\d.,+\-\u2212()]*)"
_PARTS = re.compile(rf"{_NAME}([+\-\u2212]?){_NAME}([\d.,]+(?:[eE][+\-]?\d{{1,3}})?)([-\u2212]?){_NAME}")
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of money; ``currency`` is an ISO code, or empty when the cell names none."""

    value: Decimal
    currency: str = ""


@lru_cache(maxsize=1024)
def read_currency(text: str, home: str) -> str:
    """The ISO code of a currency given by code or symbol; empty for an empty cell.

    A sign used by several currencies is ``home`` when that is one of them, else its commonest.
    """
    if is_blank(text):
        return ""
    word = text.strip()
    if word.upper() in currency_codes():
        return word.upper()
    if code := _SYMBOLS.get(word) or _SYMBOLS.get(word.upper()):
        return code
    if shared := _SHARED_SYMBOLS.get(word.casefold()):
        return home if home in shared else shared[0]
    raise ValueFault(f"{shown(text)} is not a currency.")


@dataclass(slots=True)
class MoneyColumn:
    """Collects what a column's cells say about their decimal mark and their currency signs."""

    _points: int = 0  # first row that can only be read with a decimal point
    _commas: int = 0
    _open: dict[str, str] = field(default_factory=dict)  # undecided mark -> first example
    _signs: set[str] = field(default_factory=set)

    def observe(self, text: str, row: int) -> None:
        """Look at one cell of row ``row``."""
        if text.isdigit() or not (parts := _parts(text)):
            return
        digits, name = parts
        if name.casefold() in _SHARED_SYMBOLS:
            self._signs.add(name.casefold())
        mark = _decimal_mark(digits)
        if mark == ".":
            self._points = self._points or row
        elif mark == ",":
            self._commas = self._commas or row
        elif mark == "?":
            self._open.setdefault("." if "." in digits else ",", text.strip())

    def settle(self, column: str, home: str, override: str | None = None) -> Style:
        """The decimal mark of the column; ``home`` is the program's currency. What was assumed is noted."""
        signs = " ".join(
            f"“{sign}” in “{column}” was read as {codes[0]}."
            for sign, codes in _SHARED_SYMBOLS.items()
            if sign in self._signs and home not in codes
        )
        if override:
            return Style(override, decided=True, note=signs)
        if self._points and self._commas:
            note = (
                f"“{column}” writes decimals both with a point (row {self._points}) and with a comma"
                f" (row {self._commas}); amounts that could be either are rejected unless you choose one. "
            )
            return Style(".", decided=False, mixed=True, note=(note + signs).strip())
        if self._points or self._commas:
            return Style("." if self._points else ",", decided=True, note=signs)
        if len(self._open) == 2:
            first, second = self._open.values()
            note = (
                f"“{column}” holds both {shown(first)} and {shown(second)}, and nothing shows which mark"
                " means decimals; such amounts are rejected unless you choose one. "
            )
            return Style(".", decided=False, mixed=True, note=(note + signs).strip())
        if self._open:
            return self._thousands(column, home, signs)
        return Style(".", decided=True, note=signs)

    def _thousands(self, column: str, home: str, signs: str) -> Style:
        """Only one mark, always before three digits: taken for thousands, and said."""
        mark, example = next(iter(self._open.items()))
        style = Style("," if mark == "." else ".", decided=False)
        amount = read_amount(example, style, home)
        note = (
            f"Nothing in “{column}” shows which mark means decimals; “{mark}” was taken for thousands, so"
            f" {shown(example)} is {amount.value if amount else 0:,.0f}."
            " Choose the other if that is wrong. "
        )
        return Style(style.choice, decided=False, note=(note + signs).strip())


def _parts(text: str) -> tuple[str, str] | None:
    """The digits of a cell and the currency beside them, or None when there is none."""
    match = _PARTS.fullmatch(_SPACES.sub("", text.strip()).strip("()"))
    return (match[4], match[1] or match[3] or match[6]) if match else None


def _decimal_mark(digits: str) -> str:
    """ "." or "," when the number can only be read one way, "?" when it cannot, "" when it has no mark."""
    number = digits.lower().partition("e")[0]
    points, commas = number.count("."), number.count(",")
    if not points and not commas:
        return ""
    if points and commas:
        return "." if number.rfind(".") > number.rfind(",") else ","
    mark, other = (".", ",") if points else (",", ".")
    if points + commas > 1:
        return other
    whole, fraction = number.split(mark)
    if len(fraction) == 3 and 1 <= len(whole) <= 3 and whole != "0" and number == digits:
        return "?"
    return mark


@lru_cache(maxsize=65_536)
def read_amount(text: str, style: Style, home: str) -> Amount | None:
    """An amount, rounded to cents; parentheses or a minus sign mean less than nothing. None when empty."""
    if is_blank(text):
        return None
    if text.isascii() and text.isdigit() and len(text) < 12:
        return Amount(Decimal(text))
    squeezed = _SPACES.sub("", text.strip())
    negative = squeezed.startswith("(") and squeezed.endswith(")")
    match = _PARTS.fullmatch(squeezed[1:-1] if negative else squeezed)
    if not match or not any(char.isdigit() for char in match[4]):
        raise ValueFault(f"{shown(text)} is not an amount.")
    before, sign, between, digits, trailing, after = match.groups()
    negative = negative or sign in {"-", "\u2212"} or bool(trailing)
    value = _number(text, digits, _settled_mark(text, digits, style))
    names = [name for name in (before, between, after) if name]
    if len(names) > 1:
        raise ValueFault(f"{shown(text)} names two currencies or holds other text.")
    try:
        currency = read_currency(names[0], home) if names else ""
    except ValueFault as fault:
        raise ValueFault(f"{shown(text)} is not an amount: {fault}") from fault
    return Amount(-value if negative else value, currency)


def _settled_mark(text: str, digits: str, style: Style) -> str:
    """The decimal mark of one number in a column of ``style``."""
    mark = _decimal_mark(digits)
    if mark == "?":
        if style.mixed:
            raise ValueFault(
                f"{shown(text)} could be two amounts, and this column writes decimals both ways."
            )
        return style.choice
    if mark and style.decided and mark != style.choice:
        raise ValueFault(f"{shown(text)} does not fit the decimal mark of its column (“{style.choice}”).")
    return mark or "."


def _number(text: str, digits: str, mark: str) -> Decimal:
    grouping = "," if mark == "." else "."
    whole, _, rest = digits.partition(mark)
    first, *groups = whole.split(grouping)
    # Indian grouping has pairs before the last three.
    wrong = bool(groups) and (
        not 1 <= len(first) <= 3 or len(groups[-1]) != 3 or any(len(group) not in (2, 3) for group in groups)
    )
    if wrong or grouping in rest:
        raise ValueFault(f"{shown(text)} is not an amount: its thousands are not grouped in threes.")
    try:
        value = Decimal(first + "".join(groups) + ("." + rest if rest else ""))
        if abs(value) > LARGEST:
            raise ValueFault(f"{shown(text)} is too large to be kept.")
        return value.quantize(_CENT)
    except InvalidOperation as error:
        raise ValueFault(f"{shown(text)} is not an amount.") from error
