"""The life of a registration by screen: one page per act, one thing asked at a time, nothing of a rival."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deals.models import Opportunity, OpportunityState, Registration
from deals.registrations.outcome import close_opportunity
from deals.registrations.protect import expire_protections
from deals.rules.lifecycle import Outcome, Reason, State
from partners.core.actor import Actor
from partners.core.scope import program_scope
from tests.deals.making import account, registered
from tests.deals.registrations.life import (
    FERNHILL,
    appealed,
    charter,
    edited,
    extension_asked,
    fresh,
    later,
    reported,
    revoked,
    ruled,
)

PORTAL = "/portal/northwind/deals/"
WORK = "/p/northwind/deals/"
NO = {
    "outcome": Outcome.UPHOLD_INCUMBENT,
    "reason": Reason.EXISTING_CUSTOMER,
    "sentence": "Not open now.",
}


@pytest.fixture
def waiting(cast) -> Registration:
    account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", is_customer=True)
    return registered(cast, **FERNHILL)


@pytest.fixture
def held(cast) -> Registration:
    return registered(cast)


def page(cast, who: str, row: Registration, verb: str = "") -> str:
    door = PORTAL if who.startswith(("alder", "birch")) else WORK
    answer = cast.client(who).get(f"{door}{row.public_id}/" + (f"{verb}/" if verb else ""))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_question_is_asked_answered_and_read_on_both_sides(cast, waiting) -> None:
    assert "Return for information" in page(cast, "ops", waiting)
    assert "Return for information" not in page(cast, "manager", waiting)  # the charter names sales ops
    sent = {"question": "Who signs <there>?", "fields_asked": ["amount"], "version": waiting.version}
    answer = cast.client("ops").post(f"{WORK}{waiting.public_id}/ask/", sent, follow=True)
    assert "Who signs &lt;there&gt;?" in answer.content.decode()
    assert "Waits for the partner" in answer.content.decode()
    home = cast.client("alder_seller").get("/portal/northwind/").content.decode()
    assert "We have a question about" in home
    told = page(cast, "alder_seller", waiting)
    assert "Waits for you" in told
    assert "Who signs &lt;there&gt;?" in told
    assert "Our clock stands still" in told
    client = cast.client("alder_seller")
    form = client.get(f"{PORTAL}{waiting.public_id}/answer/").context["form"]
    assert sorted(form.fields) == ["amount", "currency", "version"]
    reply = {"amount": "41,000", "currency": "EUR", "version": form["version"].value()}
    # A field that is not open is not even read.
    client.post(f"{PORTAL}{waiting.public_id}/answer/", reply | {"customer_name": "Another"})
    row = fresh(cast, waiting)
    assert (row.state, str(row.amount), row.customer_name) == (
        State.IN_REVIEW,
        "41000.00",
        waiting.customer_name,
    )


def test_the_page_asks_for_one_thing_first(cast, held) -> None:
    client = cast.client("alder_seller")
    first = lambda: client.get(f"{PORTAL}{held.public_id}/").context["first"]  # noqa: E731
    assert first() is None
    with later(25):
        assert first() == "report"
        reported(cast, held)
        assert first() is None
    with later(70):
        reported(cast, held)
        assert first() == "ask_extension"
    with later(91):
        assert first() is None  # it has ended, though the sweep has not come by yet
        assert "The protection ended on" in page(cast, "alder_seller", held)


def test_an_extension_asked_for_by_screen_is_decided_by_screen(cast, held) -> None:
    client, path = cast.client("alder_seller"), f"{held.public_id}/extension/"
    empty = client.post(PORTAL + path, {"text": " "})
    assert empty.status_code == 422
    told = client.post(PORTAL + path, {"text": "The board meets in May."}, follow=True).content.decode()
    assert "We still hold it for you" in told
    twice = client.post(PORTAL + path, {"text": "Again"})
    assert twice.status_code == 422
    assert "asked for already" in twice.content.decode()
    assert client.get(PORTAL + path).status_code == 409
    listed = cast.client("manager").get(WORK, {"state": "extension"}).content.decode()
    assert held.customer_name in listed
    assert "The board meets in May." in page(cast, "manager", held, "extend")
    sent = {"granted": "yes", "sentence": "As you asked."}
    cast.client("manager").post(f"{WORK}{held.public_id}/extend/", sent)
    assert fresh(cast, held).extensions == 1
    assert "As you asked." in page(cast, "alder_seller", held)


def test_a_change_by_screen_says_whether_it_waits(cast, held) -> None:
    client = cast.client("alder_seller")
    path = f"{PORTAL}{held.public_id}/change/"
    form = client.get(path).context["form"]
    values = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    told = client.post(path, values | {"note": "A pilot first."}, follow=True).content.decode()
    assert "Changed." in told
    stale = client.post(path, values | {"note": "Another"})
    assert stale.status_code == 422
    assert "Somebody changed this" in stale.content.decode()
    values["version"] = fresh(cast, held).version
    told = client.post(path, values | {"amount": "99000", "note": "A pilot first."}, follow=True)
    assert "Until then we hold what was approved" in told.content.decode()
    assert "A change after approval" in page(cast, "ops", held)
    undo = f"{PORTAL}{held.public_id}/undo/"
    for who in ("alder_seller", "manager"):
        assert "Withdraw the change" in page(cast, who, held)
    assert "Withdraw the change" not in page(cast, "ops", held)
    shown = client.get(undo)
    assert shown.context["change"] == [("Expected amount", "EUR 25,000", "EUR 99,000")]
    assert "Keep the change" in shown.content.decode()
    for who in ("alder_seller", "ops"):
        assert '<td data-label="Approved">EUR 25,000</td>' in page(cast, who, held)
    form = shown.context["form"]
    told = client.post(undo, {"version": form["version"].value()}, follow=True).content.decode()
    assert "Taken back. What was approved stands as it was." in told
    assert "Change withdrawn" in told
    assert fresh(cast, held).amount == held.amount
    assert "Withdraw the change" not in page(cast, "alder_seller", held)
    assert client.get(undo).status_code == 409


def test_a_change_is_shown_in_words_beside_what_was_approved(cast, held) -> None:
    edited(cast, held, country="AT", website="quillmark.at")
    shown = cast.client("alder_seller").get(f"{PORTAL}{held.public_id}/").context["change"]
    assert shown == [
        ("Website", "quillmark-robotics.com", "quillmark.at"),
        ("Country", "Germany", "Austria"),
    ]


def test_withdrawing_says_what_it_ends_with_and_without_scripts(cast, held) -> None:
    shown = page(cast, "alder_seller", held)
    assert shown.count("Your protection ends now. It cannot be undone.") == 2
    assert shown.index("Next step") < shown.index("Withdraw the claim")


def test_a_no_can_be_appealed_or_registered_again(cast, waiting) -> None:
    ruled(cast, waiting, **NO)
    told = page(cast, "alder_seller", waiting)
    assert "You can appeal once, until" in told
    client = cast.client("alder_seller")
    client.post(f"{PORTAL}{waiting.public_id}/appeal/", {"text": "They called us."})
    assert "Your appeal is looked at" in page(cast, "alder_seller", waiting)
    ruled(cast, fresh(cast, waiting), who="leader", **NO)
    told = page(cast, "alder_seller", waiting)
    assert "this answer is final" in told
    assert "You can appeal" not in told
    answer = client.post(f"{PORTAL}{waiting.public_id}/again/", follow=True)
    draft = answer.context["draft"]
    assert (draft.state, draft.customer_name) == (State.DRAFT, waiting.customer_name)


def test_a_revocation_by_screen_sends_the_usual_sentence_when_none_is_written(cast, held) -> None:
    sent = {"reason": "no_progress", "note": "Asked twice.", "sentence": "", "version": held.version}
    cast.client("manager").post(f"{WORK}{held.public_id}/revoke/", sent)
    told = page(cast, "alder_seller", held)
    assert "We heard nothing new" in told
    assert "Asked twice." not in told
    assert "Asked twice." in page(cast, "manager", held)


def test_no_page_of_a_partner_hints_at_a_rival(cast, held) -> None:
    revoked(cast, held)
    rival = registered(cast, "birch_admin")
    appealed(cast, held)
    for shown in (page(cast, "alder_seller", held), page(cast, "birch_admin", rival)):
        assert "conflict" not in shown.lower()
    assert "Birch" not in page(cast, "alder_seller", held)
    assert rival.public_id not in page(cast, "alder_seller", held)


def test_past_its_end_a_protection_we_owe_an_answer_on_names_no_day_that_is_over(cast, held) -> None:
    with later(89):
        extension_asked(cast, held)
    with later(91):
        shown = page(cast, "alder_seller", held)
        assert "until more time is decided on" in shown
        assert "0 days left" not in shown
        assert "how it stands by" not in shown
        assert "until you decide" in page(cast, "ops", held)


def test_an_ended_deal_does_not_say_that_it_is_approved(cast, held) -> None:
    approved = "We gladly hold it for you."
    with program_scope(cast.program.pk):
        Registration.objects.filter(pk=held.pk).update(sentence=approved, reason=Reason.PARTNER_FIRST)
    assert f"<blockquote>{approved}</blockquote>" in page(cast, "alder_seller", held)
    with later(91):
        with program_scope(cast.program.pk):
            expire_protections(actor=Actor.system(program_id=cast.program.pk, name="Clock"))
        shown = page(cast, "alder_seller", held)
    assert "The protection ended on" in shown
    assert approved not in shown


def test_a_deal_that_is_won_after_its_protection_says_so(cast, held) -> None:
    with later(91), program_scope(cast.program.pk):
        expire_protections(actor=Actor.system(program_id=cast.program.pk, name="Clock"))
        deal = Opportunity.objects.get(registration=held)
        close_opportunity(actor=cast.actor("ops"), opportunity=deal, state=OpportunityState.WON)
    shown = page(cast, "alder_seller", held)
    assert "The deal was won on" in shown
    assert "Still working on it?" not in shown


def test_an_answer_of_ours_that_is_late_says_so(cast, waiting) -> None:
    """The page promised an answer by a time that had passed."""
    home = "/portal/northwind/"
    assert "You have our answer by" in page(cast, "alder_seller", waiting)
    assert "We answer on" in cast.client("alder_seller").get(home).content.decode()
    with later(9):
        shown = page(cast, "alder_seller", waiting)
        assert "and it is late" in shown
        assert "You have our answer by" not in shown
        assert "is late: we promised it by" in cast.client("alder_seller").get(home).content.decode()


@pytest.mark.parametrize("verb", ["answer", "appeal", "report", "extension", "change", "again"])
def test_another_partners_deal_is_not_there(cast, held, verb) -> None:
    answer = cast.client("birch_admin").post(f"{PORTAL}{held.public_id}/{verb}/", {"text": "Mine."})
    assert answer.status_code == 404
    assert fresh(cast, held).version == held.version


def test_a_page_costs_the_same_after_a_long_life(cast, held) -> None:
    client = cast.client("alder_seller")

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(f"{PORTAL}{held.public_id}/")
        return len(seen)

    cost()
    first = cost()
    charter(cast, keepalive_days=0, extensions_by_rule=12)
    for _ in range(5):
        reported(cast, held)
        extension_asked(cast, held)
    edited(cast, held, note="A pilot first.")
    assert cost() == first
