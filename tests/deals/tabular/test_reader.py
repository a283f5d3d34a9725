"""Files as rows: the shapes that spreadsheets, CRMs and editors really write."""

import codecs
import io
import tracemalloc
from pathlib import Path

import pytest

from deals.tabular.reader import TableError, open_table


def records(data: bytes) -> list[dict[str, str]]:
    table = open_table(data)
    return [dict(zip(table.columns, row.cells, strict=True)) for row in table.rows()]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a,b,c\n1,2,3\n", [{"a": "1", "b": "2", "c": "3"}]),
        (b"a,b,c\r\n1,2,3", [{"a": "1", "b": "2", "c": "3"}]),
        (b"a,b,c\r1,2,3\r", [{"a": "1", "b": "2", "c": "3"}]),
        (b'a,b\n1,""\n', [{"a": "1", "b": ""}]),
        (b'a,b\n1,"x, y"\n', [{"a": "1", "b": "x, y"}]),
        (b'a,b\n1,"ha ""ha"" ha"\n', [{"a": "1", "b": 'ha "ha" ha'}]),
        (b'a,b\n"Once \r\nupon",2\r\n', [{"a": "Once \r\nupon", "b": "2"}]),
        (b'a,b\n1,"{""k"": [1, 0.5]}"\n', [{"a": "1", "b": '{"k": [1, 0.5]}'}]),
        ("a,b\n4,ʤ\n".encode(), [{"a": "4", "b": "ʤ"}]),
        (b"sep=;\r\na;b\r\n1;2,5\r\n", [{"a": "1", "b": "2,5"}]),
    ],
)
def test_reads_quotes_newlines_and_line_ends(data: bytes, expected: list[dict[str, str]]) -> None:
    assert records(data) == expected


TEXT = "name;city\nMüller & Söhne;Köln\nŁódź GmbH;Kraków\n"


@pytest.mark.parametrize(
    ("data", "name", "notes"),
    [
        (TEXT.encode(), "UTF-8", 0),
        (codecs.BOM_UTF8 + TEXT.encode(), "UTF-8", 0),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "UTF-16", 0),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "UTF-16", 0),
        (TEXT.encode("utf-16-le"), "UTF-16", 1),
        (TEXT.encode("utf-16-be"), "UTF-16", 1),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "UTF-32", 0),
    ],
)
def test_reads_unicode_with_and_without_mark(data: bytes, name: str, notes: int) -> None:
    table = open_table(data)
    assert table.columns == ("name", "city")
    assert [row.cells for row in table.rows()] == [("Müller & Söhne", "Köln"), ("Łódź GmbH", "Kraków")]
    assert (table.encoding, len(table.notes)) == (name, notes)


def test_old_windows_text_is_read_and_named() -> None:
    table = open_table("name,city\nMüller,Köln\n".encode("cp1252"))
    assert next(table.rows()).cells == ("Müller", "Köln")
    assert table.encoding == "Windows-1252"
    assert table.notes == [
        "The file is not UTF-8 (byte 12); it was read as Windows-1252 (Western European)."
        " Check names with accents."
    ]


@pytest.mark.parametrize(
    ("line", "delimiter"),
    [("a,b,c", "comma"), ("a;b;c", "semicolon"), ("a\tb\tc", "tab"), ("a|b|c", "bar")],
)
def test_finds_the_separator(line: str, delimiter: str) -> None:
    data = f'{line}\n{line.replace("a", "1,5")}\n"x; y|z"{line[1:]}\n'.encode()
    if delimiter == "comma":
        data = f'{line}\n"1;5"{line[1:]}\n"x; y|z"{line[1:]}\n'.encode()
    table = open_table(data)
    assert table.delimiter_name == delimiter
    assert table.columns == ("a", "b", "c")
    assert all(not row.problem for row in table.rows())


def test_one_column_is_a_table_too() -> None:
    assert records(b"name\nAcme\nBolt\n") == [{"name": "Acme"}, {"name": "Bolt"}]


def test_ragged_rows_are_named_by_the_row_a_spreadsheet_shows() -> None:
    table = open_table(b"a,b,c\n1,2,3\n\n1,2\n1,2,3,,\n1,2,3,4\n,,\n")
    rows = list(table.rows())
    assert [(row.number, row.problem) for row in rows] == [
        (2, ""),
        (4, "The row has 2 cells where the header has 3."),
        (5, ""),
        (
            6,
            "The row has 4 cells where the header has 3. A cell with the separator in it needs quotes.",
        ),
    ]
    assert rows[1].cells == ("1", "2", "")
    assert table.blank_rows == 2


def test_repeated_and_empty_headers_get_names() -> None:
    table = open_table(b"Name,,name,\nx,y,z,\n")
    assert table.columns == ("Name", "column 2", "name (2)")
    assert table.notes == ["The header names “name” more than once; the later ones are shown with a number."]
    assert next(table.rows()).cells == ("x", "y", "z")


def test_header_only_has_no_rows() -> None:
    assert records(b"a,b\n") == []


def test_nul_bytes_are_left_out_and_named() -> None:
    table = open_table(b"na\x00me,city\nAc\x00me,Bonn\nBolt,Ulm\n")
    assert table.columns == ("name", "city")
    assert [row.cells for row in table.rows()] == [("Acme", "Bonn"), ("Bolt", "Ulm")]
    assert table.notes == ["NUL characters were left out (first in row 2)."]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty"),
        (b"\xef\xbb\xbf\n", "The file is empty"),
        (b",,,\n", "no header row"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel workbook"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08", "compressed"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b'{"a": 1}', "JSON"),
        (bytes(range(1, 9)) * 50, "not a text file"),
        (b",".join([b"a"] * 1001) + b"\n", "1,001 columns"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises(TableError, match=said):
        open_table(data)


def test_a_quote_never_closed_is_refused_by_row() -> None:
    table = open_table(b'a,b\n1,2\n3,"4\n5,6\n7,8')
    with pytest.raises(TableError, match="quote opened in row 3 is never closed"):
        list(table.rows())


def test_a_cell_without_end_is_refused() -> None:
    table = open_table(b'a,b\n1,"' + b"x" * (5 * 1024 * 1024) + b'"\n')
    with pytest.raises(TableError, match="Row 2 holds a cell of more than"):
        list(table.rows())


def test_a_long_cell_is_kept_whole() -> None:
    assert records(b"a,b\n1," + b"x" * 300_000 + b"\n") == [{"a": "1", "b": "x" * 300_000}]


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"nothing\.csv cannot be opened"):
        open_table(tmp_path / "nothing.csv")


def test_an_unknown_encoding_is_a_sentence() -> None:
    with pytest.raises(TableError, match="no text encoding called “klingon”"):
        open_table(b"a,b\n1,2\n", encoding="klingon")


def test_memory_stays_flat(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as stream:
        stream.write(b"a,b,c\n")
        for _ in range(200):
            stream.write(b"0123456789,abcdefghij,0123456789\n" * 1000)
    tracemalloc.start()
    try:
        count = sum(1 for _ in open_table(lambda: io.BufferedReader(io.FileIO(path))).rows())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 200_000
    assert peak < 6 * 1024 * 1024
