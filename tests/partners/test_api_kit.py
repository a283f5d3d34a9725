"""The API's own promises: who is let in, how refusals look, pages, versions."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from partners.core.scope import program_scope
from partners.models import ApiToken, LedgerEntry, Partner
from partners.services.tokens import create_token, revoke_token
from tests.support.cast import Cast

PARTNERS = "/api/v1/programs/northwind/partners/"
ACTIVITIES = "/api/v1/programs/northwind/activities/"


def send(client: Client, method: str, url: str, body: Any = None, **headers: str) -> Any:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.generic(method, url, text, content_type="application/json", headers=headers)


def problem_of(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == f"urn:prm:problem:{code}"
    return body


def token_of(cast: Cast, who: str) -> str:
    with program_scope(cast.seats[who].program_id):
        _token, secret = create_token(actor=cast.actor(who), seat=cast.seats[who], name="test")
    return secret


def test_the_schema_is_valid_and_without_warnings() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")


def test_nobody_is_asked_for_a_token(cast: Cast) -> None:
    response = cast.client(None).get(PARTNERS)
    problem_of(response, 401, "not_authenticated")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer", "Bearer a b", "Bearer \u00e9"])
def test_a_bad_token_is_401(cast: Cast, header: str) -> None:
    response = Client().get(PARTNERS, headers={"Authorization": header})
    problem_of(response, 401, "authentication_failed")


def test_a_token_acts_as_its_seat_and_notes_its_use(cast: Cast) -> None:
    secret = token_of(cast, "leader")
    response = Client().get(PARTNERS, headers={"Authorization": f"Bearer {secret}"})
    assert response.status_code == 200
    assert [row["name"] for row in response.json()["results"]] == ["Birch Systems", "Alder Consulting"]
    with program_scope(cast.program.pk):
        token = ApiToken.objects.get()
    assert token.last_used_at is not None
    assert secret not in str(vars(token))


def test_a_token_opens_only_its_own_program(cast: Cast) -> None:
    secret = token_of(cast, "other_leader")
    response = Client().get(PARTNERS, headers={"Authorization": f"Bearer {secret}"})
    problem_of(response, 404, "not_found")


def test_a_revoked_token_is_401(cast: Cast) -> None:
    secret = token_of(cast, "leader")
    with program_scope(cast.program.pk):
        revoke_token(actor=cast.actor("leader"), public_id=ApiToken.objects.get().public_id)
    response = Client().get(PARTNERS, headers={"Authorization": f"Bearer {secret}"})
    problem_of(response, 401, "authentication_failed")


def test_a_browser_must_send_its_csrf_token(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.users["leader"])
    problem_of(send(client, "POST", PARTNERS, {"name": "Elm"}), 403, "permission_denied")
    with program_scope(cast.program.pk):
        assert not Partner.objects.filter(name="Elm").exists()


def test_a_weak_role_is_403_and_nothing_changes(cast: Cast) -> None:
    problem_of(send(cast.client("ops"), "POST", PARTNERS, {"name": "Elm"}), 403, "not_allowed")
    with program_scope(cast.program.pk):
        assert Partner.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"", 422),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b'{"name": ' + b"[" * 30 + b"]" * 30 + b"}", 400),
        (b'{"name": NaN}', 400),
        (b'{"name": ' + b"9" * 5000 + b"}", 400),
        (b"[]", 422),
        (b'"text"', 422),
        (b"null", 422),
        (b'{"name": "a\\u0000b"}', 422),
        (b'{"name": "a\\ud800b"}', 422),
        (b'{"name": {"a": 1}}', 422),
        (b'{"name": ["a"]}', 422),
        (b'{"name": true}', 422),
        (b'{"name": ""}', 422),
        (b'{"name": "Elm", "nmae": 1}', 422),
        (b'{"name": "Elm", "signed_on": "31.12.2026"}', 422),
        (b'{"name": "Elm", "signed_on": "0001-01-01"}', 422),
        (b'{"name": "Elm", "intent": "friend"}', 422),
        (b'{"name": "Elm", "manager": "nobody"}', 422),
        (b'{"name": "Elm", "country": "D1"}', 422),
        (b'{"name": "' + b"x" * 300 + b'"}', 422),
    ],
)
def test_bad_bodies_are_problems_and_change_nothing(cast: Cast, body: bytes, status: int) -> None:
    response = send(cast.client("leader"), "POST", PARTNERS, body)
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/problem+json"
    with program_scope(cast.program.pk):
        assert Partner.objects.count() == 2
        assert not LedgerEntry.objects.filter(verb="partner.created").exists()


def test_too_much_and_other_kinds_of_bodies(cast: Cast) -> None:
    client = cast.client("leader")
    problem_of(send(client, "POST", PARTNERS, b'"' + b"x" * 6_000_000 + b'"'), 413, "too_large")
    response = client.post(PARTNERS, {"name": "Elm"})
    problem_of(response, 415, "unsupported_media_type")
    problem_of(send(client, "DELETE", PARTNERS), 405, "method_not_allowed")


def test_every_wrong_field_is_named(cast: Cast) -> None:
    response = send(cast.client("leader"), "POST", PARTNERS, {"intent": "friend", "signed_on": "soon"})
    body = problem_of(response, 422, "invalid")
    assert {error["field"] for error in body["errors"]} == {"name", "intent", "signed_on"}


def test_unknown_addresses_are_problems_too(cast: Cast) -> None:
    for url in ("/api/v1/nothing/", "/api/v1/programs/northwind/nothing/", "/api/v1/me", "/api/v1/a%00b"):
        problem_of(cast.client("leader").get(url), 404, "not_found")
    for public_id in ("nothing", "%00", "..", "x" * 300, "1"):
        problem_of(cast.client("leader").get(f"{PARTNERS}{public_id}/"), 404, "not_found")


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "limit=1e3", "cursor=zzz", "cursor=%00", "intent=x", "q=%00"]
)
def test_bad_queries_are_named(cast: Cast, query: str) -> None:
    response = cast.client("leader").get(f"{PARTNERS}?{query}")
    body = problem_of(response, 422, response.json()["code"])
    assert body["errors"][0]["field"] == query.split("=")[0]


def test_pages_follow_on_without_gap_or_repetition(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        Partner.objects.bulk_create(
            Partner(program=cast.program, name=f"P{n:02}", slug=f"p{n:02}") for n in range(21)
        )
        wanted = list(Partner.objects.order_by("-pk").values_list("public_id", flat=True))
    client, url, seen, sizes = cast.client("leader"), f"{PARTNERS}?limit=10", [], []
    while url:
        body = client.get(url).json()
        sizes.append(len(body["results"]))
        seen += [row["id"] for row in body["results"]]
        url = body["next"]
    assert sizes == [10, 10, 3]
    assert seen == wanted


def test_a_cursor_of_another_program_leads_nowhere(cast: Cast) -> None:
    response = cast.client("leader").get(f"{PARTNERS}?cursor={cast.cedar.public_id}")
    problem_of(response, 422, "cursor")


def test_if_match_guards_against_lost_updates(cast: Cast) -> None:
    client = cast.client("leader")
    url = f"{PARTNERS}{cast.alder.public_id}/"
    assert client.get(url).headers["ETag"] == '"v1"'
    changed = send(client, "PATCH", url, {"website": "alder.example"}, **{"If-Match": '"v1"'})
    assert (changed.status_code, changed.headers["ETag"], changed.json()["version"]) == (200, '"v2"', 2)
    late = send(client, "PATCH", url, {"website": "late.example"}, **{"If-Match": '"v1"'})
    problem_of(late, 412, "stale")
    assert client.get(url).json()["website"] == "alder.example"
    for header in ("*", 'W/"v2"', '"v1", "v2"'):
        assert (
            send(client, "PATCH", url, {"website": "alder.example"}, **{"If-Match": header}).status_code
            == 200
        )
    assert send(client, "PATCH", url, {"goals": "Ten customers"}).json()["version"] == 3


def test_me_and_root_say_who_and_where(cast: Cast) -> None:
    me = cast.client("manager").get("/api/v1/me/").json()
    assert me["email"] == "manager@example.com"
    assert [(seat["slug"], seat["role"], seat["currency"]) for seat in me["seats"]] == [
        ("northwind", "partner_manager", "EUR")
    ]
    assert "partners.edit" in me["seats"][0]["permissions"]
    assert "people.invite" not in me["seats"][0]["permissions"]
    root = cast.client("manager").get("/api/v1/").json()
    assert root["programs"][0]["url"] == "http://testserver/api/v1/programs/northwind/"
    assert cast.client("stranger").get("/api/v1/").json()["programs"] == []
    problem_of(cast.client(None).get("/api/v1/me/"), 401, "not_authenticated")
