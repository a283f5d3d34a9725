"""Cells as values, and columns that decide how their cells are read."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from deals.tabular.amounts import Amount, MoneyColumn, read_amount, read_currency
from deals.tabular.dates import DateColumn, default_date_order, read_date, read_moment
from deals.tabular.values import (
    Style,
    ValueFault,
    read_email,
    read_flag,
    read_id,
    read_ids,
    read_integer,
    read_percent,
    read_text,
    salesforce_id,
)

MDY, DMY = Style("mdy", decided=True), Style("dmy", decided=True)


def dates(cells: Iterable[str], default: str = "dmy", override: str | None = None) -> Style:
    column = DateColumn()
    for row, cell in enumerate(cells, start=2):
        column.observe(cell, row)
    return column.settle("Close Date", default, override)


def money(cells: Iterable[str], override: str | None = None) -> Style:
    column = MoneyColumn()
    for row, cell in enumerate(cells, start=2):
        column.observe(cell, row)
    return column.settle("Amount", "EUR", override)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2017-03-01", date(2017, 3, 1)),
        ("2017/3/1", date(2017, 3, 1)),
        ("2019-12-04 12:48", date(2019, 12, 4)),
        ("2020-12-30 3:15:52", date(2020, 12, 30)),
        ("2023-06-22 11:37:07.210000", date(2023, 6, 22)),
        ("2023-05-03 08:51:08.199000 UTC", date(2023, 5, 3)),
        ("2023-05-03T08:51:08.000+0000", date(2023, 5, 3)),
        ("20230503", date(2023, 5, 3)),
        ("1575463702000", date(2019, 12, 4)),
        ("12 Jan 2024", date(2024, 1, 12)),
        ("January 12, 2024", date(2024, 1, 12)),
    ],
)
def test_dates_that_can_only_mean_one_day(text: str, day: date) -> None:
    assert read_date(text, MDY) == day
    assert read_date(text, DMY) == day


def test_a_moment_with_a_zone_is_the_day_it_was_in_the_program() -> None:
    assert read_date("2023-05-03T23:30:00Z", DMY, "Europe/Berlin") == date(2023, 5, 4)
    assert read_date("2023-05-03 23:30:00", DMY, "Europe/Berlin") == date(2023, 5, 3)
    assert read_moment("3/5/2023 1:05 PM", DMY, "Europe/Berlin") == datetime(2023, 5, 3, 11, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cells", "choice"),
    [
        (["3/4/2017", "10/20/2016"], "mdy"),
        (["3/4/2017", "20/10/2016"], "dmy"),
        (["3.4.2017", "20.10.2016"], "dmy"),
        (["3-4-2017", "10-20-2016"], "mdy"),
    ],
)
def test_one_cell_decides_for_its_whole_column(cells: list[str], choice: str) -> None:
    style = dates(cells, default="dmy")
    assert (style.choice, style.decided, style.note) == (choice, True, "")
    expected = date(2017, 3, 4) if choice == "mdy" else date(2017, 4, 3)
    assert read_date(cells[0], style) == expected


def test_an_undecided_column_uses_the_default_and_says_so() -> None:
    style = dates(["3/4/2017", "5/6/2017"], default="mdy")
    assert read_date("3/4/2017", style) == date(2017, 3, 4)
    assert style.note == (
        "No date in “Close Date” shows whether day or month comes first; they were read month first."
        " Choose the other order if that is wrong."
    )
    assert dates(["3/4/2017"], override="dmy").note == ""


def test_a_column_that_contradicts_itself_reads_only_what_is_certain() -> None:
    style = dates(["13/4/2017", "4/13/2017", "3/4/2017"])
    assert "day first (row 2) and month first (row 3)" in style.note
    assert read_date("13/4/2017", style) == read_date("4/13/2017", style) == date(2017, 4, 13)
    with pytest.raises(ValueFault, match="could be two days"):
        read_date("3/4/2017", style)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2023-02-30", "not a day that exists"),
        ("13/4/2017", "no month 13"),
        ("43500", "day number"),
        ("tomorrow", "Write it like 2026-11-23"),
        ("9999-12-31", "outside the years"),
        ("0000-00-00", "not a day that exists"),
        ("2023-05-03 25:00", "not a day that exists"),
        ("=1+1", "is not a date"),
    ],
)
def test_dates_that_cannot_be_read_are_named(text: str, said: str) -> None:
    with pytest.raises(ValueFault, match=said):
        read_date(text, MDY)


def test_two_digit_years_are_said() -> None:
    style = dates(["13/4/17", "1/2/69"])
    assert read_date("1/2/69", style) == date(2069, 2, 1)
    assert style.note == "Two-digit years in “Close Date” were read as 1970 to 2069."


def test_the_default_order_follows_the_place() -> None:
    assert default_date_order("America/New_York") == "mdy"
    assert default_date_order("America/Indiana/Knox") == "mdy"
    assert default_date_order("America/Sao_Paulo") == "dmy"
    assert default_date_order("Europe/London") == "dmy"


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("1.234,50", "1234.50", ""),
        ("1,234.50", "1234.50", ""),
        ("1 234,50", "1234.50", ""),
        ("1\u202f234,50", "1234.50", ""),
        ("1'234.50", "1234.50", ""),
        ("12,34,567.00", "1234567.00", ""),
        ("1.234.567", "1234567", ""),
        ("(500)", "-500", ""),
        ("500-", "-500", ""),
        ("\u2212500", "-500", ""),
        ("1e3", "1000", ""),
        ("0.123", "0.12", ""),
        ("€ 1.200,00", "1200", "EUR"),
        ("1,000.00 USD", "1000", "USD"),
        ("US$ 3", "3", "USD"),
        ("-£5", "-5", "GBP"),
    ],
)
def test_amounts_that_can_only_mean_one_thing(text: str, value: str, currency: str) -> None:
    for style in (Style(".", decided=False), Style(",", decided=False)):
        assert read_amount(text, style, "EUR") == Amount(Decimal(value), currency)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [(["1.234", "12,50"], "1234.00"), (["1.234", "12.50"], "1.23"), (["1.234", "1,234.00"], "1.23")],
)
def test_one_amount_decides_for_its_whole_column(cells: list[str], expected: str) -> None:
    style = money(cells)
    assert style.decided
    assert read_amount("1.234", style, "EUR") == Amount(Decimal(expected))


def test_an_undecided_mark_is_thousands_and_said() -> None:
    style = money(["1.234", "500"])
    assert read_amount("1.234", style, "EUR") == Amount(Decimal("1234.00"))
    assert style.note == (
        "Nothing in “Amount” shows which mark means decimals; “.” was taken for thousands,"
        " so “1.234” is 1,234."
        " Choose the other if that is wrong."
    )
    assert read_amount("1.234", money(["1.234"], override="."), "EUR") == Amount(Decimal("1.23"))


@pytest.mark.parametrize("cells", [["1.234", "1,50", "1.50"], ["1.234", "5,678"]])
def test_a_column_with_both_marks_refuses_what_could_be_either(cells: list[str]) -> None:
    style = money(cells)
    assert style.mixed
    with pytest.raises(ValueFault, match="could be two amounts"):
        read_amount("1.234", style, "EUR")


@pytest.mark.parametrize(
    "text",
    ["abc", "1,23,4", "10k", "NaN", "Infinity", "1.2.3", "€", "=1+1", "1e999", "9" * 20, "1 USD EUR"],
)
def test_amounts_that_cannot_be_read_are_named(text: str) -> None:
    with pytest.raises(ValueFault):
        read_amount(text, Style(".", decided=True), "EUR")


def test_a_shared_sign_means_the_programs_own_currency_or_is_said() -> None:
    assert read_currency("$", "CAD") == "CAD"
    assert read_currency("$", "EUR") == "USD"
    assert money(["$5"]).note == "“$” in “Amount” was read as USD."
    with pytest.raises(ValueFault, match="not a currency"):
        read_currency("zorkmid", "EUR")


def test_both_forms_of_a_salesforce_id_are_one() -> None:
    assert salesforce_id("006q000000Hddoh") == salesforce_id("006q000000HddohAAB") == "006q000000HddohAAB"
    assert salesforce_id("006Q000000HDDOHAAB") == "006q000000HddohAAB"
    with pytest.raises(ValueFault, match="check characters"):
        salesforce_id("006q000000HddohAAC")
    with pytest.raises(ValueFault, match="15 or 18"):
        salesforce_id("006q000000Hddo")


def test_ids_are_kept_as_written_unless_they_are_salesforces() -> None:
    assert read_id("1C1I7A6R", salesforce=True) == "1C1I7A6R"
    assert read_id("006q000000Hddoh", salesforce=False) == "006q000000Hddoh"
    assert read_id("006q000000Hddoh", salesforce=True) == "006q000000HddohAAB"
    assert read_id("9002.0", salesforce=False) == "9002"
    assert read_id(" n/a ", salesforce=False) == ""
    with pytest.raises(ValueFault, match="digits are lost"):
        read_id("1.2E+12", salesforce=False)
    with pytest.raises(ValueFault, match="at most 60"):
        read_id("x" * 61, salesforce=False)


def test_several_ids_in_one_cell() -> None:
    assert read_ids("9002;9999") == ("9002", "9999")
    assert read_ids("76340251:1661707291575;46897301:1661707931852") == ("76340251", "46897301")
    assert read_ids("9002; 9002 ;") == ("9002",)
    assert read_ids("") == ()


def test_flags_numbers_and_addresses() -> None:
    assert [read_flag(text) for text in ("TRUE", "yes", "1", "False", "no", "0", "")] == [True] * 3 + [
        False
    ] * 4
    with pytest.raises(ValueFault, match="not yes or no"):
        read_flag("maybe")
    assert [read_integer(text) for text in ("1,200", "1.200", "1200.0", "15", "")] == [
        1200,
        1200,
        1200,
        15,
        None,
    ]
    with pytest.raises(ValueFault, match="not a whole number"):
        read_integer("12.5")
    with pytest.raises(ValueFault, match="outside"):
        read_integer("-3")
    assert [read_percent(text) for text in ("40", "40 %", "0.4", "100", "")] == [40, 40, 40, 100, None]
    with pytest.raises(ValueFault, match="more than 100"):
        read_percent("1000")
    assert read_email(" Ann@Example.COM ") == "ann@example.com"
    with pytest.raises(ValueFault, match="not an e-mail"):
        read_email("ann@example")


def test_text_is_made_storable_and_never_cut() -> None:
    assert read_text("=cmd|' /C calc'!A0", limit=80) == "=cmd|' /C calc'!A0"
    assert read_text("A\x00B\ud800", limit=80) == "AB?"
    with pytest.raises(ValueFault, match="81 characters; at most 80"):
        read_text("x" * 81, limit=80)
