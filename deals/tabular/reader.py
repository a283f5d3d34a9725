"""A file as rows, whatever program wrote it.

Reads comma, semicolon, tab or bar separated text in UTF-8, UTF-16, UTF-32 or Windows-1252, with or without a
byte order mark, one row at a time, so that memory stays flat. Whatever had to be assumed is a sentence in
``Table.notes``. What cannot be read at all raises ``TableError`` with a sentence saying what to do.
"""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

type Source = bytes | Path | Callable[[], BinaryIO]

MAX_COLUMNS = 1_000
MAX_CELL = 4 * 1024 * 1024  # characters; a longer cell is a quote that was never closed
_HEAD = 256 * 1024
# Names of encodings that only the last letter tells apart, with their codecs.
_FOUND_AT_THE_END = {"UTF-8": "utf-8", "Windows-1252": "cp1252"}
_SNIFF_ROWS = 60
_DELIMITERS = ",;\t|"
_DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_END = "\x1aend of file\x1a\n"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_OTHER_FORMATS = (
    (b"PK\x03\x04", "This is an Excel workbook or another zip file."),
    (b"\xd0\xcf\x11\xe0", "This is an old Excel workbook (.xls)."),
    (b"%PDF", "This is a PDF."),
    (b"\x1f\x8b", "This file is compressed (gzip)."),
    (b"\x89PNG", "This is a picture."),
    (b"\xff\xd8\xff", "This is a picture."),
)
_SAVE_AS = "Save the sheet as “CSV UTF-8” and use that file."

csv.field_size_limit(MAX_CELL)


class TableError(ValueError):
    """The file cannot be used; ``str(error)`` is the sentence for the person who gave it."""


class Row(NamedTuple):  # made for every record of a file, twice
    """One record. ``number`` is the row a spreadsheet would show: the header is 1, blank rows count.

    ``cells`` has exactly one text per column; ``problem`` is set when the record does not fit the header.
    """

    number: int
    cells: tuple[str, ...]
    problem: str = ""


@dataclass(slots=True)
class Table:
    """A readable file: its header, how it was read, and its rows as often as wanted.

    ``columns`` are unique names (a repeated header gets " (2)", an empty one its position).
    ``blank_rows`` and NUL notes are complete after one whole pass of ``rows()``.
    """

    columns: tuple[str, ...]
    encoding: str
    delimiter: str
    notes: list[str]
    blank_rows: int = 0
    _open: Callable[[], Iterator[list[str]]] = field(repr=False, default=lambda: iter(()))
    _header_row: int = 1

    @property
    def delimiter_name(self) -> str:
        """The separator in words."""
        return _DELIMITER_NAMES.get(self.delimiter, self.delimiter)

    def rows(self) -> Iterator[Row]:
        """Every record after the header that has any text. Raises ``TableError`` for a quote never closed."""
        width = len(self.columns)
        blank = 0
        nul_row = 0
        for number, cells in enumerate(self._open(), start=1):
            if number <= self._header_row:
                continue
            if not any(cells):
                blank += 1
                continue
            if not nul_row and "\x00" in "".join(cells):
                nul_row = number
            yield _fitted(number, cells, width, clean=bool(nul_row))
        self.blank_rows = blank
        if nul_row:
            self._note_once(f"NUL characters were left out (first in row {nul_row}).")

    def _note_once(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)


def open_table(
    source: Source, *, encoding: str | None = None, delimiter: str | None = None, known: str = ""
) -> Table:
    """Find out how ``source`` is written and read its header.

    ``source`` is the bytes, a path, or a function that opens a fresh binary stream. ``encoding`` (a Python
    codec name) and ``delimiter`` overrule what would be found. ``known`` is the encoding as it was named when
    the file was opened before; without it all of the file may be read to find it. Raises ``TableError``.
    """
    opener = _opener(source)
    with opener() as stream:
        head = stream.read(_HEAD)
    _refuse_other_formats(head)
    notes: list[str] = []
    if encoding:
        _check_codec(encoding)
    codec, name = (encoding, encoding) if encoding is not None else _encoding(head, opener, notes, known)
    skip = _separator_line(head, codec)
    delimiter = delimiter or (skip if skip else _sniff(_decoded(head, codec)))

    def records() -> Iterator[list[str]]:
        return _records(opener, codec, delimiter, skip_first=bool(skip))

    header_row, header = _header(records())
    return Table(
        columns=_unique_names(header, notes),
        encoding=name,
        delimiter=delimiter,
        notes=notes,
        _open=records,
        _header_row=header_row,
    )


def _opener(source: Source) -> Callable[[], BinaryIO]:
    if isinstance(source, bytes):
        data = source
        return lambda: io.BytesIO(data)
    if isinstance(source, Path):
        path = source

        def opened() -> BinaryIO:
            try:
                return path.open("rb")
            except OSError as error:
                raise TableError(f"The file {path.name} cannot be opened: {error.strerror}.") from error

        return opened
    return source


def _refuse_other_formats(head: bytes) -> None:
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise TableError("The file is empty. Export it again with a header row and at least one record.")
    for magic, sentence in _OTHER_FORMATS:
        if head.startswith(magic):
            raise TableError(f"{sentence} {_SAVE_AS}")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise TableError(
            "This is a web page or XML, not a table. Download the export itself and use that file."
        )
    if start.startswith((b"{", b"[{")):
        raise TableError("This is JSON, not a table. Export the records as CSV and use that file.")


def _check_codec(encoding: str) -> None:
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise TableError(f"There is no text encoding called “{encoding}”.") from error


