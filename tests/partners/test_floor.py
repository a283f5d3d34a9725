"""Partners, activities, tokens, the charter and commands; hostile text; constant queries."""

import csv
import io
import json
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from partners.access import enter
from partners.core import clock
from partners.core.actor import Door
from partners.core.errors import FieldErrors, NotAllowed, Stale
from partners.core.scope import program_scope
from partners.models import (
    Activity,
    ApiToken,
    CellMark,
    Charter,
    LedgerEntry,
    Partner,
    Seat,
    StoredAnswer,
    User,
)
from partners.selectors import charter_in_force, promise_in_force
from partners.services.activities import log_activity, note_login
from partners.services.charters import sign_charter
from partners.services.partners import change_partner, create_partner
from partners.services.tidying import forget_old_answers
from partners.services.tokens import create_token
from tests.access.table_partners import charter_data
from tests.support.cast import Cast

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7|add:7 }}{% debug %}",
    "'; DROP TABLE partners_partner; --",
    '=HYPERLINK("http://evil.example","x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\u202etest\u202c",
    "Ω≈ç√∫˜µ≤≥÷",
    "田中さんにあげて下さい",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮",
    "x" * 5000,
    "a\x00b",
    "   ",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_kept_escaped_or_refused_and_never_a_500(cast: Cast, text: str) -> None:
    browser = cast.client("leader")
    form = {"name": text, "intent": "co_sell", "status": "active", "goals": text}
    answer = browser.post("/p/northwind/partners/new/", form)
    assert answer.status_code in (302, 422)
    if answer.status_code == 302:
        with program_scope(cast.program.pk):
            assert Partner.objects.get(name=text.strip()).goals == text.strip()
    for url in ("partners", "people", "activities"):
        page = browser.get(f"/p/northwind/{url}/", {"q": text, "sort": text, "page": text, "since": text})
        assert page.status_code == 200
        shown = page.content.decode()
        if "<" in text:
            assert text not in shown
        if url == "partners" and answer.status_code == 302:
            assert escape(text.strip()) in shown
    with program_scope(cast.program.pk):
        made = Partner.objects.exclude(slug__in=["alder", "birch"]).count()
    assert made == (answer.status_code == 302)


def test_csv_cells_are_harmless(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        made = create_partner(actor=cast.actor("leader"), name="=1+2", goals="x")
        Partner.objects.filter(pk=made.pk).update(website="@SUM(A1)")  # as older rows and files may have it
    answer = cast.client("leader").get("/p/northwind/partners/?format=csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(text))}
    assert set(rows) == {"'=1+2", "Alder Consulting", "Birch Systems"}
    assert rows["'=1+2"]["website"] == "'@SUM(A1)"


def test_two_editors_do_not_overwrite_each_other(cast: Cast) -> None:
    url = f"/p/northwind/partners/{cast.alder.public_id}/edit/"
    form = {"name": "Alder", "intent": "resell", "status": "active", "signed_on": "2026-01-15", "version": 1}
    browser = cast.client("manager")
    assert browser.post(url, form).status_code == 302
    late = browser.post(url, {**form, "name": "Late Alder"})
    assert late.status_code == 412
    assert "Somebody changed this" in late.content.decode()
    assert "Late Alder" in late.content.decode()
    with program_scope(cast.program.pk):
        partner = Partner.objects.get(pk=cast.alder.pk)
        assert (partner.name, partner.intent, partner.version) == ("Alder", "resell", 2)
        entry = LedgerEntry.objects.get(verb="partner.changed")
        assert entry.old == {"name": "Alder Consulting", "intent": "co_sell"}
        assert entry.partner_id is None


def test_saving_the_form_as_it_was_shown_changes_nothing(cast: Cast) -> None:
    url = f"/p/northwind/partners/{cast.alder.public_id}/edit/"
    browser = cast.client("leader")
    page = browser.get(url)
    assert 'value="2026-01-15"' in page.content.decode()
    form = page.context["form"]
    shown = {name: form[name].value() or "" for name in form.fields}
    assert browser.post(url, shown).status_code == 302
    with program_scope(cast.program.pk):
        assert Partner.objects.get(pk=cast.alder.pk).version == 1


def test_slugs_are_made_unique_and_a_manager_must_be_staff(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        actor = cast.actor("leader")
        slugs = [create_partner(actor=actor, name="Alder").slug for _ in range(3)]
        assert slugs == ["alder-2", "alder-3", "alder-4"]
        assert create_partner(actor=actor, name="田中").slug == "partner"
        with pytest.raises(Exception, match="your own team"):
            change_partner(
                actor=actor, public_id=cast.alder.public_id, manager=cast.seats["alder_admin"].public_id
            )


def test_filters_and_sorts(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        Partner.objects.filter(pk=cast.birch.pk).update(
            manager=cast.seats["manager"], intent="resell", status="ended", signed_on=None
        )
        log_activity(actor=cast.actor("manager"), partner=cast.birch, kind="call", minutes=5)

    def names(**query: str) -> list[str]:
        page = cast.client("leader").get("/p/northwind/partners/", query)
        return [row.name.split()[0] for row in page.context["page"]]

    assert names() == ["Alder", "Birch"]
    assert names(sort="-name") == ["Birch", "Alder"]
    assert names(sort="-signed") == names(sort="signed") == ["Alder", "Birch"]
    assert names(sort="-last") == ["Birch", "Alder"]
    assert names(intent="resell") == names(status="ended") == ["Birch"]
    assert names(manager=cast.seats["manager"].public_id) == ["Birch"]
    assert names(manager="none") == ["Alder"]
    assert names(q="alder") == ["Alder"]
    assert names(q="Cedar") == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "dance"}, "kind"),
        ({"minutes": -1}, "minutes"),
        ({"minutes": 1441}, "minutes"),
        ({"happened_on": date(1999, 12, 31)}, "happened_on"),
        ({"happened_on": date(2027, 1, 1)}, "happened_on"),
        ({"note": "x" * 4001}, "note"),
    ],
)
def test_activities_that_cannot_be(cast: Cast, values: dict[str, Any], field: str) -> None:
    given = {"kind": "call", "minutes": 10, **values}
    with (
        time_machine.travel("2026-11-20T12:00:00Z", tick=False),
        program_scope(cast.program.pk),
        pytest.raises(FieldErrors) as refusal,
    ):
        log_activity(actor=cast.actor("ops"), partner=cast.alder, **given)
    assert list(refusal.value.errors) == [field]
    with program_scope(cast.program.pk):
        assert not Activity.objects.exists()
        assert not CellMark.objects.exists()


