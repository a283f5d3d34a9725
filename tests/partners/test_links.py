"""Personal links: who may make and end them, what is kept, and what ends them."""

import re
from typing import Any

import pytest

from partners.access import enter_by_link, link_owner
from partners.core.errors import Clash, NotAllowed, NotFound, RuleBroken
from partners.core.scope import current_scope, program_scope
from partners.models import LedgerEntry, Partner, PersonalLink, Seat, StoredAnswer, User
from partners.services.links import end_link, make_link
from partners.services.partners import change_partner
from partners.services.people import change_role, end_seat
from partners.services.tokens import digest_of
from tests.support.cast import Cast

API = "/api/v1/programs/northwind/people/"


def made(cast: Cast, who: str = "alder_seller", of: str = "alder_seller") -> str:
    with program_scope(cast.program.pk, partner_id=cast.seats[who].partner_id):
        return make_link(actor=cast.actor(who), public_id=cast.seats[of].public_id)[1]


def works(secret: str) -> bool:
    try:
        with enter_by_link(digest_of(secret)):
            return True
    except Clash:
        return False


def verbs(cast: Cast) -> list[str]:
    with program_scope(cast.program.pk):
        return list(
            LedgerEntry.objects.filter(subject="personallink").order_by("pk").values_list("verb", flat=True)
        )


@pytest.mark.parametrize(
    ("who", "of"),
    [
        ("alder_seller", "alder_seller"),
        ("alder_admin", "alder_seller"),
        ("alder_admin", "alder_admin"),
        ("manager", "alder_seller"),
        ("leader", "birch_admin"),
    ],
)
def test_one_makes_ones_own_and_those_of_whoever_one_may_invite(cast: Cast, who: str, of: str) -> None:
    secret = made(cast, who, of)
    assert len(secret) >= 43  # 256 bits
    with enter_by_link(digest_of(secret)) as (place, link):
        assert place.seat == cast.seats[of]
        assert place.actor.name == f"{cast.users[of]}, by link"
        scope = current_scope()
        assert scope is not None
        assert (scope.program_id, scope.partner_id) == (cast.program.pk, cast.seats[of].partner_id)
        assert link.made_by == str(cast.users[who])
        assert link.digest == digest_of(secret)
        assert secret not in str(vars(link))
    with program_scope(cast.program.pk):
        entry = LedgerEntry.objects.get(verb="link.made")
        assert (entry.actor_user_id, entry.partner_id) == (cast.users[who].pk, cast.seats[of].partner_id)
        assert secret not in str(vars(entry))


