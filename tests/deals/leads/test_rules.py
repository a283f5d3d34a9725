"""Routing, masking and the open part of a lead. No database."""

from datetime import date
from decimal import Decimal

import pytest

from deals.leads.rules import Candidate, Wanted, ranked
from deals.rules.leads import Buyer, problems, size_band, tells_who, tidied

WANTED = Wanted(country="DE", vertical="Healthcare", segment="Clinics", function="IT")


def names(*candidates: Candidate) -> list[str]:
    return [row.candidate.name for row in ranked(WANTED, candidates) if not row.left_out]


def one(**values: object) -> Candidate:
    return Candidate(**({"partner_id": 1, "name": "Alder"} | values))  # type: ignore[arg-type]


def test_region_counts_before_field_and_field_before_nothing_said() -> None:
    silent = one(name="Silent")
    here = one(name="Here", countries=("DE", "AT"))
    expert = one(name="Expert", countries=("FR",), verticals=("healthcare",))
    both = one(name="Both", countries=("DE",), verticals=("healthcare",))
    assert names(silent, expert, here, both) == ["Both", "Here", "Silent", "Expert"]


def test_reasons_are_in_words_about_that_partner() -> None:
    (row,) = ranked(
        WANTED,
        [
            one(
                countries=("DE",),
                verticals=("Logistics",),
                functions=("it",),
                open_leads=1,
                accepted=2,
                answered=3,
                declined_kind=2,
            )
        ],
    )
    assert row.reasons == (
        "Works in Germany",
        "Does not name Healthcare among its fields",
        "Knows buyers in IT",
        "1 of 3 leads open",
        "Took 2 of 3 offered before",
        "Declined two of this kind",
    )


def test_where_a_partner_is_at_home_counts_while_it_says_nothing_else() -> None:
    here, there = one(name="Here", home="DE"), one(name="There", home="FR")
    assert names(there, here) == ["Here", "There"]
    assert ranked(WANTED, [here])[0].reasons[0] == "Is at home in Germany"
    assert names(one(name="Away", home="DE", countries=("AT",)), there) == ["There", "Away"]


def test_an_unknown_side_says_nothing() -> None:
    (row,) = ranked(Wanted(), [one(countries=("DE",), verticals=("Healthcare",))])
    assert row.reasons == ("0 of 3 leads open",)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"ended": True, "active": False}, "The partnership has ended"),
        ({"active": False}, "No agreement is signed yet"),
        ({"capacity": 0}, "Takes no leads"),
        ({"open_leads": 3}, "Full: 3 of 3 leads open"),
        ({"open_leads": 5, "capacity": 2}, "Full: 5 of 2 leads open"),
        ({"declined_here": "Not our field"}, "Declined this lead: not our field"),
    ],
)
def test_who_cannot_take_it_is_left_out_with_the_reason_and_comes_last(values, why) -> None:
    rows = ranked(WANTED, [one(name="A", countries=("DE",), **values), one(name="B", countries=("FR",))])
    assert [(row.candidate.name, row.left_out) for row in rows] == [("B", ""), ("A", why)]


def test_whoever_holds_the_customer_is_the_only_one() -> None:
    rows = ranked(WANTED, [one(name="A", countries=("DE",)), one(name="B", holds="Holds it until 3 Mar")])
    assert [(row.candidate.name, row.left_out) for row in rows] == [("B", ""), ("A", "B holds this customer")]
    assert rows[0].reasons[0] == "Holds it until 3 Mar"


def test_one_that_let_it_run_out_comes_after_all_others_but_may_be_asked_again() -> None:
    best = one(name="Best", countries=("DE",), verticals=("Healthcare",), lapsed_here=True)
    assert names(best, one(name="Plain", countries=("FR",))) == ["Plain", "Best"]


def test_room_and_earlier_answers_break_ties() -> None:
    assert names(one(name="A", open_leads=2), one(name="B")) == ["B", "A"]
    assert names(one(name="A", answered=4), one(name="B", answered=4, accepted=4)) == ["B", "A"]
    assert names(one(name="A", declined_kind=1), one(name="B")) == ["B", "A"]
    assert names(one(name="B"), one(name="A")) == ["A", "B"]


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (None, ""),
        (Decimal(0), "under EUR 10,000"),
        (Decimal("9999.99"), "under EUR 10,000"),
        (Decimal(10_000), "EUR 10,000 to 25,000"),
        (Decimal(60_000), "EUR 25,000 to 100,000"),
        (Decimal(500_000), "EUR 500,000 or more"),
    ],
)
def test_the_size_is_told_roughly(amount, said) -> None:
    assert size_band(amount, "EUR") == said


def told(text: str) -> str:
    return tells_who(
        text,
        customer="Quillmark Robotics GmbH",
        contact="Vera Ostendorf",
        website="https://www.quillmark.com",
        partners=["Alder Consulting", "Birch Systems"],
    )


@pytest.mark.parametrize(
    "text",
    [
        "Quillmark Robotics wants a planning tool.",
        "QUILLMARK-ROBOTICS gmbh wants one",
        "Ask Vera Ostendorf",
        "See quillmark.com for more",
        "Write to v.o@mail.example",
        "Call +49 30 123 4567",
        "see https://example.org",
        "Birch Systems said no already",
    ],
)
def test_what_tells_who_the_buyer_or_another_partner_is_may_not_be_shown(text) -> None:
    assert told(text)


def test_an_ordinary_need_may_be_shown() -> None:
    text = "A machine builder with 400 people replaces its planning tool in 2027; budget 60,000."
    assert told(text) == ""


def test_what_is_wrong_is_said_by_field() -> None:
    today = date(2026, 11, 23)
    empty = tidied(Buyer(), currency="EUR", today=today)
    assert set(problems(empty, today=today)) == {"customer_name", "need"}
    wrong = Buyer(
        customer_name="x" * 300,
        website="not a site",
        country="QQ",
        contact_email="nobody",
        vertical="v" * 81,
        amount=Decimal(-1),
        currency="ZZZ",
        received_on=date(2026, 11, 24),
        need="n" * 4001,
    )
    found = problems(tidied(wrong, currency="EUR", today=today), today=today)
    assert set(found) == {
        "customer_name",
        "website",
        "country",
        "contact_email",
        "vertical",
        "amount",
        "currency",
        "received_on",
        "need",
    }
