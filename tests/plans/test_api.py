"""Plans by API: the whole story, partner-safe answers, and refusals as problems."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from partners.core.scope import program_scope
from plans.models import Commitment, Plan
from plans.rules.lifecycle import Side
from plans.services.commitments import add_commitment
from plans.services.milestones import add_milestone
from tests.plans.support import GAIN, PURPOSE, made_in_scope, today_of
from tests.support.cast import Cast


class Api:
    """Somebody's client for the first program."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def send(self, method: str, name: str, row: str | None = None, body: Any = None, **headers: str) -> Any:
        kwargs = {"program": "northwind"} | ({"public_id": row} if row else {})
        return self.client.generic(
            method,
            reverse(f"api:{name}", kwargs=kwargs),
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )

    def get(self, name: str, row: str | None = None) -> Any:
        return self.send("GET", name, row)

    def post(self, name: str, row: str | None = None, body: Any = None, **headers: str) -> Any:
        return self.send("POST", name, row, body if body is not None else {}, **headers)


@pytest.fixture
def manager(cast: Cast) -> Api:
    return Api(cast.client("manager"))


@pytest.fixture
def admin(cast: Cast) -> Api:
    return Api(cast.client("alder_admin"))


def test_a_plan_from_draft_to_check_in(cast: Cast, manager: Api, admin: Api) -> None:
    day = (today_of(cast) + timedelta(days=9)).isoformat()
    begun = manager.post("plans", body={"partner": cast.alder.public_id, "purpose": PURPOSE})
    assert (begun.status_code, begun.headers["ETag"], begun.json()["state"]) == (201, '"v1"', "draft")
    plan = begun.json()["id"]
    assert admin.get("plan", plan).status_code == 404
    lacking = manager.post("plan-propose", plan)
    assert lacking.status_code == 422
    assert [error["field"] for error in lacking.json()["errors"]] == [
        "why_call_us", "commitments", "milestones",
    ]  # fmt: skip
    assert manager.send("PATCH", "plan", plan, {"why_call_us": GAIN}).json()["purpose"] == PURPOSE
    step = manager.post("milestones", body={"plan": plan, "name": "Can demo", "proves": "Recording"})
    ours = {"plan": plan, "side": "us", "what": "Visit", "owner_name": "Mara", "due_on": day}
    assert (step.status_code, manager.post("commitments", body=ours).status_code) == (201, 201)
    theirs = manager.post("commitments", body={**ours, "side": "them", "what": "List"}).json()
    assert manager.post("plan-propose", plan).json()["state"] == "proposed"
    assert manager.post("plan-agree", plan, {"edition": 1}).json()["signed_by_us"] == "Manager"
    both = admin.post("plan-agree", plan, {"edition": 1}).json()
    assert (both["state"], both["signed_by_them"], both["retires_quota"]) == ("agreed", "Alder Admin", None)
    assert both["next_check_in_on"] is not None
    kept = admin.post("commitment-keep", theirs["id"])
    assert (kept.status_code, kept.json()["state"]) == (200, "kept")
    proof = {"proof": "Seen"}
    assert manager.post("milestone-prove", step.json()["id"], proof).json()["state"] == "proven"
    aim = {"aim": {"amount": "125000.00", "by": day}}
    changed = manager.send("PATCH", "plan", plan, aim).json()
    assert changed["aim"] == {"amount": "125000.00", "currency": "EUR", "by": day}
    assert (changed["state"], changed["edition"]) == ("proposed", 2)
    said = {"held_on": today_of(cast).isoformat(), "said": "Well", "purpose_confirmed": True}
    assert manager.post("plan-check-in", plan, said).status_code == 201
    assert manager.post("plan-check-in", plan, said).status_code == 409
    assert [row["said"] for row in admin.get("check-ins").json()["results"]] == ["Well"]
    closed = manager.post("plan-close", plan, {"reason": "Done"}).json()
    assert (closed["state"], closed["moves"]) == ("closed", [])


def test_an_aim_before_readiness_is_a_problem_with_its_field(cast: Cast, manager: Api) -> None:
    made = made_in_scope(cast, "agreed")
    body = {"aim": {"amount": "10.00", "by": today_of(cast).isoformat()}}
    answer = manager.send("PATCH", "plan", made.plan.public_id, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "aim_before_readiness")
    assert answer.json()["errors"][0]["field"] == "aim_amount"


