"""Who is told when a person asks or decides: the partner of our acts, our side of what waits; once."""

from decimal import Decimal
from typing import Any

import pytest
from django.core import mail

from deals.cases.flags import raise_conflict
from deals.models import Account, Registration
from deals.registrations.submit import register
from deals.rules.lifecycle import ConflictKind, Outcome, Reason, Review, State
from deals.rules.notices import Said, word_on
from deals.screening.under_claim import watch
from partners.core import clock
from partners.core.errors import Clash, Stale
from partners.core.scope import program_scope
from partners.models import Notice, Seat
from partners.rules.notices import NoticeKind
from partners.tasks import send_notices
from tests.deals.making import account, claim, decided, direct_opportunity, registered
from tests.deals.registrations.life import (
    FERNHILL,
    acting,
    answered,
    appealed,
    asked,
    charter,
    edited,
    extension_asked,
    extension_decided,
    fresh,
    later,
    reported,
    revoked,
    ruled,
)
from tests.support.cast import Cast

NO = {
    "outcome": Outcome.UPHOLD_INCUMBENT,
    "reason": Reason.EXISTING_CUSTOMER,
    "sentence": "Not open now.",
    "note": "Customer since 2021.",
}
BOTH = ["alder_admin", "alder_seller"]


@pytest.fixture
def known(cast: Cast) -> Account:
    return account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", is_customer=True)


@pytest.fixture
def waiting(cast: Cast, known: Account) -> Registration:
    row = registered(cast, **FERNHILL)
    assert row.state == State.IN_REVIEW
    return row


@pytest.fixture
def held(cast: Cast) -> Registration:
    return registered(cast)


def notices(cast: Cast, *kinds: str, partner: bool = True) -> list[Notice]:
    """What was written for partners' people, or for ours, in order."""
    with program_scope(cast.program.pk):
        rows = Notice.objects.filter(partner__isnull=not partner).order_by("pk")
        return list(rows.filter(kind__in=kinds) if kinds else rows)


def whom(cast: Cast, rows: list[Notice]) -> list[str]:
    names = {seat.pk: who for who, seat in cast.seats.items()}
    return [names[row.seat_id] for row in rows]


def the_one(cast: Cast) -> Notice:
    """The one notice that both of Alder's people have, and nobody else."""
    rows = notices(cast)
    assert whom(cast, rows) == BOTH
    assert len({(row.subject, row.body, row.key) for row in rows}) == 1
    assert rows[0].page == "portal:deal"
    return rows[0]


def test_a_question_reaches_the_partner_with_what_is_asked(cast: Cast, waiting: Registration) -> None:
    row = asked(cast, waiting, "website", "note", question="Which site is it?")
    told = the_one(cast)
    assert (told.kind, told.page_id) == (NoticeKind.QUESTION, waiting.public_id)
    assert told.subject == "Fernhill Logistics Ltd: we have a question"
    assert row.answer_due_at is not None
    for words in ("Which site is it?", "website, what we should know", f"{row.answer_due_at.year}"):
        assert words in told.body
    assert send_notices(program_id=cast.program.pk) == 3  # the ruler was told of the claim
    asked_of = [message for message in mail.outbox if "alder" in message.to[0]]
    assert len(asked_of) == 2
    assert f"/portal/northwind/deals/{waiting.public_id}/" in asked_of[0].body


def test_a_no_says_its_reason_as_the_partner_may_read_it(cast: Cast, waiting: Registration) -> None:
    ruled(cast, waiting, **NO)
    told = the_one(cast)
    assert (told.kind, told.subject) == (NoticeKind.DECIDED, "Fernhill Logistics Ltd: not approved")
    assert told.body == "Not open now.\n\nReason: Not open for registration."


def test_a_yes_says_until_when(cast: Cast, waiting: Registration) -> None:
    ruled(cast, waiting)
    told = the_one(cast)
    assert told.subject == "Fernhill Logistics Ltd: approved"
    assert told.body.startswith("Approved: your work came first.\n\nIt is protected until ")


@pytest.mark.parametrize(
    ("granted", "subject"), [(True, "you have more time"), (False, "no more time was granted")]
)
def test_an_extension_is_answered(cast: Cast, held: Registration, granted: bool, subject: str) -> None:
    charter(cast, extensions_by_rule=0)
    extension_asked(cast, held)
    extension_decided(cast, held, granted, sentence="Until the board has met.")
    told = the_one(cast)
    assert told.subject == f"{held.customer_name}: {subject}"
    assert told.body.startswith("Until the board has met.")
    assert ("protected until" in told.body) is granted


def test_a_revocation_is_told(cast: Cast, held: Registration) -> None:
    revoked(cast, held)
    told = the_one(cast)
    assert told.subject == f"{held.customer_name}: the approval is taken back"
    assert told.body == "We heard nothing.\n\nReason: No progress was reported."


