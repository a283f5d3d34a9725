"""The screens of plans: what they show, how forms open in place, and bad input that loses nothing."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from partners.core.scope import program_scope
from partners.models import LedgerEntry, Partner
from plans.models import CheckIn, Commitment, Milestone, Plan
from plans.rules.lifecycle import Side
from plans.services.commitments import add_commitment
from plans.services.milestones import add_milestone
from plans.services.plans import draft_plan
from tests.plans.support import GAIN, PURPOSE, Made, made_in_scope, today_of
from tests.support.cast import Cast

HTMX = {"HX-Request": "true"}


def url(cast: Cast, name: str, row: object | None = None) -> str:
    kwargs = {"program": cast.program.slug}
    if row is not None:
        kwargs["public_id"] = row.public_id  # type: ignore[attr-defined]
    return reverse(f"plans:{name}", kwargs=kwargs)


@pytest.fixture
def manager(cast: Cast) -> Client:
    return cast.client("manager")


@pytest.fixture
def made(cast: Cast) -> Made:
    return made_in_scope(cast, "agreed")


def fresh(cast: Cast, row):
    with program_scope(cast.program.pk):
        row.refresh_from_db()
        return row


def test_the_list_shows_what_is_late_and_who_has_no_plan(cast: Cast, made: Made, manager: Client) -> None:
    with program_scope(cast.program.pk):
        made.ours.due_on = today_of(cast) - timedelta(days=3)
        made.ours.save_fields("due_on")
    page = manager.get(url(cast, "list")).content.decode()
    assert "Alder Consulting" in page
    assert "1 day" not in page
    assert '<span class="badge tone-bad">' in page
    assert "Signed without a plan" in page
    assert "Birch Systems" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=bakeries", True),
        ("?q=nothing", False),
        ("?state=agreed", True),
        ("?state=draft", False),
        ("?state=live", True),
        ("?due=ours", False),
        ("?state=zzz&due=zzz&sort=zzz&page=zzz", True),
        ("?q=%00", True),
        *((f"?sort={key}", True) for key in ("partner", "-state", "next", "-ours", "theirs", "-ready")),
    ],
)
def test_the_list_is_searched_filtered_and_sorted(
    cast: Cast, made: Made, manager: Client, query: str, found: bool
) -> None:
    response = manager.get(url(cast, "list") + query)
    assert response.status_code == 200
    assert (made.plan.public_id in response.content.decode()) is found


def test_an_empty_list_teaches(cast: Cast, manager: Client) -> None:
    page = manager.get(url(cast, "list")).content.decode()
    assert "A plan is one page" in page


def test_the_file_is_harmless_in_a_spreadsheet(cast: Cast, manager: Client) -> None:
    with program_scope(cast.program.pk):
        draft_plan(actor=cast.actor("manager"), partner=cast.alder, purpose="=HYPERLINK(1)")
    response = manager.get(url(cast, "csv"))
    lines = response.content.decode().splitlines()
    assert lines[0].startswith("partner,state,our_promises_overdue")
    assert lines[1] == "Alder Consulting,draft,0,0,0,0,,,'=HYPERLINK(1)"


def test_a_plan_is_begun_and_completed_without_scripts(cast: Cast, manager: Client) -> None:
    asked = {"partner": cast.alder.public_id, "purpose": PURPOSE}
    answer = manager.post(url(cast, "new"), asked, follow=True)
    assert answer.status_code == 200
    with program_scope(cast.program.pk):
        plan = Plan.objects.get()
    assert "Add a commitment of ours first" in answer.content.decode()
    refused = manager.post(url(cast, "propose", plan), {"version": plan.version}, follow=True)
    assert "Name at least one readiness step" in refused.content.decode()
    edit = {
        "purpose": PURPOSE, "why_call_us": GAIN, "retires_quota": "yes", "starts_on": plan.starts_on,
        "check_in_days": 14, "version": plan.version,
    }  # fmt: skip
    assert manager.post(url(cast, "edit", plan), edit).status_code == 302
    step = {"name": "Two can demo", "proves": "A recording"}
    assert manager.post(url(cast, "new_milestone", plan), step).status_code == 302
    ours = {"side": "us", "what": "Joint visit", "owner_name": "Mara", "due_on": today_of(cast)}
    assert manager.post(url(cast, "new_commitment", plan), ours).status_code == 302
    plan = fresh(cast, plan)
    answer = manager.post(url(cast, "propose", plan), {"version": plan.version}, follow=True)
    assert "Proposed. Alder Consulting reads it in the portal" in answer.content.decode()
    answer = manager.post(url(cast, "agree", plan), {"edition": 1}, follow=True)
    assert "Signed for our side." in answer.content.decode()
    assert "waiting for Alder Admin" in answer.content.decode()


@pytest.mark.parametrize("name", ["edit", "close", "check_in", "new_commitment", "new_milestone"])
def test_a_form_opens_on_the_page_with_and_without_htmx(
    cast: Cast, made: Made, manager: Client, name: str
) -> None:
    whole = manager.get(url(cast, name, made.plan))
    part = manager.get(url(cast, name, made.plan), headers=HTMX)
    for response in (whole, part):
        assert response.status_code == 200
        text = response.content.decode()
        assert text.count('id="open-form"') == 1
        assert "Joint visit at two bakeries" in text
    assert "<html" in whole.content.decode()
    assert "<html" not in part.content.decode()


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("edit_commitment", "ours"), ("break", "theirs"), ("drop_commitment", "ours"),
        ("edit_milestone", "step"), ("prove", "step"), ("drop_milestone", "step"),
    ],
)  # fmt: skip
def test_a_row_opens_its_own_form(cast: Cast, made: Made, manager: Client, name: str, part: str) -> None:
    response = manager.get(url(cast, name, getattr(made, part)))
    assert response.status_code == 200
    assert response.content.decode().count('id="open-form"') == 1
    assert f'<a href="{url(cast, "list")}" data-key="l" aria-current="true">' in response.content.decode()


def test_promises_are_kept_broken_changed_and_dropped(cast: Cast, made: Made, manager: Client) -> None:
    assert manager.post(url(cast, "keep", made.ours), {"version": 1}).status_code == 302
    assert fresh(cast, made.ours).state == "kept"
    answer = manager.post(url(cast, "keep", made.ours), {"version": 2}, follow=True)
    assert "This promise was kept already, and stays so." in answer.content.decode()
    assert manager.post(url(cast, "break", made.theirs), {"reason": "", "version": 1}).status_code == 422
    done = manager.post(url(cast, "break", made.theirs), {"reason": "They moved offices", "version": 1})
    assert done.status_code == 302
    assert (fresh(cast, made.theirs).state, made.theirs.reason) == ("broken", "They moved offices")
    page = manager.get(url(cast, "plan", made.plan)).content.decode()
    assert "They moved offices" in page


def test_a_step_is_proven_by_something(cast: Cast, made: Made, manager: Client) -> None:
    today = today_of(cast)
    for proof in (
        {"proof": "", "proof_link": "", "proven_on": today},
        {"proof": "", "proof_link": "javascript:alert(1)", "proven_on": today},
        {"proof": "Seen", "proof_link": "", "proven_on": today + timedelta(days=1)},
        {"proof": "Seen", "proof_link": "", "proven_on": "31/31/31"},
    ):
        assert manager.post(url(cast, "prove", made.step), proof).status_code == 422
        assert fresh(cast, made.step).state == "open"
    good = {"proof": "", "proof_link": "https://example.com/demo", "proven_on": today}
    assert manager.post(url(cast, "prove", made.step), good).status_code == 302
    assert (fresh(cast, made.step).state, made.step.proven_by) == ("proven", "Manager")
    page = manager.get(url(cast, "plan", made.plan)).content.decode()
    assert 'href="https://example.com/demo" rel="noopener noreferrer nofollow"' in page
    assert "1 of 1 steps proven" in page


def test_a_check_in_is_logged_once_a_day(cast: Cast, made: Made, manager: Client) -> None:
    said = {"purpose_confirmed": "yes", "said": "Going well", "held_on": today_of(cast)}
    assert manager.post(url(cast, "check_in", made.plan), said).status_code == 302
    again = manager.post(url(cast, "check_in", made.plan), {**said, "said": "My long report"})
    assert again.status_code == 409
    assert "A check-in of this day is logged already." in again.content.decode()
    assert "My long report" in again.content.decode()
    with program_scope(cast.program.pk):
        row = CheckIn.objects.get()
    assert (row.purpose, row.purpose_confirmed) == (PURPOSE, True)
    assert fresh(cast, made.plan).next_check_in_on == row.next_on


def test_somebody_was_faster_and_nothing_typed_is_lost(cast: Cast, made: Made, manager: Client) -> None:
    form = {
        "what": "My wording", "owner_name": "Jo", "due_on": today_of(cast), "version": made.theirs.version,
    }  # fmt: skip
    other = {**form, "what": "Their wording"}
    assert cast.client("leader").post(url(cast, "edit_commitment", made.theirs), other).status_code == 302
    late = manager.post(url(cast, "edit_commitment", made.theirs), form)
    assert late.status_code == 412
    page = late.content.decode()
    assert "Somebody changed this since you opened it." in page
    assert "My wording" in page
    assert "Their wording" in page
    assert 'name="version" value="2"' in page
    assert fresh(cast, made.theirs).what == "Their wording"


HOSTILE = [
    "<script>alert(1)</script>", "{{ 7*7 }}{% debug %}", "'; DROP TABLE plans_plan; --", "\u202ereversed",
    "\u7530\u4e2d\u3055\u3093 " * 20, "\x00", "x" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_stored_as_text_or_refused(
    cast: Cast, made: Made, manager: Client, text: str
) -> None:
    with program_scope(cast.program.pk):
        before = Commitment.objects.count(), Milestone.objects.count(), LedgerEntry.objects.count()
    fields = {"what": text, "owner_name": text, "side": "us", "due_on": today_of(cast)}
    one = manager.post(url(cast, "new_commitment", made.plan), fields)
    two = manager.post(url(cast, "new_milestone", made.plan), {"name": text, "proves": text})
    three = manager.post(url(cast, "close", made.plan), {"reason": text})
    for response in (one, two, three):
        assert response.status_code in (302, 422)
    page = manager.get(url(cast, "plan", made.plan)).content.decode()
    assert "<script>alert(1)" not in page
    if one.status_code == 422:
        assert "correct" in one.content.decode()
    if {one.status_code, two.status_code, three.status_code} == {422}:
        with program_scope(cast.program.pk):
            now = Commitment.objects.count(), Milestone.objects.count(), LedgerEntry.objects.count()
        assert now == before


@pytest.mark.parametrize("day", ["", "0000-00-00", "99999-01-01", "2026-13-40", "=1+1", "0001-01-01"])
def test_days_that_are_none(cast: Cast, made: Made, manager: Client, day: str) -> None:
    fields = {"what": "A visit", "owner_name": "Mara", "side": "us", "due_on": day}
    assert manager.post(url(cast, "new_commitment", made.plan), fields).status_code == 422


@pytest.mark.parametrize("version", ["", "abc", "-1", "99999999999999999999", "\x00"])
def test_versions_that_are_none(cast: Cast, made: Made, manager: Client, version: str) -> None:
    response = manager.post(url(cast, "keep", made.ours), {"version": version})
    assert response.status_code == 302
    assert fresh(cast, made.ours).state == ("kept" if version == "" else "open")


@pytest.mark.parametrize("public_id", ["zzz", "0" * 14, "%00", "x" * 300, "..", "1 OR 1=1"])
def test_ids_that_are_none(cast: Cast, manager: Client, public_id: str) -> None:
    for name in ("plans", "promises", "steps"):
        tail = "keep/" if name == "promises" else "prove/" if name == "steps" else ""
        address = f"/p/{cast.program.slug}/{name}/{public_id}/{tail}"
        response = manager.post(address) if name == "promises" else manager.get(address)
        assert response.status_code == 404


def test_another_programs_ids_are_nothing_here(cast: Cast, made: Made) -> None:
    other = cast.client("other_leader")
    address = reverse(
        "plans:plan", kwargs={"program": cast.other_program.slug, "public_id": made.plan.public_id}
    )
    assert other.get(address).status_code == 404
    keep = reverse("plans:keep", kwargs={"program": "southgate", "public_id": made.ours.public_id})
    assert other.post(keep).status_code == 404
    assert fresh(cast, made.ours).state == "open"


def test_the_sponsor_reads_and_is_offered_no_act(cast: Cast, made: Made) -> None:
    page = cast.client("sponsor").get(url(cast, "plan", made.plan)).content.decode()
    assert "Joint visit at two bakeries" in page
    for word in ("Log a check-in", "Change the terms", "Missed", "Prove", "Close"):
        assert not re.search(rf">{word}<", page), word


@pytest.mark.parametrize("name", ["list", "plan"])
def test_pages_cost_the_same_with_more_rows(
    cast: Cast, manager: Client, name: str, django_assert_max_num_queries
) -> None:
    def queries() -> int:
        with django_assert_max_num_queries(22) as counted:
            manager.get(url(cast, name, proposal.plan if name == "plan" else None))
        return len(counted)

    proposal = made_in_scope(cast, "proposed", partner="birch")
    queries()
    few = queries()
    with program_scope(cast.program.pk):
        for number in range(30):
            partner = Partner.objects.create(program=cast.program, name=f"P{number}", slug=f"p{number}")
            draft_plan(actor=cast.actor("manager"), partner=partner)
            add_commitment(
                actor=cast.actor("manager"), plan=proposal.plan, side=Side.US, what=f"Visit {number}",
                owner_name="Mara", due_on=today_of(cast),
            )  # fmt: skip
            add_milestone(actor=cast.actor("manager"), plan=proposal.plan, name=f"S{number}", proves="Seen")
    assert queries() == few
