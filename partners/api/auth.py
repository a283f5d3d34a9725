"""Who is calling: a bearer token acting as one seat, or a signed-in browser (with CSRF)."""

from typing import Any

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.authentication import SessionAuthentication as BrowserAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from partners.access import token_holder
from partners.models import User
from partners.services.tokens import digest_of

KEYWORD = "Bearer"


class Holder:
    """What a token stands for (``request.auth``): one seat of one program."""

    def __init__(self, *, program_id: int, seat_id: int, digest: str) -> None:
        self.program_id = program_id
        self.seat_id = seat_id
        self.digest = digest


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer <token>``. A token that is wrong, revoked or of an ended seat is 401."""

    def authenticate(self, request: Request) -> tuple[User, Holder] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != KEYWORD.lower().encode():
            return None
        if len(words) != 2:
            raise AuthenticationFailed("Write the header as: Authorization: Bearer YOUR-TOKEN.")
        digest = digest_of(words[1].decode("utf-8", "replace"))
        held = token_holder(digest)
        user = User.objects.filter(pk=held[2], is_active=True).first() if held else None
        if held is None or user is None:
            raise AuthenticationFailed("This token is unknown or was revoked. Make a new one under Tokens.")
        return user, Holder(program_id=held[0], seat_id=held[1], digest=digest)

    def authenticate_header(self, request: Request) -> str:
        return f'{KEYWORD} realm="api"'


class SessionAuthentication(BrowserAuthentication):
    """The browser's session; every unsafe request must carry the CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        return super().authenticate(request)
