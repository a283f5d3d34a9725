"""Registering by a personal link: the same answer as the portal's, once per form, and nothing else."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from deals.models import Registration
from deals.registrations import personal_link as by_link
from partners.core import clock
from partners.core.scope import program_scope
from partners.models import LedgerEntry, Offering, PersonalLink
from partners.services.links import end_link, make_link
from tests.access.test_hostile import HOSTILE
from tests.deals.making import account, claim, decided, registered
from tests.support.cast import Cast

KEY = "bcdefghjkmnpqr"


def secret_of(cast: Cast, who: str = "alder_seller") -> str:
    with program_scope(cast.seats[who].program_id, partner_id=cast.seats[who].partner_id):
        return make_link(actor=cast.actor(who), public_id=cast.seats[who].public_id)[1]


def typed(**changes: Any) -> dict[str, Any]:
    told = claim()
    return {
        "customer_name": told.customer_name,
        "website": told.website,
        "country": told.country,
        "amount": "25000.00",
        "currency": "EUR",
        "expected_close": told.expected_close.isoformat() if told.expected_close else "",
        "note": "",
        "key": KEY,
    } | changes


def send(secret: str, **changes: Any) -> Any:
    return Client().post(f"/register/{secret}/", typed(**changes))


def rows(cast: Cast) -> list[Registration]:
    with program_scope(cast.program.pk):
        return list(Registration.objects.select_related("seller", "partner", "offering").order_by("pk"))


def test_the_page_is_the_form_and_the_promise(cast: Cast) -> None:
    registered(cast, customer_name="Hollow Clinic", website="hollow-clinic.com")
    page = Client().get(f"/register/{secret_of(cast)}/")
    text = page.content.decode()
    assert page.status_code == 200
    for shown in ("Northwind Partners", "Alder Consulting", "Alder Seller", "What you get", 'name="amount"'):
        assert shown in text
    for private in (
        "Hollow",
        "Save draft",
        "alder_seller@",
        "/portal/",
        "Birch",
        "Birch Systems",
        "API tokens",
    ):
        assert private not in text
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in page.headers["Cache-Control"]
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"]
    assert "sessionid" not in page.cookies


def test_a_deal_is_registered_by_the_seat_and_answered_at_once(cast: Cast) -> None:
    answer = send(secret_of(cast))
    assert answer.status_code == 200
    assert "Approved: nothing stood against it." in answer.content.decode()
    assert answer.headers["Referrer-Policy"] == "same-origin"
    (row,) = rows(cast)
    assert (row.state, row.seller, row.partner) == ("approved", cast.seats["alder_seller"], cast.alder)
    assert row.submitted_by == "Alder Seller, by link"
    assert row.public_id not in answer.content.decode()
    assert "It stands among your deals in the portal" in answer.content.decode()
    with program_scope(cast.program.pk):
        told = LedgerEntry.objects.get(verb="registration.submitted")
        used = LedgerEntry.objects.get(verb="link.used")
        link = PersonalLink.objects.get()
    assert (told.actor_name, told.actor_user, told.door) == (
        "Alder Seller, by link", cast.users["alder_seller"], "portal",
    )  # fmt: skip
    assert used.new == {"registration": row.public_id}
    assert used.partner_id == cast.alder.pk
    assert link.last_used_at is not None


def test_opening_the_page_is_no_use(cast: Cast) -> None:
    secret = secret_of(cast)
    assert Client().get(f"/register/{secret}/").status_code == 200
    assert Client().head(f"/register/{secret}/").status_code == 200
    for method in ("PUT", "PATCH", "DELETE"):
        assert Client().generic(method, f"/register/{secret}/").status_code == 405
    with program_scope(cast.program.pk):
        assert PersonalLink.objects.get().last_used_at is None


def test_a_rival_in_the_way_is_neither_named_nor_hinted_at(cast: Cast) -> None:
    secret = secret_of(cast)
    registered(cast, "birch_admin", customer_name="Fernhill Logistics", website="fernhill-logistics.com")
    account(cast, "Ottermere Shipping", "ottermere.com", "DE", is_customer=True)
    texts = [
        send(secret, key=f"{key}cdefghjkmnpqr", customer_name=name, website=site).content.decode()
        for key, name, site in (
            ("b", "Fernhill Logistics", "fernhill-logistics.com"),
            ("c", "Ottermere Shipping", "ottermere.com"),
        )
    ]
    assert [row.state for row in rows(cast)[1:]] == ["in_review", "in_review"]
    for text in texts:
        assert "Registered. A person looks at it and answers by the time given." in text
        assert "Birch" not in text
    plain = [
        re.sub(r'Fernhill Logistics|Ottermere Shipping|X-CSRFToken": "[^"]+"', "", text) for text in texts
    ]
    assert plain[0] == plain[1]


def test_a_second_claim_of_the_same_partner_is_a_duplicate(cast: Cast) -> None:
    registered(cast, "alder_admin")
    text = send(secret_of(cast)).content.decode()
    assert "You have a live registration for this customer already." in text
    assert [row.state for row in rows(cast)] == ["approved", "duplicate"]
    assert rows(cast)[0].public_id not in text


def test_the_same_form_again_is_the_same_answer(cast: Cast) -> None:
    secret = secret_of(cast)
    first, again = send(secret), send(secret)
    assert [first.status_code, again.status_code] == [200, 200]
    assert len(rows(cast)) == 1
    with program_scope(cast.program.pk):
        assert LedgerEntry.objects.filter(verb="link.used").count() == 1
    assert "Approved: nothing stood against it." in again.content.decode()


def test_a_repeated_form_says_what_was_said_then_and_not_what_came_after(cast: Cast) -> None:
    secret = secret_of(cast)
    account(cast, "Quillmark Robotics GmbH", "quillmark-robotics.com", "DE", is_customer=True)
    first = send(secret).content.decode()
    decided(cast, rows(cast)[0])
    assert rows(cast)[0].state == "declined"
    again = send(secret).content.decode()
    assert "A person looks at it" in first
    token = r'X-CSRFToken": "[^"]+"'
    assert re.sub(token, "", again) == re.sub(token, "", first)


def test_other_content_under_a_form_already_sent_is_not_lost_and_not_taken_for_the_first(cast: Cast) -> None:
    secret = secret_of(cast)
    send(secret)
    other = {"customer_name": "Hollow Clinic", "website": "hollow-clinic.com"}
    answer = send(secret, **other)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "This form was sent before, for Quillmark Robotics GmbH" in text
    assert 'value="Hollow Clinic"' in text
    key = re.search(r'name="key" value="(\w+)"', text)
    assert key
    assert key[1] != KEY
    assert "Approved" in send(secret, **other, key=key[1]).content.decode()
    assert len(rows(cast)) == 2


def test_the_id_of_another_deal_as_form_id_shows_nothing_of_it(cast: Cast) -> None:
    other = registered(cast, "alder_admin", customer_name="Hollow Clinic", website="hollow-clinic.com")
    text = send(secret_of(cast), key=other.public_id).content.decode()
    assert "Approved: nothing stood" in text
    assert "Hollow" not in text
    assert len(rows(cast)) == 2


@pytest.mark.parametrize(
    "wrong", [{"customer_name": ""}, {"amount": "lots"}, {"country": "XX"}, {"draft": "1", "amount": ""}]
)
def test_what_is_wrong_is_said_and_nothing_is_kept(cast: Cast, wrong: dict[str, str]) -> None:
    secret = secret_of(cast)
    assert send(secret, **wrong).status_code == 422
    assert rows(cast) == []
    assert send(secret).status_code == 200  # the form was not used up
    assert len(rows(cast)) == 1


def test_it_keeps_no_draft(cast: Cast) -> None:
    send(secret_of(cast), draft="1")
    assert [row.state for row in rows(cast)] == ["approved"]


def test_only_what_is_sold_can_be_registered(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        second = Offering.objects.create(program=cast.program, name="Service")
    with program_scope(cast.other_program.pk):
        foreign = Offering.objects.get()
    secret = secret_of(cast)
    assert "Service" in Client().get(f"/register/{secret}/").content.decode()
    assert send(secret, offering=foreign.public_id).status_code == 422
    assert send(secret, offering=second.public_id).status_code == 200
    assert rows(cast)[0].offering == second


@pytest.mark.parametrize(
    "secret", ["x", "a" * 43, "%00", "../../p/northwind", "'; --", "x" * 5000, "株式会社"]
)
def test_an_unknown_link_tells_nothing(cast: Cast, secret: str) -> None:
    secret_of(cast)
    for answer in (Client().get(f"/register/{secret}/"), Client().post(f"/register/{secret}/", typed())):
        assert answer.status_code == 404
        assert "Northwind" not in answer.content.decode()
    assert rows(cast) == []


def test_a_link_that_ended_is_closed_and_names_nobody(cast: Cast) -> None:
    secret = secret_of(cast)
    with program_scope(cast.program.pk):
        end_link(actor=cast.actor("manager"), public_id=cast.seats["alder_seller"].public_id)
    for answer in (Client().get(f"/register/{secret}/"), send(secret)):
        assert answer.status_code == 410
        assert answer.headers["Referrer-Policy"] == "same-origin"
        for name in ("Northwind", "Alder"):
            assert name not in answer.content.decode()
    assert rows(cast) == []


def test_a_link_is_no_sign_in(cast: Cast) -> None:
    browser = Client()
    secret = secret_of(cast)
    assert browser.get(f"/register/{secret}/").status_code == 200
    assert browser.post(f"/register/{secret}/", typed()).status_code == 200
    assert browser.get("/portal/northwind/").status_code == 302
    assert browser.get("/api/v1/me/").status_code == 401
    bearer = {"Authorization": f"Bearer {secret}"}
    assert browser.get("/api/v1/me/", headers=bearer).status_code == 401


def test_whoever_is_signed_in_still_registers_as_the_link(cast: Cast) -> None:
    secret = secret_of(cast)
    for who, key in (("birch_admin", "ccdefghjkmnpqr"), ("leader", "dcdefghjkmnpqr")):
        client = cast.client(who)
        page = client.get(f"/register/{secret}/").content.decode()
        assert "Birch Systems" not in page
        site = f"{who.replace('_', '-')}-customer.com"
        client.post(f"/register/{secret}/", typed(key=key, customer_name=f"{who} customer", website=site))
    assert {row.partner for row in rows(cast)} == {cast.alder}
    assert {row.seller for row in rows(cast)} == {cast.seats["alder_seller"]}


def test_one_partners_link_neither_shows_nor_touches_anothers(cast: Cast) -> None:
    """The same form id and the same customer by both: each gets the answer to their own form."""
    alder, birch, cedar = secret_of(cast), secret_of(cast, "birch_admin"), secret_of(cast, "cedar_admin")
    send(alder)
    theirs = send(birch, website="", customer_name="Hollow Clinic").content.decode()
    assert "Quillmark" not in theirs
    assert "Alder" not in theirs
    abroad = send(cedar, currency="USD").content.decode()
    assert "Approved" in abroad
    assert "Northwind" not in abroad
    assert [(row.partner, row.customer_name) for row in rows(cast)] == [
        (cast.alder, "Quillmark Robotics GmbH"),
        (cast.birch, "Hollow Clinic"),
    ]


def test_forms_of_a_link_that_was_replaced_are_not_answered_by_the_new_one(cast: Cast) -> None:
    send(secret_of(cast))
    text = send(secret_of(cast)).content.decode()
    assert "You have a live registration for this customer already." in text


def test_a_link_that_went_astray_fills_no_queue(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_link, "MOST_AN_HOUR", 2)
    secret = secret_of(cast)
    for number in range(2):
        name = ("Hollow Clinic", "Ottermere Shipping")[number]
        site = f"{name.split()[0].lower()}.com"
        assert send(secret, key=f"{KEY[:-1]}{number}", customer_name=name, website=site).status_code == 200
    refused = send(secret)
    assert refused.status_code == 422
    assert "within an hour" in refused.content.decode()
    assert send(secret_of(cast)).status_code == 422  # a new link is no way out
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=False):
        assert send(secret_of(cast)).status_code == 200
    assert len(rows(cast)) == 3


def test_without_its_token_a_form_from_elsewhere_is_refused(cast: Cast) -> None:
    secret = secret_of(cast)
    assert Client(enforce_csrf_checks=True).post(f"/register/{secret}/", typed()).status_code == 403
    assert rows(cast) == []


@pytest.mark.parametrize("field", list(typed()))
def test_hostile_fields_never_break_it(cast: Cast, field: str) -> None:
    client, secret = Client(raise_request_exception=False), secret_of(cast)
    for value in HOSTILE:
        answer = client.post(f"/register/{secret}/", typed(**{field: value}))
        assert answer.status_code in (200, 422), value[:40]
        assert b"<script>alert(1)" not in answer.content
