"""A partner's person registers deals in the portal."""

from datetime import timedelta

import pytest
import time_machine

from deals.models import Registration
from deals.rules.lifecycle import State
from partners.core import clock
from partners.core.scope import program_scope
from partners.models import Activity, Offering
from tests.deals.making import account, registered

PORTAL = "/portal/northwind/"


def form(**changes: object) -> dict[str, object]:
    values: dict[str, object] = {
        "customer_name": "Quillmark Robotics",
        "website": "quillmark-robotics.com",
        "country": "DE",
        "amount": "25,000.50",
        "currency": "EUR",
        "expected_close": (clock.now() + timedelta(days=30)).date().isoformat(),
        "note": "",
        "key": "abcdefghjkmnpq",
    }
    return values | changes


def rows(cast) -> list[Registration]:
    with program_scope(cast.program.pk):
        return list(Registration.objects.order_by("pk"))


def test_the_form_states_the_benefit_and_the_deadline_and_asks_for_no_more_than_six(cast) -> None:
    page = cast.client("alder_seller").get(PORTAL + "deals/new/")
    text = page.content.decode()
    assert "An approved registration holds the customer for you" in text
    assert "within 2 business days" in text
    assert "protected for 90 days" in text
    required = [field.name for field in page.context["form"] if field.field.required]
    assert required == ["customer_name", "country", "amount", "expected_close"]


def test_a_deal_is_registered_and_the_page_says_what_is_next(cast) -> None:
    client = cast.client("alder_seller")
    answer = client.post(PORTAL + "deals/new/", form(), follow=True)
    (row,) = rows(cast)
    assert answer.redirect_chain == [(f"{PORTAL}deals/{row.public_id}/", 302)]
    assert (row.state, str(row.amount)) == (State.APPROVED, "25000.50")
    page = answer.content.decode()
    assert "90 days left" in page
    assert "Germany" in page


def test_a_form_sent_twice_leads_to_the_same_deal(cast) -> None:
    client = cast.client("alder_seller")
    first = client.post(PORTAL + "deals/new/", form())
    second = client.post(PORTAL + "deals/new/", form())
    assert first.url == second.url
    assert len(rows(cast)) == 1


def test_wrong_input_is_named_beside_its_field_and_nothing_is_lost(cast) -> None:
    client = cast.client("alder_seller")
    typed = form(amount="lots", country="", customer_name="<b>Löwe & Söhne</b>")
    answer = client.post(PORTAL + "deals/new/", typed)
    assert answer.status_code == 422
    assert sorted(answer.context["form"].errors) == ["amount", "country"]
    text = answer.content.decode()
    assert 'value="&lt;b&gt;Löwe &amp; Söhne&lt;/b&gt;"' in text
    assert 'value="lots"' in text
    assert rows(cast) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"customer_name": "a\x00b"},
        {"customer_name": "x" * 300},
        {"website": "http://[::1"},
        {"website": "javascript:alert(1)"},
        {"country": "'; DROP TABLE"},
        {"amount": "NaN"},
        {"amount": "1e400"},
        {"amount": "-5"},
        {"amount": "٣٤.٥٥٥"},
        {"currency": "XXXX"},
        {"expected_close": "0000-00-00"},
        {"expected_close": "9999-12-31"},
        {"note": "y" * 5000},
        {"version": "99999999999999999999"},
    ],
)
def test_hostile_input_is_refused_without_an_error(cast, changes) -> None:
    answer = cast.client("alder_seller").post(PORTAL + "deals/new/", form(**changes))
    assert answer.status_code in (422, 302)
    if answer.status_code == 422:
        assert rows(cast) == []


@pytest.mark.parametrize(
    "name", ["=HYPERLINK(1)", "<script>alert(1)</script>", "\u202etxt.exe", "Ω≈ç√∫", "O'Neil; --"]
)
def test_hostile_names_are_kept_and_harmless(cast, name) -> None:
    client = cast.client("alder_seller")
    client.post(PORTAL + "deals/new/", form(customer_name=name, website=""))
    (row,) = rows(cast)
    assert row.customer_name == name
    page = client.get(PORTAL + f"deals/{row.public_id}/").content.decode()
    assert "<script>alert" not in page
    sheet = client.get(PORTAL + "deals/?format=csv").getvalue().decode("utf-8-sig").splitlines()[1]
    assert ",=HYPERLINK" not in sheet
    assert sheet.count("'=HYPERLINK") == name.count("=HYPERLINK")


