"""What OpenAPI says beyond what serializers say: how to sign in, and how refusals look."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

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


class Schema(AutoSchema):
    """Adds the headers and the refusals that every operation shares."""

    def get_override_parameters(self) -> list[Any]:
        shared = []
        if self.method == "POST" and hasattr(self.view, "gates"):
            shared.append(IDEMPOTENCY)
        if getattr(self.view, "action", self.method.lower()) in getattr(self.view, "versioned", ()):
            shared.append(IF_MATCH)
        return [*super().get_override_parameters(), *shared]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        refusal = OpenApiResponse(ProblemSerializer, "A refusal, as RFC 9457 says it.")
        said = self._get_response_for_code(refusal, "default", [MEDIA_TYPE], direction)  # type: ignore[no-untyped-call]
        bodies.setdefault("default", said)
        return bodies
