"""Deals through ``/api/v1/``: the same rules as by screen, and the same refusals."""

import json
from datetime import timedelta
from typing import Any

import pytest

from deals.models import Account, Opportunity, Registration, Ruling
from deals.registrations import submit as registrations
from deals.rules.lifecycle import State
from deals.screening.screen import Screening
from partners.core import clock
from partners.core.scope import program_scope
from partners.models import LedgerEntry, Offering
from tests.deals.making import account, direct_opportunity, registered

API = "/api/v1/programs/northwind/"
FERNHILL = {"customer_name": "Fernhill Logistics Ltd", "website": "fernhill-logistics.com", "country": "GB"}


def send(client: Any, method: str, path: str, body: object = None, **headers: str) -> Any:
    text = "{}" if body is None else json.dumps(body)
    return client.generic(method, API + path, text, content_type="application/json", headers=headers)


def told(**changes: object) -> dict[str, object]:
    close = (clock.now() + timedelta(days=30)).date().isoformat()
    values: dict[str, object] = {**FERNHILL, "amount": "12000.50", "currency": "eur", "expected_close": close}
    return values | changes


def count(cast, model=Registration) -> int:
    with program_scope(cast.program.pk):
        return int(model.objects.count())


def test_a_deal_is_registered_in_one_call(cast) -> None:
    answer = send(cast.client("alder_seller"), "POST", "registrations/", told(country="United Kingdom"))
    assert answer.status_code == 201, answer.content
    said = answer.json()
    assert (said["state"], said["reason"], said["country"], said["amount"], said["currency"]) == (
        "approved",
        "clean",
        "GB",
        "12000.50",
        "EUR",
    )
    assert said["partner"] == {"id": cast.alder.public_id, "name": "Alder Consulting"}
    assert (said["account"], said["opportunity"]) == (None, None)
    assert said["moves"] == ["report", "ask_extension", "change", "withdraw"]
    assert said["protected_until"] > said["claimed_at"]
    assert answer.headers["ETag"] == f'"v{said["version"]}"'


def test_the_same_key_registers_once(cast) -> None:
    client = cast.client("alder_seller")
    first = send(client, "POST", "registrations/", told(), **{"Idempotency-Key": "k1"})
    again = send(client, "POST", "registrations/", told(), **{"Idempotency-Key": "k1"})
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    other = send(client, "POST", "registrations/", told(amount="1.00"), **{"Idempotency-Key": "k1"})
    assert other.status_code == 422
    assert count(cast) == 1


def test_a_draft_is_kept_changed_and_submitted(cast) -> None:
    client = cast.client("alder_seller")
    said = send(client, "POST", "registrations/", {"draft": True, "customer_name": "Half"}).json()
    assert (said["state"], said["amount"], said["moves"]) == ("draft", None, ["submit", "withdraw"])
    path = f"registrations/{said['id']}/"
    refused = send(client, "POST", path + "submit/")
    assert refused.status_code == 422
    assert sorted(error["field"] for error in refused.json()["errors"]) == [
        "amount",
        "country",
        "expected_close",
    ]
    stale = send(client, "PATCH", path, told(), **{"If-Match": '"v9"'})
    assert stale.status_code == 412
    changed = send(client, "PATCH", path, told(), **{"If-Match": f'"v{said["version"]}"'})
    assert (changed.status_code, changed.json()["customer_name"]) == (200, "Fernhill Logistics Ltd")
    assert send(client, "POST", path + "submit/").json()["state"] == "approved"
    assert send(client, "POST", path + "submit/").status_code == 409
    assert send(client, "PATCH", path, {"note": "late"}).status_code == 409


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"customer_name": "x" * 256}, "customer_name"),
        ({"customer_name": "a\x00b"}, "customer_name"),
        ({"customer_name": None}, "customer_name"),
        ({"customer_name": ["a"]}, "customer_name"),
        ({"website": "nowhere"}, "website"),
        ({"country": "Atlantis"}, "country"),
        ({"offering": "none"}, "offering"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "1.234"}, "amount"),
        ({"amount": "9" * 40}, "amount"),
        ({"amount": True}, "amount"),
        ({"currency": "XYZ"}, "currency"),
        ({"expected_close": "2000-01-01"}, "expected_close"),
        ({"expected_close": "31.12.2026"}, "expected_close"),
        ({"surprise": 1}, "surprise"),
        ({"draft": "maybe"}, "draft"),
    ],
)
def test_wrong_input_is_named_and_nothing_is_kept(cast, changes, field) -> None:
    answer = send(cast.client("alder_seller"), "POST", "registrations/", told(**changes))
    assert answer.status_code == 422, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert count(cast) == 0


