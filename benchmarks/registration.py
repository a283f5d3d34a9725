"""Registering a deal through the API, screening included, beside a bare view that does the same single write.

``--rows N`` accounts in the program (100,000), made up, or from ``--data DIR`` with ``accounts.csv``.
The floor is a view that knows who asks and writes the claim's row into its table by one ``save()``: no
sign-in, no checks, no screening, no history, no decision. Beside it stands a second one that puts two values
into a table without any index or foreign key. All go through the same middleware in one process. Budget: 5
floors.
"""

import json
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from types import ModuleType
from typing import Any

from benchmarks._accounts import Line, accounts, fill, questions
from benchmarks._scratch import scratch
from benchmarks.frame import Options, Report, percentile

ASKED = 300


def run(options: Options) -> Report:
    """Time each request once, the two kinds by turns so that both meet the same machine."""
    rows = options.rows or 100_000
    report = Report("registration")
    with scratch() as owner:
        lines = accounts(options, rows)
        program = fill(owner, lines)
        owner.execute("CREATE TABLE bench_floor (id bigserial PRIMARY KEY, name text, amount numeric)")
        owner.execute("GRANT ALL ON bench_floor, bench_floor_id_seq TO prm_app")
        secret = _seller(program)
        logging.disable(logging.INFO)  # a line per request would drown the table
        taken, answers = _measure(f"/api/v1/programs/{program.slug}/registrations/", secret, options, lines)
    floor, bare = percentile(taken["floor"], 50), percentile(taken["bare"], 50)
    ratio = percentile(taken["ours"], 50) / floor
    report.figures = {
        "rows": rows,
        "floor_ms": round(floor, 2),
        "two_values_ms": round(bare, 2),
        "p50_ms": round(percentile(taken["ours"], 50), 2),
        "p95_ms": round(percentile(taken["ours"], 95), 2),
        "ratio": round(ratio, 2),
        "ratio_to_two_values": round(ratio * floor / bare, 2),
        "budget": 5.0,
        "answers": answers,
    }
    table = []
    for kind, title in (
        ("bare", "two values by a bare view"),
        ("floor", "the claim's row by a bare view"),
        ("ours", "a deal registered"),
        ("approved", "  approved"),
        ("in_review", "  in review"),
    ):
        values = taken.get(kind, [])
        table.append([title, percentile(values, 50), percentile(values, 95), percentile(values, 50) / floor])
    report.table(
        f"Registering a deal, {rows:,} accounts, milliseconds", ["", "p50", "p95", "times the floor"], table
    )
    return report


def _measure(
    path: str, secret: str, options: Options, lines: list[Line]
) -> tuple[dict[str, list[float]], dict[str, int]]:
    """Milliseconds by kind of answer (also ``bare``, ``floor`` and ``ours``), and how many of each kind."""
    taken: dict[str, list[float]] = {}
    answers: dict[str, int] = {}
    client, close = _client(), _close()
    for number, (name, website, country) in enumerate(questions(options, lines, ASKED)):
        body = {
            "customer_name": name[:255] or "x",
            "website": website,
            "country": country or "DE",
            "amount": "1000.00",
            "expected_close": close,
        }
        text = json.dumps(body)
        bare, _ = _timed(client, "/bare/", text, {})
        floor, _ = _timed(client, "/floor/", text, {})
        ours, said = _timed(client, path, text, {"Authorization": f"Bearer {secret}"})
        state = said.get("state", str(said.get("code")))
        answers[state] = answers.get(state, 0) + 1
        if number >= ASKED // 10:
            for kind, milliseconds in (("bare", bare), ("floor", floor), ("ours", ours), (state, ours)):
                taken.setdefault(kind, []).append(milliseconds)
    return taken, answers


def _timed(client: Any, path: str, text: str, headers: dict[str, str]) -> tuple[float, dict[str, Any]]:
    start = time.perf_counter()
    answer = client.post(path, text, content_type="application/json", headers=headers)
    return (time.perf_counter() - start) * 1000, answer.json()


def _writer() -> Callable[[dict[str, Any]], str]:
    """Writes a claim's row as the seller, and nothing else; returns its public id."""
    from deals.models import Registration
    from partners.access import program_id_of
    from partners.core.scope import program_scope
    from partners.models import Offering, Seat

    program_id = program_id_of("bench") or 0
    with program_scope(program_id):
        seller = Seat.objects.get(partner__isnull=False)
        partner_id, offering = seller.partner_id or 0, Offering.objects.get()
    usual = {
        "program_id": program_id,
        "partner_id": partner_id,
        "seller": seller,
        "submitted_by": "Seller",
        "offering": offering,
        "currency": "EUR",
    }

    def write(said: dict[str, Any]) -> str:
        with program_scope(program_id, partner_id=partner_id):
            row = Registration(**usual, **said)
            row.save(force_insert=True)
        return row.public_id

    return write


def _client() -> Any:
    """A client of the product's own URLs and the bare views beside them."""
    from django.conf import settings
    from django.db import connection, transaction
    from django.http import HttpRequest, JsonResponse
    from django.test import Client
    from django.urls import path
    from django.views.decorators.csrf import csrf_exempt

    from config import urls

    import_module("config.wsgi")  # the process as the web server runs it
    row_of = _writer()

    @csrf_exempt
    def same(request: HttpRequest) -> JsonResponse:
        return JsonResponse({"id": row_of(json.loads(request.body))}, status=201)

    @csrf_exempt
    def bare(request: HttpRequest) -> JsonResponse:
        said = json.loads(request.body)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO bench_floor (name, amount) VALUES (%s, %s) RETURNING id",
                [said["customer_name"], said["amount"]],
            )
            return JsonResponse({"id": cursor.fetchone()[0]}, status=201)

    both = ModuleType("bench_urls")
    both.urlpatterns = [path("bare/", bare), path("floor/", same), *urls.urlpatterns]  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = both
    settings.ALLOWED_HOSTS = ["testserver"]
    return Client()


def _close() -> str:
    from partners.core import clock

    return (clock.now() + timedelta(days=60)).date().isoformat()


def _seller(program: Any) -> str:
    """A partner's seller with a token; its secret."""
    from partners.core.actor import Actor, Door, Role
    from partners.core.scope import program_scope
    from partners.models import Partner, Seat, User
    from partners.services.tokens import create_token

    user = User.objects.create_user("seller@example.com", name="Seller")
    with program_scope(program.pk):
        partner = Partner.objects.create(program=program, name="Partner", slug="partner")
        seat = Seat.objects.create(program=program, user=user, role=Role.PARTNER_SELLER, partner=partner)
        actor = Actor(
            program_id=program.pk,
            role=Role.PARTNER_SELLER,
            door=Door.API,
            name="Seller",
            user_id=user.pk,
            partner_id=partner.pk,
        )
        return str(create_token(actor=actor, seat=seat, name="bench")[1])
