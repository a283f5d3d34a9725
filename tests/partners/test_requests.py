"""Requests to become a partner: the queue, its three answers, and who is named beside them."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from partners.core import clock
from partners.core.errors import Clash, DomainError, FieldErrors, NotAllowed, RuleBroken, Stale
from partners.core.scope import program_scope
from partners.models import LedgerEntry, Partner, PartnerRequest, PartnerStatus
from partners.rules.organisations import domain_of
from partners.selectors import look_alikes, requests_found, requests_waiting
from partners.services.requests import accept_request, decline_request, log_request, postpone_request
from tests.support.cast import Cast

TODAY = date(2026, 5, 6)
NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)


def log(cast: Cast, name: str = "Elm Partners", who: str = "manager", **values: Any) -> PartnerRequest:
    with program_scope(cast.program.pk), clock.at(NOON):
        return log_request(actor=cast.actor(who), organisation=name, **values)


def page(cast: Cast, name: str, who: str = "manager", **kwargs: str) -> str:
    url = reverse(name, kwargs={"program": cast.program.slug, **kwargs})
    return cast.client(who).get(url).content.decode()


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://www.acme.co.uk/about", "acme.co.uk"),
        ("Shop.Acme.de", "acme.de"),
        ("anna@acme.com", "acme.com"),
        ("anna@gmail.com", ""),
        ("https://www.linkedin.com/company/acme", ""),
        ("acme", ""),
        ("http://[::1", ""),
    ],
)
def test_the_domain_says_who_it_is_unless_many_share_it(text: str, domain: str) -> None:
    assert domain_of(text) == domain


def test_an_accepted_request_makes_a_prospect_with_its_intent(cast: Cast) -> None:
    row = log(
        cast, website="https://elm.example.org", intent="referral", contact="Kim", email="k@elm.example.org"
    )
    with program_scope(cast.program.pk):
        partner = accept_request(actor=cast.actor("leader"), public_id=row.public_id)
        row.refresh_from_db()
        kept = LedgerEntry.objects.filter(subject="partnerrequest").order_by("pk")
        verbs = [entry.verb for entry in kept]
        said = json.dumps([[entry.old, entry.new, entry.sentence] for entry in kept])
    assert (partner.name, partner.intent, partner.status) == (
        "Elm Partners",
        "referral",
        PartnerStatus.PROSPECT,
    )
    assert (row.state, row.partner_id, row.decided_by) == ("accepted", partner.pk, "Leader")
    assert verbs == ["partner_request.logged", "partner_request.accepted"]
    # A person can be forgotten later; what is in the ledger cannot.
    assert "Kim" not in said
    assert "k@elm" not in said


def test_an_answer_is_given_once(cast: Cast) -> None:
    row = log(cast)
    with program_scope(cast.program.pk):
        accept_request(actor=cast.actor("manager"), public_id=row.public_id)
    with program_scope(cast.program.pk), pytest.raises(Clash):
        accept_request(actor=cast.actor("manager"), public_id=row.public_id)
    with program_scope(cast.program.pk), pytest.raises(Clash):
        decline_request(actor=cast.actor("leader"), public_id=row.public_id, reason="no_fit", sentence="No.")
    with program_scope(cast.program.pk):
        assert Partner.objects.filter(name="Elm Partners").count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"reason": "no_fit", "sentence": "  "}, "sentence"),
        ({"reason": "", "sentence": "No."}, "reason"),
        ({"reason": "because", "sentence": "No."}, "reason"),
        ({"reason": "no_fit", "sentence": "x" * 2001}, "sentence"),
    ],
)
def test_a_no_has_a_reason_and_a_sentence(cast: Cast, values: dict[str, Any], field: str) -> None:
    row = log(cast)
    with program_scope(cast.program.pk), pytest.raises(RuleBroken) as refused:
        decline_request(actor=cast.actor("manager"), public_id=row.public_id, **values)
    assert refused.value.field == field
    with program_scope(cast.program.pk):
        row.refresh_from_db()
    assert (row.state, row.version) == ("open", 1)


@pytest.mark.parametrize("day", [TODAY, date(2026, 5, 5), date(2028, 6, 1)])
def test_later_is_a_day_ahead(cast: Cast, day: date) -> None:
    row = log(cast)
    with program_scope(cast.program.pk), clock.at(NOON), pytest.raises(RuleBroken):
        postpone_request(actor=cast.actor("manager"), public_id=row.public_id, ask_again_on=day)


def test_a_request_put_off_is_back_on_its_day(cast: Cast) -> None:
    row = log(cast)
    again = date(2026, 8, 1)
    with program_scope(cast.program.pk), clock.at(NOON):
        postpone_request(actor=cast.actor("manager"), public_id=row.public_id, ask_again_on=again)
        assert requests_waiting(TODAY) == 0
        assert requests_waiting(date(2026, 7, 31)) == 0
        assert requests_waiting(again) == 1
        assert [found.pk for found in requests_found(today=again, state="waiting")] == [row.pk]


def test_a_version_that_is_past_is_refused(cast: Cast) -> None:
    row = log(cast)
    with program_scope(cast.program.pk), clock.at(NOON):
        postpone_request(actor=cast.actor("manager"), public_id=row.public_id, ask_again_on=date(2026, 6, 1))
        with pytest.raises(Stale):
            accept_request(actor=cast.actor("leader"), public_id=row.public_id, expected_version=1)
        assert not Partner.objects.filter(name="Elm Partners").exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "organisation"),
        ({"email": "nobody"}, "email"),
        ({"intent": "friend"}, "intent"),
        ({"received_on": date(2026, 5, 7)}, "received_on"),
        ({"received_on": date(1999, 1, 1)}, "received_on"),
        ({"why_us": "x" * 4001}, "why_us"),
    ],
)
def test_requests_that_cannot_be(cast: Cast, values: dict[str, Any], field: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        log(cast, **values)
    assert set(refused.value.errors) == {field}
    with program_scope(cast.program.pk):
        assert not PartnerRequest.objects.exists()


@pytest.mark.parametrize("who", ["ops", "rep", "sponsor"])
def test_only_leader_and_manager_log(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        log(cast, who=who)


def test_the_same_organisation_is_named(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        Partner.objects.filter(pk=cast.alder.pk).update(website="https://www.alder.example")
        Partner.objects.filter(pk=cast.birch.pk).update(website="https://nalder.example")
    by_site = log(cast, "Alder DACH", website="alder.example/kontakt")
    by_mail = log(cast, "A. C. GmbH", email="kim@alder.example")
    by_name = log(cast, "birch systems")
    alone = log(cast, "Larch", email="larch@gmail.com")
    other_free = log(cast, "Hazel", email="hazel@gmail.com")
    with program_scope(cast.program.pk):
        found = look_alikes([by_site, by_mail, by_name, alone, other_free])
    named = {pk: [(other.kind, other.name) for other in others] for pk, others in found.items()}
    assert named == {
        by_site.pk: [("partner", "Alder Consulting"), ("request", "A. C. GmbH")],
        by_mail.pk: [("partner", "Alder Consulting"), ("request", "Alder DACH")],
        by_name.pk: [("partner", "Birch Systems")],
        alone.pk: [],
        other_free.pk: [],
    }
    text = page(cast, "partners:request", public_id=by_site.public_id)
    assert "Alder Consulting" in text
    assert "same website, alder.example" in text


def test_the_partners_page_says_how_many_wait(cast: Cast) -> None:
    log(cast)
    log(cast, "Fir")
    assert "(2)" in page(cast, "partners:list")
    assert "(2)" not in page(cast, "partners:list", who="sponsor")


def test_a_decided_request_shows_its_answer_and_no_form(cast: Cast) -> None:
    row = log(cast)
    with program_scope(cast.program.pk):
        decline_request(
            actor=cast.actor("manager"),
            public_id=row.public_id,
            reason="competes",
            sentence="You sell a rival.",
        )
    text = page(cast, "partners:request", public_id=row.public_id)
    assert "You sell a rival." in text
    assert "Sells or builds what competes with us" in text
    assert '<form class="form"' not in text
    again = cast.client("manager").post(
        reverse("partners:request_accept", kwargs={"program": "northwind", "public_id": row.public_id})
    )
    assert again.status_code == 409


def test_by_screen_as_by_api(cast: Cast) -> None:
    client = cast.client("manager")
    base = "/api/v1/programs/northwind/partner-requests/"
    made = client.post(
        base, json.dumps({"organisation": "Elm", "website": "elm.example"}), content_type="application/json"
    )
    assert made.status_code == 201
    body = made.json()
    assert (body["state"], body["look_alikes"]) == ("open", [])
    refused = client.post(
        f"{base}{body['id']}/decline/", json.dumps({"reason": "no_fit"}), content_type="application/json"
    )
    assert refused.status_code == 422
    stale = client.post(
        f"{base}{body['id']}/accept/", "{}", content_type="application/json", headers={"If-Match": '"v9"'}
    )
    assert stale.status_code == 412
    accepted = client.post(f"{base}{body['id']}/accept/", "{}", content_type="application/json")
    assert (accepted.status_code, accepted.json()["status"]) == (201, "prospect")
    assert client.get(base, {"state": "waiting"}).json()["results"] == []


def test_more_requests_cost_no_more_queries(cast: Cast) -> None:
    client = cast.client("manager")
    url = reverse("partners:requests", kwargs={"program": "northwind"})

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    for number in range(2):
        log(cast, f"Elm {number}", website=f"elm{number}.example")
    few = queries()
    for number in range(2, 30):
        log(cast, f"Elm {number}", website=f"elm{number}.example")
    assert queries() == few


def test_a_partner_never_sees_a_request(cast: Cast) -> None:
    log(cast)
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        assert not PartnerRequest.objects.exists()
        with pytest.raises(DomainError):
            log_request(actor=cast.actor("alder_admin"), organisation="Elm")