def test_if_match_and_the_same_request_twice(cast: Cast, manager: Api) -> None:
    made = made_in_scope(cast, "agreed")
    late = manager.post("commitment-keep", made.ours.public_id, If_Match='"v9"')
    assert late.status_code == 412
    body = {
        "plan": made.plan.public_id, "side": "us", "what": "Once", "owner_name": "Mara",
        "due_on": today_of(cast).isoformat(),
    }  # fmt: skip
    first = manager.post("commitments", body=body, Idempotency_Key="k1")
    second = manager.post("commitments", body=body, Idempotency_Key="k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    with program_scope(cast.program.pk):
        assert Commitment.objects.filter(what="Once").count() == 1


def test_a_partner_sees_its_own_and_nothing_of_others(cast: Cast, admin: Api) -> None:
    rival = made_in_scope(cast, "agreed", partner="birch")
    made_in_scope(cast, "draft")
    for name in ("plans", "commitments", "milestones", "check-ins"):
        answer = admin.get(name)
        assert answer.json() == {"next": None, "results": []}
    none, real = (
        admin.post("commitment-keep", public_id) for public_id in ("0" * 14, rival.theirs.public_id)
    )
    assert (none.status_code, none.content) == (real.status_code, real.content)
    filtered = admin.client.get(
        reverse("api:plans", kwargs={"program": "northwind"}) + f"?partner={cast.birch.public_id}"
    )
    assert filtered.json()["results"] == []


@pytest.mark.parametrize("who", ["alder_admin", "alder_seller"])
def test_partner_people_change_no_terms(cast: Cast, who: str) -> None:
    made = made_in_scope(cast, "proposed")
    person = Api(cast.client(who))
    for method, name, row in (
        ("PATCH", "plan", made.plan), ("POST", "plan-close", made.plan), ("POST", "plan-check-in", made.plan),
        ("PATCH", "commitment", made.theirs), ("POST", "commitment-drop", made.theirs),
        ("POST", "milestone-prove", made.step), ("POST", "commitment-keep", made.ours),
    ):  # fmt: skip
        answer = person.send(method, name, row.public_id, {})
        assert answer.status_code == 403, name
    with program_scope(cast.program.pk):
        assert Plan.objects.get().version == made.plan.version


@pytest.mark.parametrize(
    "body",
    [
        [], "x", 1, {"side": "us"}, {"side": "other"}, {"what": ["a"]}, {"what": "x" * 400},
        {"due_on": "yesterday"}, {"owner_name": None}, {"what": "\u0000"}, {"x": 1}, {"plan": {"a": 1}},
    ],
)  # fmt: skip
def test_bodies_that_are_none(cast: Cast, manager: Api, body: Any) -> None:
    made = made_in_scope(cast, "agreed")
    good = {
        "plan": made.plan.public_id, "side": "us", "what": "A", "owner_name": "B",
        "due_on": today_of(cast).isoformat(),
    }  # fmt: skip
    sent = body if not isinstance(body, dict) or body == {"side": "us"} else good | body
    answer = manager.post("commitments", body=sent)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    with program_scope(cast.program.pk):
        assert Commitment.objects.count() == 2
    assert manager.post("plan-agree", made.plan.public_id, {"edition": 10**30}).status_code == 422


def test_lists_cost_the_same_with_more_rows(cast: Cast, manager: Api) -> None:
    def cost(name: str) -> int:
        with CaptureQueriesContext(connection) as counted:
            assert manager.get(name).status_code == 200
        return len(counted)

    made = made_in_scope(cast, "agreed")
    names = ("plans", "commitments", "milestones")
    cost("plans")
    few = [cost(name) for name in names]
    with program_scope(cast.program.pk):
        for number in range(30):
            add_commitment(
                actor=cast.actor("manager"), plan=made.plan, side=Side.US, what=f"V{number}",
                owner_name="M", due_on=today_of(cast),
            )  # fmt: skip
            add_milestone(actor=cast.actor("manager"), plan=made.plan, name=f"S{number}", proves="Seen")
    assert [cost(name) for name in names] == few
