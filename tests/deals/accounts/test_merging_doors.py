"""Merging by screen and by API: the same service, the same refusals."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from deals.models import Account, AccountMerge
from partners.core.scope import program_scope
from tests.deals.making import account, direct_opportunity

P = "/p/northwind/accounts/"
API = "/api/v1/programs/northwind/accounts/"


def pair(cast) -> tuple[Account, Account]:
    kept = account(cast, "Corvane Materials", "corvane.com", "DE")
    return kept, account(cast, "Corvane Materials GmbH", "corvane-materials.de", "DE")


def merges(cast) -> int:
    with program_scope(cast.program.pk):
        return AccountMerge.objects.filter(undone_at__isnull=True).count()


def test_it_is_chosen_confirmed_and_undone_on_the_page(cast) -> None:
    kept, gone = pair(cast)
    client = cast.client("ops")
    page = client.get(f"{P}{gone.public_id}/merge/").content.decode()
    assert f'value="{kept.public_id}"' in page
    assert f'value="{gone.public_id}"' not in page
    assert kept.public_id not in client.get(f"{P}{gone.public_id}/merge/?q=nowhere").content.decode()
    answer = client.post(f"{P}{gone.public_id}/merge/", {"into": kept.public_id, "version": 1}, follow=True)
    assert answer.redirect_chain[-1][0] == f"{P}{kept.public_id}/"
    assert "Undo the merge" in answer.content.decode()
    assert "Undo the merge" not in cast.client("rep").get(f"{P}{kept.public_id}/").content.decode()
    away = client.get(f"{P}{gone.public_id}/").content.decode()
    assert (
        away.index("This account was merged") < away.index("What the customer chose") < away.index("Part of")
    )
    assert "No opportunities" not in away
    client.post(f"{P}{gone.public_id}/unmerge/")
    assert merges(cast) == 0
    assert client.post(f"{P}{gone.public_id}/unmerge/").status_code == 404


def test_refusals_stand_on_the_page_and_nothing_is_merged(cast) -> None:
    kept, gone = pair(cast)
    client = cast.client("ops")
    for sent, status in (
        ({}, 422),
        ({"into": "nonsense", "version": 1}, 422),
        ({"into": gone.public_id, "version": 1}, 422),
        ({"into": kept.public_id, "version": "x"}, 412),
        ({"into": kept.public_id, "version": 9}, 412),
    ):
        answer = client.post(f"{P}{gone.public_id}/merge/", sent)
        assert (answer.status_code, "Not merged" in answer.content.decode()) == (status, True), sent
    assert merges(cast) == 0


def test_by_api(cast) -> None:
    kept, gone = pair(cast)
    client = cast.client("ops")

    def post(row: Account, verb: str, body: dict[str, str], **headers: str):
        return client.post(
            f"{API}{row.public_id}/{verb}/", body, content_type="application/json", headers=headers
        )

    assert post(gone, "merge", {"into": "nowhere"}).status_code == 422
    assert post(gone, "merge", {"into": kept.public_id}, **{"If-Match": '"v7"'}).status_code == 412
    answer = post(gone, "merge", {"into": kept.public_id})
    assert (answer.status_code, answer.json()["id"]) == (200, kept.public_id)
    assert answer.json()["other_names"] == ["Corvane Materials GmbH"]
    assert client.get(f"{API}{gone.public_id}/").json()["merged_into"] == kept.public_id
    assert post(gone, "merge", {"into": kept.public_id}).status_code == 409
    assert post(gone, "unmerge", {}).json()["merged_into"] is None
    assert post(gone, "unmerge", {}).status_code == 404


def test_an_account_with_many_merges_costs_no_more(cast) -> None:
    kept, gone = pair(cast)
    client = cast.client("ops")
    client.post(f"{P}{gone.public_id}/merge/", {"into": kept.public_id, "version": 1})
    direct_opportunity(cast, kept)
    with CaptureQueriesContext(connection) as few:
        client.get(f"{P}{kept.public_id}/")
    for number in range(5):
        other = account(cast, f"Corvane {number} AG")
        client.post(f"{P}{other.public_id}/merge/", {"into": kept.public_id, "version": 1})
    assert merges(cast) == 6
    with CaptureQueriesContext(connection) as many:
        client.get(f"{P}{kept.public_id}/")
    assert len(many) == len(few)
