"""What every API view stands on: one gate, one scope, one transaction, one shape of answer."""

import re
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, ClassVar, cast

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotAuthenticated
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.schemas.inspectors import ViewInspector
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSetMixin

from partners.access import Holder, Place, enter, enter_by_token
from partners.api.auth import SessionAuthentication, TokenAuthentication
from partners.api.idempotency import answer_once, key_of
from partners.api.pages import CursorPages
from partners.api.parsers import BoundedJSONParser
from partners.api.schema import Schema
from partners.core.actor import Actor, Door
from partners.core.errors import Clash, NotAllowed, NotFound, RuleBroken, Stale
from partners.models import User
from partners.rules.roles import PERMISSIONS
from partners.services.tokens import note_use

Gate = str | tuple[str, ...]
_THREAD = threading.local()
_PUBLIC_ID = re.compile(r"[0-9a-z]{1,20}")


def _ready(shape: type[BaseSerializer[Any]], *, partial: bool) -> tuple[Any, dict[str, Any]]:
    """A serializer of that shape to use again, and its context, to be filled for one use.

    Building the fields of a serializer costs more than using them. A thread answers one request at a time and
    a serializer keeps nothing of what it read or told, so each thread keeps its own.
    """
    kept: dict[tuple[type, bool], tuple[Any, dict[str, Any]]] = _THREAD.__dict__.setdefault("kept", {})
    if (shape, partial) not in kept:
        context: dict[str, Any] = {}
        kept[shape, partial] = (shape(partial=partial, context=context), context)
    return kept[shape, partial]


class ApiView(APIView):
    """Shared by all of the API. On its own: for resources that belong to a person, not to a program."""

    authentication_classes: Sequence[type[BaseAuthentication]] = (TokenAuthentication, SessionAuthentication)
    permission_classes: Sequence[type[BasePermission]] = (IsAuthenticated,)
    parser_classes: Sequence[type[BaseParser]] = (BoundedJSONParser,)
    metadata_class = None
    schema: ViewInspector | None = Schema()

    @property
    def person(self) -> User:
        """Who calls."""
        return cast(User, self.request.user)

    def read[V](self, shape: type[BaseSerializer[V]], *, partial: bool = False) -> dict[str, Any]:
        """The body, validated by a serializer. Raises 422 with every field that is wrong.

        Fields the serializer does not know are refused too: a misspelt name must not be silently lost.
        """
        return self.read_one(self.request.data, shape, partial=partial)

    def read_one[V](
        self, data: object, shape: type[BaseSerializer[V]], *, partial: bool = False
    ) -> dict[str, Any]:
        """The same for a part of the body, such as one row of a list."""
        if not isinstance(data, Mapping):
            raise RuleBroken("invalid", "Send a JSON object, such as {}.", field="body")
        reader, context = _ready(shape, partial=partial)
        unknown = sorted(set(data) - {name for name, field in reader.fields.items() if not field.read_only})
        if unknown:
            name = str(unknown[0])[:60]
            raise RuleBroken("unknown_field", f"There is no field {name!r} here.", field=name)
        context.update(view=self, request=self.request)
        try:
            return dict(reader.run_validation(data))
        finally:
            context.clear()

    def told[V](self, shape: type[BaseSerializer[V]], row: V) -> Any:
        """One row as the API says it."""
        serializer, context = _ready(shape, partial=False)
        context.update(view=self, request=self.request)
        try:
            return serializer.to_representation(row)
        finally:
            context.clear()


