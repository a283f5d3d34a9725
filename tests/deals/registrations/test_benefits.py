"""Promised benefits: each side's word, and what is known from both."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from deals.models import BenefitDelivery, Registration
from deals.registrations.benefits import confirm_benefit
from deals.registrations.rules.benefits import BenefitAnswer, answer_of
from partners.core import clock
from partners.core.errors import Clash, DomainError, NotAllowed, RuleBroken
from partners.core.scope import program_scope
from partners.models import LedgerEntry
from tests.deals.making import account, registered
from tests.deals.registrations.life import FERNHILL, acting, fresh, revoked
from tests.support.cast import Cast


@pytest.fixture
def deal(cast: Cast) -> Registration:
    return registered(cast)


def say(cast: Cast, who: str, row: Registration, **told: Any) -> BenefitDelivery:
    with acting(cast, who) as by:
        return confirm_benefit(**by, registration=row, **({"delivered": True} | told))


def words(cast: Cast) -> list[tuple[Any, ...]]:
    with program_scope(cast.program.pk):
        return list(
            BenefitDelivery.objects.values_list(
                "delivered", "delivered_on", "note", "said_by", "received", "partner_note", "partner_said_by"
            )
        )


@pytest.mark.parametrize(
    ("ours", "theirs", "known"),
    [
        (None, None, BenefitAnswer.UNKNOWN),
        (True, None, BenefitAnswer.DELIVERED),
        (None, True, BenefitAnswer.DELIVERED),
        (True, True, BenefitAnswer.DELIVERED),
        (False, None, BenefitAnswer.NOT_DELIVERED),
        (None, False, BenefitAnswer.NOT_DELIVERED),
        (True, False, BenefitAnswer.DISPUTED),
        (False, True, BenefitAnswer.DISPUTED),
    ],
)
def test_what_is_known_from_two_words(ours: bool | None, theirs: bool | None, known: BenefitAnswer) -> None:
    assert answer_of(ours, theirs) is known


def test_each_side_keeps_its_word_beside_the_others(cast: Cast, deal: Registration) -> None:
    today = clock.today(cast.program.timezone)
    say(cast, "manager", deal, note="Paid with the October run.")
    say(cast, "alder_seller", deal, delivered=False, note="Nothing came.")
    say(cast, "leader", deal, on=today, note="")
    assert words(cast) == [(True, today, "", "Leader", False, "Nothing came.", "Alder Seller")]


def test_a_no_takes_the_day_back(cast: Cast, deal: Registration) -> None:
    say(cast, "manager", deal)
    say(cast, "manager", deal, delivered=False, note="It bounced.")
    assert words(cast) == [(False, None, "It bounced.", "Manager", None, "", "")]


def test_both_sides_find_every_word_in_the_ledger(cast: Cast, deal: Registration) -> None:
    say(cast, "manager", deal)
    say(cast, "alder_admin", deal, delivered=False, note="Nothing came.")
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        told = LedgerEntry.objects.filter(verb="registration.benefit_said").order_by("pk")
        assert [entry.sentence for entry in told] == ["Delivered.", "Not delivered: Nothing came."]


@pytest.mark.parametrize(
    ("who", "told", "refusal"),
    [
        ("ops", {}, NotAllowed),
        ("manager", {"delivered": False}, RuleBroken),
        ("alder_seller", {"delivered": False, "note": " "}, RuleBroken),
        ("manager", {"note": "Birch Systems got it instead."}, RuleBroken),
        ("manager", {"note": "x" * 1001}, RuleBroken),
        ("manager", {"on": date(2999, 1, 1)}, RuleBroken),
        ("manager", {"on": date(2001, 1, 1)}, RuleBroken),
    ],
)
def test_refused_and_nothing_said(
    cast: Cast, deal: Registration, who: str, told: dict[str, Any], refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        say(cast, who, deal, **told)
    assert words(cast) == []


def test_nothing_is_owed_for_what_is_not_approved(cast: Cast, deal: Registration) -> None:
    account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", is_customer=True)
    for row in (registered(cast, **FERNHILL), revoked(cast, deal)):
        with pytest.raises(Clash):
            say(cast, "manager", fresh(cast, row))
    assert words(cast) == []


def test_the_pages_show_both_words_and_the_portal_takes_one(cast: Cast, deal: Registration) -> None:
    where = {"program": cast.program.slug, "public_id": deal.public_id}
    say(cast, "manager", deal, note="Paid with the October run.")
    seller = cast.client("alder_seller")
    asked = reverse("portal:deal_benefit", kwargs=where)
    assert "Promised" in seller.get(asked).text
    assert seller.post(asked, {"delivered": "no", "note": ""}).status_code == 422
    assert seller.post(asked, {"delivered": "no", "note": "Nothing came."}).status_code == 302
    for who, name in (("leader", "deals:registration"), ("alder_admin", "portal:deal")):
        page = cast.client(who).get(reverse(name, kwargs=where)).text
        assert "Paid with the October run." in page
        assert "Nothing came." in page
        assert "The two sides differ" in page


def test_by_api_each_side_says_its_own(cast: Cast, deal: Registration) -> None:
    url = reverse("api:registration-benefit", kwargs={"program": "northwind", "public_id": deal.public_id})
    yesterday = clock.today(cast.program.timezone) - timedelta(days=1)
    early = cast.client("manager").post(
        url, {"delivered": True, "on": str(yesterday)}, content_type="application/json"
    )
    assert early.status_code == 422
    ours = cast.client("manager").post(url, {"delivered": True}, content_type="application/json")
    assert ours.json()["ours"]["delivered"] is True
    theirs = cast.client("alder_admin").post(
        url, {"delivered": False, "note": "Nothing came."}, content_type="application/json"
    )
    assert theirs.json()["answer"] == "disputed"
    assert theirs.json()["partners"]["by"] == "Alder Admin"
    assert cast.client("birch_admin").get(url).status_code == 404
