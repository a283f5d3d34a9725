"""The keys accounts are found by: written again by a command, and what is found with them."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection

from deals.accounts.lookup import FIND, candidates, matching_accounts, wanted
from deals.accounts.services import rebuild_keys
from deals.matching.evidence import Party
from deals.matching.keys import Key, KeyKind, lookup_keys
from deals.matching.match import Band
from deals.models import Account, AccountKey, Opportunity, StageChange
from partners.core.reading import answers
from partners.core.scope import program_scope
from tests.deals.making import account
from tests.support.cast import Cast


def references(table: str) -> set[str]:
    """The foreign keys the database holds of a table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass", [table]
        )
        return {name for (name,) in cursor.fetchall()}


def test_a_key_refers_to_an_account_of_its_program_by_one_reference(cast: Cast) -> None:
    assert references("deals_accountkey") == {"deals_accountkey_account_id_same_program"}
    row = account(cast, "Brindle Zeolite Ltd")
    for program, account_id in ((cast.program.pk, row.pk + 1_000_000), (cast.other_program.pk, row.pk)):
        with (
            pytest.raises(IntegrityError, match="deals_accountkey_account_id_same_program"),
            program_scope(program),
        ):
            AccountKey.objects.create(program_id=program, account_id=account_id, kind="n", value="halvorne")
    assert "halvorne" not in {
        value for _, _, value in stored(cast.program.pk) | stored(cast.other_program.pk)
    }


def test_what_files_bring_refers_to_another_row_by_one_reference(cast: Cast) -> None:
    said = {"deals_opportunity_account_id_same_program", "deals_stagechange_opportunity_id_same_program"}
    held = references("deals_opportunity") | references("deals_stagechange")
    assert {name for name in held if "account_id" in name or "stagechange" in name} == said
    row = account(cast, "Brindle Zeolite Ltd")
    for program, account_id in ((cast.program.pk, row.pk + 1_000_000), (cast.other_program.pk, row.pk)):
        with pytest.raises(IntegrityError, match="account_id_same_program"), program_scope(program):
            Opportunity.objects.create(
                program_id=program, account_id=account_id, name="x", currency="EUR", opened_on="2026-01-02"
            )
    with program_scope(cast.program.pk):
        deal = Opportunity.objects.create(
            program_id=cast.program.pk, account=row, name="x", currency="EUR", opened_on="2026-01-02"
        )
    for program, deal_id in ((cast.program.pk, deal.pk + 1_000_000), (cast.other_program.pk, deal.pk)):
        with pytest.raises(IntegrityError, match="opportunity_id_same_program"), program_scope(program):
            StageChange.objects.create(
                program_id=program, opportunity_id=deal_id, on="2026-01-02", state="open"
            )


