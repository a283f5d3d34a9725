"""The workspace's pages of deals."""

import csv
import io
from decimal import Decimal

import pytest

from deals.models import Conflict, Opportunity, Registration, Ruling
from deals.rules.lifecycle import State
from partners.core.scope import program_scope
from partners.models import Charter
from tests.deals.making import account, direct_opportunity, registered

P = "/p/northwind/"
FERNHILL = {"customer_name": "Fernhill Logistics Ltd", "website": "fernhill-logistics.com", "country": "GB"}


def waiting(cast, **fields) -> Conflict:
    account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", is_customer=True, **fields)
    registered(cast, **FERNHILL)
    with program_scope(cast.program.pk):
        return Conflict.objects.get()


def ruling(**changes: object) -> dict[str, object]:
    with_version: dict[str, object] = {
        "outcome": "uphold_incumbent",
        "reason": "existing_customer",
        "note": "Customer since 2021.",
        "sentence": "",
        "account": "",
        "version": 1,
    }
    return with_version | changes


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def test_the_list_is_searched_filtered_sorted_and_downloaded(cast) -> None:
    registered(cast, **FERNHILL)
    registered(cast, "birch_admin", customer_name="=cmd|' /C calc'!A0", website="", amount=Decimal(5))
    client = cast.client("manager")
    assert "Fernhill" in client.get(P + "deals/?q=fernhill&state=approved&sort=-amount").content.decode()
    assert "Fernhill" not in client.get(P + f"deals/?partner={cast.birch.public_id}").content.decode()
    assert "No registration matches" in client.get(P + "deals/?q=%00%00zzz").content.decode()
    rows = rows_of(client.get(P + "deals/?format=csv&sort=amount"))
    assert [row["customer"] for row in rows] == ["'=cmd|' /C calc'!A0", "Fernhill Logistics Ltd"]
    assert rows[1]["partner"] == "Alder Consulting"


@pytest.mark.parametrize("page", ["deals/", "conflicts/", "accounts/", "opportunities/"])
@pytest.mark.parametrize(
    "query",
    ["", "?page=99999999999999999999", "?page=x", "?sort='; --", "?q=%ff%fe", "?state=%00", "?kind=a&flag=b"],
)
def test_any_query_gets_a_page(cast, page, query) -> None:
    assert cast.client("leader").get(P + page + query).status_code == 200


@pytest.mark.parametrize(
    ("page", "lesson"),
    [
        ("deals/", "in under a minute"),
        ("conflicts/", "Everything else is approved at once"),
        ("accounts/", "Load them from your CRM"),
        ("opportunities/", "registrations that are approved"),
    ],
)
def test_an_empty_list_teaches(cast, page, lesson) -> None:
    assert lesson in cast.client("leader").get(P + page).content.decode()


def test_staff_register_for_a_partner_and_only_who_may(cast) -> None:
    form = {
        **FERNHILL,
        "partner": cast.birch.public_id,
        "amount": "5000",
        "currency": "EUR",
        "expected_close": "2027-01-31",
        "key": "abcdefghjkmnpq",
    }
    assert cast.client("ops").post(P + "deals/new/", form).status_code == 403
    client = cast.client("manager")
    assert client.post(P + "deals/new/", form | {"partner": cast.cedar.public_id}).status_code == 422
    assert client.post(P + "deals/new/", form).status_code == 302
    with program_scope(cast.program.pk):
        row = Registration.objects.get()
        assert (row.partner, row.submitted_by) == (cast.birch, "Manager")
    page = client.get(P + f"deals/{row.public_id}/").content.decode()
    assert "Birch Systems holds the customer" in page


def test_the_case_shows_the_claim_the_evidence_and_who_may_rule(cast) -> None:
    found = waiting(cast, owner_name="Ada Reed")
    page = cast.client("ops").get(P + f"conflicts/{found.public_id}/").content.decode()
    for told in (
        "Alder Consulting",
        "Existing customer",
        "Ada Reed",
        "same website",
        "Decide",
        "Working time left",
    ):
        assert told in page, told
    page = cast.client("manager").get(P + f"conflicts/{found.public_id}/").content.decode()
    assert "Not yours to decide" in page
    assert "Decide" not in page


