"""Reading JSON that anybody may send: bounded in size and depth, and storable."""

import re
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from partners.core.errors import FieldErrors

MAX_BYTES = 5 * 1024 * 1024
MAX_DEPTH = 20
# PostgreSQL stores neither NUL nor half of a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def _check(value: object, path: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ParseError(f"The body is nested more than {MAX_DEPTH} levels deep.")
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            raise FieldErrors(
                {path or "body": ["This has a character that cannot be stored (NUL, or half of one)."]}
            )
    elif isinstance(value, list):
        for position, item in enumerate(value):
            _check(item, f"{path}.{position}".lstrip("."), depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            if _UNSTORABLE.search(key):
                raise ParseError("A field's name has a character that cannot be stored.")
            _check(item, f"{path}.{key}".lstrip("."), depth + 1)


class BoundedJSONParser(JSONParser):
    """JSON of at most 5 MB and 20 levels. Anything else is refused with a sentence, never a crash."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise RequestDataTooBig("The body is larger than 5 MB. Send it in parts.")
        try:
            value = super().parse(BytesIO(body), media_type, parser_context)
        except RecursionError as error:
            raise ParseError(f"The body is nested more than {MAX_DEPTH} levels deep.") from error
        _check(value, "", 1)
        return value