def test_a_key_is_known_by_what_it_says_and_compared_by_its_bytes(cast: Cast) -> None:
    """Each index of these rows is paid for by every row of a file, and so is an order of a language."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'deals_accountkey'::regclass"
        )
        columns = sorted(text.partition("btree ")[2] for (text,) in cursor.fetchall())
        cursor.execute(
            "SELECT attname FROM pg_attribute JOIN pg_collation ON pg_collation.oid = attcollation"
            " WHERE attrelid = 'deals_accountkey'::regclass AND collname = 'C' ORDER BY attname"
        )
        assert [name for (name,) in cursor.fetchall()] == ["kind", "value"]
    assert columns == ["(account_id)", "(program_id, kind, value, account_id)"]


def stored(program_id: int) -> set[tuple[int, str, str]]:
    with program_scope(program_id):
        return set(AccountKey.objects.values_list("account_id", "kind", "value"))


def test_keys_written_anew_are_those_of_the_accounts(committed_cast: Any) -> None:
    cast = committed_cast
    account(cast, "Brindle Zeolite Ltd", "brindle.example.com", "GB")
    account(cast, "Fjordvik Seafood AS", "", "NO")
    before = stored(cast.program.pk)
    with program_scope(cast.program.pk):
        AccountKey.objects.filter(kind="n").delete()
        AccountKey.objects.filter(kind="w").update(kind="x")
    for _ in range(2):
        out = io.StringIO()
        call_command("rebuild_keys", program="northwind", stdout=out)
        assert "accounts written" in out.getvalue()
        assert stored(cast.program.pk) == before


def test_keys_are_written_in_batches(cast: Any) -> None:
    for number in range(5):
        account(cast, f"Brindle {'abcde'[number] * 6}")
    with program_scope(cast.program.pk):
        count = Account.objects.count()
        AccountKey.objects.all().delete()
        assert rebuild_keys(batch=2) == count
        assert AccountKey.objects.values("account").distinct().count() == count


@pytest.mark.django_db
def test_the_command_says_which_program_there_is_not() -> None:
    with pytest.raises(CommandError, match="no program"):
        call_command("rebuild_keys", program="nowhere")


def test_the_rarest_word_is_counted(cast: Any) -> None:
    for word in ("Steel", "Foods", "Media"):
        account(cast, f"Brindle {word}")
    zeolite = account(cast, "Brindle Zeolith")
    with program_scope(cast.program.pk):
        first, *others = candidates(lookup_keys("Brindle Zeolith", "", "", ()))
        assert (first.pk, first.sharers) == (zeolite.pk, 1)
        assert [found.sharers for found in others] == [4, 4, 4]


@pytest.mark.parametrize("entries", [1, 40])
def test_candidates_are_read_by_the_index_and_not_by_every_key(cast: Any, entries: int) -> None:
    """In pages read, because a plan that compares every key answers the same, in seconds."""
    brindle = account(cast, "Brindle Zeolite")
    with program_scope(cast.program.pk), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO deals_accountkey (program_id, account_id, kind, value)"
            " SELECT %s, %s, 'w', 'filler' || n FROM generate_series(1, 20000) n",
            [cast.program.pk, brindle.pk],
        )
        cursor.execute("SELECT pg_relation_size('account_key_is_listed_once') / 8192")
        (all_pages,) = cursor.fetchone() or (0,)
        one = AccountKey.objects.order_by("kind", "value").exclude(value__startswith="filler")[0]
        absent = [Key(KeyKind.WORD, f"absent{number}") for number in range(entries - 1)]
        asked = [*wanted([Key(KeyKind(one.kind), one.value), *absent]).values()]
        assert len(answers((FIND, asked))[0]) == 1
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + FIND, asked)
        ((told,),) = cursor.fetchall()
    pages = told[0]["Plan"]["Shared Hit Blocks"] + told[0]["Plan"]["Shared Read Blocks"]
    assert pages < 10 + 4 * entries < entries * all_pages


def test_parents_and_daughters_are_related_and_never_in_the_way(cast: Any) -> None:
    parent = account(cast, "Brindle Corvane", "brindle-corvane.com", "US")
    daughter = account(cast, "Brindle Corvane Retail", "bcretail.com", "US", parent=parent)
    stranger = account(cast, "Halvorne Shipping", "halvorne.com", "US", parent=parent)
    claim = Party("Brindle Corvane", ("brindle-corvane.com",), "US")
    with program_scope(cast.program.pk):
        assert [found.account for found in matching_accounts(claim)] == [parent]
        shown = matching_accounts(claim, related=True)
        assert [(found.account, found.match.band) for found in shown] == [
            (parent, Band.SAME),
            (daughter, Band.RELATED),
            (stranger, Band.RELATED),
        ]
        assert shown[2].match.reasons == ("belongs to Brindle Corvane",)
        (first, second) = matching_accounts(Party("Halvorne Shipping", ("halvorne.com",), "US"), related=True)
        assert (first.account, second.account) == (stranger, parent)
        assert second.match.reasons == ("parent of Halvorne Shipping",)