class InProgram(ApiView):
    """Everything under ``/api/v1/programs/<slug>/``.

    ``gates`` names the permission (or several, any of which will do) per action or method; a guard test reads
    it. The seat is found and the scope opened after authentication; scope and transaction last until the
    answer is rendered, and are rolled back when the answer is a refusal.
    """

    gates: ClassVar[Mapping[str, Gate]] = {}
    versioned: ClassVar[tuple[str, ...]] = ()  # actions that take If-Match
    unpaged: ClassVar[tuple[str, ...]] = ()  # actions that list all there is in one answer
    ordering: ClassVar[Sequence[str]] = ("-pk",)
    pagination_class = CursorPages
    permission_classes = (AllowAny,)  # the gate answers, below
    place: Place

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for gate in cls.gates.values():
            for permission in (gate,) if isinstance(gate, str) else gate:
                if permission not in PERMISSIONS:
                    raise KeyError(permission)
        for name in cls.gates:
            handler = cls.__dict__.get(name)
            if handler is not None and not hasattr(handler, "mapping"):
                handler.mapping = {}  # acts are wired in urls.py; this makes the schema see them

    @property
    def actor(self) -> Actor:
        """The caller, acting through the API."""
        return self.place.actor

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self._slug = kwargs.pop("program")
        self._entered = False
        with ExitStack() as self._scope:
            response = super().dispatch(request, *args, **kwargs)
            cast(Response, response).render()
            if response.status_code >= 400 and self._entered:
                transaction.set_rollback(True)
            return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not (request.user and request.user.is_authenticated):
            raise NotAuthenticated
        self._enter(request)
        self._entered = True
        self._pass_gate(request)
        if isinstance(request.auth, Holder):
            note_use(request.auth.digest, last=request.auth.last_used_at)
        key = key_of(request)
        if key:
            self._answer_once(request, key)

    def _enter(self, request: Request) -> None:
        """Find the seat and open its scope, in a transaction of its own."""
        self.place = self._scope.enter_context(
            enter_by_token(request.auth, self._slug, through=Door.API)
            if isinstance(request.auth, Holder)
            else enter(self.person, self._slug, side=None, through=Door.API)
        )

    def once_more[V](self, act: Callable[[], V], codes: Collection[str]) -> V:
        """``act``, and once more in a new transaction when it is refused by one of ``codes``: it met what
        somebody else did in the same instant. Costs nothing unless it does; a savepoint would at every call.
        """
        try:
            return act()
        except Clash as refusal:
            if refusal.code not in codes:
                raise
        transaction.set_rollback(True)
        self._scope.close()
        self._enter(self.request)
        return act()

    def _pass_gate(self, request: Request) -> None:
        method = (request.method or "").lower()
        if not hasattr(self, method) or method == "options":
            return  # answered 405 by DRF
        gate = self.gates.get(getattr(self, "action", None) or ("get" if method == "head" else method))
        if gate is None:
            raise NotAllowed
        if not any(self.place.can(name) for name in ((gate,) if isinstance(gate, str) else gate)):
            raise NotAllowed

    def _answer_once(self, request: Request, key: str) -> None:
        """Put the stored answer between the request and its handler."""
        handler: Callable[..., Response] = getattr(self, "post")  # noqa: B009

        def once(request: Request, *args: Any, **kwargs: Any) -> Response:
            return answer_once(request, self.place, key, lambda: handler(request, *args, **kwargs))

        setattr(self, "post", once)  # noqa: B010

    def found[M: Model](self, rows: QuerySet[M], public_id: str) -> M:
        """The row of that public id among ``rows``. Raises ``NotFound``, whatever was sent as an id."""
        row = rows.filter(public_id=public_id).first() if _PUBLIC_ID.fullmatch(public_id) else None
        if row is None:
            raise NotFound
        return row

    def expected_version(self, row: Any) -> int | None:
        """The version ``If-Match`` asks for, or None without it. Raises ``Stale`` when it is another."""
        header = self.request.headers.get("If-Match")
        if header is None:
            return None
        tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
        if "*" not in tags and f'"v{row.version}"' not in tags:
            raise Stale
        return int(row.version)

    def page[M: Model](self, rows: QuerySet[M], shape: Callable[..., BaseSerializer[Any]]) -> Response:
        """One page of a list."""
        pages = CursorPages()
        found = pages.paginate_queryset(rows, self.request, self)
        return pages.get_paginated_response(shape(found, many=True, context={"view": self}).data)

    def one[M: Model](self, row: M, shape: type[BaseSerializer[M]], *, status: int = 200) -> Response:
        """One row, with its version as ``ETag`` when it has one."""
        headers = {"ETag": f'"v{row.version}"'} if hasattr(row, "version") else {}
        return Response(self.told(shape, row), status=status, headers=headers)


def _mark(view: Any, gates: Mapping[str, Gate]) -> Any:
    view.gate = (None, tuple(sorted({str(gate) for gate in gates.values()})))
    view.gates = gates
    return view


class ProgramView(InProgram):
    """A view with methods (``get``, ``post``) as keys of ``gates``."""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        return _mark(super().as_view(**initkwargs), cls.gates)


class ProgramViewSet(ViewSetMixin, InProgram):
    """A view set with actions (``list``, ``create``, ``approve``) as keys of ``gates``."""

    @classmethod
    def as_view(cls, actions: Any = None, **initkwargs: Any) -> Any:
        missing = sorted(set((actions or {}).values()) - set(cls.gates))
        if missing:
            raise KeyError(f"{cls.__name__}.gates does not name {missing[0]}")
        return _mark(super().as_view(actions, **initkwargs), cls.gates)