def test_a_ruling_by_screen_sends_the_usual_sentence_when_none_is_written(cast) -> None:
    found = waiting(cast)
    client, url = cast.client("ops"), P + f"conflicts/{found.public_id}/rule/"
    assert client.post(url, ruling()).status_code == 302
    with program_scope(cast.program.pk):
        row = Registration.objects.get()
        assert row.state == State.DECLINED
        assert row.sentence.startswith("This customer is not open for registration")
    decided = client.get(P + "conflicts/?show=decided").content.decode()
    assert "Keep with current owner" in decided
    assert "What was decided, with the ruling that stands." in decided
    assert ">Clear</a>" not in decided
    searched = client.get(P + "conflicts/?show=decided&q=nobody").content.decode()
    assert '<a class="button button-quiet" href="?show=decided">Clear</a>' in searched
    assert client.get(P + f"conflicts/{found.public_id}/").status_code == 200
    assert client.post(url, ruling()).status_code == 409


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"outcome": ""}, "outcome"),
        ({"reason": ""}, "reason"),
        ({"reason": "partner_first"}, "reason"),
        ({"note": ""}, "note"),
        ({"note": "a\x00b"}, "note"),
        ({"sentence": "Birch Systems was first."}, "sentence"),
        ({"account": "someone"}, "account"),
        ({"version": "x"}, "version"),
        ({"version": 7}, "__all__"),
    ],
)
def test_a_ruling_that_cannot_be_is_said_beside_its_field(cast, changes, field) -> None:
    found = waiting(cast)
    answer = cast.client("ops").post(P + f"conflicts/{found.public_id}/rule/", ruling(**changes))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert "Customer since 2021." in answer.content.decode() or field == "note"
    with program_scope(cast.program.pk):
        assert not Ruling.objects.exists()
        assert Registration.objects.get().state == State.IN_REVIEW


def test_the_charters_role_is_asked_at_the_case(cast) -> None:
    found = waiting(cast)
    with program_scope(cast.program.pk):
        Charter.objects.create(
            program=cast.program, number=2, benefit="Ten characters.", authority={"*": "partner_manager"}
        )
    url = P + f"conflicts/{found.public_id}/rule/"
    assert cast.client("ops").post(url, ruling()).status_code == 403
    assert cast.client("manager").post(url, ruling()).status_code == 302


def test_a_rep_sees_only_cases_of_their_own(cast) -> None:
    found = waiting(cast)
    client = cast.client("rep")
    assert client.get(P + f"conflicts/{found.public_id}/").status_code == 404
    assert "Fernhill" not in client.get(P + "conflicts/").content.decode()
    with program_scope(cast.program.pk):
        owned = found.account
        owned.owner = cast.seats["rep"]
        owned.save_fields("owner")
    assert client.get(P + f"conflicts/{found.public_id}/").status_code == 200


def test_the_account_page_explains_its_keys(cast) -> None:
    known = account(cast, "Fernhill <Logistics> Ltd", "fernhill-logistics.com", "GB")
    page = cast.client("rep").get(P + f"accounts/{known.public_id}/").content.decode()
    assert "How a claim finds it" in page
    assert "fernhilllogistics" in page
    assert "<Logistics>" not in page


def test_an_opportunity_is_closed_by_screen(cast) -> None:
    deal = direct_opportunity(cast, account(cast, "Fernhill", "fernhill.com", "GB"))
    url = P + f"opportunities/{deal.public_id}/"
    assert "Stage history" in cast.client("rep").get(url).content.decode()
    assert cast.client("manager").post(url + "close/", {"state": "won"}).status_code == 403
    client = cast.client("ops")
    assert client.post(url + "close/", {"state": "won", "closed_on": "1999-01-01"}).status_code == 422
    assert client.post(url + "close/", {"state": "open"}).status_code == 422
    assert client.post(url + "close/", {"state": "lost", "version": deal.version}).status_code == 302
    with program_scope(cast.program.pk):
        assert Opportunity.objects.get().state == "lost"


def test_withdrawing_for_a_partner(cast) -> None:
    row = registered(cast, **FERNHILL)
    url = P + f"deals/{row.public_id}/withdraw/"
    assert cast.client("ops").post(url, {"version": row.version}).status_code == 403
    client = cast.client("manager")
    assert client.post(url, {"version": ""}).status_code == 409
    assert client.post(url, {"version": row.version}).status_code == 302
    assert "Withdrawn" in client.get(P + f"deals/{row.public_id}/").content.decode()


@pytest.mark.parametrize("page", ["deals/", "conflicts/", "accounts/", "opportunities/"])
def test_lists_cost_the_same_for_three_rows_and_for_many(cast, django_assert_max_num_queries, page) -> None:
    client = cast.client("leader")
    client.get(P + page)

    def cost() -> int:
        with django_assert_max_num_queries(15) as seen:
            client.get(P + page)
        return len(seen.captured_queries)

    def some(numbers: range) -> None:
        for number in numbers:
            name = f"{chr(97 + number) * 6} works"
            account(cast, name, f"{name[:6]}.com", "DE", is_named=bool(number % 2))
            registered(cast, customer_name=name, website=f"{name[:6]}.com", country="DE")

    some(range(4))
    few = cost()
    some(range(4, 14))
    assert cost() == few
