"""Pages of a list: an opaque cursor that gives away neither position nor count."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.db.models import Model, Q
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from partners.core.errors import RuleBroken

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
CURSOR_LENGTH = 20


def _keyset(ordering: Sequence[str], anchor: Model) -> Q:
    """Rows that come after ``anchor`` in ``ordering``."""
    alternatives = []
    equal: dict[str, Any] = {}
    for name in ordering:
        field = name.removeprefix("-")
        value = getattr(anchor, field)
        alternatives.append(Q(**equal, **{f"{field}__{'lt' if name.startswith('-') else 'gt'}": value}))
        equal[field] = value
    return reduce(or_, alternatives)


class CursorPages(BasePagination):
    """Keyset pages, newest first. The cursor is the public id of the last row seen.

    ``ordering`` names non-null columns of the model and ends with ``pk``; ``limit`` is 1 to 200, or else 50.
    Costs the same on page 1 and page 10,000.
    """

    ordering: ClassVar[Sequence[str]] = ("-pk",)

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        self.request = request
        ordering = getattr(view, "ordering", None) or self.ordering
        limit = self._limit(request)
        rows = queryset.order_by(*ordering)
        cursor = request.query_params.get("cursor", "")
        if cursor:
            anchor = None
            if len(cursor) <= CURSOR_LENGTH and cursor.isascii() and cursor.isalnum():
                anchor = queryset.model._default_manager.filter(public_id=cursor).first()
            if anchor is None:
                raise RuleBroken("cursor", "This cursor leads nowhere. Start without one.", field="cursor")
            rows = rows.filter(_keyset(ordering, anchor))
        found = list(rows[: limit + 1])
        self.following = str(getattr(found[limit - 1], "public_id")) if len(found) > limit else None  # noqa: B009
        return found[:limit]

    def _limit(self, request: Request) -> int:
        text = request.query_params.get("limit", str(DEFAULT_LIMIT))
        if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MAX_LIMIT):
            raise RuleBroken("limit", f"limit is a whole number from 1 to {MAX_LIMIT}.", field="limit")
        return int(text)

    def get_paginated_response(self, data: Any) -> Response:
        following = None
        if self.following:
            following = replace_query_param(self.request.build_absolute_uri(), "cursor", self.following)
        return Response({"next": following, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {
                    "type": ["string", "null"],
                    "format": "uri",
                    "description": "Address of the next page; null on the last.",
                },
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "description": "From the previous page's next.",
                "schema": {"type": "string"},
            },
            {
                "name": "limit",
                "in": "query",
                "description": "Rows on a page.",
                "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
            },
        ]
