"""Today: what is due for each role, in the order of what we owe first."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db.models import Model
from django.db.models.signals import post_init
from django.urls import reverse

from deals.models import Conflict, Protection, Registration
from partners.core.scope import program_scope
from partners.models import Partner
from plans.models import Commitment, Plan
from prm.selectors.today import SHOWN
from tests.prm.facts import at, claim, conflict
from tests.support.cast import Cast

NOW = at(2026, 6, 15)


@pytest.fixture(autouse=True)
def june() -> Iterator[None]:
    """Everything happens on 15 June 2026."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def due(cast: Cast) -> Cast:
    """One thing of each kind that is due, and beside each one that is not."""
    with program_scope(cast.program.pk):
        plan = Plan.objects.create(
            program=cast.program,
            partner=cast.alder,
            starts_on=date(2026, 1, 1),
            state="agreed",
            purpose="Grow together",
            why_call_us="A new service to sell",
            signed_by_us_at=at(2026, 1, 3),
            signed_by_them_at=at(2026, 1, 3),
            proposed_at=at(2026, 1, 2),
            agreed_at=at(2026, 1, 3),
            next_check_in_on=date(2026, 6, 20),
        )
        for what, day, side in (
            ("A demo system", date(2026, 6, 1), "us"),
            ("A price list", date(2026, 6, 16), "us"),
            ("Two sellers trained", date(2026, 6, 1), "them"),
        ):
            Commitment.objects.create(
                program=cast.program,
                plan=plan,
                partner=cast.alder,
                side=side,
                what=what,
                owner_name="Mara",
                due_on=day,
            )
        conflict(claim(cast, cast.alder, NOW - timedelta(days=3)), NOW - timedelta(days=3))
        done = conflict(claim(cast, cast.birch, NOW - timedelta(days=9)), NOW - timedelta(days=9))
        Conflict.objects.filter(pk=done.pk).update(closed_at=NOW)
        # Protections run ninety days: one ends in a week, the other in two months.
        for ago in (83, 30):
            made = NOW - timedelta(days=ago)
            claim(cast, cast.birch, made, state="approved", decided_at=made)
    return cast


def today(cast: Cast, who: str) -> Any:
    response = cast.client(who).get(reverse("prm:today", kwargs={"program": cast.program.slug}))
    assert response.status_code == 200
    return response


def listed(response: Any) -> dict[str, list[str]]:
    return {section.key: [item.title for item in section.items] for section in response.context["sections"]}


def test_late_answers_come_first_then_what_we_owe_then_what_is_coming(due: Cast) -> None:
    response = today(due, "leader")
    found = listed(response)
    owed = ["pressing", "promises", "leads", "extensions", "conflicts"]
    assert list(found) == [*owed, "check-ins", "protections", "signatures", "reviews"]
    assert found["promises"] == ["A demo system"]
    assert found["pressing"] == [f"Customer of {NOW - timedelta(days=3)}"]
    assert found["conflicts"] == []
    assert found["check-ins"] == ["Alder Consulting"]
    assert found["protections"] == [f"Customer of {NOW - timedelta(days=83)}"]
    assert found["signatures"] == []
    text = response.content.decode()
    assert "14 days overdue" in text
    assert "1 day overdue" in text


def test_each_role_sees_what_it_works_with(due: Cast) -> None:
    assert list(listed(today(due, "ops"))) == [
        "pressing", "leads", "extensions", "conflicts", "protections",
    ]  # fmt: skip
    assert listed(today(due, "rep")) == {"pressing": [], "conflicts": []}  # none is on an account of theirs
    manager = today(due, "manager").context["sections"]
    [case] = next(section.items for section in manager if section.key == "pressing")
    assert case.yours is False  # the charter names sales ops


def test_the_sponsor_reads_figures_and_no_list(due: Cast) -> None:
    response = today(due, "sponsor")
    assert listed(response) == {}
    standing = response.context["standing"]
    assert (standing.waiting, standing.late, standing.promises) == (1, 1, 1)
    text = response.content.decode()
    assert "Customer of" not in text
    assert text.index("Sourced pipeline") < text.index("Claims waiting for a ruling")


