"""Invitations and seats: who may give and take them, and what a link is good for."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail

from partners.access import token_holder
from partners.core import clock
from partners.core.actor import Role
from partners.core.errors import Clash, DomainError, FieldErrors, NotAllowed, NotFound, RuleBroken
from partners.core.scope import program_scope
from partners.models import Invitation, LedgerEntry, Partner, Seat, User
from partners.services.invitations import (
    accept_invitation,
    invite,
    resend_invitation,
    revoke_invitation,
    send_invitation,
    unsent_invitations,
)
from partners.services.people import change_role, end_seat
from partners.services.tokens import create_token, digest_of
from tests.support.cast import PASSWORD, Cast

SITE = "https://prm.example"


def invited(cast: Cast, who: str = "leader", **values: object) -> Invitation:
    given = {"email": "New.Person@Example.com", "role": "partner_seller", "partner": cast.alder, **values}
    with program_scope(cast.program.pk, partner_id=cast.seats[who].partner_id):
        return invite(actor=cast.actor(who), **given)  # type: ignore[arg-type]


def link_of(cast: Cast, invitation: Invitation) -> str:
    """Send the mail as the job does and read the secret from it."""
    mail.outbox.clear()
    assert send_invitation(program_id=cast.program.pk, invitation_id=invitation.pk, site=SITE)
    found = re.search(rf"{SITE}/invitations/([\w-]+)/", str(mail.outbox[0].body))
    assert found
    return found[1]


def test_the_mail_goes_to_the_address_once_and_only_a_digest_is_kept(cast: Cast) -> None:
    invitation = invited(cast)
    secret = link_of(cast, invitation)
    message = mail.outbox[0]
    assert message.to == ["new.person@example.com"]
    assert message.subject == "Leader invites you to Northwind Partners"
    assert "for Alder Consulting, as partner seller" in str(message.body)
    with program_scope(cast.program.pk):
        kept = Invitation.objects.get()
    assert kept.digest == digest_of(secret)
    assert secret not in str(vars(kept))
    assert kept.sent_at is not None
    assert not send_invitation(program_id=cast.program.pk, invitation_id=invitation.pk, site=SITE)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("who", "role", "side"),
    [
        ("manager", "rep", ""),
        ("manager", "leader", ""),
        ("ops", "partner_seller", "alder"),
        ("sponsor", "partner_seller", "alder"),
        ("alder_seller", "partner_seller", "alder"),
        ("alder_admin", "rep", ""),
        ("birch_admin", "partner_seller", "alder"),
    ],
)
def test_who_may_not_invite_whom(cast: Cast, who: str, role: str, side: str) -> None:
    partner = cast.alder if side else None
    with pytest.raises(NotAllowed):
        invited(cast, who, role=role, partner=partner)
    with program_scope(cast.program.pk):
        assert not Invitation.objects.exists()
        assert not LedgerEntry.objects.filter(verb="invitation.sent").exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": "nonsense"}, "email"),
        ({"email": "a@b.example\x00"}, None),
        ({"email": "x" * 300 + "@example.com"}, "email"),
        ({"role": "god"}, "role"),
        ({"role": "system"}, "role"),
        ({"role": "rep"}, "partner"),
        ({"partner": None}, "partner"),
        ({"name": "n" * 121}, "name"),
    ],
)
def test_bad_invitations_are_named(cast: Cast, values: dict[str, Any], field: str | None) -> None:
    if field is None:  # control characters are dropped, not stored
        assert invited(cast, **values).email == "a@b.example"
        return
    with pytest.raises(FieldErrors) as refusal:
        invited(cast, **values)
    assert field in refusal.value.errors


def test_one_open_invitation_per_address_and_an_expired_one_gives_way(cast: Cast) -> None:
    first = invited(cast)
    with pytest.raises(Clash, match="is open"):
        invited(cast)
    with time_machine.travel(clock.now() + timedelta(days=15), tick=False):
        second = invited(cast)
    with program_scope(cast.program.pk):
        assert Invitation.objects.get(pk=first.pk).revoked_at is not None
        assert Invitation.objects.get(pk=second.pk).revoked_at is None


def test_a_partner_never_learns_that_a_rival_invited_the_same_person(cast: Cast) -> None:
    invited(cast, "birch_admin", partner=cast.birch)
    mine = invited(cast, "alder_admin")
    assert mine.partner_id == cast.alder.pk
    # Nor that the person has a seat at the rival: the invitation goes out, and its holder is told.
    theirs = invited(cast, "alder_admin", email="birch_admin@example.com")
    with pytest.raises(Clash, match="You have a seat"):
        accept_invitation(secret=link_of(cast, theirs), user=cast.users["birch_admin"])
    with program_scope(cast.program.pk):
        assert Seat.objects.get(user=cast.users["birch_admin"]).partner_id == cast.birch.pk


def test_a_new_person_takes_the_seat_once(cast: Cast) -> None:
    secret = link_of(cast, invited(cast))
    seat, user = accept_invitation(secret=secret, user=None, name="Ada", password="a long enough phrase")
    assert (seat.role, seat.partner_id, user.email) == (
        "partner_seller",
        cast.alder.pk,
        "new.person@example.com",
    )
    assert user.check_password("a long enough phrase")
    with pytest.raises(Clash) as refusal:
        accept_invitation(secret=secret, user=user)
    assert refusal.value.code == "used"


def test_without_a_password_the_account_has_none(cast: Cast) -> None:
    _seat, user = accept_invitation(secret=link_of(cast, invited(cast)), user=None, name="Ada")
    assert not user.has_usable_password()


def test_a_weak_password_is_refused_and_nothing_is_made(cast: Cast) -> None:
    secret = link_of(cast, invited(cast))
    with pytest.raises(FieldErrors) as refusal:
        accept_invitation(secret=secret, user=None, name="Ada", password="password")
    assert "password" in refusal.value.errors
    assert not User.objects.filter(email="new.person@example.com").exists()


def test_a_known_address_must_be_signed_in(cast: Cast) -> None:
    secret = link_of(cast, invited(cast, email="stranger@example.com"))
    for user, code in ((None, "sign_in"), (cast.users["rep"], "other_person")):
        with pytest.raises(NotAllowed) as refusal:
            accept_invitation(secret=secret, user=user, name="Thief", password="a long enough phrase")
        assert refusal.value.code == code
    seat, _user = accept_invitation(secret=secret, user=cast.users["stranger"])
    assert seat.user_id == cast.users["stranger"].pk


def test_revoked_expired_resent_and_unknown_links(cast: Cast) -> None:
    invitation = invited(cast)
    old = link_of(cast, invitation)
    with program_scope(cast.program.pk):
        resend_invitation(actor=cast.actor("manager"), public_id=invitation.public_id)
    new = link_of(cast, invitation)
    with pytest.raises(NotFound):
        accept_invitation(secret=old, user=None, name="Ada")
    with (
        time_machine.travel(clock.now() + timedelta(days=15), tick=False),
        pytest.raises(Clash, match="has expired"),
    ):
        accept_invitation(secret=new, user=None, name="Ada")
    with program_scope(cast.program.pk):
        revoke_invitation(actor=cast.actor("manager"), public_id=invitation.public_id)
    with pytest.raises(Clash, match="taken back"):
        accept_invitation(secret=new, user=None, name="Ada")
    assert not User.objects.filter(email="new.person@example.com").exists()


def test_the_last_leader_stays(cast: Cast) -> None:
    leader = cast.seats["leader"]
    with program_scope(cast.program.pk):
        with pytest.raises(RuleBroken, match="always has a leader"):
            end_seat(actor=cast.actor("leader"), public_id=leader.public_id)
        with pytest.raises(RuleBroken, match="always has a leader"):
            change_role(actor=cast.actor("leader"), public_id=leader.public_id, role="rep")
        leader.refresh_from_db()
        assert (leader.role, leader.ended_at) == ("leader", None)
        change_role(actor=cast.actor("leader"), public_id=cast.seats["manager"].public_id, role="leader")
        assert change_role(actor=cast.actor("leader"), public_id=leader.public_id, role="rep").role == "rep"


@pytest.mark.parametrize(
    ("who", "whose", "role", "refusal"),
    [
        ("manager", "rep", "leader", NotAllowed),
        ("ops", "alder_seller", "partner_admin", NotAllowed),
        ("alder_seller", "alder_admin", "partner_seller", NotAllowed),
        ("birch_admin", "alder_seller", "partner_admin", NotFound),
        ("other_leader", "rep", "leader", NotFound),
        ("leader", "rep", "partner_admin", RuleBroken),
        ("leader", "alder_seller", "leader", RuleBroken),
        ("leader", "rep", "god", RuleBroken),
    ],
)
def test_role_changes_that_are_refused(
    cast: Cast, who: str, whose: str, role: str, refusal: type[DomainError]
) -> None:
    seat, mine = cast.seats[whose], cast.seats[who]
    before = seat.role
    with program_scope(mine.program_id, partner_id=mine.partner_id), pytest.raises(refusal):
        change_role(actor=cast.actor(who), public_id=seat.public_id, role=role)
    with program_scope(cast.program.pk):
        assert Seat.objects.get(pk=seat.pk).role == before


def test_ending_a_seat_ends_tokens_sessions_and_duties(cast: Cast) -> None:
    manager = cast.seats["manager"]
    browser = cast.client("manager")
    with program_scope(cast.program.pk):
        _token, secret = create_token(actor=cast.actor("manager"), seat=manager, name="script")
        Partner.objects.filter(pk=cast.alder.pk).update(manager=manager)
    assert browser.get("/p/northwind/partners/").status_code == 200
    with program_scope(cast.program.pk):
        end_seat(actor=cast.actor("leader"), public_id=manager.public_id)
        assert Partner.objects.get(pk=cast.alder.pk).manager_id is None
    assert token_holder(digest_of(secret)) is None
    answer = browser.get("/p/northwind/partners/")
    assert (answer.status_code, answer.headers["Location"][:16]) == (302, "/accounts/login/")
    with program_scope(cast.program.pk), pytest.raises(NotFound):
        end_seat(actor=cast.actor("leader"), public_id=manager.public_id)


def test_a_seat_elsewhere_keeps_the_session(cast: Cast) -> None:
    with program_scope(cast.other_program.pk):
        Seat.objects.create(program=cast.other_program, user=cast.users["rep"], role=Role.REP)
    browser = cast.client("rep")
    with program_scope(cast.program.pk):
        end_seat(actor=cast.actor("leader"), public_id=cast.seats["rep"].public_id)
    assert browser.get("/p/northwind/program/").status_code == 404
    assert browser.get("/p/southgate/program/").status_code == 200


def test_the_page_behind_the_link(cast: Cast) -> None:
    secret = link_of(cast, invited(cast))
    browser = cast.client(None)
    page = browser.get(f"/invitations/{secret}/")
    assert page.status_code == 200
    assert "Leader invites you to Northwind Partners" in page.content.decode()
    refused = browser.post(f"/invitations/{secret}/", {"name": "", "password": ""})
    assert refused.status_code == 422
    done = browser.post(f"/invitations/{secret}/", {"name": "Ada <b>Lovelace</b>", "password": PASSWORD})
    assert (done.status_code, done.headers["Location"]) == (302, "/portal/northwind/")
    again = browser.get(f"/invitations/{secret}/")
    assert again.status_code == 410
    assert "accepted already" in again.content.decode()
    assert browser.get("/invitations/unknown/").status_code == 404
    people = browser.get("/portal/northwind/people/").content.decode()
    assert "Ada &lt;b&gt;Lovelace&lt;/b&gt;" in people
    assert "Birch" not in people


def test_home_leads_to_work(cast: Cast) -> None:
    assert cast.client("leader").get("/").headers["Location"] == "/p/northwind/"
    assert cast.client("alder_seller").get("/").headers["Location"] == "/portal/northwind/"
    assert "no program has a seat" in cast.client("stranger").get("/").content.decode()
    with program_scope(cast.other_program.pk):
        Seat.objects.create(program=cast.other_program, user=cast.users["leader"], role=Role.LEADER)
    both = cast.client("leader").get("/").content.decode()
    assert "Northwind Partners" in both
    assert "Southgate Partners" in both


def test_the_sweep_sends_what_is_owed_and_gives_up_at_last(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    invitation = invited(cast)
    with program_scope(cast.program.pk):
        assert unsent_invitations() == [invitation.pk]

    def away(_message: object) -> int:
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMessage.send", away)
        start = clock.now()
        for attempt in range(14):
            with time_machine.travel(start + timedelta(minutes=6 * attempt), tick=False):
                assert not send_invitation(program_id=cast.program.pk, invitation_id=invitation.pk, site=SITE)
    with program_scope(cast.program.pk):
        kept = Invitation.objects.get()
        assert (kept.send_attempts, kept.sent_at) == (12, None)
        resend_invitation(actor=cast.actor("leader"), public_id=kept.public_id)
    assert link_of(cast, invitation)
    with program_scope(cast.program.pk):
        assert unsent_invitations() == []