def test_an_activity_marks_its_month_and_uses_the_programs_day(cast: Cast) -> None:
    # Half past midnight in Berlin is still the day before in UTC.
    with time_machine.travel("2026-10-31T23:30:00Z", tick=False), program_scope(cast.program.pk):
        activity = log_activity(actor=cast.actor("ops"), partner=cast.alder, kind="call", minutes=10)
        assert activity.happened_on == date(2026, 11, 1)
        mark = CellMark.objects.get()
    assert (mark.partner_id, mark.since) == (cast.alder.pk, date(2026, 11, 1))


def test_a_sponsor_may_not_log(cast: Cast) -> None:
    with program_scope(cast.program.pk), pytest.raises(NotAllowed):
        log_activity(actor=cast.actor("sponsor"), partner=cast.alder, kind="call")


def test_a_visit_counts_once_a_day_and_only_for_partner_people(cast: Cast) -> None:
    def visit(who: str, side: Any) -> bool:
        with enter(cast.users[who], "northwind", side=side, through=Door.PORTAL) as place:
            return note_login(place)

    with time_machine.travel("2026-11-20T12:00:00Z", tick=False):
        assert [visit("alder_admin", "portal") for _ in range(2)] == [True, False]
        assert visit("alder_seller", "portal")
        assert not visit("leader", "workspace")
    with time_machine.travel("2026-11-21T12:00:00Z", tick=False):
        assert visit("alder_admin", "portal")
    with program_scope(cast.program.pk):
        assert (
            list(Activity.objects.order_by("pk").values_list("kind", "minutes", "partner_id"))
            == [("login", 0, cast.alder.pk)] * 3
        )


def test_the_charter_is_versioned_and_its_promise_reaches_partners(cast: Cast) -> None:
    browser = cast.client("leader")
    form = {**charter_data(cast), "rules_protected": "leader", "rules_appeal": "leader"}
    assert browser.post("/p/northwind/program/charter/", form).status_code == 302
    with program_scope(cast.program.pk):
        charter = charter_in_force()
        assert (charter.number, charter.signed_by, charter.protection_days) == (2, "Leader", 60)
        assert charter.authority == {"*": "sales_ops", "appeal": "leader", "protected": "leader"}
        assert Charter.objects.get(number=1).protection_days == 90
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        promise = promise_in_force()
    assert (promise.benefit, promise.decision_days) == ("We hold the customer for you.", 3)
    late = browser.post("/p/northwind/program/charter/", {**form, "decision_days": 9})
    assert late.status_code == 412
    wrong = browser.post("/p/northwind/program/charter/", {**form, "number": 2, "decision_days": 0})
    assert wrong.status_code == 422
    with program_scope(cast.program.pk):
        assert Charter.objects.count() == 2


