"""Check a list: the same answers by command, by screen and by API, whatever happens to a worker."""

import csv
import io
import re
import threading
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from deals.lists import services as lists
from deals.lists.rules import list_columns
from deals.lists.services import forget_old_lists, run_list_check, upload_list, waiting_lists
from deals.models import Account, ListCheck, ListRow
from partners.core import clock
from partners.core.errors import NotAllowed, RuleBroken
from partners.core.scope import program_scope
from tests.deals.making import account

P = "/p/northwind/lists/"
API = "/api/v1/programs/northwind/lists/"
LIST = (
    b"Company;Web;Land\n"
    b"Corvane Materials GmbH;www.corvane.com;Germany\n"
    b"Corvane Materials;;\n"
    b"Nobody At All;nobody-at-all.example;FR\n"
)


def known(cast) -> Account:
    return account(cast, "Corvane Materials", "corvane.com", "DE", external_id="A-1")


def taken(cast, content: bytes = LIST, who: str = "ops") -> ListCheck:
    with program_scope(cast.program.pk):
        return upload_list(actor=cast.actor(who), name="fair.csv", stream=io.BytesIO(content))


def answered(cast, check: ListCheck) -> list[tuple[str, str, list[str]]]:
    run_list_check(check.pk, cast.program.pk)
    with program_scope(cast.program.pk):
        check.refresh_from_db()
        return [
            (row.query_id, row.band, [answer["account"] for answer in row.answers])
            for row in ListRow.objects.filter(check_list=check).order_by("number")
        ]


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (["query_id", "name", "domain_or_empty", "country"], (1, 0, 2, 3)),
        (["Website", "Company Name", "Country Code"], (1, None, 0, 2)),
        (["NAME"], (0, None, None, None)),
    ],
)
def test_columns_are_found_by_any_header(columns: list[str], found: tuple[int | None, ...]) -> None:
    seen = list_columns(columns)
    assert (seen.name, seen.id, seen.website, seen.country) == found


def test_a_list_without_names_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="No column holds the names"):
        list_columns(["Amount", "Stage"])


def test_each_row_is_answered_and_counted(cast) -> None:
    known(cast)
    check = taken(cast)
    assert (check.rows, check.done, check.finished_at) == (3, 0, None)
    found = answered(cast, check)
    assert [row[1] for row in found][::2] == ["same", "different"]
    assert found[1][1] in ("same", "possible")
    assert [row[2] for row in found] == [["A-1"], ["A-1"], []]
    assert check.finished_at is not None
    assert (check.done, check.same + check.possible) == (3, 2)
    with program_scope(cast.program.pk):
        assert waiting_lists() == []


def test_a_worker_that_dies_leaves_its_batch_to_the_next(cast, monkeypatch) -> None:
    known(cast)
    check = taken(cast)
    real, calls = lists.answers_for, []

    def dies(company):
        calls.append(company)
        if len(calls) == 2:
            raise SystemExit("killed")
        return real(company)

    monkeypatch.setattr(lists, "answers_for", dies)
    with pytest.raises(SystemExit):
        run_list_check(check.pk, cast.program.pk)
    with program_scope(cast.program.pk):
        check.refresh_from_db()
        assert (check.done, ListRow.objects.filter(answers__isnull=False).count()) == (0, 0)
        assert waiting_lists() == [check.pk]
    monkeypatch.undo()
    assert [row[2] for row in answered(cast, check)] == [["A-1"], ["A-1"], []]