def test_an_offering_of_another_program_is_none(cast) -> None:
    with program_scope(cast.other_program.pk):
        foreign = Offering.objects.get()
    answer = send(cast.client("alder_seller"), "POST", "registrations/", told(offering=foreign.public_id))
    assert answer.status_code == 422
    assert count(cast) == 0


def test_staff_register_for_a_partner(cast) -> None:
    client = cast.client("manager")
    assert send(client, "POST", "registrations/", told()).json()["errors"][0]["field"] == "partner"
    for wrong in (cast.cedar.public_id, "zzz"):
        assert send(client, "POST", "registrations/", told(partner=wrong)).status_code == 422
    said = send(client, "POST", "registrations/", told(partner=cast.birch.public_id)).json()
    assert said["partner"]["name"] == "Birch Systems"
    assert said["account"]
    assert said["opportunity"]


def test_staff_rule_and_the_partner_reads_the_sentence(cast) -> None:
    account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", is_customer=True)
    row = registered(cast, **FERNHILL)
    ops, path = cast.client("ops"), f"registrations/{row.public_id}/rule/"
    (conflict,) = ops.get(API + "conflicts/?state=open").json()["results"]
    assert (conflict["registration"], conflict["kind"], conflict["severity"]) == (
        row.public_id,
        "existing_customer",
        "block",
    )
    body = {
        "outcome": "uphold_incumbent",
        "reason": "existing_customer",
        "note": "Since 2021.",
        "sentence": "Not open.",
    }
    assert send(ops, "POST", path, body | {"sentence": "Birch Systems has it."}).status_code == 422
    assert send(ops, "POST", path, body | {"reason": "clean"}).status_code == 422
    assert send(cast.client("manager"), "POST", path, body).json()["code"] == "no_authority"
    assert send(ops, "POST", path, body, **{"If-Match": '"v7"'}).status_code == 412
    assert count(cast, Ruling) == 0
    answer = send(ops, "POST", path, body, **{"If-Match": f'"v{row.version}"'})
    assert (answer.status_code, answer.json()["state"]) == (200, "declined")
    mine = cast.client("alder_seller").get(API + f"registrations/{row.public_id}/").json()
    assert (mine["reason"], mine["sentence"]) == ("not_available", "Not open.")
    assert "note" in mine
    assert "Since 2021" not in json.dumps(mine)
    one = ops.get(API + f"conflicts/{conflict['id']}/").json()
    assert one["ruling"]["reason"] == "existing_customer"


def test_withdrawing_and_closing(cast) -> None:
    row = registered(cast, **FERNHILL)
    ops = cast.client("ops")
    (deal,) = ops.get(API + "opportunities/?source=sourced").json()["results"]
    assert deal["partner"]["id"] == cast.alder.public_id
    path = f"opportunities/{deal['id']}/"
    assert send(ops, "POST", path + "win/", {"closed_on": "1999-01-01"}).status_code == 422
    assert send(ops, "POST", path + "win/").json()["state"] == "won"
    assert send(ops, "POST", path + "lose/").status_code == 409
    assert (
        send(cast.client("alder_seller"), "POST", f"registrations/{row.public_id}/withdraw/").status_code
        == 409
    )
    with program_scope(cast.program.pk):
        assert Registration.objects.get().state == State.WON


