"""Several deals at once: a table read, looked at, registered row by row, and sent again."""

import csv
import io
import json
from datetime import date, timedelta
from typing import Any

import pytest

from deals.models import Registration
from deals.registrations.rules.several import Home, read_again, read_several, row_id, written
from deals.rules.lifecycle import State
from deals.tabular.reader import TableError
from partners.core import clock
from partners.core.scope import program_scope
from tests.deals.making import account, claim

PORTAL = "/portal/northwind/deals/several/"
API = "/api/v1/programs/northwind/registrations/several/"
HOME = Home(currency="EUR", zone="Europe/Berlin", today=date(2026, 10, 1), offerings={"Platform": 7})
HEAD = "Company,Domain,Land,Deal Amount,Currency,Close Date,Product,Comments\n"


def read(body: str, home: Home = HOME) -> Any:
    return read_several((HEAD + body).encode(), home)


def wrong(body: str, home: Home = HOME) -> list[list[tuple[str, str]]]:
    return [entry.wrong for entry in read(body, home).entries]


def test_usual_headers_and_ways_of_writing_are_read() -> None:
    text = (
        "Customer;Website;Country;Expected amount;Expected close;Colour\n"
        "Löwe GmbH;https://loewe.de/x;Deutschland;25.000,50 €;31.12.2026;red\n"
    )
    several = read_several(text.encode("cp1252"), HOME)
    (entry,) = several.entries
    assert entry.wrong == []
    assert (entry.claim.customer_name, entry.claim.country) == ("Löwe GmbH", "DE")
    assert (str(entry.claim.amount), entry.claim.currency) == ("25000.50", "EUR")
    assert (entry.claim.expected_close, entry.claim.offering_id) == (date(2026, 12, 31), 7)
    assert any("Windows-1252" in note for note in several.notes)
    assert "Not used: Colour." in several.notes


def test_each_problem_is_named_by_row_and_column() -> None:
    several = read(
        "Acme,acme.com,DE,100,EUR,2027-01-05,Platform,\n"
        "\n"
        ",nowhere,Atlantis,lots,XXQ,2020-01-01,Boat,\n"
        "Short,row.com\n"
    )
    good, bad, short = several.entries
    assert (good.number, good.wrong) == (2, [])
    assert bad.number == 4
    assert [column for column, _ in bad.wrong] == [
        *("Company", "Domain", "Land", "Deal Amount", "Currency", "Close Date", "Product"),
    ]
    assert "“Atlantis”" in bad.said
    assert short.number == 5
    assert "2 cells where the header has 8" in short.said


def test_an_amount_that_contradicts_its_currency_is_refused() -> None:
    ((problem,),) = wrong("Acme,,DE,£100,USD,2027-01-05,,\n")
    assert problem == ("Currency", "The amount is in GBP and this says USD.")


def test_the_offering_must_be_named_when_there_are_several() -> None:
    two = Home("EUR", "UTC", HOME.today, {"Platform": 7, "Add-on": 8})
    missing, known = read("A1,,DE,1,,2027-01-05,,\nB1,,DE,1,,2027-01-05,add on,\n", two).entries
    assert [column for column, _ in missing.wrong] == ["Product"]
    assert (known.wrong, known.claim.offering_id) == ([], 8)


def test_a_row_said_twice_is_one_deal() -> None:
    row = "Acme,acme.com,DE,100,EUR,2027-01-05,,\n"
    assert wrong(row + row) == [[], [("", "This is row 2 once more.")]]


def test_what_was_written_is_read_again_alike() -> None:
    several = read(
        'Acme,acme.com,DE,100,EUR,2027-01-05,,"two\r\nlines; and ""quotes"""\n'
        "\n\nShort,row.com\nLong,,DE,1,,2027-01-05,,,more\n=1+1,,DE,1,,2027-01-05,,\n"
    )
    again = read_again(written(several), HOME)
    assert [(row.number, row.claim, row.said) for row in again.entries] == [
        (row.number, row.claim, row.said) for row in several.entries
    ]
    assert len(again.right) == 2
    corrected = read_several(written(several, only_wrong=True).encode(), HOME)
    assert len(corrected.entries) == 2


def test_cells_that_do_not_fit_are_not_dropped_by_correcting_another_row() -> None:
    several = read("Acme,,DE,25,000,EUR,2027-01-05,,a note\n")
    again = read_several(written(several, reasons=False).encode(), HOME)
    assert "9 cells where the header has 8" in again.entries[0].said