def test_an_empty_day_says_what_would_be_here(cast: Cast) -> None:
    text = today(cast, "leader").content.decode()
    assert "Nothing is due." in text
    assert "Nothing we promised a partner is overdue." in text
    assert "Get started" not in text
    with program_scope(cast.other_program.pk):
        Partner.objects.filter(pk=cast.cedar.pk).update(status="ended")
    response = cast.client("other_leader").get(reverse("prm:today", kwargs={"program": "southgate"}))
    assert response.status_code == 200


def test_long_lists_are_cut_and_say_so(due: Cast) -> None:
    with program_scope(due.program.pk):
        for index in range(SHOWN + 3):
            moment = NOW - timedelta(hours=index + 1)
            conflict(claim(due, due.birch, moment), moment)
    response = today(due, "ops")
    [section] = [section for section in response.context["sections"] if section.key == "conflicts"]
    assert len(section.items) == SHOWN
    assert section.more == 3
    dues = [item.due for item in section.items]
    assert dues == sorted(dues)
    assert "3 more." in response.content.decode()


def loaded(cast: Cast) -> dict[str, int]:
    """How many rows of each kind the leader's page is made of."""
    found: Counter[str] = Counter()

    def count(sender: type[Model], **_: Any) -> None:
        found[sender.__name__] += 1

    post_init.connect(count)
    try:
        today(cast, "leader")
    finally:
        post_init.disconnect(count)
    return {name: found[name] for name in ("Registration", "Conflict", "Protection")}


def test_what_is_not_shown_is_not_loaded(cast: Cast) -> None:
    """The control: of nothing nothing is loaded, and of more than are shown as many as are."""

    def add(number: int) -> None:
        late, made = NOW - timedelta(days=3), NOW - timedelta(days=83)
        with program_scope(cast.program.pk):
            for _ in range(number):
                conflict(claim(cast, cast.alder, late), late)
                claim(cast, cast.birch, made, state="approved", decided_at=made)

    assert set(loaded(cast).values()) == {0}
    add(SHOWN + 2)
    some = loaded(cast)
    assert some["Protection"] == some["Conflict"] == SHOWN
    add(2 * SHOWN)
    assert loaded(cast) == some


def test_an_escalated_answer_is_pressing_and_a_paused_one_is_not(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        due_tomorrow = {moment: claim(cast, cast.alder, moment) for moment in (NOW - timedelta(days=1), NOW)}
        first, second = (conflict(row, moment) for moment, row in due_tomorrow.items())
        Conflict.objects.filter(pk=first.pk).update(escalated_at=NOW)
    found = listed(today(cast, "ops"))
    assert found["pressing"] == [first.registration.customer_name]
    assert found["conflicts"] == [second.registration.customer_name]
    with program_scope(cast.program.pk):
        Registration.objects.filter(pk=first.registration_id).update(
            state="needs_info", question="Which site?", asked_at=NOW, clock_left=timedelta(hours=2)
        )
    response = today(cast, "ops")
    assert listed(response)["pressing"] == []
    [section] = [part for part in response.context["sections"] if part.key == "conflicts"]
    assert [item.due is None for item in section.items] == [False, True]
    assert today(cast, "sponsor").context["standing"].waiting == 1


def test_an_extension_waits_for_our_answer(due: Cast) -> None:
    with program_scope(due.program.pk):
        row = Registration.objects.filter(state="approved").first()
        assert row is not None
        Registration.objects.filter(pk=row.pk).update(extension_asked_at=NOW, extension_note="Signing soon")
    assert listed(today(due, "ops"))["extensions"] == [row.customer_name]


def test_the_extension_that_ends_first_comes_first(due: Cast) -> None:
    with program_scope(due.program.pk):
        rows = list(Registration.objects.filter(state="approved").order_by("protection__period__endswith"))
        for ago, row in enumerate(rows):  # the nearer one was asked for last
            asked = NOW - timedelta(days=ago)
            Registration.objects.filter(pk=row.pk).update(extension_asked_at=asked, extension_note="Soon")
    assert listed(today(due, "ops"))["extensions"] == [row.customer_name for row in rows]


def test_ended_protection_is_no_news(due: Cast) -> None:
    with program_scope(due.program.pk):
        assert Protection.objects.count() == 2
    with time_machine.travel(NOW + timedelta(days=8), tick=False):
        assert listed(today(due, "ops"))["protections"] == []
