"""The partner's side: what is owed first, then theirs, agreeing; nothing of drafts, rivals or our notes."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.utils import ProgrammingError
from django.urls import reverse

from partners.core.scope import program_scope
from partners.models import LedgerEntry
from plans.models import CheckIn, Commitment, Milestone, Plan
from plans.rules.lifecycle import Quota, Side
from plans.selectors import open_commitments
from plans.services.checkins import log_check_in
from plans.services.commitments import add_commitment, keep_commitment
from plans.services.milestones import add_milestone
from plans.services.plans import change_plan, close_plan, propose_plan
from tests.plans.support import made_in_scope, today_of
from tests.support.cast import Cast


def url(name: str = "plan", **kwargs: str) -> str:
    return reverse(f"portal:{name}", kwargs={"program": "northwind", **kwargs})


def page_of(cast: Cast, who: str) -> str:
    response = cast.client(who).get(url())
    assert response.status_code == 200
    return response.content.decode()


def test_no_plan_yet_says_what_will_come(cast: Cast) -> None:
    assert "We write the first draft" in page_of(cast, "alder_admin")


def test_a_draft_is_as_if_it_were_not_there(cast: Cast) -> None:
    without = page_of(cast, "alder_admin")
    made = made_in_scope(cast, "draft")
    strip = lambda text: [line for line in text.splitlines() if "csrf" not in line.lower()]  # noqa: E731
    assert strip(page_of(cast, "alder_admin")) == strip(without)
    answer = cast.client("alder_admin").post(url("plan_agree"), {"edition": 1, "read": "on"})
    assert answer.status_code == 404
    keep = url("plan_keep", public_id=made.theirs.public_id)
    assert cast.client("alder_admin").post(keep).status_code == 404


def test_a_draft_that_was_closed_stays_unseen(cast: Cast) -> None:
    made = made_in_scope(cast, "draft")
    with program_scope(cast.program.pk):
        close_plan(actor=cast.actor("leader"), plan=made.plan, note="Not with them")
    assert "Not with them" not in page_of(cast, "alder_admin")
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        assert not LedgerEntry.objects.exists()


def test_what_became_of_our_promise_stays_readable(cast: Cast) -> None:
    made = made_in_scope(cast, "agreed")
    assert "What became of our earlier promises" not in page_of(cast, "alder_admin")
    with program_scope(cast.program.pk):
        keep_commitment(actor=cast.actor("manager"), commitment=made.ours)
    page = page_of(cast, "alder_admin")
    assert "What became of our earlier promises" in page
    assert f"<li>{made.ours.what}: kept" in page


@pytest.mark.parametrize("table", ["plan", "milestone", "commitment", "checkin"])
def test_row_level_security_alone_hides_drafts_and_rivals(cast: Cast, table: str) -> None:
    made_in_scope(cast, "draft")
    rival = made_in_scope(cast, "agreed", partner="birch")
    with program_scope(cast.program.pk):
        log_check_in(
            actor=cast.actor("manager"), plan=rival.plan, held_on=today_of(cast), said="x",
            purpose_confirmed=True,
        )  # fmt: skip
    with program_scope(cast.program.pk), connection.cursor() as cursor:
        cursor.execute(f"SELECT count(DISTINCT partner_id) FROM plans_{table}")  # noqa: S608
        assert cursor.fetchone() == (1 if table == "checkin" else 2,)
    with program_scope(cast.program.pk, partner_id=cast.alder.pk), connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM plans_{table}")  # noqa: S608
        assert cursor.fetchone() == (0,)
    with program_scope(cast.program.pk, partner_id=cast.birch.pk), connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT partner_id FROM plans_{table}")  # noqa: S608
        assert cursor.fetchall() == [(cast.birch.pk,)]
    with program_scope(cast.other_program.pk), connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM plans_{table}")  # noqa: S608
        assert cursor.fetchone() == (0,)


def test_row_level_security_alone_refuses_a_promise_on_a_rivals_plan(cast: Cast) -> None:
    rival = made_in_scope(cast, "agreed", partner="birch")
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        program_scope(cast.program.pk, partner_id=cast.alder.pk),
    ):
        Commitment.objects.create(
            program=cast.program, plan_id=rival.plan.pk, partner=cast.alder, side=Side.THEM, what="x",
            owner_name="x", due_on=today_of(cast),
        )  # fmt: skip


def test_the_manager_alone_filters_by_partner(cast: Cast) -> None:
    made_in_scope(cast, "agreed", partner="birch")
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        for model in (Plan, Milestone, Commitment, CheckIn):
            assert f'"partner_id" = {cast.alder.pk}' in str(model.objects.all().query)


def test_support_comes_before_asks(cast: Cast) -> None:
    made_in_scope(cast, "agreed")
    page = page_of(cast, "alder_seller")
    assert page.index("Joint visit at two bakeries") < page.index("List of ten customers")
    assert "We call you next" in page
    assert "manage" not in page.lower()


def test_our_notes_are_not_the_partners_to_read(cast: Cast) -> None:
    made = made_in_scope(cast, "agreed")
    with program_scope(cast.program.pk):
        change_plan(
            actor=cast.actor("manager"), plan=made.plan, purpose=made.plan.purpose,
            why_call_us=made.plan.why_call_us, retires_quota=Quota.UNKNOWN, starts_on=made.plan.starts_on,
            check_in_days=made.plan.check_in_days,
        )  # fmt: skip
    page = page_of(cast, "alder_admin").lower()
    assert "quota?" not in page
    assert "do we ask for more" not in page


def test_three_open_steps_at_a_time(cast: Cast) -> None:
    made = made_in_scope(cast, "draft")
    with program_scope(cast.program.pk):
        for number in range(2, 6):
            add_milestone(
                actor=cast.actor("manager"), plan=made.plan, name=f"Step no {number}", proves="Seen"
            )
        propose_plan(actor=cast.actor("manager"), plan=made.plan)
    page = page_of(cast, "alder_admin")
    assert [f"Step no {n}" in page for n in (2, 3, 4, 5)] == [True, True, False, False]


def test_the_admin_agrees_to_what_was_read(cast: Cast) -> None:
    made = made_in_scope(cast, "proposed")
    admin = cast.client("alder_admin")
    assert 'name="edition" value="1"' in page_of(cast, "alder_admin")
    unread = admin.post(url("plan_agree"), {"edition": 1})
    assert unread.status_code == 422
    assert "I have read this plan" in unread.content.decode()
    with program_scope(cast.program.pk):
        add_commitment(
            actor=cast.actor("manager"), plan=made.plan, side=Side.THEM, what="Ten more", owner_name="Jo",
            due_on=today_of(cast) + timedelta(days=9),
        )  # fmt: skip
    stale = admin.post(url("plan_agree"), {"edition": 1, "read": "on"}, follow=True)
    assert "The plan changed since you read it." in stale.content.decode()
    done = admin.post(url("plan_agree"), {"edition": 2, "read": "on"}, follow=True)
    assert "You have agreed; we sign next." in done.content.decode()
    with program_scope(cast.program.pk):
        made.plan.refresh_from_db()
    assert (made.plan.state, made.plan.signed_by_them) == ("proposed", "Alder Admin")


@pytest.mark.parametrize("edition", ["", "x", "-1", "99999999999999", "\x00", "2"])
def test_editions_that_are_none(cast: Cast, edition: str) -> None:
    made = made_in_scope(cast, "proposed")
    answer = cast.client("alder_admin").post(url("plan_agree"), {"edition": edition, "read": "on"})
    assert answer.status_code in (302, 422)
    with program_scope(cast.program.pk):
        made.plan.refresh_from_db()
    assert made.plan.signed_by_them == ""


def test_a_seller_reads_and_marks_done_and_does_not_sign(cast: Cast) -> None:
    made = made_in_scope(cast, "proposed")
    seller = cast.client("alder_seller")
    page = page_of(cast, "alder_seller")
    assert 'name="edition"' not in page
    assert "Alder Admin can agree for Alder Consulting" in page
    assert seller.post(url("plan_agree"), {"edition": 1, "read": "on"}).status_code == 403
    assert seller.post(url("plan_keep", public_id=made.theirs.public_id)).status_code == 302
    assert seller.post(url("plan_keep", public_id=made.ours.public_id)).status_code == 403
    with program_scope(cast.program.pk):
        made.theirs.refresh_from_db()
        made.ours.refresh_from_db()
    assert (made.theirs.state, made.theirs.settled_by) == ("kept", "Alder Seller")
    assert made.ours.state == "open"


def test_a_rival_learns_nothing(cast: Cast) -> None:
    made = made_in_scope(cast, "agreed")
    rival = cast.client("birch_admin")
    text = rival.get(url()).content.decode()
    for word in ("Alder", "bakeries", made.plan.public_id, made.theirs.public_id):
        assert word not in text
    none = rival.post(url("plan_keep", public_id="0" * 14))
    real = rival.post(url("plan_keep", public_id=made.theirs.public_id))
    assert (none.status_code, real.status_code) == (404, 404)
    with program_scope(cast.program.pk):
        made.theirs.refresh_from_db()
        assert made.theirs.state == "open"
    with program_scope(cast.program.pk, partner_id=cast.birch.pk):
        assert open_commitments(cast.actor("birch_admin"), cast.alder.pk) == []
