"""Notices: told once, mailed by a job, kept when the mail server is away, switched off by the person."""

import contextlib
import threading
from typing import Any

import time_machine
from django.core import mail
from django.db import connections
from django.urls import reverse

from partners.core import clock
from partners.core.actor import Actor, Role
from partners.core.scope import program_scope
from partners.models import Notice, Program, Seat
from partners.rules.notices import MOST_ATTEMPTS, RETRY_AFTER, NoticeKind
from partners.services import notices
from partners.services.notices import Message, owed_notices, people_of, staff_with, tell
from partners.tasks import send_notices, sweep_mail
from tests.support.cast import Cast

MESSAGE = Message(
    kind=NoticeKind.PROTECTION_ENDS,
    key="protection 14 x",
    subject="Fernhill: 14 days left",
    body="The protection ends on Friday.",
    page="portal:home",
    page_id="",
)


def told(cast: Cast, who: str = "alder_seller", message: Message = MESSAGE) -> None:
    with program_scope(cast.program.pk):
        actor = Actor.system(program_id=cast.program.pk, name="Test")
        tell(actor=actor, seats=[Seat.objects.get(pk=cast.seats[who].pk)], message=message)


def notice(program: Program) -> Notice:
    with program_scope(program.pk):
        return Notice.objects.get()


def test_a_person_is_told_once_whoever_asks_how_often(cast: Cast) -> None:
    told(cast)
    told(cast)
    assert send_notices(program_id=cast.program.pk) == 1
    assert send_notices(program_id=cast.program.pk) == 0
    told(cast)
    assert sweep_mail() == 0
    [message] = mail.outbox
    assert message.to == ["alder_seller@example.com"]
    assert message.subject == MESSAGE.subject
    assert "/portal/northwind/" in message.body
    assert "/portal/northwind/notices/" in message.body
    assert notice(cast.program).sent_at is not None


def test_a_mail_server_that_is_away_delays_and_loses_nothing(cast: Cast, monkeypatch: Any) -> None:
    told(cast)

    def away(_message: object) -> int:
        raise ConnectionRefusedError

    start = clock.now()
    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMessage.send", away)
        assert send_notices(program_id=cast.program.pk) == 0
    assert sweep_mail() == 0  # somebody tried a moment ago
    with time_machine.travel(start + RETRY_AFTER * 2, tick=False):
        assert sweep_mail() == 1
        assert send_notices(program_id=cast.program.pk) == 1
    assert len(mail.outbox) == 1
    assert notice(cast.program).send_attempts == 2


def test_it_gives_up_at_last(cast: Cast, monkeypatch: Any) -> None:
    told(cast)
    start = clock.now()
    monkeypatch.setattr("django.core.mail.EmailMessage.send", _refused)
    for attempt in range(MOST_ATTEMPTS + 2):
        with time_machine.travel(start + attempt * RETRY_AFTER * 2, tick=False):
            send_notices(program_id=cast.program.pk)
    assert notice(cast.program).send_attempts == MOST_ATTEMPTS


def _refused(_message: object) -> int:
    raise TimeoutError


def test_who_left_is_not_mailed(cast: Cast) -> None:
    told(cast)
    with program_scope(cast.program.pk):
        Seat.objects.filter(pk=cast.seats["alder_seller"].pk).update(ended_at=clock.now())
        assert owed_notices() == []
    assert send_notices(program_id=cast.program.pk) == 0
    assert mail.outbox == []


def test_whom_a_deal_concerns(cast: Cast) -> None:
    seats = cast.seats
    with program_scope(cast.program.pk):
        found = people_of(cast.alder.pk, seller_id=seats["alder_seller"].pk)
        assert found == [seats["alder_admin"], seats["alder_seller"]]
        assert people_of(cast.alder.pk) == [seats["alder_admin"]]
        assert people_of(cast.alder.pk, seller_id=seats["birch_admin"].pk) == [seats["alder_admin"]]
        assert staff_with({Role.LEADER, Role.SALES_OPS}) == [seats["leader"], seats["ops"]]


