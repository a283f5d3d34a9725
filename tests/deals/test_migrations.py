"""What the data migrations do to rows that earlier versions wrote."""

from importlib import import_module

from django.db import connection

from deals.models import Registration
from deals.rules.lifecycle import State
from partners.core.scope import program_scope
from tests.deals.making import account, registered
from tests.deals.registrations.life import FERNHILL, edited, fresh
from tests.support.cast import Cast
from tests.support.database import owner_connection


def statement(migration: str) -> tuple[str, str]:
    """What a migration runs, and what takes it back."""
    (operation,) = import_module(f"deals.migrations.{migration}").Migration.operations
    return operation.sql, operation.reverse_sql


def test_an_approved_claim_without_an_account_gets_that_of_its_protection(committed_cast: Cast) -> None:
    cast = committed_cast
    lost = registered(cast, **FERNHILL)
    kept = registered(cast)
    account(cast, "Osterby Foods", "osterby.com", "SE", is_named=True)
    waiting = registered(cast, customer_name="Osterby Foods", website="osterby.com", country="SE")
    changing = registered(cast, customer_name="Tamarisk Mills", website="tamarisk-mills.com", country="GB")
    held = changing.account_id
    edited(cast, changing, customer_name="Vellum Works", website="vellum-works.com")
    with program_scope(cast.program.pk):
        Registration.objects.filter(pk__in=[lost.pk, waiting.pk]).update(account=None)
    forwards, back = statement("0015_accounts_of_the_approved")
    assert back == ""
    connection.close()
    with owner_connection() as owner:
        assert owner.execute(forwards).rowcount == 1
        assert owner.execute(forwards).rowcount == 0
    now = fresh(cast, lost)
    assert (now.state, now.account_id) == (State.APPROVED, now.protection.account_id)
    assert (now.account_id, now.version) == (lost.account_id, lost.version)
    assert fresh(cast, kept).account_id == kept.account_id
    assert (fresh(cast, waiting).state, fresh(cast, waiting).account_id) == (State.IN_REVIEW, None)
    now = fresh(cast, changing)
    assert (now.state, now.account_id, now.protection.account_id) == (State.IN_REVIEW, None, held)


def test_the_application_s_role_gives_none_outside_a_scope(committed_cast: Cast) -> None:
    cast = committed_cast
    row = registered(cast, **FERNHILL)
    with program_scope(cast.program.pk):
        Registration.objects.filter(pk=row.pk).update(account=None)
    with connection.cursor() as cursor:
        cursor.execute(statement("0015_accounts_of_the_approved")[0])
        assert cursor.rowcount == 0
    assert fresh(cast, row).account_id is None
