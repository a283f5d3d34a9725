"""A partner's home: what waits for them stands there with its last day."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.test.utils import CaptureQueriesContext

from deals.registrations.submit import save_draft
from partners.core import clock
from partners.core.scope import program_scope
from partners.models import Charter
from tests.deals.leads.making import lead, offered
from tests.deals.making import account, claim, registered
from tests.deals.registrations.life import asked
from tests.support.cast import Cast

HOME = "/portal/northwind/"
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


def home(cast: Cast, who: str = "alder_seller") -> str:
    """The text of the page, without markup."""
    page = cast.client(who).get(HOME).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split('id="content"')[1]))


def test_a_deal_that_ends_without_word_is_asked_for_a_week_before(cast: Cast) -> None:
    with clock.at(MONDAY):
        registered(cast)
    with program_scope(cast.program.pk):
        days = Charter.objects.get().keepalive_days
    with clock.at(MONDAY + timedelta(days=days - 8)):
        assert "so that it stays yours" not in home(cast)
    with clock.at(MONDAY + timedelta(days=days - 6)):
        due = f"{MONDAY + timedelta(days=days):%A %-d %b}"
        assert f"Please tell us how Quillmark Robotics GmbH stands by {due}, so that it stays yours." in home(
            cast
        )
        assert "Quillmark" not in home(cast, "birch_admin")


def test_a_lead_that_waits_for_an_answer_stands_there_without_its_buyer(cast: Cast) -> None:
    with clock.at(MONDAY):
        offer = offered(cast, lead(cast), cast.alder)
        said = home(cast)
        assert "We offer you a lead: Wants to replace a planning tool this quarter." in said
        assert (
            f"Please answer by {offer.due_at.astimezone(ZoneInfo(cast.program.timezone)):%A %-d %b, %H:%M}."
            in said
        )
        for masked in ("Quillmark", "Vera"):
            assert masked not in said
        assert "We offer you a lead" not in home(cast, "birch_admin")


def test_what_is_under_way_stands_in_the_order_of_its_days(cast: Cast) -> None:
    sites = {
        "Osterby Foods": "osterby.com",
        "Marrowby Steel": "marrowby-steel.com",
        "Tamarisk": "tamarisk.com",
    }
    for name, site in sites.items():
        account(cast, name, site, "GB", is_customer=True)
    rows = []
    with clock.at(MONDAY):
        for day, (name, site) in enumerate(sites.items()):
            with clock.at(MONDAY + timedelta(days=day)):
                rows.append(registered(cast, customer_name=name, website=site, country="GB"))
        asked(cast, rows[1])
        for name in ("First draft", "Second draft"):
            with program_scope(cast.program.pk, partner_id=cast.alder.pk):
                save_draft(actor=cast.actor("alder_seller"), claim=claim(customer_name=name))
        context = cast.client("alder_seller").get(HOME).context
    names = {
        part: [row.customer_name for row in context[part]] for part in ("questions", "waiting", "drafts")
    }
    assert names == {
        "questions": ["Marrowby Steel"],
        "waiting": ["Osterby Foods", "Tamarisk"],
        "drafts": ["Second draft", "First draft"],
    }
    assert context["held"] == []


def test_what_ends_first_is_shown_and_the_number_of_queries_does_not_grow(cast: Cast) -> None:
    client = cast.client("alder_seller")
    with clock.at(MONDAY):
        registered(cast, customer_name="Ends First AG", website="ends-first.de")
        client.get(HOME)
        with CaptureQueriesContext(connection) as few:
            client.get(HOME)
    with clock.at(MONDAY + timedelta(days=1)):
        for number in range(21):
            name = f"{chr(97 + number) * 5}moor"
            assert registered(cast, customer_name=name, website=f"{name}.de").state == "approved"
        client.get(HOME)  # the day's first visit is noted
        with CaptureQueriesContext(connection) as many:
            held = client.get(HOME).context["held"]
    assert (held[0].customer_name, len(held)) == ("Ends First AG", 20)
    assert len(many) == len(few)