@pytest.mark.parametrize(
    ("who", "of", "refusal"),
    [
        ("alder_seller", "alder_admin", NotAllowed),
        ("birch_admin", "alder_seller", NotFound),
        ("ops", "alder_seller", NotAllowed),
        ("rep", "alder_seller", NotAllowed),
        ("sponsor", "alder_seller", NotAllowed),
        ("rep", "rep", NotAllowed),
        ("leader", "rep", RuleBroken),
        ("leader", "leader", RuleBroken),
        ("leader", "cedar_admin", NotFound),
    ],
)
def test_who_may_not_make_whose(cast: Cast, who: str, of: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        made(cast, who, of)
    kept = made(cast) if of == "alder_seller" else ""
    with pytest.raises(refusal), program_scope(cast.program.pk, partner_id=cast.seats[who].partner_id):
        end_link(actor=cast.actor(who), public_id=cast.seats[of].public_id)
    assert not kept or works(kept)


def test_a_new_link_replaces_the_one_before(cast: Cast) -> None:
    first, second = made(cast), made(cast, "manager")
    assert [works(first), works(second)] == [False, True]
    with program_scope(cast.program.pk):
        end_link(actor=cast.actor("manager"), public_id=cast.seats["alder_seller"].public_id)
        end_link(actor=cast.actor("manager"), public_id=cast.seats["alder_seller"].public_id)
    assert not works(second)
    assert verbs(cast) == ["link.made", "link.ended", "link.made", "link.ended"]


def _end_seat(cast: Cast) -> None:
    end_seat(actor=cast.actor("leader"), public_id=cast.seats["alder_seller"].public_id)


def _end_partner(cast: Cast) -> None:
    change_partner(actor=cast.actor("manager"), public_id=cast.alder.public_id, status="ended")


def _end_partner_behind_the_services(cast: Cast) -> None:
    Partner.objects.filter(pk=cast.alder.pk).update(status="ended")


def _end_seat_behind_the_services(cast: Cast) -> None:
    Seat.objects.filter(pk=cast.seats["alder_seller"].pk).update(ended_at="2026-01-01T00:00Z")


def _lock_out_the_person(cast: Cast) -> None:
    User.objects.filter(pk=cast.users["alder_seller"].pk).update(is_active=False)


@pytest.mark.parametrize(
    "end",
    [
        _end_seat,
        _end_partner,
        _end_partner_behind_the_services,
        _end_seat_behind_the_services,
        _lock_out_the_person,
    ],
)
def test_it_ends_with_its_seat_its_person_and_the_partnership(cast: Cast, end: Any) -> None:
    secret = made(cast)
    with program_scope(cast.program.pk):
        end(cast)
    assert not works(secret)


def test_it_stays_when_the_role_changes(cast: Cast) -> None:
    secret = made(cast)
    with program_scope(cast.program.pk):
        change_role(
            actor=cast.actor("leader"), public_id=cast.seats["alder_seller"].public_id, role="partner_admin"
        )
    assert works(secret)


@pytest.mark.parametrize("digest", ["", "x", "a" * 64, "'; DROP TABLE partners_partner; --", "%", "x" * 9000])
def test_an_unknown_digest_opens_nothing(cast: Cast, digest: str) -> None:
    made(cast)
    with pytest.raises(NotFound), enter_by_link(digest):
        pass
    assert current_scope() is None


def test_pages_show_the_address_once_and_never_the_digest(cast: Cast) -> None:
    admin, seat = cast.client("alder_admin"), cast.seats["alder_seller"].public_id
    page = admin.post(f"/portal/northwind/people/{seat}/link/").content.decode()
    found = re.search(r'value="http://testserver/register/([\w-]{43})/"', page)
    assert found
    assert works(found[1])
    own = cast.client("alder_seller").get("/portal/northwind/link/").content.decode()
    seen = (admin.get(f"/portal/northwind/people/{seat}/").content.decode(), own)
    for later in seen:
        assert "Made" in later
        assert "by Alder Admin" in later
        assert "never" in later
        assert found[1] not in later
        assert digest_of(found[1]) not in later
    assert admin.post(f"/portal/northwind/people/{seat}/link/end/").status_code == 302
    assert not works(found[1])


def test_our_own_people_have_no_card(cast: Cast) -> None:
    leader = cast.client("leader")
    page = leader.get(f"/p/northwind/people/{cast.seats['rep'].public_id}/").content.decode()
    assert "Register without signing in" not in page
    theirs = leader.get(f"/p/northwind/people/{cast.seats['birch_admin'].public_id}/").content.decode()
    assert "Register without signing in" in theirs


def test_by_api_the_address_is_told_once_and_kept_nowhere(cast: Cast) -> None:
    client, address = cast.client("alder_admin"), f"{API}{cast.seats['alder_seller'].public_id}/link/"
    answers = [client.post(address, headers={"Idempotency-Key": "k-1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    first, second = (answer.json()["url"].split("/")[-2] for answer in answers)
    assert [works(first), works(second)] == [False, True]
    with program_scope(cast.program.pk):
        assert not StoredAnswer.objects.exists()
    read = client.get(address).json()
    assert (read["made_by"], read["last_used_at"]) == ("Alder Admin", None)
    assert "url" not in read
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
    assert client.delete(address).status_code == 204


def test_partner_people_list_their_own_side_by_api(cast: Cast) -> None:
    told = cast.client("alder_seller").get(API).json()["results"]
    assert {row["email"] for row in told} == {"alder_admin@example.com", "alder_seller@example.com"}
    assert cast.client("rep").get(API).status_code == 403


def test_the_look_up_gives_ids_and_nothing_else(cast: Cast) -> None:
    secret = made(cast)
    owner = link_owner(digest_of(secret))
    assert owner is not None
    assert (owner.program_id, owner.partner_id, owner.user_id) == (cast.program.pk, cast.alder.pk, None)
    with program_scope(cast.program.pk, partner_id=cast.birch.pk):
        assert not PersonalLink.objects.exists()
        assert link_owner(digest_of(secret)) == owner  # before any scope, whatever the scope
