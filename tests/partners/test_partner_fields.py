"""A partner's website and country: wrong ones are refused by screen and API, and nothing typed is lost."""

import json

import pytest

from partners.core.scope import program_scope
from partners.models import Partner
from tests.support.cast import Cast


@pytest.mark.parametrize(
    ("website", "status"),
    [("%%%", 422), ("no site", 422), ("zz.example", 302), ("https://zz.example/a", 302)],
)
def test_what_is_no_website_is_said_beside_it(cast: Cast, website: str, status: int) -> None:
    form = {"name": "Zz", "intent": "co_sell", "status": "active", "website": website}
    answer = cast.client("leader").post("/p/northwind/partners/new/", form)
    assert answer.status_code == status
    if status == 422:
        assert "Write it like acme.com, or leave it empty." in answer.content.decode()
        assert answer.context["form"]["website"].value() == website


def test_what_is_no_website_is_refused_by_api_too(cast: Cast) -> None:
    body = json.dumps({"name": "Zz", "website": "no site"})
    answer = cast.client("leader").post(
        "/api/v1/programs/northwind/partners/", body, content_type="application/json"
    )
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["website"])
    with program_scope(cast.program.pk):
        assert not Partner.objects.filter(name="Zz").exists()


def test_a_country_on_record_that_is_none_is_shown_and_not_lost(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        Partner.objects.filter(pk=cast.alder.pk).update(country="UK")
    url = f"/p/northwind/partners/{cast.alder.public_id}/edit/"
    client = cast.client("leader")
    form = client.get(url).context["form"]
    assert ("UK", "UK") in form.fields["country"].choices
    sent = {name: "" if value is None else value for name, value in form.initial.items()}
    refused = client.post(url, sent | {"country": "UK"})
    assert refused.status_code == 422
    assert "Give the country as two letters, such as DE." in refused.content.decode()
    with program_scope(cast.program.pk):
        assert Partner.objects.get(pk=cast.alder.pk).country == "UK"
    assert client.post(url, sent | {"country": "GB"}).status_code == 302
