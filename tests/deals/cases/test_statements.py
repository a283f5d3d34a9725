"""Statements: asked for by a link that works once, given on the case page, and never a word too many."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client

from deals.cases.statements import (
    answer_by_link,
    ask_statement,
    give_statement,
    owed_statements,
    revoke_statement,
    send_statement,
)
from deals.models import Registration, Statement
from partners.core import clock
from partners.core.errors import Clash, FieldErrors, NotAllowed, NotFound, RuleBroken
from partners.core.scope import program_scope
from partners.models import LedgerEntry
from partners.services.tokens import digest_of
from tests.deals.making import account, decided, direct_opportunity, registered
from tests.deals.registrations.life import FERNHILL

SITE = "https://prm.example"


class AwayBackend(BaseEmailBackend):
    """A mail server that does not answer."""

    def send_messages(self, email_messages) -> int:
        raise OSError


@pytest.fixture
def waiting(cast) -> Registration:
    known = account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", owner=cast.seats["rep"])
    direct_opportunity(cast, known)
    return registered(cast, **FERNHILL)


def asked(cast, row, who="ops", **changes) -> Statement:
    told = {"name": "Tom Baker", "email": "Tom@Vendor.example", "question": "Who met the buyer first?"}
    with program_scope(cast.program.pk):
        return ask_statement(actor=cast.actor(who), registration=row, **(told | changes))


def link_of(cast, statement) -> str:
    """Send the mail as the job does and read the secret from it."""
    mail.outbox.clear()
    assert send_statement(program_id=cast.program.pk, statement_id=statement.pk, site=SITE)
    found = re.search(rf"{SITE}/statements/([\w-]+)/", str(mail.outbox[0].body))
    assert found
    return found[1]


def ledger(cast, verb) -> list[LedgerEntry]:
    with program_scope(cast.program.pk):
        return list(LedgerEntry.objects.filter(verb=verb))


def test_the_mail_goes_out_once_and_only_a_digest_is_kept(cast, waiting) -> None:
    statement = asked(cast, waiting)
    secret = link_of(cast, statement)
    assert mail.outbox[0].to == ["tom@vendor.example"]
    assert "Fernhill Logistics" in str(mail.outbox[0].subject)
    with program_scope(cast.program.pk):
        kept = Statement.objects.get()
        assert kept.digest == digest_of(secret)
        assert kept.sent_at is not None
        assert owed_statements() == []
    assert not send_statement(program_id=cast.program.pk, statement_id=statement.pk, site=SITE)
    assert len(mail.outbox) == 1


def test_neither_mail_nor_page_names_a_partner_or_what_was_claimed(cast, waiting) -> None:
    secret = link_of(cast, asked(cast, waiting))
    page = Client().get(f"/statements/{secret}/")
    assert page.status_code == 200
    for told in (str(mail.outbox[0].body), page.content.decode()):
        assert "Who met the buyer first?" in told
        for private in ("Alder", "Birch", "25,000", "25000", waiting.public_id):
            assert private not in told
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in page.headers["Cache-Control"]


def test_a_link_is_good_for_one_statement(cast, waiting) -> None:
    secret = link_of(cast, asked(cast, waiting))
    browser = Client()
    assert browser.get(f"/statements/{secret}/").status_code == 200
    assert browser.post(f"/statements/{secret}/", {"text": " "}).status_code == 422
    given = browser.post(f"/statements/{secret}/", {"text": "I met them on 3 May."})
    assert given.status_code == 200
    assert "Thank you" in given.content.decode()
    again = browser.post(f"/statements/{secret}/", {"text": "No, it was June."})
    assert again.status_code == 410
    with program_scope(cast.program.pk):
        row = Statement.objects.get()
        assert (row.text, row.given_by) == ("I met them on 3 May.", None)
        assert row.given_at is not None
    entry = ledger(cast, "statement.given")[0]
    assert (entry.actor_name, entry.partner_id) == ("Tom Baker, by link", None)


def test_an_unknown_link_tells_nothing(cast) -> None:
    for secret in ("x", "a" * 43, "%00", "../../p/northwind"):
        answer = Client().get(f"/statements/{secret}/")
        assert answer.status_code == 404
        assert "Northwind" not in answer.content.decode()


def test_a_link_expires_and_can_be_taken_back(cast, waiting) -> None:
    late, taken = asked(cast, waiting), asked(cast, waiting, email="ann@vendor.example")
    links = [link_of(cast, late), link_of(cast, taken)]
    with program_scope(cast.program.pk):
        revoke_statement(actor=cast.actor("ops"), registration=waiting, public_id=taken.public_id)
    assert Client().get(f"/statements/{links[1]}/").status_code == 410
    with time_machine.travel(clock.now() + timedelta(days=15), tick=False):
        assert Client().post(f"/statements/{links[0]}/", {"text": "Late."}).status_code == 410
    with program_scope(cast.program.pk):
        assert not Statement.objects.filter(given_at__isnull=False).exists()


def test_when_the_case_is_decided_a_statement_comes_too_late(cast, waiting) -> None:
    secret = link_of(cast, asked(cast, waiting))
    decided(cast, waiting)
    with pytest.raises(Clash, match="too late"):
        answer_by_link(secret=secret, text="I know something.")
    with program_scope(cast.program.pk), pytest.raises(Clash):
        give_statement(actor=cast.actor("ops"), registration=waiting, text="I know something.")
    with pytest.raises(Clash):
        asked(cast, waiting, email="new@vendor.example")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"email": "nonsense"}, "email"),
        ({"email": "x" * 300 + "@example.com"}, "email"),
        ({"question": "\x00"}, "question"),
        ({"question": "x" * 1001}, "question"),
        ({"question": "Did Alder Consulting meet them first?"}, "question"),
        ({"question": "Do you know BIRCH systems?"}, "question"),
    ],
)
def test_a_question_is_whole_and_names_no_partner(cast, waiting, changes, field) -> None:
    with pytest.raises(FieldErrors) as refused:
        asked(cast, waiting, **changes)
    assert list(refused.value.errors) == [field]
    with program_scope(cast.program.pk):
        assert not Statement.objects.exists()


def test_nobody_is_asked_twice_at_once(cast, waiting) -> None:
    first = asked(cast, waiting)
    with pytest.raises(Clash, match="not answered yet"):
        asked(cast, waiting)
    with program_scope(cast.program.pk):
        revoke_statement(actor=cast.actor("ops"), registration=waiting, public_id=first.public_id)
    assert asked(cast, waiting) != first


@pytest.mark.parametrize("who", ["rep", "sponsor", "alder_admin"])
def test_who_does_not_rule_does_not_ask(cast, waiting, who) -> None:
    with pytest.raises(NotAllowed):
        asked(cast, waiting, who)
    assert not ledger(cast, "statement.asked")


@pytest.mark.parametrize("who", ["leader", "manager", "ops", "rep"])
def test_staff_put_their_own_word_on_record(cast, waiting, who) -> None:
    with program_scope(cast.program.pk):
        row = give_statement(actor=cast.actor(who), registration=waiting, text="  I met them. ")
    assert (row.text, row.given_by, row.name) == ("I met them.", cast.users[who], str(cast.users[who]))


@pytest.mark.parametrize("text", ["", " \x00 ", "x" * 4001])
def test_a_statement_says_something_and_not_too_much(cast, waiting, text) -> None:
    with program_scope(cast.program.pk), pytest.raises(RuleBroken):
        give_statement(actor=cast.actor("ops"), registration=waiting, text=text)


def test_a_given_statement_stays(cast, waiting) -> None:
    statement = asked(cast, waiting)
    answer_by_link(secret=link_of(cast, statement), text="I met them.")
    with program_scope(cast.program.pk):
        with pytest.raises(Clash, match="stays on record"):
            revoke_statement(actor=cast.actor("ops"), registration=waiting, public_id=statement.public_id)
        with pytest.raises(NotFound):
            revoke_statement(actor=cast.actor("ops"), registration=waiting, public_id="zzzz")


def test_mail_that_could_not_be_sent_is_tried_again(cast, waiting, settings) -> None:
    settings.MAILERS = {"default": {"BACKEND": f"{__name__}.AwayBackend"}}
    statement = asked(cast, waiting)
    assert not send_statement(program_id=cast.program.pk, statement_id=statement.pk, site=SITE)
    with program_scope(cast.program.pk):
        assert owed_statements() == []
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False), program_scope(cast.program.pk):
        assert owed_statements() == [statement.pk]
