"""Reading by a statement said once, and rows written together: the walls stand and references are kept."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection
from django.db.models import AutoField
from django.test.utils import CaptureQueriesContext

from deals.models import Account, AccountKey
from partners.core.reading import answers, fetch, question, rows_of
from partners.core.records import TenantRow
from partners.core.scope import ScopeMissing, program_scope
from partners.core.writing import add, sequence_of, together, write_waiting
from partners.models import Charter, Offering, Partner
from tests.support.cast import Cast

pytestmark = pytest.mark.django_db


ODD = ("Farnhill “Bäckerei”", "a,b{c}\\", "100 %s; DROP TABLE x --", "%(name)s'", '"', "\u202e株式会社")


def an_account(cast: Cast, name: str = "Fernhill Bakery") -> Account:
    return Account(program=cast.program, name=name, other_names=list(ODD))


def test_rows_written_together_take_two_statements_and_know_each_other(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        with CaptureQueriesContext(connection) as seen, together():
            account = an_account(cast)
            keys = [
                AccountKey(program=cast.program, account=account, kind="n", value=value) for value in "ab"
            ]
            add(account)
            add(*keys)
            assert account.pk is None
            assert len(seen) == 0
        assert len(seen) == 2  # their numbers, and the rows
        assert [key.account_id for key in keys] == [account.pk, account.pk]
        kept = Account.objects.get(pk=account.pk)
        assert kept.other_names == list(ODD)
        assert [key.value for key in kept.keys.order_by("value")] == ["a", "b"]
        account.name = "Fernhill"
        account.save(update_fields=["name"])  # it is a stored row like any other
        assert Account.objects.get(pk=account.pk).name == "Fernhill"


def test_what_waits_is_written_for_whoever_needs_its_id(cast: Cast) -> None:
    with program_scope(cast.program.pk), together():
        account = an_account(cast)
        add(account)
        write_waiting()
        assert Account.objects.get(name="Fernhill Bakery").pk == account.pk


def test_an_inner_act_is_written_with_the_outer_one(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        with together():
            with together():
                add(an_account(cast))
            assert not Account.objects.exists()
        assert Account.objects.count() == 1


def _add_and_fail(cast: Cast) -> None:
    with together():
        add(an_account(cast))
        raise KeyError


def test_an_act_that_fails_leaves_nothing(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        with pytest.raises(KeyError):
            _add_and_fail(cast)
        assert not Account.objects.exists()
        add(an_account(cast))
        assert Account.objects.count() == 1


def test_what_the_database_refuses_is_raised_at_the_end(cast: Cast) -> None:
    def twice() -> None:
        with program_scope(cast.program.pk), together():
            first, second = an_account(cast), an_account(cast, "Another")
            second.public_id = first.public_id
            add(first, second)

    with pytest.raises(IntegrityError):
        twice()
    with program_scope(cast.program.pk):
        assert not Account.objects.exists()


def test_rows_of_another_program_are_refused(cast: Cast) -> None:
    def elsewhere() -> None:
        with program_scope(cast.program.pk), together():
            add(an_account(cast), Account(program=cast.other_program, name="Theirs"))

    with pytest.raises(Exception, match="row-level security"):
        elsewhere()


def test_fetched_rows_are_the_scopes_own_and_read_as_a_queryset_reads_them(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        (found,) = fetch(Charter, "ORDER BY number DESC LIMIT 1")
        same = Charter.objects.order_by("-number")[0]
        assert {field.attname: getattr(found, field.attname) for field in Charter._meta.concrete_fields} == {
            field.attname: getattr(same, field.attname) for field in Charter._meta.concrete_fields
        }
        assert {row.program_id for row in fetch(Partner, "ORDER BY id")} == {cast.program.pk}
        assert fetch(Partner, "AND name = %s", "nobody") == []


def test_several_questions_are_one_statement_answered_in_order(cast: Cast) -> None:
    with program_scope(cast.program.pk), CaptureQueriesContext(connection) as seen:
        first, partners, none = answers(
            ("SELECT %s || '; ' || %s", ["100 %", ODD[1]]),
            question(Partner, "AND name <> %s ORDER BY name", "nobody"),
            question(Offering, "AND name = %s", ODD[2]),
        )
        assert (first, none) == ([(f"100 %; {ODD[1]}",)], [])
        assert [row.pk for row in rows_of(Partner, partners)] == [cast.alder.pk, cast.birch.pk]
    assert sum("partners_partner" in query["sql"] for query in seen.captured_queries) == 1
    assert sum("partners_offering" in query["sql"] for query in seen.captured_queries) == 1
    assert len(seen.captured_queries) <= 3  # the scope is opened and closed beside it


def test_nothing_is_fetched_past_the_walls(cast: Cast) -> None:
    for ask in (fetch, question):
        with pytest.raises(ScopeMissing):
            ask(Charter, "")
        with program_scope(cast.program.pk, partner_id=cast.alder.pk), pytest.raises(ScopeMissing):
            ask(Charter, "")
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        assert [row.pk for row in fetch(Offering, "AND active")] == [cast.offering.pk]


def test_every_table_is_numbered_where_it_is_looked_for() -> None:
    tenants = [model for model in apps.get_models() if issubclass(model, TenantRow)]
    models = [model for model in tenants if isinstance(model._meta.pk, AutoField)]
    assert len(models) > 20
    assert set(tenants) - set(models) == {AccountKey}
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
            assert cursor.fetchone()[0] == f"public.{sequence_of(model)}"
