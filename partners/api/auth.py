"""Who is calling: a bearer token acting as one seat, or a signed-in browser (with CSRF)."""

from typing import Any

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.authentication import SessionAuthentication as BrowserAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from partners.access import Holder, token_holder
from partners.models import User
from partners.services.tokens import digest_of

KEYWORD = "Bearer"


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer <token>``. A token that is wrong, revoked or of an ended seat is 401.

    ``request.auth`` is then the ``Holder``: one seat of one program.
    """

    def authenticate(self, request: Request) -> tuple[User, Holder] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != KEYWORD.lower().encode():
            return None
        if len(words) != 2:
            raise AuthenticationFailed("Write the header as: Authorization: Bearer YOUR-TOKEN.")
        holder = token_holder(digest_of(words[1].decode("utf-8", "replace")))
        if holder is None:
            raise AuthenticationFailed("This token is unknown or was revoked. Make a new one under Tokens.")
        return holder.user, holder

    def authenticate_header(self, request: Request) -> str:
        return f'{KEYWORD} realm="api"'


class SessionAuthentication(BrowserAuthentication):
    """The browser's session; every unsafe request must carry the CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        return super().authenticate(request)