@pytest.mark.parametrize(
    ("answer", "subject"), [({}, "approved on your appeal"), (NO, "your appeal is answered with no")]
)
def test_an_appeal_is_answered(
    cast: Cast, waiting: Registration, answer: dict[str, Any], subject: str
) -> None:
    ruled(cast, waiting, **NO)
    appealed(cast, waiting)
    ruled(cast, fresh(cast, waiting), who="leader", **answer)
    rows = notices(cast)
    assert whom(cast, rows) == BOTH * 2
    assert rows[-1].subject == f"Fernhill Logistics Ltd: {subject}"


@pytest.mark.parametrize(
    ("answer", "subject"),
    [
        ({"reason": Reason.NOT_A_CONFLICT}, "the change is accepted"),
        (NO | {"reason": Reason.NOT_VIABLE}, "the change is not accepted"),
    ],
)
def test_a_change_is_answered(cast: Cast, held: Registration, answer: dict[str, Any], subject: str) -> None:
    edited(cast, held, amount=Decimal(99))
    assert notices(cast) == []
    ruled(cast, fresh(cast, held), **answer)
    assert the_one(cast).subject == f"{held.customer_name}: {subject}"


def test_a_ruling_under_a_standing_registration_is_told_unless_it_was_a_false_alarm(cast: Cast) -> None:
    held = registered(cast)
    row = fresh(cast, held)
    assert row.account is not None
    for outcome in (Outcome.NOT_A_CONFLICT, Outcome.UPHOLD_PARTNER):
        rival = direct_opportunity(cast, row.account, opened_on=clock.now().date())
        with program_scope(cast.program.pk):
            assert watch(actor=cast.actor("ops"), opportunities=[rival.pk])
        reason = Reason.NOT_A_CONFLICT if outcome == Outcome.NOT_A_CONFLICT else Reason.PARTNER_FIRST
        ruled(cast, row, outcome=outcome, reason=reason, sentence="It counts as yours.")
    told = the_one(cast)
    assert (told.subject, told.body) == (
        f"{row.customer_name}: a ruling on your deal",
        "It counts as yours.",
    )


def test_each_partner_hears_its_own_and_never_of_the_other(cast: Cast, known: Account) -> None:
    first = registered(cast, **FERNHILL)
    second = registered(cast, "birch_admin", **FERNHILL)
    asked(cast, second)
    answered(cast, second, who="birch_admin", note="Leeds.")
    ruled(cast, fresh(cast, second), incumbent_sentence="We looked at the account again.")
    ruled(cast, fresh(cast, first), **NO)
    names = {cast.alder.pk: "Alder", cast.birch.pk: "Birch"}
    for partner, rival in ((cast.alder, "Birch"), (cast.birch, "Alder")):
        with program_scope(cast.program.pk, partner_id=partner.pk):
            own = list(Notice.objects.all())
        assert own
        assert all(row.partner_id == partner.pk for row in own)
        words = " ".join(row.subject + row.body + row.key + row.page_id for row in own)
        assert rival not in words
        assert rival != names[partner.pk]
    told = [row for row in notices(cast) if row.subject.endswith("a word on your registration")]
    assert whom(cast, told) == BOTH
    assert told[0].body == "We looked at the account again."


def test_what_is_answered_at_once_stands_on_the_screen_and_is_no_mail(cast: Cast, held: Registration) -> None:
    registered(cast)  # a duplicate, by the same partner
    charter(cast, extensions_by_rule=1)
    with later(80):
        reported(cast, held)
        extension_asked(cast, held)
    assert fresh(cast, held).extensions == 1
    assert notices(cast) == []
    assert notices(cast, partner=False) == []


def test_what_we_register_for_a_partner_is_told_to_it(cast: Cast) -> None:
    with acting(cast, "manager") as by:
        row = register(**by, claim=claim(), partner_id=cast.alder.pk)
    [told] = notices(cast)
    assert whom(cast, [told]) == ["alder_admin"]  # it has no seller of theirs
    assert told.subject == f"{row.customer_name}: registered in your name"
    assert told.body


def test_an_act_that_is_repeated_or_refused_tells_nobody_again(cast: Cast, waiting: Registration) -> None:
    with pytest.raises(Stale):
        asked(cast, waiting, expected_version=99)
    assert notices(cast) == []
    ruled(cast, waiting, **NO)
    with pytest.raises(Clash):
        decided(cast, waiting)
    the_one(cast)


