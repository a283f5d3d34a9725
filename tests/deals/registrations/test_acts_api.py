"""The life of a registration through ``/api/v1/``: the same services, typed refusals, the open moves."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deals.models import Registration
from deals.rules.lifecycle import Outcome, Reason
from partners.core.scope import program_scope
from tests.deals.making import account, registered
from tests.deals.registrations.life import FERNHILL, charter, later, ruled

API = "/api/v1/programs/northwind/registrations/"


def post(client: Any, row: Any, verb: str, body: object = None, **headers: str) -> Any:
    text = "{}" if body is None else json.dumps(body)
    path = f"{API}{row.public_id}/{verb}/"
    return client.generic("POST", path, text, content_type="application/json", headers=headers)


@pytest.fixture
def waiting(cast) -> Registration:
    account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", is_customer=True)
    return registered(cast, **FERNHILL)


def test_asked_answered_declined_appealed_and_registered_again(cast, waiting) -> None:
    ops, seller = cast.client("ops"), cast.client("alder_seller")
    said = post(ops, waiting, "ask", {"question": "How much?", "fields": ["amount"]}).json()
    assert (said["state"], said["asked_fields"], said["question"]) == ("needs_info", ["amount"], "How much?")
    assert said["moves"] == []
    told = seller.get(f"{API}{waiting.public_id}/").json()
    assert told["moves"] == ["answer", "withdraw"]
    refused = post(seller, waiting, "answer", {"note": "And more", "amount": "5.00"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "note")
    told = post(seller, waiting, "answer", {"amount": "5.00", "currency": "usd"}).json()
    assert (told["state"], told["amount"], told["currency"]) == ("in_review", "5.00", "USD")
    ruled(
        cast,
        waiting,
        outcome=Outcome.UPHOLD_INCUMBENT,
        reason=Reason.EXISTING_CUSTOMER,
        sentence="Not open now.",
    )
    told = seller.get(f"{API}{waiting.public_id}/").json()
    assert told["moves"] == ["appeal", "again"]
    assert told["appeal_until"] > told["decided_at"]
    assert post(seller, waiting, "appeal", {"text": "They called us."}).json()["reviewed_for"] == "appeal"
    again = post(seller, waiting, "appeal", {"text": "They called us."})
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")


def test_reported_extended_changed_and_revoked(cast) -> None:
    seller, manager = cast.client("alder_seller"), cast.client("manager")
    row = registered(cast)
    before = seller.get(f"{API}{row.public_id}/").json()
    assert before["progress_due_at"] > before["claimed_at"]
    told = post(seller, row, "ask-extension", {"note": "The board meets in May."}).json()
    assert told["extension_asked_at"]
    assert "ask_extension" not in told["moves"]
    twice = post(seller, row, "ask-extension", {"note": "Again"})
    assert (twice.status_code, twice.json()["code"]) == (409, "asked_already")
    assert "extend" in manager.get(f"{API}{row.public_id}/").json()["moves"]
    said = post(manager, row, "extend", {"granted": True, "sentence": "As you asked."}).json()
    assert said["protected_until"] > before["protected_until"]
    assert (said["extensions"], "extend" in said["moves"]) == (1, False)
    told = post(seller, row, "report", {"text": "Second meeting."}).json()
    assert told["progress_due_at"] > before["progress_due_at"]
    stale = post(seller, row, "change", {"amount": "9.00"}, **{"If-Match": '"v1"'})
    assert stale.status_code == 412
    told = post(seller, row, "change", {"amount": "9.00"}).json()
    assert (told["state"], told["reviewed_for"]) == ("in_review", "change")
    assert told["moves"] == ["take_back", "withdraw"]
    assert post(cast.client("birch_admin"), row, "take-back").status_code == 404
    told = post(seller, row, "take-back", **{"If-Match": f'"v{told["version"]}"'}).json()
    assert (told["state"], told["amount"]) == ("approved", before["amount"])
    again = post(seller, row, "take-back")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")
    assert post(seller, row, "change", {"amount": "9.00"}).json()["state"] == "in_review"
    ruled(cast, row)
    why = {"reason": "no_progress", "sentence": "We heard nothing.", "note": "Asked twice."}
    assert post(manager, row, "revoke", why).json()["state"] == "revoked"
    new = post(seller, row, "again")
    assert new.status_code == 201
    assert (new.json()["state"], new.json()["again_of"]) == ("draft", row.public_id)
    assert post(seller, row, "again").json()["id"] == new.json()["id"]


def test_a_claim_that_stands_again_is_not_offered_to_be_registered_again(cast) -> None:
    row, seller = registered(cast), cast.client("alder_seller")
    post(seller, row, "withdraw")
    assert seller.get(f"{API}{row.public_id}/").json()["moves"] == ["again"]
    second = registered(cast)
    assert seller.get(f"{API}{row.public_id}/").json()["moves"] == []
    assert {one["id"]: one["moves"] for one in seller.get(API).json()["results"]}[row.public_id] == []
    again = post(seller, row, "again")
    assert (again.status_code, again.json()["code"]) == (409, "registered_again")
    told = seller.get(f"/portal/northwind/deals/{row.public_id}/").content.decode()
    assert "Register again" not in told
    assert f'<a href="/portal/northwind/deals/{second.public_id}/">Another registration of yours</a>' in told


def test_the_list_can_be_narrowed_to_what_waits(cast, waiting) -> None:
    post(cast.client("ops"), waiting, "ask", {"question": "How much?", "fields": ["amount"]})
    row = registered(cast)
    post(cast.client("alder_seller"), row, "ask-extension", {"note": "The board meets in May."})
    for state, expected in (("needs_info", waiting), ("extension", row)):
        found = cast.client("manager").get(API, {"state": state}).json()["results"]
        assert [one["id"] for one in found] == [expected.public_id]


def test_moves_cost_the_same_for_one_claim_and_for_many(cast) -> None:
    client = cast.client("alder_seller")

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(API).status_code == 200
        return len(seen)

    registered(cast)
    client.get(API)
    first = cost()
    for number in range(8):
        registered(cast, customer_name=f"Customer {number} GmbH", website=f"customer-{number}.com")
    assert cost() == first


def test_what_is_over_says_so_in_its_moves(cast) -> None:
    charter(cast, extension_days=0)
    row = registered(cast)
    client = cast.client("alder_seller")
    assert client.get(f"{API}{row.public_id}/").json()["moves"] == ["report", "change", "withdraw"]
    with later(91), program_scope(cast.program.pk):
        late = post(client, row, "change", {"amount": "9.00"})
    assert (late.status_code, late.json()["code"]) == (409, "protection_over")
