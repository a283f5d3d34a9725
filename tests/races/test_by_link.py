"""The same form sent by a personal link twice at once, and a link that is replaced by two at once."""

from functools import partial
from typing import Any

import pytest
from django.test import Client

from deals.models import Registration
from deals.registrations import personal_link as by_link
from partners.core.scope import program_scope
from partners.models import LedgerEntry, PersonalLink
from partners.services.links import end_link, make_link
from tests.deals.registrations.test_personal_link import secret_of, send, typed
from tests.races.meeting import by, meeting
from tests.races.test_people import both
from tests.support.cast import Cast


def _registrations(cast: Cast) -> int:
    with program_scope(cast.program.pk):
        return Registration.objects.count()


def test_control_two_forms_at_once_are_two_registrations(committed_cast: Cast) -> None:
    cast = committed_cast
    secret = secret_of(cast)
    both(*[partial(send, secret, key=key) for key in ("bbcdefghjkmnpq", "cbcdefghjkmnpq")])
    assert _registrations(cast) == 2


def test_one_form_sent_at_once_is_one_registration_and_one_answer(committed_cast: Cast) -> None:
    cast = committed_cast
    secret = secret_of(cast)
    answers = both(*[partial(send, secret)] * 4)
    assert [answer.status_code for answer in answers] == [200] * 4
    assert all("Approved: nothing stood against it." in answer.content.decode() for answer in answers)
    assert _registrations(cast) == 1
    with program_scope(cast.program.pk):
        assert LedgerEntry.objects.filter(verb="link.used").count() == 1
        assert LedgerEntry.objects.filter(verb="registration.submitted").count() == 1


def test_a_form_that_is_refused_lets_the_one_behind_it_try(committed_cast: Cast) -> None:
    cast = committed_cast
    secret = secret_of(cast)
    bad = partial(send, secret, website="not a website at all")
    answers = both(bad, partial(send, secret))
    assert sorted(answer.status_code for answer in answers) == [200, 422]
    assert _registrations(cast) == 1


def test_a_link_that_is_ended_while_its_form_is_on_its_way_registers_nothing(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = committed_cast
    secret = secret_of(cast)
    end = by(cast, "manager", end_link, public_id=cast.seats["alder_seller"].public_id)
    answer, _seat = meeting(monkeypatch, (by_link, "register"), partial(send, secret), end)
    assert answer.status_code == 410
    assert _registrations(cast) == 0
    with program_scope(cast.program.pk):
        assert not LedgerEntry.objects.filter(verb="link.used").exists()
        assert PersonalLink.objects.get().last_used_at is None


def test_two_who_make_a_link_at_once_leave_one(committed_cast: Cast) -> None:
    cast = committed_cast
    seat = cast.seats["alder_seller"]

    def make(who: str) -> Any:
        with program_scope(cast.program.pk, partner_id=cast.seats[who].partner_id):
            return make_link(actor=cast.actor(who), public_id=seat.public_id)[1]

    secrets = both(*[partial(make, who) for who in ("manager", "alder_admin", "alder_seller", "leader")])
    works = [Client().post(f"/register/{secret}/", typed(amount="")).status_code for secret in secrets]
    assert sorted(works) == [410, 410, 410, 422]
    with program_scope(cast.program.pk):
        assert PersonalLink.objects.filter(revoked_at__isnull=True).count() == 1
