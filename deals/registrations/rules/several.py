"""A table of several deals: which column says what; each row as a claim, or what is wrong with it. Pure."""

import csv
import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from deals.matching.countries import read_country
from deals.rules.claims import Claim, Problems, problems, tidied
from deals.tabular.amounts import MoneyColumn, read_amount, read_currency
from deals.tabular.dates import DateColumn, default_date_order, read_date
from deals.tabular.fields import FIELDS, RecordKind, key_of
from deals.tabular.reader import Row, Source, Table, TableError, open_table
from deals.tabular.values import Style, ValueFault, is_blank, shown
from partners.core.ids import LENGTH

MAX_ROWS = 100
WRONG = "what is wrong"  # the column added when rows are given back

_ACCOUNT = {spec.name: spec.names for spec in FIELDS[RecordKind.ACCOUNTS]}
_DEAL = {spec.name: spec.names for spec in FIELDS[RecordKind.OPPORTUNITIES]}
# Field of a claim → names of its column as ``key_of`` gives them, the most telling first.
_NAMES: dict[str, tuple[str, ...]] = {
    "customer_name": (
        *("customer", "endcustomer", "enduser", "prospect", "buyer", "client", "kunde", "firma"),
        *_DEAL["account"],
        *_ACCOUNT["name"],
    ),
    "website": (*_ACCOUNT["website"], "site", "customerwebsite", "webseite"),
    "country": (*_ACCOUNT["country"], "customercountry", "land"),
    "amount": (
        *("expectedamount", "expectedvalue", "estimatedamount", "estimatedvalue", "betrag"),
        *_DEAL["amount"],
        *("dealsize", "budget", "volume"),
    ),
    "currency": (*_DEAL["currency"], "ccy", "iso", "waehrung", "währung"),
    "expected_close": (
        *("expectedclose", "expectedclosing", "expectedcloseon", "expecteddecision", "decisiondate"),
        *_DEAL["closes_on"],
        *("close", "closing", "decision", "decideson", "abschluss"),
    ),
    "offering": (*_DEAL["offering"], "offer", "service"),
    "note": ("note", "notes", "comment", "comments", "description", "remark", "remarks", "details", "notiz"),
}
TITLES = {
    "customer_name": "customer",
    "website": "website",
    "country": "country",
    "amount": "amount",
    "currency": "currency",
    "expected_close": "expected close",
    "offering": "offering",
    "note": "note",
}


@dataclass(slots=True)
class Entry:
    """One row: its number in the file, its cells, the claim it makes, and what is wrong by column."""

    number: int
    cells: tuple[str, ...]
    claim: Claim
    offering: str = ""  # its name, to show
    wrong: list[tuple[str, str]] = field(default_factory=list)
    cut: bool = False  # it had more cells than the header; those beyond are not kept

    @property
    def said(self) -> str:
        """What is wrong, as one text."""
        return " ".join(f"{column}: {sentence}" if column else sentence for column, sentence in self.wrong)


@dataclass(slots=True)
class Several:
    """The rows of a table in their order; ``notes`` say what was assumed and what was not used."""

    columns: tuple[str, ...]
    entries: list[Entry]
    notes: list[str]

    @property
    def right(self) -> list[Entry]:
        """The rows that can be registered."""
        return [entry for entry in self.entries if not entry.wrong]

    @property
    def amiss(self) -> list[Entry]:
        """The rows that cannot be."""
        return [entry for entry in self.entries if entry.wrong]


@dataclass(frozen=True, slots=True)
class Home:
    """What the program decides: its currency, time zone, today there, and its open offerings (name → id)."""

    currency: str
    zone: str
    today: date
    offerings: Mapping[str, int]


def read_several(source: Source, home: Home) -> Several:
    """Read a table of deals. Raises ``TableError`` when it cannot be used or has too many rows."""
    return _read(open_table(source), home)


def read_again(text: str, home: Home) -> Several:
    """Read what ``written`` wrote: a row that was wrong then stays wrong. Raises ``TableError``."""
    several = _read(open_table(text.encode("utf-8", "replace"), encoding="utf-8", delimiter=","), home)
    if several.columns[-1] == WRONG:
        for entry in several.entries:
            if said := entry.cells[-1]:
                entry.wrong = [("", said)]
    return several


def _read(table: Table, home: Home) -> Several:
    places = _places(table.columns)
    rows = _rows(table)
    styles, notes = _styles(table, rows, places, home)
    entries = [_entry(row, table.columns, places, styles, home) for row in rows]
    _name_repeats(entries)
    used = set(places.values())
    unused = [name for at, name in enumerate(table.columns) if at not in used and name.casefold() != WRONG]
    if unused:
        notes.append(f"Not used: {', '.join(unused[:10])}{' and more' if len(unused) > 10 else ''}.")
    return Several(table.columns, entries, [*table.notes, *notes])