def test_a_kind_is_switched_off_with_one_click_and_still_listed(cast: Cast) -> None:
    client, kind = cast.client("alder_seller"), NoticeKind.PROTECTION_ENDS.value
    at = {"program": "northwind"}
    client.post(reverse("partners:portal_notices_mute", kwargs=at), {"kind": kind, "muted": "yes"})
    told(cast)
    told(cast, "alder_admin")
    assert send_notices(program_id=cast.program.pk) == 1
    assert [message.to for message in mail.outbox] == [["alder_admin@example.com"]]
    page = client.get(reverse("partners:portal_notices", kwargs=at))
    assert [row.subject for row, _address in page.context["lines"]] == [MESSAGE.subject]
    assert page.context["unread_notices"] == 1
    client.post(reverse("partners:portal_notices_read", kwargs=at))
    assert client.get(reverse("partners:portal_notices", kwargs=at)).context["unread_notices"] == 0
    client.post(reverse("partners:portal_notices_mute", kwargs=at), {"kind": kind, "muted": "no"})
    with program_scope(cast.program.pk):
        assert Seat.objects.get(pk=cast.seats["alder_seller"].pk).muted == []
        assert Notice.objects.filter(seat=cast.seats["alder_admin"], read_at=None).count() == 1


def test_nobody_reads_the_notices_of_others(cast: Cast) -> None:
    told(cast)
    for who, name in (("alder_admin", "partners:portal_notices"), ("leader", "partners:notices")):
        page = cast.client(who).get(reverse(name, kwargs={"program": "northwind"}))
        assert MESSAGE.subject not in page.content.decode()
    assert cast.client("alder_admin").get("/api/v1/programs/northwind/notices/").json()["results"] == []


def test_partners_are_not_offered_what_only_staff_get(cast: Cast) -> None:
    page = cast.client("alder_admin").get(reverse("partners:portal_notices", kwargs={"program": "northwind"}))
    assert NoticeKind.DECISION_LATE not in [kind for kind, _muted in page.context["kinds"]]


def test_the_same_through_the_api(cast: Cast) -> None:
    told(cast)
    client = cast.client("alder_seller")
    [row] = client.get("/api/v1/programs/northwind/notices/").json()["results"]
    assert (row["subject"], row["kind"], row["read_at"]) == (MESSAGE.subject, MESSAGE.kind, None)
    address = "/api/v1/programs/northwind/notices/"
    assert client.post(f"{address}read/", content_type="application/json").json() == {"read": 1}
    body = {"kind": "progress", "muted": True}
    assert client.post(f"{address}mail/", body, content_type="application/json").json() == {
        "muted": ["progress"]
    }
    refused = client.post(f"{address}mail/", {"kind": "x", "muted": True}, content_type="application/json")
    assert refused.status_code == 422


def race(cast: Cast, monkeypatch: Any) -> int:
    """Two workers send what is owed at once, each after the other has looked; how many mails went out."""
    told(cast)
    both, taken = threading.Barrier(2), notices.claim  # type: ignore[attr-defined]
    sent: list[object] = []

    def claim(row: Any) -> bool:
        found = taken(row)
        # Broken when the other worker stepped aside, as it should.
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(2)
        return found

    monkeypatch.setattr(notices, "claim", claim)

    def send(message: object) -> int:
        sent.append(message)
        return 1

    monkeypatch.setattr("django.core.mail.EmailMessage.send", send)
    [notice_id] = [notice(cast.program).pk]

    def work() -> None:
        try:
            notices.send_notice(program_id=cast.program.pk, notice_id=notice_id, site="")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return len(sent)


def test_control_without_the_claim_two_workers_send_two(committed_cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(notices, "claim", lambda row: True)
    monkeypatch.setattr(Notice.objects, "select_for_update", lambda **_: Notice.objects.all())
    assert race(committed_cast, monkeypatch) == 2


def test_two_workers_send_one(committed_cast: Cast, monkeypatch: Any) -> None:
    assert race(committed_cast, monkeypatch) == 1
