"""Opportunities from files: accounts found or made, stages kept, nothing lost, nothing guessed silently."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from deals.models import Account, AccountKey, Opportunity, StageChange
from partners.core.scope import program_scope
from partners.models import CellMark
from tests.support.cast import Cast
from tests.support.imports import counts, load_file, notes, rejections


@pytest.fixture(autouse=True)
def _in_program(cast: Cast) -> Iterator[None]:
    with time_machine.travel("2026-06-15 10:00", tick=False), program_scope(cast.program.pk):
        yield


def stages(row: Opportunity) -> list[tuple[Any, ...]]:
    return list(
        StageChange.objects.filter(opportunity=row)
        .order_by("on", "pk")
        .values_list("on", "state", "stage", "program_amount")
    )


def test_a_pipeline_with_real_dirt(cast: Cast) -> None:
    cast.offering.name = "Northwind"
    cast.offering.save()
    summary = load_file(cast, "pipeline.csv")
    assert counts(summary) == (9, 4, 0, 0, 5)
    assert rejections() == [
        (6, "close_date", "It is won, but no day says when it was closed."),
        (7, "engage_date", "“13/13/2025” is not a day that exists."),
        (8, "close_value", "The amount is less than nothing."),
        (9, "close_value", "“twelve” is not an amount."),
        (10, "deal_id", "The same id stands in row 2."),
    ]
    won, lost, open_, bare = Opportunity.objects.order_by("external_id")
    assert (won.name, won.state, won.stage, won.amount) == (
        "Holm & Søn A/S · Northwind",
        "won",
        "Won",
        Decimal("1054.00"),
    )
    assert (won.opened_on, won.closed_on, won.closes_on) == (date(2025, 10, 20), date(2026, 3, 1), None)
    assert (won.currency, won.program_amount, won.source, won.owner) == (
        "EUR",
        Decimal("1054.00"),
        "direct",
        cast.seats["rep"],
    )
    assert (lost.state, lost.offering, open_.offering) == ("lost", cast.offering, None)
    assert (open_.account, open_.owner, open_.owner_name) == (lost.account, None, "Nobody Here")
    assert (bare.account, bare.name, bare.opened_on) == (None, "Northwind", date(2026, 6, 15))
    assert summary.about == [
        "No date in “close_date” shows whether day or month comes first; they were read month first,"
        " as “engage_date” is.",
        "Nothing in “close_value” shows which mark means decimals; “,” was taken for thousands, so “1,054” is"
        " 1,054. Choose the other if that is wrong.",
    ]
    said = notes(summary)
    assert said["“North wind” was read as the offering “Northwind”."] == 1
    assert said["“Southwind” is not an offering of this program; left empty."] == 1
    assert said["The row names no account; the opportunity has none."] == 1
    assert said["“Holm & Søn A/S” was not here; an account was made from it."] == 1
    assert said["Without an opening day, the day of this load (or of the end) is used."] == 1


def test_accounts_made_on_the_way_have_keys_and_become_customers(cast: Cast) -> None:
    load_file(cast, "pipeline.csv")
    assert list(Account.objects.order_by("name").values_list("name", "is_customer")) == [
        ("Fjordkraft", False),
        ("Holm & Søn A/S", True),
    ]
    assert AccountKey.objects.values("account").distinct().count() == 2


def test_a_closed_deal_was_open_before(cast: Cast) -> None:
    load_file(cast, "pipeline.csv")
    amount = Decimal("1054.00")
    assert stages(Opportunity.objects.get(external_id="D-1")) == [
        (date(2025, 10, 20), "open", "", amount),
        (date(2026, 3, 1), "won", "Won", amount),
    ]
    assert stages(Opportunity.objects.get(external_id="D-3")) == [
        (date(2025, 11, 1), "open", "Engaging", None)
    ]


def test_a_second_load_changes_nothing_even_later(cast: Cast) -> None:
    load_file(cast, "pipeline.csv")
    before = list(Opportunity.objects.order_by("pk").values())
    with time_machine.travel("2026-07-20 10:00", tick=False):
        assert counts(load_file(cast, "pipeline.csv")) == (9, 0, 0, 4, 5)
    assert list(Opportunity.objects.order_by("pk").values()) == before
    assert StageChange.objects.count() == 6


def test_a_changed_stage_appends_to_the_history(cast: Cast) -> None:
    head = b"id,opportunity name,stage,amount,created,close date\n"
    load_file(cast, head + b"1,Holm,Qualify,100,2026-01-05,2026-09-30\n")
    with time_machine.travel("2026-07-01 10:00", tick=False):
        summary = load_file(cast, head + b"1,Holm,Propose,150.00,2026-01-05,2026-09-30\n")
    assert counts(summary) == (1, 0, 1, 0, 0)
    with time_machine.travel("2026-08-01 10:00", tick=False):
        load_file(cast, head + b"1,Holm,Closed Won,150.00,2026-01-05,2026-07-30\n")
    row = Opportunity.objects.get()
    assert (row.state, row.closed_on, row.closes_on, row.version) == (
        "won",
        date(2026, 7, 30),
        date(2026, 9, 30),
        3,
    )
    assert stages(row) == [
        (date(2026, 1, 5), "open", "Qualify", Decimal("100.00")),
        (date(2026, 7, 1), "open", "Propose", Decimal("150.00")),
        (date(2026, 7, 30), "won", "Closed Won", Decimal("150.00")),
    ]


def test_hubspot_labels_multi_ids_formulas_and_newlines(cast: Cast) -> None:
    load_file(cast, "Record ID,Company name,Company Domain Name\n7001,Holm & Søn A/S,holm-soen.dk\n".encode())
    summary = load_file(cast, "hubspot_deals.csv")
    assert counts(summary) == (3, 3, 0, 0, 0)
    renewal, formula, bare = Opportunity.objects.order_by("external_id")
    assert (renewal.account, renewal.other_ids) == (Account.objects.get(external_id="7001"), ["9008", "9009"])
    assert (renewal.state, renewal.closed_on) == ("won", date(2026, 3, 1))
    assert formula.name == '=HYPERLINK("http://evil.example","Click")'
    assert (formula.account.name, formula.account.external_id) == ("Bergen Robotics", "7003")
    assert (bare.name, bare.account, bare.amount) == ("Two lines", None, None)
    assert counts(load_file(cast, "hubspot_deals.csv")) == (3, 0, 0, 3, 0)


def test_foreign_money_is_kept_and_counted_at_the_rate_of_the_opening_day(cast: Cast) -> None:
    head = b"id,opportunity name,stage,amount,currency,created,close date\n"
    summary = load_file(
        cast, head + b"1,A,Open,1000,USD,2024-03-15,2026-09-30\n2,B,Open,1000,AED,2024-03-15,2026-09-30\n"
    )
    dollars, dirhams = Opportunity.objects.order_by("external_id")
    assert (dollars.amount, dollars.currency, dollars.rate_on) == (Decimal(1000), "USD", date(2024, 3, 15))
    assert dollars.program_amount == (Decimal(1000) * dollars.rate).quantize(Decimal("0.01"))
    assert (dirhams.amount, dirhams.currency, dirhams.program_amount) == (Decimal(1000), "AED", None)
    assert notes(summary)["There is no reference rate from AED to EUR; not counted in EUR."] == 1


def test_an_unknown_account_id_without_a_name_is_said(cast: Cast) -> None:
    head = b"Id,AccountId,Name,StageName,Amount,CloseDate,IsClosed,IsWon,OwnerId\n"
    summary = load_file(cast, head + b"X1,hash==,Deal,Prospecting,5,2026-09-30,false,false,o\n")
    assert counts(summary) == (1, 1, 0, 0, 0)
    assert Opportunity.objects.get().account is None
    assert notes(summary)["There is no account with the id hash== here; the account was left empty."] == 1


def test_ambiguous_dates_are_read_by_the_default_and_said(cast: Cast) -> None:
    data = b"id,deal name,deal stage,amount,close date\n1,A,Open,5,3/4/2026\n"
    summary = load_file(cast, data)
    assert Opportunity.objects.get().closes_on == date(2026, 4, 3)
    assert "they were read day first" in summary.about[0]
    assert counts(load_file(cast, data, date_order="mdy")) == (1, 0, 1, 0, 0)
    assert Opportunity.objects.get().closes_on == date(2026, 3, 4)


def test_the_months_it_touches_are_marked(cast: Cast) -> None:
    load_file(cast, "pipeline.csv")
    (mark,) = CellMark.objects.all()
    assert (mark.partner_id, mark.since) == (None, date(2025, 10, 1))
    CellMark.objects.all().delete()
    load_file(cast, "pipeline.csv")
    assert not CellMark.objects.exists()


def test_without_ids_the_same_deal_is_found_again(cast: Cast) -> None:
    head = b"deal,account,deal stage,amount,created\n"
    data = head + b"Renewal,Holm,Open,10,2026-01-02\nNew,Holm,Open,10,2026-01-02\n"
    assert counts(load_file(cast, data))[1:4] == (2, 0, 0)
    assert counts(load_file(cast, data.replace(b"New,Holm,Open,10", b"New,Holm,Open,11")))[1:4] == (0, 1, 1)


def test_thirty_rows_cost_as_many_statements_as_three(cast: Cast, django_assert_max_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost(rows: int, first: int) -> int:
        lines = b"".join(
            b"%d,Deal %d,Account %d,Open,5,2026-01-02\n" % (n, n, n) for n in range(first, first + rows)
        )
        with CaptureQueriesContext(
            connection,
        ) as seen:
            load_file(cast, b"id,opportunity name,account name,stage,amount,created date\n" + lines)
        return len(seen)

    assert cost(3, 0) == cost(30, 100)


def test_a_bare_name_joins_the_id_that_comes_with_it(cast: Cast) -> None:
    head = b"Record ID,Deal Name,Deal Stage,Associated Company,Associated Company IDs\n"
    data = head + b"1,A,Open,Bergen,7\n2,B,Open,bergen,\n3,C,Open,Oslo,8\n4,D,Open,Oslo,9\n5,E,Open,Oslo,\n"
    summary = load_file(cast, data)
    assert counts(summary) == (5, 5, 0, 0, 0)
    assert sorted(Account.objects.values_list("name", "external_id")) == [
        ("Bergen", "7"),
        ("Oslo", "8"),
        ("Oslo", "9"),
    ]
    rows = Opportunity.objects.order_by("external_id")
    assert [row.account.external_id if row.account else "" for row in rows] == ["7", "7", "8", "9", ""]
    assert notes(summary)["Several accounts are called “Oslo”; the account was left empty."] == 1
    assert counts(load_file(cast, data)) == (5, 0, 0, 5, 0)
