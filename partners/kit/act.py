"""An act: who may, what is asked, the service that does it, and what is said afterwards; and its page."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from functools import cache
from operator import attrgetter
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from rest_framework import serializers

from partners.access import Place, Side
from partners.core.actor import Actor
from partners.core.errors import Clash, DomainError, NotAllowed, NotFound, RuleBroken, Stale
from partners.forms import blame
from partners.kit.fields import API, FORM, Field
from partners.kit.shapes import Nothing
from partners.models import Seat
from partners.views.gates import GatedView, PlacedRequest, portal, workspace

type Address = Callable[[Place, Any], str]
type Finder = Callable[[Place, str], Any]


def by_id(access: Callable[[str], Any]) -> Finder:
    """Finds a row that is the same for all who pass the gate."""
    return lambda _place, public_id: access(public_id)


def by_actor(access: Callable[[Actor, str], Any]) -> Finder:
    """Finds a row among those the actor may see."""
    return lambda place, public_id: access(place.actor, public_id)


def by_seat(access: Callable[[Seat, str], Any]) -> Finder:
    """Finds a row among those the seat may see."""
    return lambda place, public_id: access(place.seat, public_id)


def at(name: str, of: str = "") -> Address:
    """The address of a row's page by its URL name; ``of`` leads from the row to the one whose page it is."""

    def address(place: Place, row: Any) -> str:
        target = attrgetter(of)(row) if of else row
        return reverse(name, kwargs={"program": place.program.slug, "public_id": target.public_id})

    return address


def at_list(name: str) -> Address:
    """The address of a page of the program."""
    return lambda place, _row: reverse(name, kwargs={"program": place.program.slug})


@dataclass(frozen=True)
class Act:
    """Something that can be done. ``does`` is the service; it gets ``actor``, the row as ``on``, the fields
    by their names and, when ``versioned``, ``expected_version``; ``values`` makes other arguments of them.

    ``gate`` is a permission, or several of which any will do in the API: a page takes the one of its side.
    What only a page needs (``title`` to ``after``) is left out for an act without one.
    """

    verb: str
    does: Callable[..., Any]
    _: KW_ONLY
    gate: str | tuple[str, ...]
    on: str = ""
    fields: tuple[Field, ...] = ()
    versioned: bool = False
    values: Callable[[Place, Any, dict[str, Any]], dict[str, Any]] = lambda _place, _row, given: given
    # In the API
    summary: str = ""
    about: str = ""  # what its body is
    body: str | type[serializers.Serializer[Any]] = ""  # the name of the body's shape, or the shape itself
    shape: Any = None  # the shape of the answer where it is not the resource's own
    status: int = 200
    gives: Callable[[Any], Any] = lambda result: result  # what is answered, of what the service gave
    if_match: bool = False  # the API compares versions; the service does not
    # On its page
    row: Finder = lambda _place, _public_id: None
    title: str | Callable[[Any], str] = ""
    hint: str = ""
    of: str = "name"  # the row's attribute that the page is headed by
    heading: str = ""  # or what it is headed by, whatever the row
    submit: str = ""
    done: str | Callable[[Any], str] = ""
    back: Address | None = None  # the page it was begun on
    after: Address | None = None  # where it leads, from what the service gave, when that is elsewhere
    drawn: Callable[[PlacedRequest, Any, forms.Form, int], HttpResponse] | None = None  # on the row's page
    form: Callable[[Place, Any, dict[str, Any]], forms.Form] | None = None
    template: str = "act.html"
    ids: str = ""  # how its fields' ids are made where a page has several forms
    raises: tuple[type[DomainError], ...] = ()  # refusals that no form is left to show

    @property
    def gates(self) -> tuple[str, ...]:
        """The permissions of which any will do."""
        return (self.gate,) if isinstance(self.gate, str) else self.gate

    def gate_of(self, side: Side) -> str:
        """The permission asked for on one side."""
        own = [gate for gate in self.gates if gate.startswith("portal.") == (side == "portal")]
        return (own or self.gates)[0]

    def do(
        self,
        place: Place,
        row: Any,
        given: Mapping[str, Any],
        version: int | None = None,
        *,
        partial: bool = False,
    ) -> Any:
        """Call the service with what was given at either door; ``partial``: what was left out stays as it is.
        Raises what the service raises."""
        asked = [field for field in self.fields if not partial or field.name in given]
        values = {field.to or field.name: field.value(given.get(field.name)) for field in asked}
        arguments = self.values(place, row, values if self.fields else dict(given))
        if self.on:
            arguments[self.on] = row
        if self.versioned:
            arguments["expected_version"] = version
        return self.does(actor=place.actor, **arguments)

    def blank(self, place: Place, row: Any) -> forms.Form:
        """The form as it is first shown."""
        return self._form(place, row, {"initial": self._initial(place, row)})

    def sent(self, place: Place, row: Any, data: Any) -> forms.Form:
        """The form as it was sent."""
        return self._form(place, row, {"data": data, "initial": self._initial(place, row)})

    def _form(self, place: Place, row: Any, sent: dict[str, Any]) -> forms.Form:
        if self.form is not None:
            return self.form(place, row, sent)
        form = forms.Form(auto_id=self.ids or "id_%s", **sent)
        for field in self.fields:
            made = None if field.only == API else field.form_field(place)
            if made is not None:
                form.fields[field.name] = made
        if self.versioned:
            form.fields["version"] = forms.IntegerField(required=False, widget=forms.HiddenInput)
        return form

    def _initial(self, place: Place, row: Any) -> dict[str, Any]:
        """The version that is read, and what the row has under the fields' names."""
        known = {f.name: f.shown(getattr(row, f.name)) for f in self.fields if hasattr(row, f.name)}
        return known | ({"version": row.version} if self.versioned else {})