def test_charter_refusals(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        with pytest.raises(NotAllowed):
            sign_charter(actor=cast.actor("manager"), expected_number=1, decision_days=3)
        with pytest.raises(Stale):
            sign_charter(actor=cast.actor("leader"), expected_number=7, decision_days=3)
        for authority in ({}, {"*": "rep"}, {"protected": "leader"}, {"*": "leader", "protected": "god"}):
            with pytest.raises(FieldErrors) as refusal:
                sign_charter(actor=cast.actor("leader"), expected_number=1, authority=authority)
            assert list(refusal.value.errors) == ["authority"]
        same = sign_charter(actor=cast.actor("leader"), expected_number=1, decision_days=2)
        assert (same.number, Charter.objects.count()) == (1, 1)


def test_a_token_is_shown_once_and_only_for_ones_own_seat(cast: Cast) -> None:
    browser = cast.client("alder_seller")
    made = browser.post("/portal/northwind/tokens/", {"name": "Our CRM"})
    secret = made.context["secret"]
    assert secret.startswith("prm_")
    assert secret in made.content.decode()
    assert secret not in browser.get("/portal/northwind/tokens/").content.decode()
    with program_scope(cast.program.pk), pytest.raises(NotAllowed):
        create_token(actor=cast.actor("leader"), seat=cast.seats["rep"], name="theirs")


def test_commands_make_a_program_a_token_and_an_invitation(db: None, capsys: Any) -> None:
    call_command(
        "create_program", "acme", "--name", "Acme", "--currency", "EUR", "--leader", "l@acme.example"
    )
    assert "Program acme is made" in capsys.readouterr().out
    call_command("create_token", "--program", "acme", "--email", "Bot@Acme.example")
    secret = capsys.readouterr().out.strip()
    headers = {"Authorization": f"Bearer {secret}"}
    me = Client().get("/api/v1/me/", headers=headers).json()
    assert (me["email"], me["seats"][0]["role"]) == ("bot@acme.example", "leader")
    made = Client().post(
        "/api/v1/programs/acme/partners/",
        json.dumps({"name": "Elm"}),
        content_type="application/json",
        headers=headers,
    )
    assert made.status_code == 201
    call_command("create_token", "--program", "acme", "--email", "p@elm.example", "--partner", "elm")
    theirs = {"Authorization": f"Bearer {capsys.readouterr().out.strip()}"}
    assert Client().get("/api/v1/me/", headers=theirs).json()["seats"][0]["role"] == "partner_admin"
    assert Client().get("/api/v1/programs/acme/partners/", headers=theirs).status_code == 403
    for wrong in (
        ("create_program", "acme", "--name", "Again", "--currency", "EUR"),
        ("create_program", "bad", "--name", "Bad", "--currency", "euro"),
        ("create_program", "bad", "--name", "Bad", "--currency", "EUR", "--timezone", "Mars/Base"),
        ("create_token", "--program", "none", "--email", "a@b.example"),
        ("create_token", "--program", "acme", "--email", "nonsense"),
        ("create_token", "--program", "acme", "--email", "a@b.example", "--partner", "none"),
        ("create_token", "--program", "acme", "--email", "bot@acme.example", "--partner", "elm"),
        ("invite", "--program", "acme", "--email", "x", "--role", "rep"),
        ("invite", "--program", "acme", "--email", "x@y.example", "--role", "partner_seller"),
    ):
        with pytest.raises(CommandError):
            call_command(*wrong)
    assert not User.objects.filter(email="a@b.example").exists()


def _grow(cast: Cast, rows: int, start: int) -> None:
    with program_scope(cast.program.pk):
        for n in range(start, start + rows):
            partner = Partner.objects.create(
                program=cast.program, name=f"P{n}", slug=f"p{n}", manager=cast.seats["manager"]
            )
            user = User.objects.create(email=f"p{n}@example.com", password="!")
            Seat.objects.create(program=cast.program, user=user, role="partner_seller", partner=partner)
            log_activity(actor=cast.actor("ops"), partner=partner, kind="call", minutes=5)


@pytest.mark.parametrize(
    "url",
    [
        "/p/northwind/partners/",
        "/p/northwind/partners/?sort=-last",
        "/p/northwind/partners/?format=csv",
        "/p/northwind/people/",
        "/p/northwind/activities/",
        "/api/v1/programs/northwind/partners/",
        "/api/v1/programs/northwind/people/",
        "/api/v1/programs/northwind/activities/",
    ],
)
def test_more_rows_cost_no_more_queries(cast: Cast, url: str) -> None:
    browser = cast.client("leader")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(url).status_code == 200
        return len(seen)

    _grow(cast, 3, 0)
    few = queries()
    _grow(cast, 27, 3)
    assert queries() == few
    assert few <= 23  # scope and savepoint statements included


def test_old_answers_are_forgotten(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        for days in (1, 8):
            StoredAnswer.objects.create(
                program=cast.program,
                user=cast.users["leader"],
                key=f"k{days}",
                fingerprint="f",
                status=201,
                created_at=clock.now() - timedelta(days=days),
            )
    assert forget_old_answers(program_id=cast.program.pk) == 1
    with program_scope(cast.program.pk):
        assert StoredAnswer.objects.get().key == "k1"
        assert not ApiToken.objects.exists()


def test_the_same_key_with_another_body_is_refused(cast: Cast) -> None:
    browser = cast.client("leader")

    def post(body: Any, key: str = "k") -> Any:
        return browser.post(
            "/api/v1/programs/northwind/partners/",
            json.dumps(body),
            content_type="application/json",
            headers={"Idempotency-Key": key},
        )

    assert post({"name": ""}).status_code == 422  # a refusal is not kept
    assert post({"name": "Elm", "country": "DE"}).status_code == 201
    again = post({"country": "DE", "name": "Elm"})
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    other = post({"name": "Oak"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert post({"name": "Oak"}, key="x" * 201).json()["code"] == "idempotency_key"
    with program_scope(cast.program.pk):
        assert Partner.objects.count() == 3
