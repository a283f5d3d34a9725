"""``Idempotency-Key``: a request sent twice is one act and one answer.

The answer is stored in the transaction of the act, so at no moment does one exist without the other.
A second request with the same key waits for the first on an advisory lock that ends with its transaction.
"""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, connection, transaction
from django.http import QueryDict
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from partners.access import Place
from partners.api.problems import problem
from partners.core.errors import RuleBroken
from partners.models import StoredAnswer

HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
WAIT = "15s"


def key_of(request: Request) -> str | None:
    """The key sent with a POST, or None. Raises ``RuleBroken`` for one that cannot be used."""
    key = request.headers.get(HEADER)
    if request.method != "POST" or key is None:
        return None
    if not _KEY.fullmatch(key):
        raise RuleBroken(
            "idempotency_key", f"{HEADER} is 1 to 200 printable characters without spaces.", field=HEADER
        )
    return key


def _feed(value: Any) -> Any:
    """A body value as something JSON can say; files by their content."""
    if isinstance(value, UploadedFile):
        digest = hashlib.sha256()
        for chunk in value.chunks():
            digest.update(chunk)
        value.seek(0)
        return {"file": value.name, "sha256": digest.hexdigest()}
    return str(value)


def fingerprint(request: Request) -> str:
    """What makes two requests the same: method, address and body (white space and key order do not)."""
    data = request.data
    body: Any = data
    if isinstance(data, QueryDict):
        body = {name: [_feed(item) for item in data.getlist(name)] for name in data}
    said = json.dumps([request.method, request.get_full_path(), body], sort_keys=True, default=str)
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()


def _lock(program_id: int, user_id: int, key: str) -> bool:
    """Wait until no other request with this key is under way. False when that takes too long."""
    name = hashlib.sha256(f"idempotency {program_id} {user_id} {key}".encode()).digest()
    number = int.from_bytes(name[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if cursor.fetchone()[0]:
            return True  # nobody was there before us, as nearly always
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [WAIT])
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
            cursor.execute("SELECT set_config('lock_timeout', '0', true)")
    except OperationalError:
        return False
    return True


def answer_once(request: Request, place: Place, key: str, act: Callable[[], Response]) -> Response:
    """Do ``act`` unless this key was answered before; then give the same answer again.

    A refusal (400 and above) is not stored, so the request can be corrected or tried again.
    """
    user_id = int(place.actor.user_id or 0)
    if not _lock(place.program.pk, user_id, key):
        return problem(
            409,
            "in_flight",
            "The first request with this key is still being worked on. Try again in a moment.",
            headers={"Retry-After": "5"},
        )
    said = fingerprint(request)
    stored = StoredAnswer.objects.filter(user_id=user_id, key=key).first()
    if stored is not None:
        if stored.fingerprint != said:
            return problem(
                422, "idempotency_key_reused", f"This {HEADER} was used for another request. Use a new one."
            )
        headers = {"Idempotent-Replayed": "true", **({"ETag": stored.etag} if stored.etag else {})}
        return Response(json.loads(stored.body or "null"), status=stored.status, headers=headers)
    response = act()
    if response.status_code < 400:
        StoredAnswer.objects.create(
            program=place.program,
            partner=place.partner,
            user_id=user_id,
            key=key,
            fingerprint=said,
            status=response.status_code,
            # As text within JSON: a JSON column would put the keys in another order than at first.
            body=JSONRenderer().render(response.data).decode(),
            etag=response.headers.get("ETag", ""),
        )
    return response