def _encoding(head: bytes, opener: Callable[[], BinaryIO], notes: list[str], known: str) -> tuple[str, str]:
    """The codec and its name in words; what was assumed goes to ``notes``."""
    for bom, codec, name in _BOMS:
        if head.startswith(bom):
            return codec, name
    if wide := _utf16_without_mark(head):
        notes.append("The file has no byte order mark; it was read as UTF-16.")
        return wide, "UTF-16"
    control = sum(head.count(bytes([code])) for code in (*range(9), *range(14, 32)))
    if control > len(head) * 0.1:
        raise TableError(f"This is not a text file. {_SAVE_AS}")
    if known in _FOUND_AT_THE_END:
        return _FOUND_AT_THE_END[known], known
    where, at_end = _first_bad_utf8(opener)
    if where is None:
        return "utf-8", "UTF-8"
    if at_end:
        notes.append("The file ends in the middle of a character: it may have been cut off.")
        return "utf-8", "UTF-8"
    notes.append(
        f"The file is not UTF-8 (byte {where}); it was read as Windows-1252 (Western European)."
        " Check names with accents."
    )
    return "cp1252", "Windows-1252"


def _utf16_without_mark(head: bytes) -> str | None:
    """Latin text in UTF-16 has a zero in every second byte; which one tells the order."""
    sample = head[:4096]
    half = max(len(sample) // 2, 1)
    if sample[1::2].count(0) > half * 0.4 and sample[0::2].count(0) < half * 0.05:
        return "utf-16-le"
    if sample[0::2].count(0) > half * 0.4 and sample[1::2].count(0) < half * 0.05:
        return "utf-16-be"
    return None


def _first_bad_utf8(opener: Callable[[], BinaryIO]) -> tuple[int | None, bool]:
    """Where the file stops being UTF-8 (None: nowhere), and whether that is only its cut-off end."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    read = 0
    with opener() as stream:
        while chunk := stream.read(1 << 20):
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return read - pending + error.start + 1, False
            read += len(chunk)
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            # One cut letter after good multi-byte text is a cut; in a tiny file it is another encoding.
            return read, read > 4096
    return None, False


def _decoded(head: bytes, codec: str) -> str:
    decoder = codecs.getincrementaldecoder(codec)(errors="replace")
    return decoder.decode(head)


def _separator_line(head: bytes, codec: str) -> str:
    """The delimiter named by Excel's own first line ``sep=;``, or nothing."""
    first = _decoded(head[:64], codec).split("\n", 1)[0].strip("\r")
    if len(first) == 5 and first.lower().startswith("sep="):
        return first[4]
    return ""


def _sniff(text: str) -> str:
    """The separator under which the first rows agree best on a width of two or more."""
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        rows = [row for row in islice(_quiet_reader(text, delimiter), _SNIFF_ROWS) if any(row)]
        if len(rows) > 2:
            rows.pop()  # the piece of text may end inside a record
        if not rows or len(rows[0]) < 2:
            continue
        width = len(rows[0])
        agreeing = sum(1 for row in rows if len(row) == width) / len(rows)
        named = sum(1 for name in rows[0] if name.strip()) / width
        score = agreeing * named * (2 - 1 / width)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _quiet_reader(text: str, delimiter: str) -> Iterator[list[str]]:
    """Rows of a piece of text under a guessed separator; a wrong guess may end early."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        try:
            yield next(reader)
        except (StopIteration, csv.Error):
            return


def _records(
    opener: Callable[[], BinaryIO], codec: str, delimiter: str, *, skip_first: bool
) -> Iterator[list[str]]:
    """Raw records, streaming. A last line of our own proves that every quote was closed."""
    with opener() as stream, io.TextIOWrapper(stream, encoding=codec, errors="replace", newline="") as text:
        lines: Iterable[str] = text
        if skip_first:
            next(text, None)
        reader = csv.reader(chain(lines, [_END]), delimiter=delimiter)
        number = 0
        while True:
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise TableError(
                    f"Row {number + 1} holds a cell of more than {MAX_CELL:,} characters; probably a quote"
                    " opened there is never closed."
                ) from error
            number += 1
            last = record[-1] if record else ""
            if last.endswith((_END, _END.rstrip("\n"))):
                if record == [_END.rstrip("\n")]:
                    return
                raise TableError(
                    f"A quote opened in row {number} is never closed, so the rest of the file is one cell."
                    " Correct that row, or export the file again."
                )
            yield record


def _header(records: Iterator[list[str]]) -> tuple[int, list[str]]:
    for number, cells in enumerate(records, start=1):
        names = [cell.replace("\x00", "").strip() for cell in cells]
        if any(names):
            while names and not names[-1]:
                names.pop()
            if len(names) > MAX_COLUMNS:
                raise TableError(
                    f"The header has {len(names):,} columns; at most {MAX_COLUMNS:,} can be read."
                )
            return number, names
    raise TableError("The file has no header row. The first row must name the columns.")


def _unique_names(header: list[str], notes: list[str]) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    names: list[str] = []
    for position, raw in enumerate(header, start=1):
        name = " ".join(raw.lstrip("\ufeff").split())[:200] or f"column {position}"
        key = name.casefold()
        seen[key] = seen.get(key, 0) + 1
        if seen[key] == 2:
            notes.append(f"The header names “{name}” more than once; the later ones are shown with a number.")
        names.append(name if seen[key] == 1 else f"{name} ({seen[key]})")
    return tuple(names)


def _fitted(number: int, cells: list[str], width: int, *, clean: bool) -> Row:
    if clean:
        cells = [cell.replace("\x00", "") for cell in cells]
    count = len(cells)
    if count == width:
        return Row(number, tuple(cells))
    if count > width and not any(cells[width:]):
        return Row(number, tuple(cells[:width]))
    padded = tuple((cells + [""] * width)[:width])
    hint = " A cell with the separator in it needs quotes." if count > width else ""
    return Row(number, padded, f"The row has {count} cells where the header has {width}.{hint}")
