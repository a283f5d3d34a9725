"""The queue and the case page: what they show, to whom, in how many queries; and the case by API."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deals.cases.statements import give_statement
from deals.models import Account, Conflict, Registration, Ruling
from deals.rules.lifecycle import ConflictKind
from deals.screening.under_claim import watch
from partners.core import clock
from partners.core.scope import program_scope
from partners.models import Charter
from tests.deals.making import account, decided, direct_opportunity, registered
from tests.deals.registrations.life import FERNHILL, answered, appealed, asked, fresh

P = "/p/northwind/conflicts/"
API = "/api/v1/programs/northwind/conflicts/"


@pytest.fixture
def known(cast) -> Account:
    owned = {"owner": cast.seats["rep"], "owner_name": "Rita Rep", "segment": "Logistics"}
    return account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", is_customer=True, **owned)


@pytest.fixture
def waiting(cast, known) -> Registration:
    direct_opportunity(cast, known)
    return registered(cast, **FERNHILL)


def first(cast, row) -> str:
    with program_scope(cast.program.pk):
        return Conflict.objects.filter(registration=row).order_by("pk")[0].public_id


def page(cast, row, who="ops") -> str:
    answer = cast.client(who).get(f"{P}{first(cast, row)}/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def told(cast, row, who="ops") -> Any:
    answer = cast.client(who).get(f"{API}{first(cast, row)}/case/")
    assert answer.status_code == 200, answer.content
    return answer.json()


def ruling(**changes: object) -> dict[str, object]:
    said = {"outcome": "uphold_partner", "reason": "partner_first", "note": "They met first.", "sentence": ""}
    return said | changes


def test_the_case_says_who_meets_whom_and_what_the_rules_suggest(cast, waiting) -> None:
    case = told(cast, waiting)
    names = {party["name"]: party for party in case["incumbents"]}
    assert set(names) == {"Fernhill Logistics", "“Fernhill Logistics renewal”"}
    assert names["“Fernhill Logistics renewal”"]["did"][0]["at"].startswith("2026-08-31T22:00")
    assert (case["suggestion"]["outcome"], case["suggestion"]["reason"]) == (
        "uphold_incumbent",
        "open_opportunity",
    )
    assert case["rulers"] == ["sales_ops", "leader"]
    assert case["may_rule"] is True
    assert told(cast, waiting, "manager")["may_rule"] is False
    shown = page(cast, waiting)
    for words in (case["suggestion"]["why"][1:20], "Alder Consulting", "Existing customer", "Decide"):
        assert words in shown


def test_evidence_stands_in_order_of_time_and_what_has_none_apart(cast, waiting) -> None:
    with program_scope(cast.program.pk):
        give_statement(actor=cast.actor("rep"), registration=waiting, text="I met them in May.")
    case = told(cast, waiting)
    times = [entry["at"] for entry in case["timeline"]]
    assert times == sorted(times)
    assert {entry["side"] for entry in case["timeline"]} >= {"partner", "incumbent"}
    assert [entry["detail"] for entry in case["timeline"] if entry["kind"] == "statement"] == [
        "I met them in May."
    ]
    assert case["undated"]
    assert all(entry["at"] is None for entry in case["undated"])


def test_an_appeal_s_case_says_every_act_once(cast, waiting) -> None:
    words, note = "The buyer asked for us by name.", "Theirs since spring."
    decided(cast, waiting, sentence="No.", note=note)
    appealed(cast, fresh(cast, waiting), text=words)
    with program_scope(cast.program.pk):
        open_now = Conflict.objects.get(registration=waiting, closed_at__isnull=True)
    case = cast.client("ops").get(f"{API}{open_now.public_id}/case/").json()
    said = [(entry["what"], entry["detail"]) for entry in case["timeline"] if entry["kind"] == "act"]
    assert said == [
        ("registration.submitted", ""),
        ("registration.in_review", "A person looks at it and answers by the time given."),
        ("registration.declined", "No."),
        ("registration.appealed", words),
    ]
    told = [entry["what"] for entry in case["timeline"] if entry["kind"] != "act"]
    assert not [what for what in told if note in what or words in what]
    shown = cast.client("ops").get(f"/p/northwind/conflicts/{open_now.public_id}/").content.decode()
    assert (shown.count(words), shown.count("Declined</span>")) == (1, 1)
    assert note in shown  # with the ruling


def test_cases_like_this_are_at_most_five_newest_first(cast, known, waiting) -> None:
    start = clock.now()
    for number in range(7):
        # Another customer each, of the same kind; every second from the same segment and rep.
        near = {"segment": "Logistics", "owner_name": "Rita Rep"} if number % 2 else {}
        site = f"customer{number}.com"
        account(cast, f"Customer Number {number}", site, "DE", is_customer=True, **near)
        with time_machine.travel(start + timedelta(minutes=number), tick=False):
            row = registered(
                cast, "birch_admin", customer_name=f"Customer Number {number}", website=site, country="DE"
            )
            decided(cast, row)
    similar = told(cast, waiting)["similar"]
    assert len(similar) == 5
    moments = [past["ruling"]["decided_at"] for past in similar]
    assert moments == sorted(moments, reverse=True)
    close = [past for past in similar if any("Rita Rep" in what for what in past["alike"])]
    assert len(close) == 3
    assert waiting.customer_name not in [past["customer"] for past in similar]


def test_a_rep_sees_own_cases_only_and_may_speak_but_not_rule(cast, waiting) -> None:
    shown = page(cast, waiting, "rep")
    assert "Add your own statement" in shown
    assert "Not yours to decide" in shown
    assert "Ask somebody by link" not in shown
    url = f"{P}{first(cast, waiting)}/"
    assert cast.client("rep").post(f"{url}say/", {"text": "I met them in May."}).status_code == 302
    assert "I met them in May." in page(cast, waiting)
    other = account(cast, "Quillmark", "quillmark.com", "DE", is_customer=True)
    theirs = registered(cast, customer_name=other.name, website=other.domain, country="DE")
    assert cast.client("rep").get(f"{P}{first(cast, theirs)}/").status_code == 404
    assert cast.client("rep").post(f"{P}{first(cast, theirs)}/say/", {"text": "x"}).status_code == 404


def test_a_share_is_ruled_by_screen_and_shown_with_both_parts(cast, waiting) -> None:
    url = f"{P}{first(cast, waiting)}/"
    wrong = cast.client("ops").post(f"{url}rule/", ruling(outcome="share", reason="both_worked"))
    assert wrong.status_code == 422
    assert "Give 1 to 99 percent" in wrong.content.decode()
    said = ruling(outcome="share", reason="both_worked", partner_share="60")
    assert cast.client("ops").post(f"{url}rule/", said).status_code == 302
    shown = page(cast, waiting)
    assert "60% partner, 40% ours" in shown
    assert "By exception" in shown


def test_a_ruling_is_corrected_by_screen_and_both_stay_shown(cast, waiting) -> None:
    decided(cast, waiting)
    with program_scope(cast.program.pk):
        given = Ruling.objects.get()
    url = f"{P}{first(cast, waiting)}/rulings/{given.public_id}/correct/"
    assert "Not open." in cast.client("ops").get(url).content.decode()
    said = {
        "outcome": "uphold_incumbent",
        "reason": "named_account",
        "note": "It is a house account.",
        "sentence": "Not open.",
        "comp_rep": "as_planned",
        "comp_partner": "none",
    }
    assert cast.client("ops").post(url, said | {"outcome": "uphold_partner"}).status_code == 422
    assert cast.client("ops").post(url, said).status_code == 302
    shown = page(cast, waiting)
    for words in ("Corrected", "It is a house account.", "As it was before", "Customer since 2021."):
        assert words in shown


def test_an_appeal_shows_the_first_ruling(cast, waiting) -> None:
    decided(cast, waiting)
    appealed(cast, fresh(cast, waiting))
    with program_scope(cast.program.pk):
        found = Conflict.objects.get(kind=ConflictKind.APPEAL)
    shown = cast.client("leader").get(f"{P}{found.public_id}/").content.decode()
    for words in ("Appealed", "Customer since 2021.", "The buyer asked for us by name."):
        assert words in shown


def test_a_case_that_waits_for_the_partner_has_no_form_and_comes_last(cast, waiting) -> None:
    account(cast, "Quillmark", "quillmark.com", "DE", is_customer=True)
    later = registered(cast, customer_name="Quillmark", website="quillmark.com", country="DE")
    asked(cast, waiting, "note")
    assert "The partner was asked for something" in page(cast, waiting)
    queue = cast.client("ops").get(P).content.decode()
    assert queue.index("Quillmark") < queue.index("Fernhill Logistics Ltd")
    assert "Waits for the partner" in queue
    for due, names in (("paused", {"Fernhill"}), ("late", set()), ("near", set())):
        shown = cast.client("ops").get(f"{P}?due={due}&format=csv").getvalue().decode()
        assert {name for name in ("Fernhill", "Quillmark") if name in shown} == names
    with time_machine.travel(later.decision_due_at + timedelta(minutes=1), tick=False):
        assert "Quillmark" in cast.client("ops").get(f"{P}?due=late&format=csv").getvalue().decode()


def test_the_queue_is_filtered_by_who_rules(cast, waiting) -> None:
    with program_scope(cast.program.pk):
        authority = {"*": "sales_ops", "named_account": "partner_manager"}
        Charter.objects.create(program=cast.program, number=2, benefit="Ten characters.", authority=authority)
    account(cast, "Quillmark", "quillmark.com", "DE", is_named=True)
    registered(cast, customer_name="Quillmark", website="quillmark.com", country="DE")
    both = account(cast, "Osterholz", "osterholz.com", "DE", is_named=True, is_customer=True)
    registered(cast, customer_name=both.name, website=both.domain, country="DE")
    names = ("Fernhill", "Quillmark", "Osterholz")
    for who, ruler, expected in (
        ("ops", "me", {"Fernhill"}),
        ("manager", "me", {"Quillmark"}),
        ("leader", "me", set(names)),
        ("ops", "leader", {"Osterholz"}),
        ("ops", "partner_manager", {"Quillmark"}),
        ("ops", "nonsense", set(names)),
        ("rep", "me", set()),
    ):
        shown = cast.client(who).get(f"{P}?ruler={ruler}&format=csv").getvalue().decode()
        assert {name for name in names if name in shown} == expected, (who, ruler)


def _more(cast, start: int, count: int) -> None:
    for number in range(start, start + count):
        site = f"customer{number}.com"
        found = account(cast, f"Customer Number {number}", site, "DE", is_customer=True)
        direct_opportunity(cast, found)
        row = registered(cast, customer_name=found.name, website=site, country="DE")
        if number % 2:
            decided(cast, row)


@pytest.mark.parametrize("query", ["", "?show=decided", "?ruler=sales_ops&due=late", "?format=csv"])
def test_the_queue_asks_no_more_when_it_grows(cast, query) -> None:
    client = cast.client("ops")
    _more(cast, 0, 4)
    client.get(P + query)
    counts = []
    for start in (4, 10):
        with CaptureQueriesContext(
            connection,
        ) as asked_for:
            assert client.get(P + query).status_code == 200
        counts.append(len(asked_for))
        _more(cast, start, 6)
    assert counts[0] == counts[1]
    assert counts[0] <= 15


@pytest.mark.parametrize("url", [P + "{}/", API + "{}/case/"])
def test_a_case_asks_no_more_when_it_grows(cast, waiting, known, url) -> None:
    client, address = cast.client("ops"), url.format(first(cast, waiting))
    _more(cast, 0, 4)
    counts = []
    for start in (4, 10):
        assert client.get(address).status_code == 200
        with CaptureQueriesContext(connection) as asked_for:
            client.get(address)
        counts.append(len(asked_for))
        _more(cast, start, 6)
        with program_scope(cast.program.pk):
            for _ in range(3):
                give_statement(actor=cast.actor("ops"), registration=waiting, text="One more.")
    assert counts[0] == counts[1]
    assert counts[0] <= 20  # fifteen of the page, and those that open and close its scopes


def test_the_case_is_ruled_on_by_api_with_the_version_seen(cast, waiting) -> None:
    url = f"{API}{first(cast, waiting)}/rule/"
    body = json.dumps(ruling(sentence="Approved.", comp_rep="none"))
    client = cast.client("ops")
    stale = client.post(url, body, content_type="application/json", headers={"If-Match": '"v99"'})
    assert stale.status_code == 412
    made = client.post(url, body, content_type="application/json", headers={"If-Match": '"v1"'})
    assert made.status_code == 200, made.content
    answer = made.json()
    assert (answer["suggested"], answer["basis"], answer["comp_rep"]) == (
        "uphold_incumbent",
        "exception",
        "none",
    )
    again = client.post(url, body, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")


def test_whoever_comes_too_late_is_told_and_keeps_what_they_wrote(cast, waiting) -> None:
    url = f"{P}{first(cast, waiting)}/"
    asked(cast, waiting)
    answer = cast.client("leader").post(url + "rule/", ruling(note="They met <first>.", version=1))
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "The partner has been asked for something since you opened the case." in shown
    assert "They met &lt;first&gt;." in shown
    answered(cast, waiting, note="Yes.")
    decided(cast, waiting)
    with program_scope(cast.program.pk):
        before = list(Ruling.objects.values()), list(Registration.objects.values())
    answer = cast.client("leader").post(url + "rule/", ruling(note="They met <first>.", version=1))
    shown = answer.content.decode()
    assert (answer.status_code, "The case was decided before you sent it" in shown) == (409, True)
    assert "They met &lt;first&gt;." in shown
    answer = cast.client("rep").post(url + "say/", {"text": "I met <them>."})
    assert (answer.status_code, "I met &lt;them&gt;." in answer.content.decode()) == (409, True)
    with program_scope(cast.program.pk):
        assert (list(Ruling.objects.values()), list(Registration.objects.values())) == before


def test_an_appeal_is_not_offered_to_whoever_gave_the_first_ruling(cast, waiting) -> None:
    decided(cast, waiting)
    appealed(cast, waiting)
    with program_scope(cast.program.pk):
        case = Conflict.objects.get(registration=waiting, kind=ConflictKind.APPEAL).public_id
    offered = {}
    for who in ("ops", "leader"):
        client = cast.client(who)
        [(_case, mine)] = client.get(P).context["cases"]
        shown = client.get(f"{P}{case}/").content.decode()
        by_api = client.get(f"{API}{case}/case/").json()["may_rule"]
        offered[who] = (mine, "Decide" in shown, "Somebody else decides this appeal" in shown, by_api)
    assert offered == {"ops": (False, False, True, False), "leader": (True, True, False, True)}
    answer = cast.client("ops").post(f"{P}{case}/rule/", ruling(version=fresh(cast, waiting).version))
    assert (answer.status_code, "You gave the ruling" in answer.content.decode()) == (403, True)
    assert fresh(cast, waiting).state == "in_review"


def test_a_case_under_a_standing_registration_shows_what_its_partner_would_read(cast) -> None:
    """It listed the sentences by ground, of which none was sent."""
    held = fresh(cast, registered(cast))
    assert held.account is not None
    rival = direct_opportunity(cast, held.account, opened_on=clock.now().date())
    with program_scope(cast.program.pk):
        watch(actor=cast.actor("rep"), opportunities=[rival.pk])
    shown = page(cast, held)
    assert "We looked at what happened on our side: the deal counts as yours." in shown
    assert "Nothing: of a false alarm the partner is not told." in shown
    assert "the usual sentence for the decision is sent" in shown
    assert "This customer is not open for registration at present." not in shown
    assert "To be decided by" in shown
    assert "promised by" not in shown


def test_a_case_a_partner_waits_for_says_what_was_promised(cast, waiting) -> None:
    assert "Answer promised by" in page(cast, waiting)
