"""What the clocks do: warn, tell of what was missed, decline, remind, ask and revoke; each once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail

from deals.cases.decision_clocks import close_unanswered, escalate_decisions, note_missed_decisions
from deals.models import Conflict, Protection, Registration
from deals.registrations.content import claim_of
from deals.registrations.extensions import ask_extension, decide_extension
from deals.registrations.keepalive import keep_alive, remind_of_protections, report_progress
from deals.registrations.protect import expire_protections
from deals.registrations.returns import answer, ask_for_information
from deals.rules.lifecycle import Reason, State
from deals.tasks import CLOCKS, run_clock
from partners.core import clock
from partners.core.actor import Actor
from partners.core.scope import program_scope
from partners.models import LedgerEntry, Notice
from partners.services.charters import sign_charter
from tests.deals.making import account, registered
from tests.deals.registrations.life import edited, taken_back
from tests.support.cast import Cast

FERNHILL = {"customer_name": "Fernhill", "website": "fernhill-logistics.com", "country": "GB"}
# A Monday morning in Berlin; an answer within two business days is due on Wednesday at the same time.
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def run(cast: Cast, sweep: Callable[..., int], at: datetime) -> int:
    with clock.at(at), program_scope(cast.program.pk):
        return sweep(actor=Actor.system(program_id=cast.program.pk, name="Clock"))


def told(cast: Cast) -> dict[str, list[str]]:
    """Kind of notice of the clock to who has one, by seat."""
    names = {seat.pk: who for who, seat in cast.seats.items()}
    found: dict[str, list[str]] = {}
    with program_scope(cast.program.pk):
        for row in Notice.objects.exclude(kind__in=["to_decide", "question"]).order_by("pk"):
            found.setdefault(row.kind, []).append(names[row.seat_id])
    return found


def verbs(cast: Cast, *wanted: str) -> list[str]:
    with program_scope(cast.program.pk):
        return list(LedgerEntry.objects.filter(verb__in=wanted).order_by("pk").values_list("verb", flat=True))


def terms(cast: Cast, **changed: Any) -> None:
    with program_scope(cast.program.pk):
        sign_charter(actor=cast.actor("leader"), expected_number=1, **changed)


@pytest.fixture
def waiting(cast: Cast) -> Registration:
    """A claim on a named account, which sales ops rules on."""
    account(cast, "Fernhill", "fernhill-logistics.com", "GB", is_named=True)
    with clock.at(MONDAY):
        row = registered(cast, **FERNHILL)
    assert row.state == State.IN_REVIEW
    return row


@pytest.fixture
def approved(cast: Cast) -> Registration:
    with clock.at(MONDAY):
        row = registered(cast)
    assert row.state == State.APPROVED
    return row


def fresh(cast: Cast, row: Registration) -> Registration:
    with program_scope(cast.program.pk):
        return Registration.objects.select_related("protection").get(pk=row.pk)


def test_a_decision_is_escalated_before_it_is_missed_and_once(cast: Cast, waiting: Registration) -> None:
    assert run(cast, escalate_decisions, MONDAY + timedelta(hours=11)) == 0  # Monday evening
    nearly = MONDAY + DAY + timedelta(hours=5)  # four working hours before Wednesday 10:00 in Berlin
    assert run(cast, escalate_decisions, nearly - timedelta(hours=2)) == 0
    assert run(cast, escalate_decisions, nearly) == 1
    assert run(cast, escalate_decisions, nearly + timedelta(minutes=5)) == 0
    assert told(cast) == {"decision_due": ["leader", "ops"]}
    assert verbs(cast, "conflict.escalated") == ["conflict.escalated"]
    with program_scope(cast.program.pk):
        assert Conflict.objects.get().escalated_at == nearly


def test_a_missed_decision_is_told_once_more(cast: Cast, waiting: Registration) -> None:
    late = MONDAY + 2 * DAY + timedelta(minutes=1)
    assert run(cast, note_missed_decisions, MONDAY + 2 * DAY - timedelta(minutes=1)) == 0
    assert run(cast, note_missed_decisions, late) == 1
    assert run(cast, note_missed_decisions, late + DAY) == 0
    assert run(cast, escalate_decisions, late) == 0  # nothing is "about to be missed" any more
    assert told(cast) == {"decision_late": ["leader", "ops"]}
    assert fresh(cast, waiting).state == State.IN_REVIEW


def test_when_the_leader_is_late_the_sponsor_hears_of_it(cast: Cast, waiting: Registration) -> None:
    terms(cast, authority={"*": "leader"})
    run(cast, note_missed_decisions, MONDAY + 3 * DAY)
    assert told(cast) == {"decision_late": ["leader", "sponsor"]}
    with program_scope(cast.program.pk):
        word = Notice.objects.get(seat=cast.seats["sponsor"])
    assert "Fernhill" not in word.subject + word.body  # the sponsor reads no working lists


def test_the_clock_stands_still_while_the_partner_is_asked(cast: Cast, waiting: Registration) -> None:
    with clock.at(MONDAY + timedelta(hours=3)), program_scope(cast.program.pk):
        asked = ask_for_information(
            actor=cast.actor("ops"), registration=waiting, question="Which site is it?", fields=["note"]
        )
    for sweep in (escalate_decisions, note_missed_decisions):
        assert run(cast, sweep, MONDAY + 5 * DAY) == 0
    back = MONDAY + 7 * DAY
    with clock.at(back), program_scope(cast.program.pk, partner_id=cast.alder.pk):
        given = replace(claim_of(asked), note="The one in Leeds")
        answer(actor=cast.actor("alder_seller"), registration=asked, claim=given)
    assert run(cast, note_missed_decisions, back + DAY) == 0
    assert run(cast, note_missed_decisions, back + 2 * DAY) == 1


def test_a_question_nobody_answers_ends_the_claim(cast: Cast, waiting: Registration) -> None:
    with clock.at(MONDAY), program_scope(cast.program.pk):
        ask_for_information(
            actor=cast.actor("ops"), registration=waiting, question="Which site?", fields=["note"]
        )
    assert run(cast, close_unanswered, MONDAY + 13 * DAY) == 0
    assert run(cast, close_unanswered, MONDAY + 14 * DAY) == 1
    assert run(cast, close_unanswered, MONDAY + 14 * DAY) == 0
    row = fresh(cast, waiting)
    assert (row.state, row.reason) == (State.DECLINED, Reason.NO_ANSWER)
    assert told(cast) == {"ended": ["alder_admin", "alder_seller"]}
    with program_scope(cast.program.pk):
        assert not Conflict.objects.filter(closed_at__isnull=True).exists()


def test_the_partner_is_reminded_before_the_end_each_time_once(cast: Cast, approved: Registration) -> None:
    done = [run(cast, remind_of_protections, MONDAY + day * DAY) for day in (59, 60, 61, 76, 77, 87, 88)]
    assert done == [0, 1, 0, 1, 0, 1, 0]
    assert told(cast) == {"protection_ends": ["alder_admin", "alder_seller"] * 3}
    assert verbs(cast, "registration.reminded") == ["registration.reminded"] * 3
    assert fresh(cast, approved).protection.reminded_days == 3


def test_after_a_week_without_beat_only_the_nearest_reminder_is_sent(
    cast: Cast, approved: Registration
) -> None:
    assert run(cast, remind_of_protections, MONDAY + 88 * DAY) == 1
    assert run(cast, remind_of_protections, MONDAY + 89 * DAY) == 0
    with program_scope(cast.program.pk):
        assert "2 days left" in Notice.objects.filter(seat=cast.seats["alder_admin"]).get().body


def test_who_waits_for_our_answer_is_not_reminded_and_loses_nothing(
    cast: Cast, approved: Registration
) -> None:
    terms(cast, extensions_by_rule=0)
    with clock.at(MONDAY + 50 * DAY), program_scope(cast.program.pk, partner_id=cast.alder.pk):
        ask_extension(actor=cast.actor("alder_seller"), registration=approved, note="They sign in June")
    for sweep in (remind_of_protections, keep_alive, expire_protections):
        assert run(cast, sweep, MONDAY + 200 * DAY) == 0
    assert fresh(cast, approved).state == State.APPROVED


def test_word_is_asked_for_and_without_it_the_protection_goes(cast: Cast, approved: Registration) -> None:
    done = [run(cast, keep_alive, MONDAY + day * DAY) for day in (22, 23, 24, 30, 31, 36, 37, 38)]
    assert done == [0, 1, 0, 1, 0, 0, 1, 0]
    assert told(cast) == {
        "progress": ["alder_admin", "alder_seller"] * 2,
        "ended": ["alder_admin", "alder_seller"],
    }
    row = fresh(cast, approved)
    assert (row.state, row.reason) == (State.REVOKED, Reason.NO_PROGRESS)
    assert row.protection.period.upper == MONDAY + 37 * DAY


def test_word_given_keeps_it(cast: Cast, approved: Registration) -> None:
    run(cast, keep_alive, MONDAY + 30 * DAY)
    with clock.at(MONDAY + 36 * DAY), program_scope(cast.program.pk, partner_id=cast.alder.pk):
        row = fresh(cast, approved)
        report_progress(actor=cast.actor("alder_seller"), registration=row, text="Demo held")
    assert run(cast, keep_alive, MONDAY + 37 * DAY) == 0
    assert run(cast, keep_alive, MONDAY + (36 + 23) * DAY) == 1
    assert fresh(cast, approved).state == State.APPROVED


def test_what_was_asked_while_we_owed_an_answer_is_asked_anew(cast: Cast, approved: Registration) -> None:
    """More time that was granted late was taken back in the same minute: nothing had been heard meanwhile."""
    run(cast, keep_alive, MONDAY + 30 * DAY)
    with clock.at(MONDAY + 31 * DAY), program_scope(cast.program.pk, partner_id=cast.alder.pk):
        ask_extension(actor=cast.actor("alder_seller"), registration=approved, note="They sign in June")
    with clock.at(MONDAY + 40 * DAY), program_scope(cast.program.pk):
        row = fresh(cast, approved)
        decide_extension(actor=cast.actor("ops"), registration=row, granted=True, sentence="Until June.")
    assert [run(cast, keep_alive, MONDAY + day * DAY) for day in (40, 46, 47)] == [1, 0, 1]
    assert told(cast)["progress"] == ["alder_admin", "alder_seller"] * 2
    assert fresh(cast, approved).protection.period.upper == MONDAY + 47 * DAY


def test_a_change_we_were_slow_to_look_at_takes_no_protection(cast: Cast, approved: Registration) -> None:
    run(cast, keep_alive, MONDAY + 30 * DAY)
    with clock.at(MONDAY + 31 * DAY):
        edited(cast, approved, amount=Decimal(90000))
    with clock.at(MONDAY + 40 * DAY):
        taken_back(cast, approved)
    assert [run(cast, keep_alive, MONDAY + day * DAY) for day in (40, 46, 47)] == [1, 0, 1]


def test_an_end_is_not_told_twice_when_more_time_brings_it(cast: Cast, approved: Registration) -> None:
    """The answer names the new day; the reminder of 30 days came in the same minute."""
    with clock.at(MONDAY + 89 * DAY), program_scope(cast.program.pk, partner_id=cast.alder.pk):
        ask_extension(actor=cast.actor("alder_seller"), registration=approved, note="They sign in June")
    with clock.at(MONDAY + 91 * DAY), program_scope(cast.program.pk):
        row = fresh(cast, approved)
        decide_extension(actor=cast.actor("ops"), registration=row, granted=True, sentence="Until June.")
    assert [run(cast, remind_of_protections, MONDAY + day * DAY) for day in (91, 92, 107)] == [0, 0, 1]


def test_no_word_is_asked_for_when_the_end_is_nearer(cast: Cast, approved: Registration) -> None:
    """Two mails named two last days, and word by the later one would have kept nothing."""
    assert run(cast, keep_alive, MONDAY + 84 * DAY) == 0
    assert run(cast, keep_alive, MONDAY + 82 * DAY) == 1


def test_asking_makes_no_open_form_stale(cast: Cast, approved: Registration) -> None:
    before = fresh(cast, approved).version
    run(cast, keep_alive, MONDAY + 25 * DAY)
    assert fresh(cast, approved).version == before


def test_a_program_without_keepalive_asks_nobody(cast: Cast, approved: Registration) -> None:
    terms(cast, keepalive_days=0)
    assert run(cast, keep_alive, MONDAY + 80 * DAY) == 0


def test_no_notice_of_a_partner_tells_of_a_rival(cast: Cast, waiting: Registration) -> None:
    with clock.at(MONDAY):
        registered(cast, "birch_admin", **FERNHILL)
    with clock.at(MONDAY), program_scope(cast.program.pk):
        ask_for_information(
            actor=cast.actor("ops"), registration=waiting, question="Which site?", fields=["note"]
        )
    for name in CLOCKS:
        run(cast, CLOCKS[name], MONDAY + 15 * DAY)
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        words = " ".join(row.subject + row.body + row.key for row in Notice.objects.all())
        words += " ".join(entry.sentence for entry in LedgerEntry.objects.all())
    assert words
    assert "Birch" not in words


@pytest.mark.parametrize("which", sorted(CLOCKS))
def test_every_clock_runs_as_its_task_does(cast: Cast, approved: Registration, which: str) -> None:
    with clock.at(MONDAY + 95 * DAY):
        assert run_clock(program_id=cast.program.pk, which=which) in (0, 1)
        assert run_clock(program_id=cast.program.pk, which=which) == 0


def test_expiry_is_told_to_the_partner(cast: Cast, approved: Registration) -> None:
    assert run(cast, expire_protections, MONDAY + 90 * DAY) == 1
    assert told(cast) == {"ended": ["alder_admin", "alder_seller"]}
    with program_scope(cast.program.pk):
        assert Protection.objects.get().reminded_days is None
    assert mail.outbox == []  # the mail is the job's, after commit