def test_a_draft_is_saved_changed_and_registered(cast) -> None:
    client = cast.client("alder_seller")
    client.post(PORTAL + "deals/new/", form(amount="", country="", draft="1"))
    (row,) = rows(cast)
    assert (row.state, row.amount, row.claimed_at) == (State.DRAFT, None, None)
    edit = PORTAL + f"deals/{row.public_id}/edit/"
    assert 'value="Quillmark Robotics"' in client.get(edit).content.decode()
    refused = client.post(edit, form(amount="", version=row.version))
    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["amount"]
    done = client.post(edit, form(version=refused.context["form"]["version"].value()))
    assert done.status_code == 302
    (row,) = rows(cast)
    assert row.state == State.APPROVED
    assert client.get(edit).status_code == 302


def test_a_refused_submission_keeps_what_was_typed_in_the_draft(cast) -> None:
    client = cast.client("alder_seller")
    client.post(PORTAL + "deals/new/", form(draft="1"))
    (row,) = rows(cast)
    with time_machine.travel(clock.now() + timedelta(days=3), tick=False):
        gone = (clock.now() - timedelta(days=1)).date().isoformat()
        edit = PORTAL + f"deals/{row.public_id}/edit/"
        answer = client.post(edit, form(expected_close=gone, version=row.version))
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == ["expected_close"]


def test_a_draft_somebody_else_changed_is_not_overwritten(cast) -> None:
    client = cast.client("alder_seller")
    client.post(PORTAL + "deals/new/", form(draft="1"))
    (row,) = rows(cast)
    edit = PORTAL + f"deals/{row.public_id}/edit/"
    client.post(edit, form(draft="1", note="mine", version=row.version))
    answer = client.post(edit, form(draft="1", note="theirs", version=row.version))
    assert answer.status_code == 422
    assert "Somebody changed this" in answer.content.decode()
    assert rows(cast)[0].note == "mine"


def test_the_offering_is_asked_for_only_when_there_are_several(cast) -> None:
    client = cast.client("alder_seller")
    assert "offering" not in client.get(PORTAL + "deals/new/").context["form"].fields
    with program_scope(cast.program.pk):
        second = Offering.objects.create(program=cast.program, name="Second")
    assert "offering" in client.get(PORTAL + "deals/new/").context["form"].fields
    assert client.post(PORTAL + "deals/new/", form()).status_code == 422
    client.post(PORTAL + "deals/new/", form(offering=second.public_id))
    assert rows(cast)[0].offering_id == second.pk


def test_a_claim_in_review_shows_until_when(cast) -> None:
    account(cast, "Quillmark Robotics", "quillmark-robotics.com", "DE", is_customer=True)
    row = registered(cast)
    client = cast.client("alder_admin")
    page = client.get(PORTAL + f"deals/{row.public_id}/").content.decode()
    assert "You have our answer by" in page
    assert "nothing you need to do" in page
    home = client.get(PORTAL).content.decode()
    assert "We answer on" in home


def test_withdrawing_needs_the_version_that_was_seen(cast) -> None:
    row = registered(cast)
    client = cast.client("alder_seller")
    url = PORTAL + f"deals/{row.public_id}/withdraw/"
    for version, status in (("", 409), ("x", 409), (row.version - 1, 412), ("9" * 30, 409)):
        assert client.post(url, {"version": version}).status_code == status
    assert rows(cast)[0].state == State.APPROVED
    assert client.post(url, {"version": row.version}).status_code == 302
    assert rows(cast)[0].state == State.WITHDRAWN


def test_a_visit_counts_as_participation_once_a_day(cast) -> None:
    client = cast.client("alder_seller")
    client.get(PORTAL)
    client.get(PORTAL)
    with program_scope(cast.program.pk):
        assert Activity.objects.filter(kind="login").count() == 1


def test_the_home_of_a_new_partner_teaches(cast) -> None:
    text = cast.client("birch_admin").get(PORTAL).content.decode()
    assert "Nothing is promised at present" in text
    assert "Register a deal" in text


@pytest.mark.parametrize("page", ["", "deals/"])
def test_pages_cost_the_same_with_three_deals_and_with_thirty(
    cast, django_assert_max_num_queries, page
) -> None:
    client = cast.client("alder_seller")
    client.get(PORTAL + page)

    def cost() -> int:
        with django_assert_max_num_queries(40) as seen:
            client.get(PORTAL + page)
        return len(seen.captured_queries)

    for number in range(3):
        registered(cast, customer_name=f"Customer {number} {chr(97 + number) * 7}", website="")
    few = cost()
    for number in range(3, 15):
        registered(cast, customer_name=f"Customer {number} {chr(97 + number) * 7}", website="")
    assert cost() == few
