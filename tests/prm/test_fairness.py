"""The Fairness page, its rows and its API, from rulings given by the services people use."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models import Model
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from deals.cases.correction import Correction, correct_ruling
from deals.cases.ruling import rule
from deals.models import CompEffect, Registration, Ruling
from deals.registrations.benefits import confirm_benefit
from deals.rules.lifecycle import Outcome, Reason
from partners.core.scope import program_scope
from prm.rules.fairness import Ruled, Side
from prm.rules.periods import last_months
from prm.selectors.fairness import rulings_in, watched_only
from prm.services.cells import running_month
from tests.deals.making import account, decision, direct_opportunity, registered
from tests.deals.registrations.life import acting, answered, appealed, asked
from tests.prm.facts import at
from tests.support.cast import Cast


@pytest.fixture(autouse=True)
def june() -> Iterator[time_machine.Traveller]:
    """Monday, 15 June 2026, 09:00 in Berlin; the cast's working day is the usual one."""
    with time_machine.travel(at(2026, 6, 15, 7), tick=False) as traveller:
        yield traveller


def contested(cast: Cast, name: str = "Fernhill") -> Registration:
    """Alder's claim on an account with an open opportunity of the rep's."""
    site = f"{name.lower()}-logistics.com"
    known = account(cast, f"{name} Logistics", site, "GB", owner=cast.seats["rep"])
    direct_opportunity(cast, known, owner=cast.seats["rep"])
    return registered(cast, customer_name=f"{name} Logistics", website=site, country="GB")


def ruled(cast: Cast, row: Registration, who: str = "leader", **changes: Any) -> Ruling:
    with acting(cast, who) as by:
        return rule(**by, registration=row, decision=decision(**changes))


AGAINST = {"outcome": Outcome.UPHOLD_INCUMBENT, "reason": Reason.OPEN_OPPORTUNITY}


def found(cast: Cast) -> list[Ruled]:
    with program_scope(cast.program.pk):
        return rulings_in(last_months(12, running_month(cast.program)), cast.program)


def rows(cast: Cast, name: str, **asked_for: str) -> list[dict[str, str]]:
    url = reverse(name, kwargs={"program": cast.program.slug})
    answer = cast.client("ops").get(url, asked_for | {"format": "csv"})
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def figures(cast: Cast) -> dict[str, Any]:
    url = reverse("api:fairness", kwargs={"program": cast.program.slug})
    answer = cast.client("leader").get(url)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def test_who_when_and_against_whom(cast: Cast, june: time_machine.Traveller) -> None:
    row = contested(cast)
    june.shift(timedelta(hours=3))
    ruled(cast, row)
    (one,) = found(cast)
    assert (one.side, one.took, one.in_time) == (Side.PARTNER, timedelta(hours=3), True)
    assert one.reps == (str(cast.users["rep"]),)
    assert one.contested


def test_time_with_the_partner_is_not_ours(cast: Cast, june: time_machine.Traveller) -> None:
    row = contested(cast)
    june.shift(timedelta(hours=1))
    row = asked(cast, row)
    june.shift(timedelta(days=7))
    row = answered(cast, row, note="Ms Okafor signs.")
    june.shift(timedelta(hours=1))
    ruled(cast, row)
    (one,) = found(cast)
    assert (one.took, one.in_time) == (timedelta(hours=2), True)


def test_late_is_late(cast: Cast, june: time_machine.Traveller) -> None:
    row = contested(cast)
    june.shift(timedelta(days=14))
    assert figures(cast)["open_and_late"] == 1
    ruled(cast, row)
    body = figures(cast)
    assert (body["in_time"]["part"], body["in_time"]["whole"], body["open_and_late"]) == (0, 1, 0)
    assert [line["in_time"] for line in rows(cast, "prm:fairness_rulings", in_time="no")] == ["no"]
    assert rows(cast, "prm:fairness_rulings", in_time="yes") == []


def test_a_correction_takes_the_place_and_keeps_the_time(cast: Cast, june: time_machine.Traveller) -> None:
    ruling = ruled(cast, contested(cast))
    june.shift(timedelta(days=9))
    correction = Correction(
        outcome=Outcome.SHARE,
        reason=Reason.BOTH_WORKED,
        note="The rep was there as well.",
        sentence="The credit is shared.",
        incumbent_sentence="The credit is shared.",
        partner_share=60,
        comp_rep=CompEffect.SPLIT,
        comp_partner=CompEffect.SPLIT,
    )
    with acting(cast, "leader") as by:
        correct_ruling(**by, ruling=ruling, correction=correction)
    (one,) = found(cast)
    assert (one.side, one.corrected, one.in_time) == (Side.SHARED, True, True)