def test_who_left_or_switched_it_off_gets_no_mail(cast: Cast, waiting: Registration) -> None:
    with program_scope(cast.program.pk):
        Seat.objects.filter(pk=cast.seats["alder_seller"].pk).update(ended_at=clock.now())
        Seat.objects.filter(pk=cast.seats["alder_admin"].pk).update(muted=[NoticeKind.DECIDED])
    ruled(cast, waiting, **NO)
    [told] = notices(cast)
    assert (whom(cast, [told]), told.by_mail) == (["alder_admin"], False)


def test_who_decides_hears_of_a_claim_an_answer_an_appeal_and_a_change(
    cast: Cast, waiting: Registration
) -> None:
    [told] = notices(cast, partner=False)
    assert whom(cast, [told]) == ["ops"]
    assert (told.kind, told.page) == (NoticeKind.TO_DECIDE, "deals:conflict")
    assert told.subject == "Fernhill Logistics Ltd: a claim to decide on"
    assert "Alder Consulting claimed Fernhill Logistics Ltd" in told.body
    assert "existing customer" in told.body
    asked(cast, waiting)
    answered(cast, waiting, note="Leeds.")
    ruled(cast, fresh(cast, waiting), **NO)
    appealed(cast, waiting)
    ruled(cast, fresh(cast, waiting), who="leader")
    edited(cast, fresh(cast, waiting), amount=Decimal(99))
    subjects = [row.subject.partition(": ")[2] for row in notices(cast, "to_decide", partner=False)]
    assert subjects == [
        "a claim to decide on",
        "the partner has answered",
        "an appeal to decide on",
        "a change to decide on",
    ]


def test_an_extension_that_needs_a_person_is_told_to_one(cast: Cast, held: Registration) -> None:
    charter(cast, extensions_by_rule=0)
    extension_asked(cast, held)
    [told] = notices(cast, partner=False)
    assert (whom(cast, [told]), told.page) == (["ops"], "deals:registration")
    assert "The board meets in May." in told.body


def test_who_decides_hears_what_our_own_side_did_under_a_claim(cast: Cast, held: Registration) -> None:
    row = fresh(cast, held)
    assert row.account is not None
    rival = direct_opportunity(cast, row.account, opened_on=clock.now().date())
    with program_scope(cast.program.pk):
        assert watch(actor=cast.actor("rep"), opportunities=[rival.pk])
        assert not watch(actor=cast.actor("rep"), opportunities=[rival.pk])
        raise_conflict(actor=cast.actor("rep"), registration=held, kind=ConflictKind.RAISED, text="Hm.")
    rows = notices(cast, partner=False)
    assert whom(cast, rows) == ["ops", "ops"]
    assert [told.subject for told in rows] == [
        f"{row.customer_name}: direct deal opened during protection",
        f"{row.customer_name}: flagged manually",
    ]
    assert notices(cast) == []


def test_many_cases_at_once_are_one_notice(cast: Cast) -> None:
    names = ("altmark", "birkenried", "dornheim", "gellmark", "hasselbrook", "jossgrund")
    claims = [registered(cast, customer_name=name.title(), website=f"{name}.de") for name in names]
    rows = [fresh(cast, claim) for claim in claims]
    today = clock.now().date()
    moves = [direct_opportunity(cast, row.account, opened_on=today) for row in rows if row.account]
    with program_scope(cast.program.pk):
        found = watch(actor=cast.actor("leader"), opportunities=[row.pk for row in moves], told_by="all.csv")
    assert len(found) == len(names)
    [told] = notices(cast, partner=False)
    assert (told.subject, told.page) == ("6 claims that our own side crossed", "deals:conflicts")
    assert "Noticed in the file all.csv: direct deal opened during protection." in told.body


def test_where_nobody_has_the_named_role_the_leader_hears(cast: Cast, known: Account) -> None:
    with program_scope(cast.program.pk):
        Seat.objects.filter(pk=cast.seats["ops"].pk).update(ended_at=clock.now())
    registered(cast, **FERNHILL)
    assert whom(cast, notices(cast, partner=False)) == ["leader"]


def test_nobody_is_told_of_their_own_act(cast: Cast, known: Account) -> None:
    charter(cast, authority={"*": "partner_manager"})
    with acting(cast, "manager") as by:
        register(**by, claim=claim(**FERNHILL), partner_id=cast.alder.pk)
    assert notices(cast, partner=False) == []


def test_every_word_is_one_for_partners_and_what_has_none_is_silent() -> None:
    assert word_on(Said(verb="registration.reported", sentence="Going well.")) is None
    word = word_on(Said(verb="registration.approved", review=Review.CHANGE, until="4 May 2026"))
    assert word is not None
    assert (word.subject, word.body) == ("the change is accepted", "It is protected until 4 May 2026.")
    ended = word_on(Said(verb="registration.declined", sentence="No.", reason="Why", by_clock=True))
    assert ended is not None
    assert (ended.kind, ended.body) == (NoticeKind.ENDED, "No.\n\nReason: Why.")
