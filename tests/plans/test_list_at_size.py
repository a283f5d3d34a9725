"""The list of plans: the parts of a plan are counted once, however many other parts it has."""

from datetime import date, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.core.scope import program_scope
from plans.models import Commitment, Milestone, Plan
from plans.selectors import plan_rows
from tests.support.cast import Cast
from tests.support.explained import explained

TODAY = date(2026, 6, 15)


def test_the_steps_of_a_plan_are_counted_once_and_not_for_each_promise(cast: Cast) -> None:
    of_plan = {"program": cast.program, "partner": cast.alder}
    with program_scope(cast.program.pk):
        plan = Plan.objects.create(**of_plan, starts_on=TODAY)
        for number in range(12):
            side = "us" if number % 3 else "them"
            due = TODAY + timedelta(days=number - 6)
            Commitment.objects.create(**of_plan, plan=plan, side=side, what="x", owner_name="y", due_on=due)
        for number in range(5):
            Milestone.objects.create(**of_plan, plan=plan, position=number, name="x", proves="y")
        with CaptureQueriesContext(connection) as asked:
            (row,) = plan_rows(cast.actor("leader"), TODAY)
        # A draft's promises are not overdue yet.
        assert (row.ours_open, row.ours_overdue, row.theirs_overdue, row.steps) == (8, 0, 0, 5)
        Plan.objects.update(state="proposed", proposed_at="2026-06-01T12:00Z", purpose="x", why_call_us="y")
        (row,) = plan_rows(cast.actor("leader"), TODAY)
        assert (row.ours_overdue, row.theirs_overdue, row.steps_proven) == (4, 2, 0)
        nodes = explained(asked.captured_queries[0]["sql"])
    looks = [node["Actual Loops"] for node in nodes if node.get("Relation Name") == "plans_milestone"]
    assert looks
    assert max(looks) == 1
