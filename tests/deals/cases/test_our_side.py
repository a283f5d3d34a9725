"""What our own side does, by screen, portal and API: the same services, the same refusals."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deals.models import Account, Conflict, CustomerChoice, EngagementRule, Opportunity, Registration, Touch
from partners.core import clock
from partners.core.scope import program_scope
from tests.deals.making import account, direct_opportunity, registered
from tests.deals.registrations.test_api import send

P = "/p/northwind/"
PORTAL = "/portal/northwind/"
FERNHILL = {"customer_name": "Fernhill Logistics", "website": "fernhill-logistics.com", "country": "GB"}


@pytest.fixture
def fernhill(cast) -> Account:
    return account(
        cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", owner=cast.seats["rep"], owner_name="Rep"
    )


@pytest.fixture
def claim(cast, fernhill) -> Registration:
    return registered(cast, **FERNHILL)


def today() -> str:
    return str(clock.now().date())


def page(client: Any, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def only(cast, model: Any) -> Any:
    with program_scope(cast.program.pk):
        return model.objects.get()


def test_a_rep_opens_a_deal_by_screen_and_finds_the_conflict(cast, claim, fernhill) -> None:
    rep = cast.client("rep")
    wrong = rep.post(f"{P}accounts/{fernhill.public_id}/open/", {"name": "", "amount": "x"})
    assert wrong.status_code == 422
    answer = rep.post(
        f"{P}accounts/{fernhill.public_id}/open/", {"name": "Renewal", "amount": "9,000", "closes_on": ""}
    )
    assert answer.status_code == 302
    conflict = only(cast, Conflict)
    assert (conflict.kind, conflict.raised_by) == ("rep_opportunity", "Rep")
    assert conflict.public_id in page(rep, f"{P}accounts/{fernhill.public_id}/")
    listed = page(rep, P + "conflicts/our-side/")
    assert conflict.public_id in listed
    assert 'class="table table-stack table-even"' in listed  # one person's columns stand under another's
    assert "More than once" not in listed
    assert "Direct-sales activity" in page(cast.client("ops"), P + "conflicts/")
    # The partner's page says nothing of it.
    mine = page(cast.client("alder_seller"), f"{PORTAL}deals/{claim.public_id}/")
    assert "Renewal" not in mine
    assert "conflict" not in mine.lower()


def test_a_source_is_changed_by_screen_with_its_reason(cast, claim) -> None:
    deal = only(cast, Opportunity)
    url = f"{P}opportunities/{deal.public_id}/"
    assert "In the figures: sourced" in page(cast.client("ops"), url)
    assert (
        cast.client("ops").post(url + "source/", {"source": "direct", "version": deal.version}).status_code
        == 422
    )
    body = {"source": "direct", "reason": "The buyer came to us.", "version": deal.version}
    assert cast.client("ops").post(url + "source/", body).status_code == 302
    assert "In the figures: neither" in page(cast.client("ops"), url)
    assert cast.client("ops").post(url + "source/", body).status_code == 422


def test_touches_by_staff_and_by_the_partner(cast, claim) -> None:
    deal = only(cast, Opportunity)
    staff = cast.client("manager")
    body = {"partner": cast.alder.public_id, "kind": "demo", "on": today(), "note": "Shown to their CTO."}
    assert staff.post(f"{P}opportunities/{deal.public_id}/touch/", body).status_code == 302
    seller = cast.client("alder_seller")
    own = {"kind": "meeting", "on": today(), "note": "Met the buyer."}
    assert seller.post(f"{PORTAL}deals/{claim.public_id}/touch/", own).status_code == 302
    assert seller.post(f"{PORTAL}deals/{claim.public_id}/touch/", own | {"on": ""}).status_code == 422
    shown = page(seller, f"{PORTAL}deals/{claim.public_id}/")
    assert "Shown to their CTO." in shown
    assert "Met the buyer." in shown
    with program_scope(cast.program.pk):
        touch = Touch.objects.get(kind="meeting")
    url = f"{PORTAL}touches/{touch.public_id}/remove/"
    assert cast.client("birch_admin").post(url).status_code == 404
    assert seller.post(url).status_code == 302
    assert "Met the buyer." not in page(staff, f"{P}opportunities/{deal.public_id}/")


def test_a_written_choice_by_screen(cast, fernhill) -> None:
    ops = cast.client("ops")
    url = f"{P}accounts/{fernhill.public_id}/"
    assert "Nothing in writing so far" in page(ops, url)
    body = {"partner": "us", "chosen_on": today(), "proof": "Mail of their CFO."}
    assert ops.post(url + "choice/", body | {"partner": ""}).status_code == 422
    assert ops.post(url + "choice/", body).status_code == 302
    choice = only(cast, CustomerChoice)
    assert (choice.partner, choice.offering) == (None, None)
    assert "Mail of their CFO." in page(ops, url)
    assert ops.post(f"{P}choices/{choice.public_id}/end/").status_code == 302
    assert "No longer counts" in page(ops, url)


def test_rules_of_engagement_by_screen(cast) -> None:
    leader = cast.client("leader")
    assert "No rules yet" in page(leader, P + "engagement/")
    body = {"name": "DACH", "stance": "covered", "countries": "Germany\nAT, CH", "active": "on"}
    assert leader.post(P + "engagement/new/", body | {"countries": "Atlantis"}).status_code == 422
    assert leader.post(P + "engagement/new/", body).status_code == 302
    row = only(cast, EngagementRule)
    assert (row.countries, row.active) == (["AT", "CH", "DE"], True)
    url = f"{P}engagement/{row.public_id}/"
    assert leader.post(url, {"name": "DACH", "stance": "direct", "version": 1}).status_code == 302
    assert leader.post(url, {"name": "DACH", "stance": "direct", "version": 1}).status_code == 412
    assert "Not in force" in page(cast.client("sponsor"), P + "engagement/")
    with program_scope(cast.program.pk):
        row.refresh_from_db()
        assert (row.stance, row.countries, row.active) == ("direct", [], False)


def test_a_rep_flags_claims_on_their_own_accounts_only(cast, claim) -> None:
    rep, body = cast.client("rep"), {"kind": "exclusivity", "text": "They were promised it."}
    elsewhere = registered(cast, "birch_admin")
    assert rep.post(f"{P}deals/{elsewhere.public_id}/raise/", body).status_code == 404
    assert rep.post(f"{P}deals/{claim.public_id}/raise/", body | {"kind": "protected"}).status_code == 422
    assert rep.post(f"{P}deals/{claim.public_id}/raise/", body).status_code == 302
    assert only(cast, Conflict).kind == "exclusivity"
    assert rep.post(f"{P}deals/{claim.public_id}/raise/", body).status_code == 422
    assert send(rep, "POST", f"registrations/{elsewhere.public_id}/raise/", body).status_code == 404


def test_the_whole_of_it_by_api(cast, claim, fernhill) -> None:
    ops = cast.client("ops")
    opened = send(ops, "POST", "opportunities/", {"account": fernhill.public_id, "name": "Renewal"})
    assert (opened.status_code, opened.json()["attribution"]) == (201, "neither")
    path = f"opportunities/{opened.json()['id']}/"
    body = {"partner": cast.alder.public_id, "kind": "demo", "on": today()}
    touch = send(ops, "POST", path + "touches/", body)
    assert touch.status_code == 201
    assert send(ops, "GET", path).json()["attribution"] == "influenced"
    assert len(send(ops, "GET", path + "touches/").json()["results"]) == 1
    assert send(ops, "POST", f"touches/{touch.json()['id']}/remove/").json()["removed_at"]
    assert send(ops, "POST", f"touches/{touch.json()['id']}/remove/").status_code == 409

    routed = {"source": "routed", "partner": cast.birch.public_id, "reason": "They asked for Birch."}
    assert send(ops, "POST", path + "change-source/", routed, **{"If-Match": '"v9"'}).status_code == 412
    assert send(ops, "POST", path + "change-source/", routed).json()["source"] == "routed"
    assert send(ops, "POST", path + "change-source/", {"source": "routed"}).status_code == 422

    choices = f"accounts/{fernhill.public_id}/choices/"
    choice = send(ops, "POST", choices, {"partner": None, "chosen_on": today(), "proof": "Mail."})
    assert (choice.status_code, choice.json()["partner"]) == (201, None)
    assert send(ops, "POST", choices, {"chosen_on": today(), "proof": "Mail."}).status_code == 422
    assert send(ops, "POST", f"choices/{choice.json()['id']}/end/").json()["ended_at"]

    leader = cast.client("leader")
    rule = send(leader, "POST", "engagement-rules/", {"name": "DE", "stance": "direct", "countries": ["DE"]})
    assert (rule.status_code, rule.json()["countries"]) == (201, ["DE"])
    changed = send(leader, "PATCH", f"engagement-rules/{rule.json()['id']}/", {"active": False})
    assert (changed.json()["active"], changed.json()["countries"]) == (False, ["DE"])
    refused = send(leader, "POST", "engagement-rules/", {"name": "X", "stance": "partner"})
    assert (refused.status_code, "partner" in str(refused.json())) == (422, True)

    flag = send(ops, "POST", f"registrations/{claim.public_id}/raise/", {"kind": "raised", "text": "Look."})
    assert (flag.status_code, flag.json()["kind"]) == (201, "raised")
    (person,) = send(ops, "GET", "our-side/").json()
    assert (person["opened"], len(person["conflicts"])) == (1, 1)
    assert send(ops, "GET", "our-side/?since=2999-01-01").json() == []
    assert send(ops, "GET", "our-side/?since=x").status_code == 422


def test_a_partner_reads_its_part_and_nobody_elses(cast, claim) -> None:
    deal = only(cast, Opportunity)
    said = send(cast.client("alder_seller"), "GET", f"opportunities/{deal.public_id}/").json()
    assert (said["attribution"], said["partner_share"], said["account"]) == ("sourced", None, None)
    assert send(cast.client("birch_admin"), "GET", f"opportunities/{deal.public_id}/").status_code == 404


def test_more_rows_cost_no_more_queries(cast, claim, fernhill) -> None:
    def queries(path: str) -> int:
        client = cast.client("ops")
        client.get(path)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    rep = cast.client("rep")
    deal = direct_opportunity(cast, fernhill)
    pages = [
        P + "conflicts/our-side/",
        P + "engagement/",
        f"{P}accounts/{fernhill.public_id}/",
        f"{P}opportunities/{deal.public_id}/",
    ]

    def more(number: int) -> None:
        for _ in range(number):
            rep.post(f"{P}accounts/{fernhill.public_id}/open/", {"name": "Renewal"})
            cast.client("leader").post(
                P + "engagement/new/",
                {"name": "B", "stance": "partner", "partner": cast.birch.public_id, "countries": "FR"},
            )
            cast.client("ops").post(
                f"{P}accounts/{fernhill.public_id}/choice/",
                {"partner": cast.birch.public_id, "chosen_on": today(), "proof": "Mail."},
            )
            cast.client("ops").post(
                f"{P}opportunities/{deal.public_id}/touch/",
                {"partner": cast.birch.public_id, "kind": "demo", "on": today()},
            )

    more(1)
    before = [queries(path) for path in pages]
    more(4)
    assert [queries(path) for path in pages] == before
    assert max(before) <= 20
