"""Leads: who hears that one waits for them, and that one does no more."""

from datetime import timedelta

import pytest

from deals.leads.offers import expire_offers, withdraw_offer
from partners.core import clock
from partners.core.actor import Actor
from partners.core.scope import program_scope
from partners.models import Notice
from tests.deals.leads.making import declined, given, lead, offered
from tests.support.cast import Cast


@pytest.fixture(autouse=True)
def _now():
    with clock.at(clock.now()):
        yield


def told(cast: Cast, *, partner: bool) -> list[tuple[str, str, str]]:
    """Who, of what, and in which last words."""
    names = {seat.pk: who for who, seat in cast.seats.items()}
    with program_scope(cast.program.pk):
        rows = Notice.objects.filter(partner__isnull=not partner).order_by("pk")
        return [(names[row.seat_id], row.subject, row.body.split("\n")[-1]) for row in rows]


def test_who_did_not_answer_an_offer_hears_that_it_is_over_and_we_that_it_is_free(cast: Cast) -> None:
    row = lead(cast)
    offer = offered(cast, row)
    with program_scope(cast.program.pk), clock.at(offer.due_at + timedelta(minutes=1)):
        for _ in range(2):
            expire_offers(actor=Actor.system(program_id=cast.program.pk, name="Clock"))
    over = "We heard nothing in time, so it is not offered to you any more."
    assert told(cast, partner=True)[1:] == [
        ("alder_admin", "A lead is not offered to you any more", over),
    ]
    [(who, subject, body)] = told(cast, partner=False)
    assert (who, subject) == ("manager", f"{row.customer_name}: a lead to offer again")
    assert body.startswith("Alder Consulting did not answer in time.")
    # The buyer stays hidden from whom it was not opened to.
    assert row.customer_name not in str(told(cast, partner=True))


def test_a_declined_lead_and_a_given_one_call_the_partner_manager(cast: Cast) -> None:
    row = lead(cast)
    declined(cast, offered(cast, row))
    gift = given(cast)
    assert [(who, subject) for who, subject, _ in told(cast, partner=False)] == [
        ("manager", f"{row.customer_name}: a lead to offer again"),
        ("manager", f"{gift.customer_name}: a lead to answer"),
    ]
    assert "We promised an answer by" in told(cast, partner=False)[1][2]


def test_an_offer_that_is_taken_back_is_told(cast: Cast) -> None:
    row = lead(cast)
    offered(cast, row)
    with program_scope(cast.program.pk):
        withdraw_offer(actor=cast.actor("manager"), lead=row)
    assert told(cast, partner=True)[-1][2] == "We have taken the offer back."
