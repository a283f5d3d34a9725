"""A partner never learns of a rival: not by name, id, count, reason, or a difference in what is answered."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.core import mail
from django.db import transaction

from deals.cases.ruling import rule
from deals.models import Account, Conflict, Opportunity, Protection, Registration, Ruling
from deals.rules.lifecycle import Outcome, Reason, State
from partners.core.scope import program_scope
from partners.models import LedgerEntry
from tests.deals.making import account, claim, decision, direct_opportunity, registered

FERNHILL = {"customer_name": "Fernhill Logistics Ltd", "website": "fernhill-logistics.com", "country": "GB"}
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
API = "/api/v1/programs/northwind/"
PORTAL = "/portal/northwind/"
_PRIVATE = re.compile(
    rb'csrf[^"]*" value="[^"]+"|X-CSRFToken": "[^"]+"|nonce="[^"]+"|[0-9a-hjkmnp-tv-z]{14}(?=[/"])'
)


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


def body(**changes: object) -> dict[str, object]:
    told = claim(**FERNHILL)
    values = {
        **FERNHILL,
        "amount": "25000.00",
        "expected_close": told.expected_close.isoformat(),
        "website": "fernhill-logistics.com",
    }
    return values | changes


def told_to_alder(cast) -> list[bytes]:
    """Everything Alder is answered when it registers Fernhill by API and then looks around, ids left out."""
    client = cast.client("alder_seller")
    made = client.post(API + "registrations/", json.dumps(body()), content_type="application/json")
    assert made.status_code == 201, made.content
    row = made.json()["id"]
    heads = "\n".join(
        f"{name}: {value}" for name, value in sorted(made.headers.items()) if name != "X-Request-ID"
    )
    pages = ["", "deals/", f"deals/{row}/", "deals/?format=csv", "deals/?state=in_review"]
    answers = [heads.encode(), made.content]
    answers += [client.get(PORTAL + page).getvalue() for page in pages]
    answers += [
        client.get(API + page).content
        for page in ("registrations/", "opportunities/", f"registrations/{row}/")
    ]
    return [_PRIVATE.sub(b"", answer.replace(row.encode(), b"ID")) for answer in answers]


def against_a_customer(cast) -> None:
    account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", is_customer=True)


def against_an_open_opportunity(cast) -> None:
    direct_opportunity(cast, account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB"))


def against_a_rivals_protection(cast) -> None:
    registered(cast, "birch_admin", **FERNHILL)


def against_a_rivals_undecided_claim(cast) -> None:
    account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", is_named=True)
    registered(cast, "birch_admin", **FERNHILL)


def against_a_possible_account(cast) -> None:
    account(cast, "Fernhill Logistics", "fernway.org", "GB")


def rolled_back(cast, prepare: Callable[..., None]) -> list[bytes]:
    with transaction.atomic():
        prepare(cast)
        answers = told_to_alder(cast)
        with program_scope(cast.program.pk):
            assert Conflict.objects.filter(registration__partner=cast.alder).exists()
        transaction.set_rollback(True)
    return answers


@pytest.mark.parametrize(
    "prepare",
    [
        against_an_open_opportunity,
        against_a_rivals_protection,
        against_a_rivals_undecided_claim,
        against_a_possible_account,
    ],
)
def test_the_answer_is_the_same_whatever_stands_against_it(cast, prepare) -> None:
    assert rolled_back(cast, prepare) == rolled_back(cast, against_a_customer)


def test_no_byte_of_a_partners_pages_holds_anything_of_a_rival(cast) -> None:
    rival = registered(cast, "birch_admin", **FERNHILL | {"customer_name": "Fernhill Logistics (Rivalname)"})
    mine = registered(cast, **FERNHILL)
    with program_scope(cast.program.pk):
        rule(
            actor=cast.actor("ops"),
            registration=mine,
            decision=decision(
                outcome=Outcome.UPHOLD_INCUMBENT,
                reason=Reason.EARLIER_CLAIM,
                note="Birch was first.",
                sentence="Not open for registration.",
            ),
        )
        secrets = {"Birch", "Rivalname", "birch", "earlier_claim", "protected_by", "Ops"}
        for model in (Account, Conflict, Ruling, Opportunity, Protection):
            secrets |= set(model.objects.values_list("public_id", flat=True))
        secrets |= {rival.public_id, cast.birch.public_id}
        secrets |= set(LedgerEntry.objects.exclude(partner=cast.alder).values_list("public_id", flat=True))
    client = cast.client("alder_admin")
    pages = [PORTAL, PORTAL + "deals/", PORTAL + f"deals/{mine.public_id}/", PORTAL + "deals/?format=csv"]
    pages += [API + "registrations/", API + f"registrations/{mine.public_id}/", API + "opportunities/"]
    for page in pages:
        text = client.get(page).getvalue().decode()
        assert [secret for secret in secrets if secret in text] == [], page
    for message in mail.outbox:
        assert "Birch" not in str(message.message())
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        row = Registration.objects.get()
        assert (row.state, row.reason) == (State.DECLINED, Reason.NOT_AVAILABLE)


def test_a_rivals_rows_are_not_there_for_a_partner(cast) -> None:
    rival = registered(cast, "birch_admin", **FERNHILL)
    client = cast.client("alder_admin")
    for page in (f"deals/{rival.public_id}/", f"deals/{rival.public_id}/edit/"):
        assert client.get(PORTAL + page).status_code == 404
    assert client.post(PORTAL + f"deals/{rival.public_id}/withdraw/", {"version": 1}).status_code == 404
    for verb in ("submit", "withdraw"):
        url = API + f"registrations/{rival.public_id}/{verb}/"
        assert client.post(url, "{}", content_type="application/json").status_code == 404
    with program_scope(cast.program.pk):
        assert Registration.objects.get().state == State.APPROVED


def test_a_rivals_id_on_the_form_leads_nowhere_and_makes_a_deal_of_ones_own(cast) -> None:
    rival = registered(cast, "birch_admin", **FERNHILL)
    form = body(customer_name="Marlow Shipyards", website="marlow-ships.co.uk", key=rival.public_id)
    answer = cast.client("alder_admin").post(PORTAL + "deals/new/", form)
    assert answer.status_code == 422
    assert "Fernhill" not in answer.content.decode()
    with program_scope(cast.program.pk):
        assert Registration.objects.count() == 1