def body_of(act: Act) -> type[serializers.Serializer[Any]]:
    """The shape of an act's body in the API."""
    if isinstance(act.body, type):
        return act.body
    asked = tuple(field for field in act.fields if field.only != FORM)
    return _body(act.body, act.about, asked) if asked else Nothing


@cache
def _body(name: str, about: str, asked: tuple[Field, ...]) -> type[serializers.Serializer[Any]]:
    """One class for one name, however many acts have it."""
    known = {"__doc__": about, "__module__": __name__}
    return type(name, (serializers.Serializer,), {field.name: field.api_field() for field in asked} | known)


def page(act: Act, side: Side = "workspace") -> GatedView:
    """The page of an act: its form, or back once it is done. An act that asks nothing is a button (POST), and
    so is one whose form is ``drawn`` on another page."""
    asks = bool(act.form or any(field.only != API for field in act.fields))
    door = workspace if side == "workspace" else portal

    @door(act.gate_of(side), methods=("GET", "POST") if asks and not act.drawn else ("POST",))
    def view(request: PlacedRequest, public_id: str = "") -> HttpResponse:
        row = act.row(request.place, public_id)
        return _asked(request, act, row) if asks else _pressed(request, act, row)

    view.__doc__ = f"The act {act.verb}."
    return view


def _asked(request: PlacedRequest, act: Act, row: Any) -> HttpResponse:
    """The form as it was sent, done; or the form."""
    place, status = request.place, 200
    form = act.sent(place, row, request.POST) if request.method == "POST" else act.blank(place, row)
    if form.is_bound:
        status = 422
        try:
            if form.is_valid():
                version = form.cleaned_data.get("version") or None
                return _gone(request, act, row, act.do(place, row, form.cleaned_data, version))
        except DomainError as refusal:
            if isinstance(refusal, (NotAllowed, NotFound, *act.raises)):
                raise
            blame(form, refusal)
            status = refusal.status if isinstance(refusal, Stale) else status
    if act.drawn is not None:
        return act.drawn(request, row, form, status)
    title = act.title(row) if callable(act.title) else act.title
    context = {
        "act": act,
        "title": title,
        "row": row,
        "form": form,
        "back": act.back(place, row) if act.back else "",
    }
    context["of"] = act.heading or (str(attrgetter(act.of)(row)) if row is not None else title)
    return render(request, act.template, context, status=status)


def _pressed(request: PlacedRequest, act: Act, row: Any) -> HttpResponse:
    """A button: what stands against it is said on the page it was pressed on."""
    version = request.POST.get("version", "")
    known = int(version) if version.isdecimal() and version.isascii() and len(version) < 10 else None
    try:
        result = act.do(request.place, row, {}, known)
    except (Clash, RuleBroken) as refusal:
        if act.back is None:
            raise
        messages.error(request, refusal.sentence)
        return redirect(act.back(request.place, row))
    return _gone(request, act, row, result)


def _gone(request: PlacedRequest, act: Act, row: Any, result: Any) -> HttpResponse:
    """Say that it is done, and go on to what it made, or back."""
    messages.success(request, act.done(result) if callable(act.done) else act.done)
    leads_to = act.after(request.place, result) if act.after else act.back and act.back(request.place, row)
    return redirect(leads_to or ".")