def test_an_appeal_is_a_ruling_beside_the_first(cast: Cast) -> None:
    row = contested(cast)
    ruled(cast, row, **AGAINST)
    ruled(cast, appealed(cast, row))
    body = figures(cast)
    assert body["rulings"] == 2
    assert body["sides"] == {"partner": 1, "incumbent": 1, "shared": 0, "no_conflict": 0}
    assert (body["appeals_overturned"]["part"], body["appeals_overturned"]["whole"]) == (1, 1)
    assert [line["outcome"] for line in rows(cast, "prm:fairness_rulings", only="overturned")] == ["partner"]
    assert [line["outcome"] for line in rows(cast, "prm:fairness_rulings", only="contested")] == ["incumbent"]


def test_rows_are_those_of_the_number(cast: Cast) -> None:
    ruled(cast, contested(cast, "Fernhill"))
    ruled(cast, contested(cast, "Pellworm"), **AGAINST)
    for kind in figures(cast)["kinds"]:
        for side, number in kind["sides"].items():
            assert len(rows(cast, "prm:fairness_rulings", kind=kind["kind"], side=side)) == number
    assert len(rows(cast, "prm:fairness_rulings", q="pellworm")) == 1


def test_benefits_by_answer_with_their_rows(cast: Cast) -> None:
    first, second = registered(cast), registered(cast, customer_name="Ottermere AG", website="ottermere.de")
    registered(cast, customer_name="Thistledown BV", website="thistledown.nl", country="NL")
    with acting(cast, "manager") as by:
        confirm_benefit(**by, registration=first, delivered=True)
        confirm_benefit(**by, registration=second, delivered=False, note="Not yet paid.")
    body = figures(cast)
    assert body["benefits"] == {"delivered": 1, "not_delivered": 1, "unknown": 1, "disputed": 0}
    for answer, number in body["benefits"].items():
        assert len(rows(cast, "prm:fairness_benefits", answer=answer)) == number


def test_approved_deals_are_counted_and_not_loaded(cast: Cast) -> None:
    """The control is their list, which shows each."""
    made: Counter[str] = Counter()

    def count(sender: type[Model], **_: Any) -> None:
        made[sender.__name__] += 1

    for name in ("Ottermere", "Thistledown"):
        registered(cast, customer_name=f"{name} AG", website=f"{name.lower()}.de")
    client, program = cast.client("leader"), {"program": cast.program.slug}
    post_init.connect(count)
    try:
        client.get(reverse("prm:fairness", kwargs=program))
        assert made["Protection"] == 0
        client.get(reverse("prm:fairness_benefits", kwargs=program))
        assert made["Protection"] == 2
    finally:
        post_init.disconnect(count)


def test_deals_that_are_only_watched_make_one_ask(cast: Cast) -> None:
    deals = [
        registered(cast, customer_name=f"{name} AG", website=f"{name.lower()}.de")
        for name in ("Ottermere", "Thistledown", "Quillmark")
    ]
    with program_scope(cast.program.pk):
        (line,) = watched_only(cast.program)
    assert (line.partner, line.approved, line.delivered, line.came) == ("Alder Consulting", 3, 0, 3)
    page = reverse("prm:fairness", kwargs={"program": cast.program.slug})
    assert "only watched?" in cast.client("leader").get(page).text
    with acting(cast, "manager") as by:
        confirm_benefit(**by, registration=deals[0], delivered=True)
    with program_scope(cast.program.pk):
        assert watched_only(cast.program) == []


@pytest.mark.parametrize(
    "name", ["prm:fairness", "prm:fairness_rulings", "prm:fairness_benefits", "api:fairness"]
)
def test_more_rulings_add_no_queries(cast: Cast, name: str) -> None:
    url = reverse(name, kwargs={"program": cast.program.slug})

    def queries() -> int:
        with CaptureQueriesContext(connection) as told:
            assert client.get(url).status_code == 200
        return len(told)

    client = cast.client("leader")
    ruled(cast, contested(cast, "Fernhill"))
    client.get(url)
    before = queries()
    for more in ("Pellworm", "Ottermere", "Thistledown"):
        ruled(cast, contested(cast, more))
    assert queries() == before


def test_before_anything_was_ruled_it_says_what_will_be_here(cast: Cast) -> None:
    page = cast.client("manager").get(reverse("prm:fairness", kwargs={"program": cast.program.slug})).text
    assert "No rulings in this period" in page
    assert "Cannot tell" in page


def test_nothing_of_another_program_is_in_it(cast: Cast) -> None:
    ruled(cast, contested(cast))
    with program_scope(cast.other_program.pk):
        assert rulings_in(last_months(12, running_month(cast.other_program)), cast.other_program) == []
