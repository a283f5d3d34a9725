"""The OpenAPI document is true: what it says of every operation holds of the answers to calls made by it.

``API_CASES=60 make test ARGS=tests/access/test_document.py`` makes more calls of each operation.
"""

import json
import os
from collections import defaultdict
from typing import Any

import pytest
import requests
import schemathesis
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support import world
from tests.support.cast import Cast
from tests.support.proof.surface import document

CASES = int(os.environ.get("API_CASES", "4"))
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
ROOT = "/api/v1/programs/{program}/"


def ids_of(client: Client, cast: Cast, paths: list[str]) -> dict[str, list[str]]:
    """Ids that exist, by the plural they are listed under, as the caller sees them."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        plural = path.removeprefix(ROOT).split("/")[0]
        if path == f"{ROOT}{plural}/":
            answer = client.get(path.replace("{program}", cast.program.slug))
            told = answer.json() if answer.status_code == 200 else []
            rows = told["results"] if isinstance(told, dict) and "results" in told else told
            found[plural] = [row["id"] for row in rows if isinstance(row, dict) and "id" in row][:5]
    return found


class Calls:
    """Calls of a share of the operations by one person, and what the answers do not keep to."""

    def __init__(self, cast: Cast, who: str) -> None:
        self.cast, self.client = cast, cast.client(who)
        schema = schemathesis.openapi.from_dict(document())
        self.operations = [one.ok() for one in schema.get_all_operations()]
        self.ids = ids_of(self.client, cast, [one.path for one in self.operations])
        self.made = 0
        self.found: set[str] = set()

    def make(self, operation: Any) -> None:
        """Call one operation with what its document asks for, the same calls every time."""
        known = self.ids.get(operation.path.removeprefix(ROOT).split("/")[0])
        quick = settings(
            max_examples=CASES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )

        def call(case: Any) -> None:
            case.path_parameters["program"] = self.cast.program.slug
            if known:
                case.path_parameters["public_id"] = known[self.made % len(known)]
            self.made += 1
            with transaction.atomic():
                said = _say(self.client, case)
                transaction.set_rollback(True)
            try:
                case.validate_response(said, checks=CHECKS)
            except (AssertionError, FailureGroup) as wrong:
                told = " ".join(str(part) for part in getattr(wrong, "exceptions", [wrong]))
                self.found.add(f"{operation.label}: {' '.join(told.split())[:500]}")

        quick(given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))(call))()


def _say(client: Client, case: Any) -> Response:
    """The answer to a call, as the checks read it."""
    sent = case.as_transport_kwargs(base_url="http://testserver")
    answer = client.generic(
        case.method.upper(),
        case.formatted_path,
        data=json.dumps(sent["json"]) if "json" in sent else "",
        content_type="application/json",
        query_params=case.query or None,
        headers={name: value for name, value in (case.headers or {}).items() if name != "Cookie"},
    )
    return Response(
        status_code=answer.status_code,
        headers={name.lower(): [value] for name, value in answer.items()},
        content=answer.content,
        request=requests.Request(case.method, sent["url"]).prepare(),
        elapsed=0.0,
        verify=True,
    )


@pytest.mark.parametrize("share", [0, 1])
@pytest.mark.parametrize("who", ["leader", "alder_admin"])
def test_answers_are_as_the_document_says(cast: Cast, who: str, share: int) -> None:
    world.fill(cast)
    calls = Calls(cast, who)
    for operation in calls.operations[share::2]:
        calls.make(operation)
    assert calls.made > 100
    assert not calls.found, "\n".join(sorted(calls.found))


@pytest.mark.parametrize(
    "path", ["nothing/", "programs/northwind/nothing/", "programs/northwind/accounts/x/y/"]
)
def test_an_address_that_leads_nowhere_is_a_problem_too(cast: Cast, path: str) -> None:
    answer = cast.client("leader").get(f"/api/v1/{path}")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert (answer.json()["code"], answer.json()["status"]) == ("not_found", 404)
    page = cast.client("leader").get("/p/northwind/nothing/")
    assert (page.status_code, page["Content-Type"]) == (404, "text/html; charset=utf-8")