def written(several: Several, *, only_wrong: bool = False, reasons: bool = True) -> str:
    """The rows as comma separated text, what is wrong as the last column; empty lines keep their numbers.

    ``only_wrong`` leaves the others out, and the empty lines. Without ``reasons``, for a person to correct,
    that column is not there, and a row that lost cells stays too long, so that the loss is not overlooked.
    """
    kept = [at for at, name in enumerate(several.columns) if name.casefold() != WRONG]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*(several.columns[at] for at in kept), *([WRONG] if reasons else [])])
    line = 1
    for entry in several.entries:
        if only_wrong and not entry.wrong:
            continue
        for _ in range(0 if only_wrong else entry.number - line - 1):
            writer.writerow([])
        line = entry.number
        entry_end = [entry.said] if reasons else ["…"] * entry.cut
        writer.writerow([*(entry.cells[at] for at in kept), *entry_end])
    return text.getvalue()


def row_id(key: str, partner_id: int, claim: Claim) -> str:
    """The public id of a claim sent under ``key``: the same whenever the same is sent again."""
    digest = hashlib.sha256(repr((key, partner_id, claim)).encode()).digest()
    number = int.from_bytes(digest, "big")
    return "".join("0123456789abcdefghjkmnpqrstvwxyz"[(number >> (5 * i)) & 31] for i in range(LENGTH))


def _places(columns: Sequence[str]) -> dict[str, int]:
    """Field → position of its column."""
    keys = [key_of(column) for column in columns]
    places = {}
    for name, known in _NAMES.items():
        at = next((keys.index(key) for key in known if key in keys), None)
        if at is not None:
            places[name] = at
    if "customer_name" not in places:
        seen = ", ".join(shown(column) for column in columns[:8])
        raise TableError(
            "No column holds the customers. The first row names the columns; call one “customer”."
            f" It has {seen}."
        )
    return places


def _rows(table: Table) -> list[Row]:
    rows: list[Row] = []
    for row in table.rows():
        rows.append(row)
        if len(rows) > MAX_ROWS:
            raise TableError(f"At most {MAX_ROWS} deals at once; this has more. Split it.")
    if not rows:
        raise TableError("There is a header and no row under it. Put one deal on each row.")
    return rows


def _styles(
    table: Table, rows: list[Row], places: dict[str, int], home: Home
) -> tuple[dict[str, Style], list[str]]:
    """How the columns write days and decimals, settled by the whole column; what was assumed."""
    dates, money = DateColumn(), MoneyColumn()
    for row in rows:
        if (at := places.get("expected_close")) is not None:
            dates.observe(row.cells[at], row.number)
        if (at := places.get("amount")) is not None:
            money.observe(row.cells[at], row.number)

    def title(name: str) -> str:
        return table.columns[places[name]] if name in places else TITLES[name]

    styles = {
        "expected_close": dates.settle(title("expected_close"), default_date_order(home.zone)),
        "amount": money.settle(title("amount"), home.currency),
    }
    return styles, [style.note for style in styles.values() if style.note]


def _entry(
    row: Row, columns: Sequence[str], places: dict[str, int], styles: dict[str, Style], home: Home
) -> Entry:
    cells = {name: "" if is_blank(row.cells[at]) else row.cells[at] for name, at in places.items()}
    found: Problems = {}

    def tried[V](name: str, read: Callable[[str], V]) -> V | None:
        try:
            return read(cells.get(name, ""))
        except ValueFault as fault:
            found[name] = [str(fault)]
            return None

    amount = tried("amount", lambda text: read_amount(text, styles["amount"], home.currency))
    currency = tried("currency", lambda text: read_currency(text, home.currency))
    if amount and amount.currency and currency and amount.currency != currency:
        found["currency"] = [f"The amount is in {amount.currency} and this says {currency}."]
    offering = tried("offering", lambda text: _offering(text, home.offerings))
    claim = Claim(
        customer_name=cells["customer_name"],
        website=cells.get("website", ""),
        country=tried("country", _country) or "",
        offering_id=home.offerings[offering] if offering else None,
        amount=amount.value if amount else None,
        currency=currency or (amount.currency if amount else ""),
        expected_close=tried(
            "expected_close", lambda text: read_date(text, styles["expected_close"], home.zone)
        ),
        note=cells.get("note", ""),
    )
    entry = Entry(row.number, row.cells, tidied(claim, currency=home.currency), offering or "")
    if row.problem:
        entry.wrong = [("", row.problem)]
        entry.cut = "needs quotes" in row.problem
        return entry
    found = problems(entry.claim, today=home.today, complete=True) | found
    entry.wrong = [
        (columns[places[name]] if name in places else TITLES[name], found[name][0])
        for name in TITLES
        if name in found
    ]
    return entry


def _country(text: str) -> str:
    reading = read_country(text)
    if text and reading.code is None:
        raise ValueFault(f"{shown(text)} is no country that is known here.")
    return reading.code or ""


def _offering(text: str, offerings: Mapping[str, int]) -> str:
    """The name of the offering meant; the only one there is when nothing is said, "" when one must choose."""
    if not text:
        return next(iter(offerings)) if len(offerings) == 1 else ""
    squeezed = {key_of(name): name for name in offerings}
    if (found := squeezed.get(key_of(text))) is None:
        raise ValueFault(f"{shown(text)} is not offered. Write one of: {', '.join(offerings)}.")
    return found


def _name_repeats(entries: list[Entry]) -> None:
    """A row that says word for word what an earlier one says is the same deal, not another."""
    first: dict[Claim, int] = {}
    for entry in entries:
        if entry.wrong:
            continue
        if (number := first.setdefault(entry.claim, entry.number)) != entry.number:
            entry.wrong.append(("", f"This is row {number} once more."))
