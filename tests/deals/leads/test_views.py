"""Leads by screen, portal and API."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deals.leads.offers import expire_offers, offer_lead
from deals.leads.selectors.leads import leads_between
from deals.models import Lead, LeadOffer
from partners.core import clock
from partners.core.scope import program_scope
from partners.models import Notice, Partner
from tests.deals.leads.making import accepted, given, lead, offered
from tests.deals.making import account

WORK = "/p/northwind/"
PORTAL = "/portal/northwind/"
API = "/api/v1/programs/northwind/"


def post(client, url: str, body: object):
    return client.post(url, json.dumps(body), content_type="application/json")


def the_lead(cast) -> Lead:
    with program_scope(cast.program.pk):
        return Lead.objects.get()


def test_from_the_form_to_the_partners_yes(cast) -> None:
    manager, seller = cast.client("manager"), cast.client("alder_seller")
    form = {
        "customer_name": "Quillmark",
        "need": "Wants a planning tool.",
        "country": "DE",
        "amount": "60,000",
    }
    made = manager.post(WORK + "leads/new/", form)
    row = the_lead(cast)
    page = manager.get(made.headers["Location"]).content.decode()
    assert "Alder Consulting" in page
    assert "0 of 3 leads open" in page
    manager.post(WORK + f"leads/{row.public_id}/offer/", {"partner": cast.alder.public_id})
    with program_scope(cast.program.pk):
        offer = LeadOffer.objects.get()
        assert Notice.objects.get().seat == cast.seats["alder_admin"]
    shown = seller.get(PORTAL + "leads/").content.decode()
    assert "Wants a planning tool." in shown
    assert "EUR 25,000 to 100,000" in shown
    answer = seller.post(PORTAL + f"leads/{offer.public_id}/accept/", follow=True).content.decode()
    assert "Quillmark" in answer
    assert "Next step" in answer
    assert answer.count("Wants a planning tool.") == 1  # it stood there twice
    assert "Alder Consulting accepted it" in manager.get(WORK + f"leads/{row.public_id}/").content.decode()


def test_one_click_takes_the_first(cast) -> None:
    row = lead(cast)
    with program_scope(cast.program.pk):
        Partner.objects.filter(pk=cast.birch.pk).update(countries=["DE"])
    answer = cast.client("ops").post(WORK + f"leads/{row.public_id}/offer/", follow=True)
    assert "Offered to Birch Systems." in answer.content.decode()


def test_a_form_sent_twice_leads_to_one_lead(cast) -> None:
    client = cast.client("alder_seller")
    form = {"customer_name": "Quillmark", "need": "A tool.", "key": "abcdefghjkmnpq"}
    assert [client.post(PORTAL + "leads/give/", form).status_code for _ in range(2)] == [302, 302]
    assert the_lead(cast).public_id == "abcdefghjkmnpq"


def test_refusals_stand_beside_their_fields_and_nothing_is_changed(cast) -> None:
    row = lead(cast)
    offer = offered(cast, row)
    client = cast.client("alder_seller")
    answer = client.post(PORTAL + f"leads/{offer.public_id}/decline/", {"reason": "other"})
    assert answer.status_code == 422
    assert "Say what it is." in answer.content.decode()
    named = {"customer_name": "Quillmark", "need": "Quillmark wants a tool."}
    answer = cast.client("manager").post(WORK + "leads/new/", named)
    assert answer.status_code == 422
    assert "Leave the buyer" in answer.content.decode()
    assert the_lead(cast).state == "offered"


def test_staff_note_what_a_partner_gave_and_what_it_answered(cast) -> None:
    manager = cast.client("manager")
    form = {"customer_name": "Otterfell", "need": "A tool.", "partner": cast.birch.public_id}
    manager.post(WORK + "leads/new/", form)
    row = the_lead(cast)
    assert (row.direction, row.opened_to_id) == ("given", cast.birch.pk)
    manager.post(WORK + f"leads/{row.public_id}/answer/", {"answer": "decline", "reason": "no_fit"})
    row = the_lead(cast)
    assert (row.state, row.sentence) == ("declined", "What they look for is not what we sell.")
    assert (
        row.sentence
        in cast.client("birch_admin").get(PORTAL + f"leads/given/{row.public_id}/").content.decode()
    )


def test_the_page_says_whom_we_know_there(cast) -> None:
    known = account(cast, "Quillmark Robotics", "quillmark-robotics.com", "DE", is_customer=True)
    page = cast.client("ops").get(WORK + f"leads/{lead(cast).public_id}/").content.decode()
    assert f"/accounts/{known.public_id}/" in page
    assert "The same" in page


def test_leads_are_in_the_portals_navigation_only_when_there_are_any(cast) -> None:
    def entries(who: str) -> bool:
        return f'href="{PORTAL}leads/"' in cast.client(who).get(PORTAL).content.decode()

    assert not entries("alder_admin")
    offered(cast, lead(cast))
    given(cast, "birch_admin", customer_name="Otterfell", website="")
    assert entries("alder_admin")
    assert entries("birch_admin")


def test_a_late_answer_is_on_today(cast) -> None:
    row = given(cast)
    lead(cast, customer_name="Otterfell Foods", website="otterfell.com")
    assert row.due_at is not None
    with clock.at(row.due_at + timedelta(hours=1)):
        page = cast.client("manager").get(WORK).content.decode()
    assert page.index("Quillmark Robotics") < page.index("Otterfell Foods")
    assert "Given by Alder Consulting, who waits for our answer" in page


def test_the_partners_page_shows_what_went_both_ways(cast) -> None:
    accepted(cast, offered(cast, lead(cast)))
    page = cast.client("manager").get(WORK + f"leads/?partner={cast.alder.public_id}").content.decode()
    assert "From us to Alder Consulting" in page
    assert "Quillmark Robotics GmbH" in page
    assert "From us to Alder" not in cast.client("manager").get(WORK + "leads/").content.decode()


def test_a_lead_offered_twice_counts_once_and_so_does_its_amount(cast) -> None:
    first = offered(cast, lead(cast))
    with clock.at(first.due_at + timedelta(hours=1)), program_scope(cast.program.pk):
        assert expire_offers(actor=cast.actor("ops")) == 1
        offer_lead(actor=cast.actor("ops"), lead=the_lead(cast), partner_id=cast.alder.pk)
    francs = lead(cast, customer_name="Marlow Ships", website="marlow-ships.co.uk", currency="CHF")
    offered(cast, francs)
    with program_scope(cast.program.pk):
        out = leads_between(cast.alder, moment=clock.now()).to_them
    assert (out.count, out.refused, out.waiting) == (2, 1, 2)
    assert out.amounts == {"CHF": Decimal(60000), "EUR": Decimal(60000)}


def test_the_list_costs_the_same_with_more_rows(cast) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as counted:
            for url in (WORK + "leads/", WORK + f"leads/{first.public_id}/"):
                assert cast.client("ops").get(url).status_code == 200
        return len(counted)

    first = lead(cast)
    offered(cast, lead(cast, customer_name="Other One", website="other-one.com"))
    cast.client("ops").get(WORK + "leads/")
    few = queries()
    with program_scope(cast.program.pk):
        for number in range(6):
            Partner.objects.create(program=cast.program, name=f"P{number}", slug=f"p{number}")
    for number in range(6):
        with program_scope(cast.program.pk):
            chosen = Partner.objects.get(slug=f"p{number}")
        offered(cast, lead(cast, customer_name=f"Buyer {number} Ltd", website=f"buyer{number}.com"), chosen)
    assert queries() == few


def test_everything_through_the_api(cast) -> None:
    manager, alder = cast.client("manager"), cast.client("alder_admin")
    body = {
        "customer_name": "Quillmark",
        "need": "Wants a planning tool.",
        "country": "Germany",
        "vertical": "Food",
    }
    row = post(manager, API + "leads/", body).json()
    assert (row["direction"], row["state"], row["country"]) == ("routed", "waiting", "DE")
    url = API + f"leads/{row['id']}/"
    changed = manager.patch(
        url, json.dumps({"segment": "SMB"}), content_type="application/json", headers={"If-Match": '"v1"'}
    )
    assert (changed.json()["segment"], changed.headers["ETag"]) == ("SMB", '"v2"')
    ranking = manager.get(url + "candidates/").json()
    assert {one["name"] for one in ranking} == {"Alder Consulting", "Birch Systems"}
    assert post(manager, url + "offer/", {"partner": cast.alder.public_id}).json()["state"] == "offered"
    assert post(manager, url + "withdraw/", {}).json()["state"] == "waiting"
    post(manager, url + "offer/", {"partner": cast.alder.public_id})
    offers = alder.get(API + "lead-offers/?state=offered").json()["results"]
    assert [(one["lead"], one["need"]) for one in offers] == [(None, "Wants a planning tool.")]
    done = post(alder, API + f"lead-offers/{offers[0]['id']}/accept/", {}).json()
    assert (done["state"], done["lead"]) == ("accepted", row["id"])
    assert alder.get(url).json()["customer_name"] == "Quillmark"
    refused = post(alder, API + f"lead-offers/{offers[0]['id']}/decline/", {"reason": "field"})
    assert (refused.status_code, refused.json()["code"]) == (409, "answered")


def test_giving_and_answering_through_the_api(cast) -> None:
    alder, manager = cast.client("alder_seller"), cast.client("manager")
    body = {"customer_name": "Quillmark", "need": "A tool."}
    row = post(alder, API + "leads/", body).json()
    assert (row["direction"], row["partner"]["name"]) == ("given", "Alder Consulting")
    theirs = post(alder, API + "leads/", {**body, "partner": cast.birch.public_id})
    assert (theirs.status_code, theirs.json()["code"]) == (422, "partner")
    url = API + f"leads/{row['id']}/answer/"
    assert post(manager, url, {"accept": False}).status_code == 422
    answered = post(manager, url, {"accept": True, "sentence": "We call them."}).json()
    assert (answered["state"], answered["sentence"]) == ("accepted", "We call them.")
    assert alder.get(API + f"leads/{row['id']}/").json()["opportunity"] is None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [({"countries": "de, AT,de", "lead_capacity": "0"}, (["DE", "AT"], 0)), ({}, ([], 3))],
)
def test_what_a_partner_takes_is_set_on_its_form(cast, typed, kept) -> None:
    form = {"name": "Alder Consulting", "intent": "co_sell", "status": "active", **typed}
    answer = cast.client("manager").post(WORK + f"partners/{cast.alder.public_id}/edit/", form)
    assert answer.status_code == 302
    with program_scope(cast.program.pk):
        row = Partner.objects.get(pk=cast.alder.pk)
    assert (row.countries, row.lead_capacity) == kept


def test_what_a_partner_takes_is_set_by_api(cast) -> None:
    client, url = cast.client("manager"), API + f"partners/{cast.alder.public_id}/"
    values = {"verticals": ["Food", " food ", "Retail"], "functions": ["IT"], "lead_capacity": 5}
    told = client.patch(url, json.dumps(values), content_type="application/json").json()
    assert (told["verticals"], told["functions"], told["lead_capacity"]) == (["Food", "Retail"], ["IT"], 5)
    wrong = client.patch(url, json.dumps({"countries": ["1!"]}), content_type="application/json")
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "countries"
