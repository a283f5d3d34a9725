"""Partners one asks about: the rules, the decision, its history, and the day it is asked again (R18)."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from partners.core.errors import FieldErrors, NotAllowed, NotFound, RuleBroken, Stale
from partners.core.scope import program_scope
from partners.models import Intent, LedgerEntry, Partner, PartnerStatus, Seat
from plans.models import Commitment, Plan
from prm.models import PartnerReview
from prm.rules.periods import months_between
from prm.rules.review import PartnerFacts, ReviewDecision, is_asked, our_part, signals
from prm.selectors.reviews import asked_about, reviews_due
from prm.services.reviews import review_partner
from tests.prm.facts import activity, at, deal, settle
from tests.support.cast import Cast

TODAY = date(2026, 12, 15)
AGAIN = date(2027, 3, 1)


@pytest.fixture(autouse=True)
def december() -> Iterator[None]:
    """Alder signed eleven months ago, Birch nine; the ramp is twelve months."""
    with time_machine.travel(at(2026, 12, 15), tick=False):
        yield


# ---- the rules -----------------------------------------------------------------------------------------

OLD = PartnerFacts(today=TODAY, intent=Intent.RESELL, signed_on=date(2024, 12, 1), ramp_months=12)


def codes(**values: Any) -> list[str]:
    return [signal.code for signal in signals(replace(OLD, **values))]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, ["no_deal"]),
        ({"last_deal_on": date(2026, 6, 16)}, []),
        ({"last_deal_on": date(2026, 6, 15)}, ["no_deal"]),
        ({"signed_on": date(2025, 6, 15)}, ["no_deal"]),
        ({"signed_on": date(2025, 6, 16)}, []),  # half a year past its ramp is tomorrow
        ({"signed_on": None}, []),
        ({"intent": Intent.MARQUEE, "last_act_on": date(2026, 12, 1)}, []),
        ({"intent": Intent.MARQUEE}, ["marquee_quiet"]),
        ({"intent": Intent.MARQUEE, "minutes": 9_000}, ["marquee_quiet"]),
        ({"last_deal_on": TODAY, "minutes": 1_200}, ["one_sided"]),
        ({"last_deal_on": TODAY, "minutes": 1_199}, []),
        ({"last_deal_on": TODAY, "ours_kept": 3}, ["one_sided"]),
        ({"last_deal_on": TODAY, "minutes": 9_000, "claims": 1}, []),
        ({"last_deal_on": TODAY, "minutes": 9_000, "theirs_kept": 1}, []),
        ({"last_deal_on": TODAY, "theirs_broken": 1}, []),
        ({"last_deal_on": TODAY, "theirs_broken": 1, "theirs_overdue": 1}, ["promises_broken"]),
        ({"last_deal_on": TODAY, "theirs_broken": 2, "theirs_kept": 3}, []),
    ],
)
def test_what_makes_one_ask(values: dict[str, Any], expected: list[str]) -> None:
    assert codes(**values) == expected


def test_our_part_is_read_first() -> None:
    assert our_part(OLD) == ""
    assert "did not keep 2 promises of ours" in our_part(replace(OLD, ours_broken=2))


@pytest.mark.parametrize(
    ("found", "decided", "again", "asked"),
    [
        (True, False, None, True),
        (False, False, None, False),
        (True, True, TODAY + timedelta(days=1), False),
        (True, True, TODAY, True),
        (False, True, TODAY, True),
        (True, True, None, False),
    ],
)
def test_a_decision_rests_until_its_day(found: bool, decided: bool, again: date | None, asked: bool) -> None:
    assert is_asked(found=found, decided=decided, ask_again_on=again, today=TODAY) is asked


def test_whole_months() -> None:
    assert months_between(date(2026, 1, 31), date(2026, 2, 28)) == 0
    assert months_between(date(2026, 1, 28), date(2026, 2, 28)) == 1
    assert months_between(date(2026, 3, 1), date(2026, 2, 28)) == 0


# ---- deciding ------------------------------------------------------------------------------------------


def sign(cast: Cast, day: date, **values: Any) -> None:
    with program_scope(cast.program.pk):
        Partner.objects.filter(pk=cast.alder.pk).update(signed_on=day, **values)


def decide(cast: Cast, decision: str = "keep", who: str = "leader", **values: Any) -> PartnerReview:
    given = {"reasons": "They began late.", "ask_again_on": AGAIN, **values}
    with program_scope(cast.program.pk):
        return review_partner(
            actor=cast.actor(who), partner_id=cast.alder.public_id, decision=decision, **given
        )


def names(cast: Cast, day: date = TODAY) -> list[str]:
    with program_scope(cast.program.pk):
        return [asked.partner.name for asked in asked_about(day)]


def test_a_partner_without_a_deal_past_its_ramp_is_asked_about_until_it_is_decided(cast: Cast) -> None:
    assert names(cast) == []
    sign(cast, date(2024, 12, 1))
    assert names(cast) == ["Alder Consulting"]
    review = decide(cast)
    assert names(cast) == []
    assert names(cast, AGAIN - timedelta(days=1)) == []
    assert names(cast, AGAIN) == ["Alder Consulting"]
    assert [signal["code"] for signal in review.signals] == ["no_deal"]


def test_it_is_asked_again_even_when_nothing_is_wrong_any_more(cast: Cast) -> None:
    sign(cast, date(2024, 12, 1))
    decide(cast)
    with program_scope(cast.program.pk):
        deal(cast.program, cast.alder, [(date(2027, 2, 1), "open", 9_000)])
        assert [review.partner.name for review in reviews_due(AGAIN)] == ["Alder Consulting"]
        asked = asked_about(AGAIN)
    assert [each.signals for each in asked] == [[]]


def test_the_evidence_is_the_rows(cast: Cast) -> None:
    sign(cast, date(2024, 12, 1))
    with program_scope(cast.program.pk):
        deal(cast.program, cast.alder, [(date(2026, 3, 1), "lost", 9_000)])
        activity(cast.program, cast.alder, date(2026, 11, 5), minutes=1_300)
        plan = Plan.objects.create(
            program=cast.program,
            partner=cast.alder,
            starts_on=date(2026, 1, 1),
            state="agreed",
            purpose="Grow together",
            why_call_us="A new service",
            signed_by_us_at=at(2026, 1, 3),
            signed_by_them_at=at(2026, 1, 3),
            proposed_at=at(2026, 1, 2),
            agreed_at=at(2026, 1, 3),
            next_check_in_on=date(2026, 12, 20),
        )
        for what in ("List ten clinics", "Name two sellers"):
            Commitment.objects.create(
                program=cast.program,
                plan=plan,
                partner=cast.alder,
                side="them",
                what=what,
                owner_name="Kim",
                due_on=date(2026, 11, 1),
            )
    settle(cast.program)
    found = cast.client("manager").get("/api/v1/programs/northwind/reviews/due/").json()["results"]
    assert [each["name"] for each in found] == ["Alder Consulting"]
    rows = {signal["code"]: [row["what"] for row in signal["rows"]] for signal in found[0]["signals"]}
    assert rows == {
        "no_deal": ["Deal of 2026-03-01: lost"],
        "promises_broken": ["Name two sellers: past its day", "List ten clinics: past its day"],
        "one_sided": ["Meeting, 1300 minutes"],
    }
    text = cast.client("manager").get(reverse("prm:reviews", args=["northwind"])).content.decode()
    assert "Deal of 2026-03-01: lost" in text
    assert "Birch" not in text


def test_a_marquee_partner_is_read_by_its_references(cast: Cast) -> None:
    sign(cast, date(2024, 12, 1), intent="marquee")
    assert names(cast) == ["Alder Consulting"]
    with program_scope(cast.program.pk):
        activity(cast.program, cast.alder, date(2026, 11, 5), "reference")
    assert names(cast) == []


def test_an_exit_ends_the_partnership_and_its_access(cast: Cast) -> None:
    decide(cast, "exit", ask_again_on=None)
    with program_scope(cast.program.pk):
        cast.alder.refresh_from_db()
        assert cast.alder.status == PartnerStatus.ENDED
        assert not Seat.objects.filter(partner=cast.alder, ended_at__isnull=True).exists()
        assert Seat.objects.filter(partner=cast.birch, ended_at__isnull=True).exists()
    with pytest.raises(RuleBroken):
        decide(cast)


def test_expecting_less_changes_what_the_partnership_is_for(cast: Cast) -> None:
    review = decide(cast, "downgrade", intent="referral")
    with program_scope(cast.program.pk):
        cast.alder.refresh_from_db()
    assert cast.alder.intent == "referral"
    assert (review.intent_before, review.intent_after) == ("co_sell", "referral")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"decision": "forget"}, "decision"),
        ({"reasons": "  "}, "reasons"),
        ({"ask_again_on": None}, "ask_again_on"),
        ({"ask_again_on": TODAY}, "ask_again_on"),
        ({"ask_again_on": date(2028, 1, 1)}, "ask_again_on"),
        ({"decision": "exit"}, "ask_again_on"),
        ({"decision": "downgrade"}, "intent"),
        ({"decision": "downgrade", "intent": "co_sell"}, "intent"),
        ({"intent": "referral"}, "intent"),
    ],
)
def test_a_decision_that_cannot_be_changes_nothing(cast: Cast, values: dict[str, Any], field: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        decide(cast, **values)
    assert set(refused.value.errors) == {field}
    with program_scope(cast.program.pk):
        cast.alder.refresh_from_db()
        assert (cast.alder.status, cast.alder.intent) == ("active", "co_sell")
        assert not PartnerReview.objects.exists()
        assert not LedgerEntry.objects.filter(verb="partner.reviewed").exists()


def test_who_came_second_reads_the_first_decision_before_deciding(cast: Cast) -> None:
    first = decide(cast, seen="")
    with pytest.raises(Stale):
        decide(cast, "exit", who="manager", ask_again_on=None, seen="")
    second = decide(cast, "fix", who="manager", seen=first.public_id)
    with program_scope(cast.program.pk):
        cast.alder.refresh_from_db()
        assert cast.alder.status == PartnerStatus.ACTIVE
        assert [review.pk for review in PartnerReview.objects.order_by("pk")] == [first.pk, second.pk]


def test_the_history_is_never_edited(cast: Cast) -> None:
    review = decide(cast)
    for act in (
        lambda: PartnerReview.objects.filter(pk=review.pk).update(reasons="x"),
        lambda: PartnerReview.objects.filter(pk=review.pk).delete(),
    ):
        with program_scope(cast.program.pk), pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_who_may_decide(cast: Cast) -> None:
    for who in ("ops", "rep", "sponsor"):
        with pytest.raises(NotAllowed):
            decide(cast, who=who)
    with program_scope(cast.program.pk), pytest.raises(NotFound):
        review_partner(
            actor=cast.actor("leader"), partner_id=cast.cedar.public_id, decision="keep", reasons="x"
        )


def test_by_screen_with_the_version_that_was_read(cast: Cast) -> None:
    sign(cast, date(2024, 12, 1))
    client = cast.client("manager")
    url = reverse("prm:review", kwargs={"program": "northwind", "public_id": cast.alder.public_id})
    data = {"decision": "keep", "reasons": "Late start.", "ask_again_on": "2027-03-01", "seen": ""}
    assert "Does anything come of it?" in client.get(url).content.decode()
    assert client.post(url, data).status_code == 302
    assert client.post(url, data).status_code == 412
    page = client.get(url).content.decode()
    assert "Late start." in page
    today = cast.client("leader").get(reverse("prm:today", args=["northwind"])).content.decode()
    assert "Partner reviews due" not in today
    with time_machine.travel(at(2027, 3, 1), tick=False):
        today = cast.client("leader").get(reverse("prm:today", args=["northwind"])).content.decode()
    assert "Partner reviews due" in today


def test_an_end_by_screen_leaves_the_day_that_was_filled_in_out(cast: Cast) -> None:
    url = reverse("prm:review", kwargs={"program": "northwind", "public_id": cast.alder.public_id})
    data = {"decision": "exit", "reasons": "They closed.", "ask_again_on": "2027-03-01", "seen": ""}
    assert cast.client("manager").post(url, data).status_code == 302
    with program_scope(cast.program.pk):
        cast.alder.refresh_from_db()
        assert PartnerReview.objects.get().ask_again_on is None
    assert cast.alder.status == PartnerStatus.ENDED


def test_by_api(cast: Cast) -> None:
    client = cast.client("leader")
    base = "/api/v1/programs/northwind/reviews/"
    body = {"partner": cast.alder.public_id, "decision": "fix", "reasons": "Two deals by spring."}
    refused = client.post(base, json.dumps(body), content_type="application/json")
    assert refused.status_code == 422
    made = client.post(
        base, json.dumps({**body, "ask_again_on": "2027-03-01"}), content_type="application/json"
    )
    assert made.status_code == 201
    listed = client.get(base, {"partner": cast.alder.public_id}).json()["results"]
    assert [row["id"] for row in listed] == [made.json()["id"]]


@pytest.mark.parametrize("name", ["prm:reviews", "api:reviews-due"])
def test_more_partners_cost_no_more_queries(cast: Cast, name: str) -> None:
    client = cast.client("leader")
    url = reverse(name, kwargs={"program": "northwind"})

    def queries() -> int:
        with time_machine.travel(at(2026, 12, 16), tick=False), CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    def more(first: int, last: int) -> None:
        with program_scope(cast.program.pk):
            for number in range(first, last):
                partner = Partner.objects.create(
                    program=cast.program,
                    name=f"Elm {number}",
                    slug=f"elm-{number}",
                    signed_on=date(2024, 1, 1),
                )
                deal(cast.program, partner, [(date(2025, 3, 1), "lost", 9_000)])
                review_partner(
                    actor=cast.actor("leader"),
                    partner_id=partner.public_id,
                    decision=ReviewDecision.KEEP,
                    reasons="Late.",
                    ask_again_on=TODAY + timedelta(days=1),
                )

    more(0, 2)
    few = queries()
    more(2, 20)
    assert queries() == few
