"""Accounts from files: ids, names, parents, removals, merges, and a second load that changes nothing."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DataError, transaction

from deals.accounts.lookup import matching_accounts
from deals.imports import accounts as import_accounts
from deals.matching.evidence import Party
from deals.matching.match import Band
from deals.models import Account, AccountKey, Import
from partners.core.scope import program_scope
from partners.models import LedgerEntry
from tests.support.cast import Cast
from tests.support.imports import counts, load_file, notes, rejections


@pytest.fixture(autouse=True)
def _in_program(cast: Cast) -> Iterator[None]:
    with program_scope(cast.program.pk):
        yield


def test_a_salesforce_export_with_everything_in_it(cast: Cast) -> None:
    summary = load_file(cast, "sf_accounts.csv")
    assert counts(summary) == (6, 2, 1, 0, 3)
    assert rejections() == [
        (4, "IsDeleted", "The CRM marks this record as deleted. It was not loaded."),
        (6, "Id", "The same id stands in row 2."),
        (7, "Name", "The account has no name."),
    ]
    holm, logistics = Account.objects.order_by("name")
    assert (holm.name, holm.external_id, holm.other_ids) == (
        "Holm & Søn A/S",
        "001A0000012AbCdIAK",
        ["001A0000012AbCgIAK"],
    )
    assert (holm.website, holm.domain, holm.country) == ("https://www.holm-soen.dk/om", "holm-soen.dk", "DK")
    assert (holm.segment, holm.is_customer, holm.owner) == ("Manufacturing", True, cast.seats["ops"])
    assert (logistics.parent, logistics.is_customer, logistics.owner) == (holm, False, None)
    assert (logistics.owner_name, logistics.country, logistics.website) == ("Nobody Here", "DK", "")
    assert notes(summary) == {
        "“Denmrak” was read as Denmark.": 1,
        "“not an address” is not a web address. It was left out.": 1,
    }


def test_matching_keys_are_those_of_an_account_made_by_hand(cast: Cast) -> None:
    from deals.accounts.services import create_account

    load_file(cast, "sf_accounts.csv")
    loaded = Account.objects.get(name="Holm & Søn A/S")
    by_hand = create_account(
        actor=cast.actor("ops"), name=loaded.name, website=loaded.website, country=loaded.country
    )
    keys = [
        set(AccountKey.objects.filter(account=account).values_list("kind", "value"))
        for account in (loaded, by_hand)
    ]
    assert keys[0] == keys[1] != set()


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_keys_written_batch_by_batch_are_the_same(cast: Cast, monkeypatch: Any, batch: int) -> None:
    load_file(cast, "sf_accounts.csv")
    stored = AccountKey.objects.order_by("account", "kind", "value").values_list("account", "kind", "value")
    whole = list(stored)
    assert len({account for account, _, _ in whole}) == 2
    AccountKey.objects.all().delete()
    monkeypatch.setattr(import_accounts, "_KEY_BATCH", batch)
    work = SimpleNamespace(program=cast.program, now=None, today=None)
    stage = import_accounts.AccountStage(work)  # type: ignore[arg-type] # nothing else of a load is asked for
    import_accounts.store_many_keys(stage, "SELECT id AS target FROM deals_account")
    assert list(stored) == whole


def test_a_load_whose_keys_the_database_refuses_changes_nothing(cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(import_accounts, "_WRITE_KEYS", "SELECT 1 / 0")
    with pytest.raises(DataError), transaction.atomic():
        load_file(cast, "sf_accounts.csv")
    assert not Account.objects.exists()
    assert not AccountKey.objects.exists()
    monkeypatch.undo()
    assert counts(load_file(cast, "sf_accounts.csv")) == (6, 2, 1, 0, 3)


def test_a_second_load_changes_nothing(cast: Cast) -> None:
    load_file(cast, "sf_accounts.csv")
    before = list(Account.objects.order_by("pk").values())
    keys = list(AccountKey.objects.order_by("pk").values())
    assert counts(load_file(cast, "sf_accounts.csv")) == (6, 0, 0, 3, 3)
    assert list(Account.objects.order_by("pk").values()) == before
    assert list(AccountKey.objects.order_by("pk").values()) == keys


def test_a_dry_run_changes_nothing_and_finds_everything(cast: Cast) -> None:
    summary = load_file(cast, "sf_accounts.csv", dry_run=True)
    assert counts(summary) == (6, 2, 1, 0, 3)
    assert len(rejections()) == 3
    assert not Account.objects.exists()
    assert not AccountKey.objects.exists()
    assert not LedgerEntry.objects.filter(verb="import.loaded").exists()


def test_a_changed_row_is_updated_and_keyed_anew(cast: Cast) -> None:
    load_file(cast, b"id,name,website,country\n1,Bergen Robotics,bergen.example.com,NO\n2,Oslo Wind,,NO\n")
    summary = load_file(
        cast, b"id,name,website,country\n1,Bergen Motion,bergenmotion.com,NO\n2,Oslo Wind,,NO\n"
    )
    assert counts(summary) == (2, 0, 1, 1, 0)
    row = Account.objects.get(external_id="1")
    assert (row.name, row.domain, row.version) == ("Bergen Motion", "bergenmotion.com", 2)
    values = set(AccountKey.objects.filter(account=row).values_list("value", flat=True))
    assert "bergenmotion.com" in values
    assert "bergenrobotics" in values  # what it was called before finds it still


def test_columns_that_are_not_in_the_file_are_left_alone(cast: Cast) -> None:
    load_file(cast, b"id,name,website,country,industry\n1,Bergen Robotics,bergenrobotics.no,NO,Robots\n")
    assert counts(load_file(cast, b"id,name,country\n1,Bergen Robotics,SE\n", kind="accounts")) == (
        1,
        0,
        1,
        0,
        0,
    )
    row = Account.objects.get()
    assert (row.country, row.website, row.segment) == ("SE", "bergenrobotics.no", "Robots")


def test_a_deleted_account_is_marked_and_comes_back(cast: Cast) -> None:
    load_file(cast, b"id,name,isdeleted\n1,Bergen Robotics,false\n", kind="accounts")
    assert counts(load_file(cast, b"id,name,isdeleted\n1,Bergen Robotics,true\n", kind="accounts"))[2] == 1
    assert Account.objects.get().removed_at is not None
    assert counts(load_file(cast, b"id,name,isdeleted\n1,Bergen Robotics,true\n", kind="accounts"))[3] == 1
    assert counts(load_file(cast, b"id,name,isdeleted\n1,Bergen Robotics,false\n", kind="accounts"))[2] == 1
    assert Account.objects.get().removed_at is None


def test_rows_without_an_id_mean_the_account_of_that_name(cast: Cast) -> None:
    load_file(cast, b"account,sector\nBergen Robotics,robots\nbergen robotics,robots\n")
    assert rejections() == [(3, "account", "The same name stands in row 2.")]
    summary = load_file(cast, b"id,name,industry\n77,BERGEN ROBOTICS,robots\n")
    assert counts(summary) == (1, 0, 1, 0, 0)
    assert notes(summary) == {
        "An account of this name was here without an id; it took the id of the file.": 1
    }
    assert Account.objects.get().external_id == "77"


def test_merged_ids_of_hubspot_belong_to_the_survivor(cast: Cast) -> None:
    load_file(cast, b"Record ID,Company name,Company Domain Name\n1,Holm,holm.dk\n2,Holm old,\n")
    data = b"Record ID,Company name,Company Domain Name,Merged Record IDs\n1,Holm,holm.dk,2;3\n"
    assert counts(load_file(cast, data)) == (1, 0, 1, 0, 0)
    assert Account.objects.get(external_id="1").other_ids == ["2", "3"]
    assert Account.objects.get(external_id="2").removed_at is not None
    assert counts(load_file(cast, data)) == (1, 0, 0, 1, 0)


def test_other_programs_are_out_of_reach(cast: Cast) -> None:
    with program_scope(cast.other_program.pk):
        load_file(cast, b"id,name\n1,Bergen Robotics\n", who="other_leader", kind="accounts")
    assert counts(load_file(cast, b"id,name\n1,Another name\n", kind="accounts")) == (1, 1, 0, 0, 0)
    with program_scope(cast.other_program.pk):
        assert Account.objects.get().name == "Bergen Robotics"
        assert Import.objects.count() == 1


def test_the_load_is_in_the_ledger(cast: Cast) -> None:
    load_file(cast, "sf_accounts.csv")
    entry = LedgerEntry.objects.get(verb="import.loaded")
    assert (entry.partner, entry.new["created"], entry.new["rejected"]) == (None, 2, 3)


def test_the_name_and_website_a_customer_had_are_kept_and_find_it(cast: Cast) -> None:
    head = b"id,name,website,country\n"
    load_file(cast, head + b"1,Brindle Payments,brindle-pay.com,GB\n2,Oslo Wind,oslowind.no,NO\n")
    summary = load_file(cast, head + b"1,Quartzlane,quartzlane.io,GB\n2,OSLO WIND,,NO\n")
    assert notes(summary) == {
        "The account had another name here; that one is kept, so that claims under it find it.": 1
    }
    quartz, oslo = Account.objects.order_by("external_id")
    assert (quartz.name, quartz.other_names) == ("Quartzlane", ["Brindle Payments"])
    assert (quartz.domain, quartz.other_domains) == ("quartzlane.io", ["brindle-pay.com"])
    assert (oslo.name, oslo.other_names, oslo.other_domains) == ("OSLO WIND", [], [])
    for claim in (Party("Brindle Payments", (), "GB"), Party("Brindle Pay", ("www.brindle-pay.com",), "")):
        found = matching_accounts(claim)
        assert [(one.account, one.match.band) for one in found] == [(quartz, Band.SAME)]
    before = list(Account.objects.order_by("pk").values())
    load_file(cast, head + b"1,Quartzlane,quartzlane.io,GB\n2,OSLO WIND,,NO\n")
    assert list(Account.objects.order_by("pk").values()) == before
    load_file(cast, head + b"1,Brindle Payments,brindle-pay.com,GB\n")
    quartz.refresh_from_db()
    assert (quartz.other_names, quartz.other_domains) == (["Quartzlane"], ["quartzlane.io"])