def test_before_registering_the_form_keeps_all_rows_and_after_it_the_others(cast) -> None:
    client = cast.client("alder_seller")
    page = look(client, table())
    again = look(client, page.context["form"]["text"].value(), page.context["key"])
    assert [len(again.context["several"].right), len(again.context["several"].amiss)] == [2, 1]
    done = send(client, again)
    left = look(client, done.context["form"]["text"].value(), done.context["key"])
    assert [entry.claim.customer_name for entry in left.context["several"].entries] == ["Broken"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,b\n1,2\n", "No column holds the customers"),
        ("customer,country\n", "no row under it"),
        ("customer\n" + "x\n" * 101, "At most 100 deals"),
        ('customer,country\n"open,DE\n', "never closed"),
        ("{}", "JSON"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(text: str, sentence: str) -> None:
    with pytest.raises(TableError, match=sentence):
        read_several(text.encode(), HOME)


def test_the_id_of_a_row_depends_on_key_partner_and_content() -> None:
    told = claim()
    ids = {
        row_id("k", 1, told),
        row_id("k", 1, told),
        row_id("l", 1, told),
        row_id("k", 2, told),
        row_id("k", 1, claim(note="x")),
    }
    assert len(ids) == 4
    assert {len(one) for one in ids} == {14}


def rows(cast) -> list[Registration]:
    with program_scope(cast.program.pk):
        return list(Registration.objects.order_by("pk"))


def later() -> str:
    return (clock.now() + timedelta(days=30)).date().isoformat()


def table() -> str:
    return (
        "customer,website,country,amount,expected close\n"
        f"Quillmark Robotics,quillmark-robotics.com,DE,25000,{later()}\n"
        f"Broken,,DE,lots,{later()}\n"
        f"Fernhill Logistics,fernhill-logistics.com,GB,900,{later()}\n"
    )


def look(client: Any, text: str, key: str = "abcdefghjkmnpq") -> Any:
    return client.post(PORTAL, {"text": text, "key": key})


def send(client: Any, page: Any, act: str = "register") -> Any:
    return client.post(PORTAL, {"text": page.context["text"], "key": page.context["key"], "act": act})


def test_looking_writes_nothing_and_registering_keeps_what_is_right(cast) -> None:
    client = cast.client("alder_seller")
    page = look(client, table())
    assert page.status_code == 200
    assert rows(cast) == []
    text = page.content.decode()
    assert "Register 2 deals" in text
    assert "<b>amount:</b> “lots” is not an amount." in text
    done = send(client, page)
    assert [(row.customer_name, row.state) for row in rows(cast)] == [
        ("Quillmark Robotics", State.APPROVED),
        ("Fernhill Logistics", State.APPROVED),
    ]
    assert {row.partner_id for row in rows(cast)} == {cast.alder.pk}
    assert done.content.decode().count("We hold the customer for you until ") == 2
    assert [entry.number for entry, _ in done.context["done"]] == [2, 4]
    assert [entry.number for entry in done.context["several"].amiss] == [3]


def test_an_uploaded_file_is_looked_at_too(cast) -> None:
    file = io.BytesIO(table().encode("utf-16"))
    file.name = "deals.csv"
    page = cast.client("alder_seller").post(PORTAL, {"file": file, "key": "abcdefghjkmnpq"})
    assert [entry.number for entry in page.context["several"].right] == [2, 4]


def test_sent_twice_registers_once_also_after_a_correction(cast) -> None:
    client = cast.client("alder_seller")
    page = look(client, table())
    first, second = send(client, page), send(client, page)
    assert [row.pk for _, row in first.context["done"]] == [row.pk for _, row in second.context["done"]]
    corrected = look(client, table().replace("lots", "5"), page.context["key"])
    send(client, corrected)
    assert [row.customer_name for row in rows(cast)] == ["Quillmark Robotics", "Fernhill Logistics", "Broken"]


def test_a_row_that_is_refused_late_takes_no_other_with_it(cast) -> None:
    """The customer of the second row stands in review: the first and third are as they would be alone."""
    account(cast, "Quillmark Robotics", "quillmark-robotics.com", "DE", is_customer=True)
    client = cast.client("alder_seller")
    done = send(client, look(client, table()))
    assert [row.state for _, row in done.context["done"]] == [State.IN_REVIEW, State.APPROVED]
    assert "Our answer" in done.content.decode()


def test_another_partner_with_the_same_rows_and_key_learns_nothing(cast) -> None:
    alder, birch = cast.client("alder_seller"), cast.client("birch_admin")
    send(alder, look(alder, table()))
    page = look(birch, table())
    assert len(page.context["several"].right) == 2
    done = send(birch, page)
    mine = [row for _, row in done.context["done"]]
    assert {row.partner_id for row in mine} == {cast.birch.pk}
    assert {row.state for row in mine} == {State.IN_REVIEW}
    assert "Alder" not in done.content.decode()


def test_rows_to_correct_are_given_back_harmless(cast) -> None:
    client = cast.client("alder_seller")
    text = f'customer,country,amount,expected close\n"=HYPERLINK(""x"")",DE,lots,{later()}\n'
    page = look(client, text)
    assert "<script" not in page.context["text"]
    answer = send(client, page, "download")
    head, row = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert head == ["customer", "country", "amount", "expected close", "what is wrong"]
    assert (row[0], row[-1]) == ('\'=HYPERLINK("x")', "amount: “lots” is not an amount.")
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("act", ["", "register", "download", "other"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "customer",
        "nul\x00,customer\n1,2",
        'customer\n"',
        "customer,country,amount\n<script>alert(1)</script>,DE,1e400\n\u202e,XX,NaN",
        "customer,what is wrong\nA,",
        "{}",
    ],
)
def test_hostile_text_is_refused_in_words(cast, act: str, text: str) -> None:
    answer = cast.client("alder_seller").post(PORTAL, {"text": text, "key": "'--", "act": act})
    assert answer.status_code in (200, 422)
    assert "<script>alert" not in answer.getvalue().decode() or act == "download"
    assert rows(cast) == []


def test_the_template_can_be_sent_back_as_it_is(cast) -> None:
    client = cast.client("alder_seller")
    template = client.get(PORTAL, {"format": "csv"}).getvalue().decode("utf-8-sig")
    assert len(look(client, template).context["several"].right) == 1


def told(**changes: object) -> dict[str, object]:
    values: dict[str, object] = {
        "customer_name": "Fernhill Logistics Ltd",
        "country": "United Kingdom",
        "amount": "12000.50",
        "expected_close": later(),
    }
    return values | changes


def call(client: Any, body: object, **headers: str) -> Any:
    return client.post(API, json.dumps(body), content_type="application/json", headers=headers)


def test_the_api_answers_each_row(cast) -> None:
    body = {
        "rows": [
            told(),
            told(amount="x"),
            told(customer_name="Quillmark"),
            told(colour="red"),
            told(country=""),
        ]
    }
    answer = call(cast.client("alder_seller"), body)
    assert answer.status_code == 207, answer.content
    said = answer.json()
    assert (said["registered"], said["refused"]) == (2, 3)
    assert [row["status"] for row in said["rows"]] == [201, 422, 201, 422, 422]
    assert said["rows"][0]["registration"]["state"] == "approved"
    assert said["rows"][1]["problem"]["errors"][0]["field"] == "amount"
    assert said["rows"][3]["problem"]["code"] == "unknown_field"
    assert said["rows"][4]["problem"]["errors"][0]["field"] == "country"
    assert len(rows(cast)) == 2


def test_the_same_key_registers_the_rows_once(cast) -> None:
    client = cast.client("alder_seller")
    body = {"rows": [told(), told(customer_name="Quillmark")]}
    first = call(client, body, **{"Idempotency-Key": "k1"})
    again = call(client, body, **{"Idempotency-Key": "k1"})
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(rows(cast)) == 2


def test_the_api_takes_a_hundred_rows_and_staff_name_the_partner(cast) -> None:
    assert call(cast.client("alder_seller"), {"rows": [told()] * 101}).status_code == 422
    assert call(cast.client("alder_seller"), {"rows": []}).status_code == 422
    leader = cast.client("leader")
    assert call(leader, {"rows": [told()]}).status_code == 422
    assert rows(cast) == []
    assert call(leader, {"rows": [told()], "partner": cast.birch.public_id}).status_code == 207
    assert [row.partner_id for row in rows(cast)] == [cast.birch.pk]