def test_a_partner_sees_its_own_and_not_the_vendors_business(cast) -> None:
    registered(cast, **FERNHILL)
    registered(cast, "birch_admin", customer_name="Marlow Shipyards", website="marlow-ships.co.uk")
    client = cast.client("alder_seller")
    (mine,) = client.get(API + "opportunities/").json()["results"]
    assert mine["name"] == "Fernhill Logistics Ltd"
    assert {mine[name] for name in ("account", "stage", "owner_name", "external_id", "program_amount")} == {
        None
    }
    with program_scope(cast.program.pk):
        rivals = Opportunity.objects.get(partner=cast.birch)
    assert client.get(API + f"opportunities/{rivals.public_id}/").status_code == 404
    for hidden in ("accounts/", "conflicts/"):
        assert client.get(API + hidden).status_code == 403


def test_what_a_partner_drafts_is_not_shown_to_staff(cast) -> None:
    send(cast.client("alder_seller"), "POST", "registrations/", {"draft": True, "customer_name": "Secret"})
    assert cast.client("leader").get(API + "registrations/").json()["results"] == []


def test_a_rep_sees_the_conflicts_on_accounts_of_their_own(cast) -> None:
    direct_opportunity(cast, account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB"))
    own = account(cast, "Marlow Shipyards", "marlow-ships.co.uk", "GB", is_named=True)
    with program_scope(cast.program.pk):
        own.owner = cast.seats["rep"]
        own.save_fields("owner")
    registered(cast, **FERNHILL)
    registered(cast, customer_name="Marlow Shipyards", website="marlow-ships.co.uk", country="GB")
    found = cast.client("rep").get(API + "conflicts/").json()["results"]
    assert [row["account"]["name"] for row in found] == ["Marlow Shipyards"]
    assert len(cast.client("ops").get(API + "conflicts/").json()["results"]) == 2


@pytest.mark.parametrize(
    "query", ["registrations/?state=x", "conflicts/?kind=x", "opportunities/?source=x", "accounts/?flag=x"]
)
def test_an_unknown_filter_is_refused(cast, query) -> None:
    assert cast.client("leader").get(API + query).status_code == 422


@pytest.mark.parametrize("resource", ["registrations", "conflicts", "accounts", "opportunities"])
def test_lists_cost_the_same_for_three_rows_and_for_many(
    cast, django_assert_max_num_queries, resource
) -> None:
    client = cast.client("leader")
    client.get(API + f"{resource}/")

    def cost() -> int:
        with django_assert_max_num_queries(30) as seen:
            assert client.get(API + f"{resource}/").status_code == 200
        return len(seen.captured_queries)

    def some(numbers: range) -> None:
        for number in numbers:
            name = f"{chr(97 + number) * 6} works"
            account(cast, name, f"{name[:6]}.com", "DE", is_named=bool(number % 2))
            registered(cast, customer_name=name, website=f"{name[:6]}.com", country="DE")

    some(range(4))
    few = cost()
    some(range(4, 14))
    assert cost() == few


def test_what_the_database_refuses_at_the_end_leaves_nothing_and_hurts_nobody(cast, monkeypatch) -> None:
    registered(cast, "birch_admin", **FERNHILL)
    with program_scope(cast.program.pk):
        found = Screening(account=Account.objects.get())  # as one that looked before Birch was approved
    client = cast.client("alder_seller")
    before = count(cast), count(cast, Opportunity), count(cast, LedgerEntry)
    with monkeypatch.context() as unlucky:
        unlucky.setattr(registrations, "screen", lambda *_, **__: found)
        answer = send(client, "POST", "registrations/", told(), **{"Idempotency-Key": "late"})
    assert (answer.status_code, answer.json()["code"]) == (409, "busy")
    assert "Birch" not in answer.content.decode()
    assert (count(cast), count(cast, Opportunity), count(cast, LedgerEntry)) == before
    answer = send(client, "POST", "registrations/", told(), **{"Idempotency-Key": "late"})
    assert (answer.status_code, answer.json()["state"]) == (201, "in_review")
