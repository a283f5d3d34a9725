"""Rows in the API: listed, read, and the acts on them, at addresses made from one declaration."""

from collections.abc import Callable, Collection
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import URLPattern, path
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from partners.api import query
from partners.api.base import Gate, ProgramViewSet
from partners.kit.act import Act, body_of


@dataclass(frozen=True)
class Filter:
    """A parameter that narrows a list: one of ``among``, a day, or text."""

    name: str
    _: KW_ONLY
    among: Collection[str] = ()
    is_day: bool = False
    said: str = ""

    def asked(self, request: Request) -> Any:
        """What the caller asks for; "" or None when nothing. Raises ``RuleBroken``."""
        if self.is_day:
            return query.day(request, self.name)
        if self.among:
            return query.choice(request, self.name, self.among)
        return query.text(request, self.name)

    @property
    def parameter(self) -> OpenApiParameter:
        """As the OpenAPI document says it."""
        kind: Any = {"type": "string", "format": "date"} if self.is_day else str
        among = list(self.among) or None
        return OpenApiParameter(self.name, kind, description=self.said, enum=among)


SEARCH = Filter("q", said="Part of a name or website, or a whole id.")
OF_PARTNER = Filter("partner", said="Id of a partner.")


@dataclass(frozen=True)
class Beside:
    """Rows that belong to a row, listed at ``GET <plural>/<id>/<name>/``; ``rows`` finds them by the row."""

    name: str
    rows: Callable[[Any], QuerySet[Any]]
    _: KW_ONLY
    gate: Gate
    shape: Any
    summary: str

    @property
    def action(self) -> str:
        """The name of the method that lists them."""
        return f"list_{self.name.replace('-', '_')}"


