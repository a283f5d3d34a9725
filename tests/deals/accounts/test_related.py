"""Companies of one family: shown beside the customer, and in nobody's way."""

import pytest

from deals.models import Conflict
from deals.rules.lifecycle import State
from partners.core.scope import program_scope
from tests.deals.making import account, registered
from tests.support.cast import Cast

P = "/p/northwind/"


@pytest.fixture
def family(cast: Cast) -> dict[str, str]:
    """A customer, its daughter by the CRM and one the name alone sets apart; public ids by name."""
    parent = account(cast, "Brindle Corvane", "brindle-corvane.com", "US", is_named=True)
    daughter = account(cast, "Halvorne Shipping", "halvorne.com", "US", parent=parent)
    part = account(cast, "Brindle Corvane Foundation", "", "US")
    account(cast, "Umberly Foods", "umberly.com", "US")
    return {"parent": parent.public_id, "daughter": daughter.public_id, "part": part.public_id}


def panel(page: str) -> str:
    """The text of the panel, or ""."""
    _, _, rest = page.partition("Related companies")
    return rest.partition("</section>")[0]


def test_an_account_shows_its_family_with_the_reason(cast: Cast, family: dict[str, str]) -> None:
    client = cast.client("ops")
    told = panel(client.get(f"{P}accounts/{family['parent']}/").content.decode())
    assert f"accounts/{family['daughter']}/" in told
    assert "Belongs to Brindle Corvane" in told
    assert f"accounts/{family['part']}/" in told
    assert "Umberly" not in told
    assert f"accounts/{family['parent']}/" not in told
    told = panel(client.get(f"{P}accounts/{family['daughter']}/").content.decode())
    assert f"accounts/{family['parent']}/" in told
    assert "Parent of Halvorne Shipping" in told


def test_an_account_without_a_family_shows_no_empty_box(cast: Cast) -> None:
    row = account(cast, "Umberly Foods", "umberly.com", "US")
    assert "Related companies" not in cast.client("ops").get(f"{P}accounts/{row.public_id}/").content.decode()


def test_a_daughter_is_claimed_whatever_is_known_of_its_parent(cast: Cast, family: dict[str, str]) -> None:
    row = registered(cast, customer_name="Halvorne Shipping", website="halvorne.com", country="US")
    assert row.state == State.APPROVED
    with program_scope(cast.program.pk):
        assert not Conflict.objects.exists()


def test_a_bank_beside_its_holding_is_shown_both_ways_and_stops_nothing(cast: Cast) -> None:
    """By its name a part, yet it may be the customer: whoever looks it up sees it, a claim goes through."""
    bank = account(cast, "UQB Bank", "uqb.com", "US")
    told = panel(cast.client("ops").get(f"{P}accounts/{bank.public_id}/").content.decode())
    assert told == ""
    row = registered(cast, customer_name="UQB Financial Corporation", website="", country="US")
    assert row.state == State.APPROVED
    with program_scope(cast.program.pk):
        assert not Conflict.objects.exists()
        assert row.account_id not in (None, bank.pk)
    told = panel(cast.client("ops").get(f"{P}accounts/{bank.public_id}/").content.decode())
    assert "UQB Financial Corporation" in told
