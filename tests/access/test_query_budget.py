"""No page asks the database more than ``BUDGET`` statements (DESIGN §10), whatever it shows."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from deals.models import Account, Conflict, Lead, LeadOffer, Opportunity, Registration
from deals.registrations.submit import save_draft
from partners.core.scope import program_scope
from partners.models import Partner
from plans.models import Plan
from tests.access.rows import STAFF, Row
from tests.access.table_care import asking, line, review
from tests.access.test_tables import all_rows
from tests.deals.leads.making import given, lead, offered
from tests.deals.making import account, claim, decided, registered
from tests.deals.registrations.life import appealed, asked, extension_asked
from tests.support.cast import Cast
from tests.support.world import fill_partner

BUDGET = 15
PLACES = ("partners", "deals", "plans", "prm", "portal")
# They open and close the scope: a fixed handful that reads no row and writes none.
SCOPE = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "SELECT set_config(", "SET LOCAL")
AT_PORTAL = ("alder_admin", "birch_admin")
AT_WORK = ("leader", "ops")  # who sees everything, and who rules on appeals; the others see less of it
# What such pages read depends on how their row stands, so they are opened for every one there is.
EVERY: dict[str, Any] = {
    "deals:account": Account,
    "deals:conflict": Conflict,
    "deals:lead": Lead,
    "deals:opportunity": Opportunity,
    "deals:registration": Registration,
    "partners:partner": Partner,
    "plans:plan": Plan,
    "portal:deal": Registration,
    "portal:lead": Lead,
    "portal:lead_offer": LeadOffer,
    "prm:review": Partner,
}


def busy(cast: Cast) -> None:
    """Birch with something of everything: deals in each stage, leads both ways, a plan, and what waits."""
    with program_scope(cast.program.pk):
        fill_partner(cast, "birch", "manager", "birch_admin")
        asking(cast), line(cast), review(cast)
        save_draft(
            actor=cast.actor("leader"), claim=claim(customer_name="Willowmere"), partner_id=cast.birch.pk
        )
    for name in ("Larkspur Mills", "Harrowgate Clinics", "Sorrelwick Foods", "Emberly Press"):
        site = f"{name.replace(' ', '-').lower()}.com"
        if name != "Emberly Press":
            account(cast, name, site, "GB", is_customer=True, owner=cast.seats["rep"])
        deal = registered(cast, "birch_admin", customer_name=name, website=site, country="GB")
        if name == "Harrowgate Clinics":
            decided(cast, deal)
            appealed(cast, deal, "birch_admin")
        if name == "Sorrelwick Foods":
            asked(cast, deal)
        if name == "Emberly Press":
            extension_asked(cast, deal, who="birch_admin")
    lead(cast, customer_name="Larkspur Mills", website="larkspur-mills.com", country="GB")
    offered(cast, lead(cast, customer_name="Offered"), cast.birch)
    given(cast, "birch_admin", customer_name="Given")


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements asked meanwhile, but for those of the scope; of several sent together, each."""
    found: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        found.extend(one for one in sql.split("; ") if not one.startswith(SCOPE))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def pages() -> list[Row]:
    return [row for row in all_rows() if row.method == "GET" and not row.name.startswith("api:")]


def visitors(row: Row) -> list[str]:
    """Who may see such a page; which partner's it is goes by its row."""
    if row.expected["leader"] == 404:
        return [*AT_PORTAL]
    return [who for who in AT_WORK if row.expected[who] == 200] or [
        who for who in STAFF if row.expected[who] == 200
    ]


def addresses(cast: Cast, row: Row) -> list[tuple[str, dict[str, str]]]:
    """Where the page is, with what is asked for there. Makes what it is about."""
    with program_scope(cast.program.pk):
        kwargs = row.kwargs(cast)
        ids = EVERY[row.name].objects.values_list("public_id", flat=True) if row.name in EVERY else ()
        every = [kwargs, *({"public_id": public_id} for public_id in ids)]
    searched = {"q": "a", "partner": cast.birch.public_id, "page": "2"}
    queries = ({},) if "public_id" in kwargs else ({}, searched)
    found = [reverse(row.name, kwargs={"program": cast.program.slug, **one}) for one in every]
    return [(address, query) for address in found for query in queries]


def cost(client: Client, address: str, query: dict[str, str]) -> int:
    """What a person's first visit of the day costs; 0 where there is no page for them."""
    with transaction.atomic():
        with counted() as found:
            response = client.get(address, query)
        transaction.set_rollback(True)
    return len(found) if response.status_code == 200 else 0


def test_there_are_pages() -> None:
    assert len(pages()) > 80
    assert {row.name.split(":")[0] for row in pages()} == set(PLACES)
    assert [row.name for row in pages() if not visitors(row)] == []


@pytest.mark.parametrize("place", PLACES)
def test_no_page_asks_more_than_the_budget(cast: Cast, place: str) -> None:
    """Counted is every statement that reads or writes rows, session and user among them: all but savepoints
    and the settings that open and close the scope. ``pytest -s`` shows the pages, the worst first."""
    busy(cast)
    clients = {who: cast.client(who) for who in (*STAFF, *AT_PORTAL)}
    worst: list[tuple[int, str, str]] = []
    for row in pages():
        if not row.name.startswith(f"{place}:"):
            continue
        with transaction.atomic():
            where = addresses(cast, row)
            costs = [
                (cost(clients[who], address, query), row.name, f"{who} {address} {query or ''}")
                for who in visitors(row)
                for address, query in where
            ]
            transaction.set_rollback(True)
        worst.append(max(costs))
    worst.sort(reverse=True)
    sys.stdout.write("\n".join(f"{number:4} {name:32} {where}" for number, name, where in worst) + "\n")
    assert [found for found in worst if not 0 < found[0] <= BUDGET] == []
