"""One chain of middleware for all test clients.

Django builds it for every ``Client()``, and WhiteNoise then lists every static file again: 17 ms of the 57 ms
of a request. A chain holds nothing of a client, so the first one serves all, as in a web process; where a
test overrides settings, the client builds its own as before.
"""

from typing import Any

from django.conf import Settings, settings
from django.test.client import ClientHandler

_PARTS = (
    "_middleware_chain",
    "_view_middleware",
    "_template_response_middleware",
    "_exception_middleware",
)


def share_middleware() -> None:
    """Let clients made from now on share their middleware."""
    build = ClientHandler.load_middleware
    shared: dict[str, Any] = {}

    def load_middleware(self: ClientHandler, is_async: bool = False) -> None:
        if is_async or not isinstance(getattr(settings, "_wrapped", None), Settings):
            build(self, is_async)
            return
        if not shared:
            build(self)
            shared.update({part: getattr(self, part) for part in _PARTS})
        for part, value in shared.items():
            setattr(self, part, value)

    ClientHandler.load_middleware = load_middleware  # type: ignore[assignment,method-assign]