def test_two_workers_answer_each_row_once(committed_cast) -> None:
    cast = committed_cast
    known(cast)
    check = taken(cast, b"name\n" + b"".join(b"Corvane Materials %d\n" % number for number in range(130)))

    def work() -> None:
        try:
            run_list_check(check.pk, cast.program.pk)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    with program_scope(cast.program.pk):
        check.refresh_from_db()
        assert (check.rows, check.done) == (130, 130)
        assert check.finished_at is not None
        assert not ListRow.objects.filter(answers__isnull=True).exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"name\n", "no rows"),
        (b"amount;stage\n1;2\n", "names"),
        (b"PK\x03\x04rubbish", "Excel"),
    ],
)
def test_what_cannot_be_used_keeps_nothing(cast, content: bytes, words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        taken(cast, content)
    with program_scope(cast.program.pk):
        assert (ListCheck.objects.count(), ListRow.objects.count()) == (0, 0)


def test_too_many_rows_keep_nothing(cast, monkeypatch) -> None:
    monkeypatch.setattr(lists, "MAX_ROWS", 2)
    with pytest.raises(RuleBroken, match="more than 2 rows"):
        taken(cast)
    with program_scope(cast.program.pk):
        assert ListCheck.objects.count() == 0


def test_who_may_not(cast) -> None:
    with pytest.raises(NotAllowed):
        taken(cast, who="rep")


def test_old_lists_are_forgotten(cast) -> None:
    check = taken(cast)
    with program_scope(cast.program.pk):
        assert forget_old_lists() == 0
        with clock.at(clock.now() + timedelta(days=31)):
            assert forget_old_lists() == 1
        assert not ListCheck.objects.filter(pk=check.pk).exists()


def test_the_command_writes_what_the_design_promises(committed_cast, tmp_path) -> None:
    known(committed_cast)
    source, out = tmp_path / "list.csv", tmp_path / "answers.csv"
    source.write_bytes(
        b"query_id,name,domain_or_empty,country\n"
        b"Q1,Corvane Materials GmbH,corvane.com,DE\nQ2,Nobody At All,,\nQ3,,,\n"
    )
    call_command("check_accounts", str(source), program="northwind", out=str(out), stdout=io.StringIO())
    with out.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["query_id", "rank", "account_id", "band", "score", "reasons"]
    assert [(row["query_id"], row["rank"], row["account_id"], row["band"]) for row in rows] == [
        ("Q1", "1", "A-1", "same")
    ]
    assert 0 < float(rows[0]["score"]) <= 1
    assert rows[0]["reasons"]


def test_the_command_says_what_is_wrong_and_leaves_the_old_answers(committed_cast, tmp_path) -> None:
    source, out = tmp_path / "list.csv", tmp_path / "answers.csv"
    source.write_bytes(b"amount\n3\n")
    out.write_text("as before")
    for arguments, words in (
        ({"program": "nowhere", "out": str(out)}, "no program"),
        ({"program": "northwind", "out": str(out)}, "names of the companies"),
        ({"program": "northwind", "out": str(tmp_path / "no" / "where.csv")}, "no folder"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("check_accounts", str(source), **arguments)
    assert out.read_text() == "as before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.csv", "list.csv"]


def test_by_screen_from_upload_to_csv(cast) -> None:
    known(cast)
    client = cast.client("manager")
    upload = io.BytesIO(LIST)
    upload.name = "fair.csv"
    answer = client.post(P, {"file": upload})
    with program_scope(cast.program.pk):
        check = ListCheck.objects.get()
    assert answer["Location"] == f"{P}{check.public_id}/"
    watching = client.get(f"{P}{check.public_id}/?watch=1", headers={"HX-Request": "true"})
    assert "being checked" in watching.content.decode()
    answered(cast, check)
    done = client.get(f"{P}{check.public_id}/?watch=1", headers={"HX-Request": "true"})
    assert done["HX-Refresh"] == "true"
    page = client.get(f"{P}{check.public_id}/?band=same").content.decode()
    assert ("Corvane Materials GmbH" in page, "Nobody At All" in page) == (True, False)
    everything = client.get(f"{P}{check.public_id}/").content.decode()
    assert "nobody-at-all.example · France</span>" in everything  # FR in the file
    assert "row 2 · " in everything
    beside = re.search(r"<li><a [^>]*>Corvane Materials</a> <span[^>]*>([^<]*)", everything)
    assert beside is not None
    assert "same website" in beside[1]  # each account has its own reason
    told = client.get(f"{P}{check.public_id}/?format=csv").getvalue().decode("utf-8-sig")
    assert {row["account_id"] for row in csv.DictReader(io.StringIO(told))} == {"A-1"}
    client.post(f"{P}{check.public_id}/discard/")
    with program_scope(cast.program.pk):
        assert ListRow.objects.count() == 0
    wrong = client.post(P, {"file": io.BytesIO(b"amount\n1\n")})
    assert (wrong.status_code, "names of the companies" in wrong.content.decode()) == (422, True)


def test_countries_are_shown_as_they_were_read(cast) -> None:
    check = taken(cast, b"Company;Land\nCorvane;Deutschland\nNobody;Klingon\n")
    shown = cast.client("ops").get(f"{P}{check.public_id}/").content.decode()
    assert "row 2 · Germany</span>" in shown
    assert "row 3 · “Klingon”, no country we know</span>" in shown


def test_by_api(cast) -> None:
    known(cast)
    client = cast.client("ops")
    body = {"name": "Fair", "rows": [{"id": "x", "name": "Corvane Materials", "website": "corvane.com"}]}
    made = client.post(API, body, content_type="application/json")
    assert (made.status_code, made.json()["rows"]) == (201, 1)
    one = f"{API}{made.json()['id']}/"
    assert client.get(f"{one}rows/").json()["results"][0]["answers"] is None
    with program_scope(cast.program.pk):
        check = ListCheck.objects.get()
    answered(cast, check)
    assert client.get(one).json()["same"] == 1
    said = client.get(f"{one}rows/").json()
    assert said["next"] is None
    assert [(row["id"], row["answers"][0]["account"]) for row in said["results"]] == [("x", "A-1")]
    assert client.get(f"{one}rows/?cursor=zzz").status_code == 422
    assert client.post(API, {"rows": []}, content_type="application/json").status_code == 422
    assert client.delete(one).status_code == 204