class Resource(ProgramViewSet):
    """Rows under their plural. ``rows`` says which a caller may see, ``shape`` how they are said, ``acts``
    what can be done to one, each at ``POST <plural>/<id>/<verb>/``.

    ``making``, ``changing`` and ``removing`` are the acts behind POST on the list, PATCH and DELETE on a row.
    """

    plural: ClassVar[str]
    one_name: ClassVar[str]  # of URL names
    many: ClassVar[str] = ""  # "leads", in summaries
    a: ClassVar[str] = ""  # "a lead"
    reads: ClassVar[Gate] = ()  # who may list and read; nobody: it is only acted on
    shape: ClassVar[Any] = None
    one_shape: ClassVar[Any] = None  # where one row says more than a list
    filters: ClassVar[tuple[Filter, ...]] = ()
    making: ClassVar[Act | None] = None
    changing: ClassVar[Act | None] = None
    removing: ClassVar[Act | None] = None
    acts: ClassVar[tuple[Act, ...]] = ()
    beside: ClassVar[tuple[Beside, ...]] = ()
    act_of: ClassVar[dict[str, Act]] = {}  # by the name of the method that does it

    def __init_subclass__(cls, **kwargs: Any) -> None:
        behind = {"create": cls.making, "partial_update": cls.changing, "destroy": cls.removing}
        for act in cls.acts:
            behind[act.verb.replace("-", "_")] = act
            setattr(cls, act.verb.replace("-", "_"), _doing(act))
        for rows in cls.beside:
            setattr(cls, rows.action, _listing(rows))
        cls.act_of = {name: act for name, act in behind.items() if act}
        reads = {"list": cls.reads, "retrieve": cls.reads} if cls.reads else {}
        reads |= {rows.action: rows.gate for rows in cls.beside}
        cls.gates = reads | {name: act.gate for name, act in cls.act_of.items()} | dict(cls.gates)
        compared = [name for name, act in cls.act_of.items() if act.versioned or act.if_match]
        cls.versioned = (*cls.versioned, *compared)
        super().__init_subclass__(**kwargs)

    def rows(self, **filters: Any) -> QuerySet[Any]:
        """The rows a caller may see, with what their shape reads."""
        raise NotImplementedError(type(self).__name__)

    def listed(self, **filters: Any) -> QuerySet[Any]:
        """The rows of a list, where those that can be read are more."""
        return self.rows(**filters)

    def row(self, public_id: str) -> Any:
        """One of them. Raises ``NotFound``."""
        return self.found(self.rows(), public_id)

    def list(self, request: Request) -> Response:
        return self.page(self.listed(**{f.name: f.asked(request) for f in self.filters}), self.shape)

    def retrieve(self, request: Request, public_id: str) -> Response:
        return self.one(self.row(public_id), self.one_shape or self.shape)

    def create(self, request: Request) -> Response:
        act = self.act_of["create"]
        made = act.do(self.place, None, self.read(body_of(act)))
        return self.one(self.row(made.public_id), self.one_shape or self.shape, status=201)

    def partial_update(self, request: Request, public_id: str) -> Response:
        return self.answered(self.act_of["partial_update"], public_id, partial=True)

    def destroy(self, request: Request, public_id: str) -> Response:
        self.done(self.act_of["destroy"], public_id)
        return Response(status=204)

    def done(self, act: Act, public_id: str, *, partial: bool = False) -> Any:
        """Do an act to a row, by the body."""
        row = self.row(public_id)
        version = self.expected_version(row) if act.versioned or act.if_match else None
        return act.do(self.place, row, self.read(body_of(act), partial=partial), version, partial=partial)

    def answered(self, act: Act, public_id: str, *, partial: bool = False) -> Response:
        """The same, answered with what it made, or with the row as it is now."""
        result = self.done(act, public_id, partial=partial)
        if act.shape is not None:
            return self.one(act.gives(result), act.shape, status=act.status)
        return self.one(self.row(public_id), self.one_shape or self.shape, status=act.status)

    # What the OpenAPI document says (partners.api.schema asks)

    def summary_of(self, action: str) -> str | None:
        """What an operation is called."""
        if action in self.act_of:
            return self.act_of[action].summary
        own = {"list": f"List {self.many}", "retrieve": f"Read {self.a}"}
        return (own | {rows.action: rows.summary for rows in self.beside}).get(action)

    def body_of(self, action: str) -> Any:
        """The shape of an operation's body."""
        act = self.act_of.get(action)
        return body_of(act)(partial=action == "partial_update") if act and action != "destroy" else None

    def answers_of(self, action: str) -> Any:
        """The shape of an operation's answer, by status where that is not 200."""
        act, one = self.act_of.get(action), self.one_shape or self.shape
        listed = {"list": self.shape} | {rows.action: rows.shape for rows in self.beside}
        if action in listed:
            return listed[action](many=True)
        if action == "destroy":
            return {204: None}
        status = 201 if action == "create" else act.status if act else 200
        shape = (act and act.shape) or one
        return shape if status == 200 else {status: shape}


def _doing(act: Act) -> Callable[[Resource, Request, str], Response]:
    def do(self: Resource, request: Request, public_id: str) -> Response:
        return self.answered(act, public_id)

    return do


def _listing(rows: Beside) -> Callable[[Resource, Request, str], Response]:
    def rows_beside(self: Resource, request: Request, public_id: str) -> Response:
        return self.page(rows.rows(self.row(public_id)), rows.shape)

    return rows_beside


def addresses(*resources: type[Resource]) -> list[URLPattern]:
    """The addresses of resources: ``<plural>/``, ``<plural>/<id>/`` and ``<plural>/<id>/<verb>/``."""
    found = []
    for resource in resources:
        row = f"{resource.plural}/<str:public_id>/"
        listed = ({"get": "list"} if resource.reads else {}) | ({"post": "create"} if resource.making else {})
        one = {"get": "retrieve"} if resource.reads else {}
        one |= {"patch": "partial_update"} if resource.changing else {}
        one |= {"delete": "destroy"} if resource.removing else {}
        if listed:
            found.append(path(f"{resource.plural}/", resource.as_view(listed), name=resource.plural))
        if one:
            found.append(path(row, resource.as_view(one), name=resource.one_name))
        verbs = {act.verb: {"post": act.verb.replace("-", "_")} for act in resource.acts}
        for rows in resource.beside:
            verbs[rows.name] = {"get": rows.action} | verbs.get(rows.name, {})
        for verb, methods in verbs.items():
            name = f"{resource.one_name}-{verb}"
            found.append(path(f"{row}{verb}/", resource.as_view(methods), name=name))
    return found
