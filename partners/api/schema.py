"""What OpenAPI says beyond what serializers say: how to sign in, and how refusals look."""

import contextlib
from typing import Any, cast

from django.core.exceptions import FieldDoesNotExist
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from partners.api.problems import MEDIA_TYPE, ProblemSerializer

IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Any text of your own; the same request with the same key is done once and answered again.",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag read earlier; 412 when the row has changed since.",
)


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Bearer tokens."""

    target_class = "partners.api.auth.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "An API token; it acts as one seat."}


class BrowserScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The browser's session."""

    target_class = "partners.api.auth.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "A signed-in browser; unsafe requests also send X-CSRFToken.",
        }


def _learn_from_the_row(field: Any) -> None:
    """Let a field that is only read know whether its row may have nothing there. Serializers know that of
    what is written to them; of what they read, the model knows."""
    if not field.read_only:
        return
    if field.default is None or field.field_name in getattr(field.parent, "staff_only", ()):
        field.allow_null = True
    model = getattr(getattr(field.parent, "Meta", None), "model", None)
    if model is None or "." in field.source:
        return
    with contextlib.suppress(FieldDoesNotExist):
        stored = model._meta.get_field(field.source)
        field.allow_null = field.allow_null or getattr(stored, "null", False)
        if isinstance(field, serializers.CharField | serializers.ChoiceField):
            field.allow_blank = field.allow_blank or getattr(stored, "blank", False)


class Schema(AutoSchema):
    """Adds the headers and the refusals that every operation shares."""

    def _told(self, what: str, otherwise: Any) -> Any:
        """What a resource made from a declaration says of this operation (``partners.kit.resource``)."""
        tell = getattr(self.view, what, None)
        return tell(getattr(self.view, "action", "")) if tell else otherwise()

    def get_summary(self) -> str | None:
        return cast(str | None, self._told("summary_of", super().get_summary))

    def get_request_serializer(self) -> Any:
        return self._told("body_of", super().get_request_serializer)

    def get_response_serializers(self) -> Any:
        return self._told("answers_of", super().get_response_serializers)

    def get_override_parameters(self) -> list[Any]:
        shared = []
        if getattr(self.view, "action", "") == "list":
            shared += [one.parameter for one in getattr(self.view, "filters", ())]
        if self.method == "POST" and hasattr(self.view, "gates"):
            shared.append(IDEMPOTENCY)
        if getattr(self.view, "action", self.method.lower()) in getattr(self.view, "versioned", ()):
            shared.append(IF_MATCH)
        return [*super().get_override_parameters(), *shared]

    def _get_paginator(self) -> Any:
        """No pages where the action answers with all there is."""
        whole = getattr(self.view, "action", "") in getattr(self.view, "unpaged", ())
        return None if whole else super()._get_paginator()  # type: ignore[no-untyped-call]

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        """As an answer says it: what a row may lack is null, and a text that may be empty has no format."""
        _learn_from_the_row(field)
        found = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        unlike = getattr(field, "allow_blank", False) or (found or {}).get("format") == "time"
        if unlike:
            found.pop("format", None)  # a time of the program's day has no offset, which the format asks for
        return found

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        refusal = OpenApiResponse(ProblemSerializer, "A refusal, as RFC 9457 says it.")
        said = self._get_response_for_code(refusal, "default", [MEDIA_TYPE], direction)  # type: ignore[no-untyped-call]
        bodies.setdefault("default", said)
        return bodies
