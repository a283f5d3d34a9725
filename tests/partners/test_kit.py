"""Acts: one declaration gives the form, the page, the body and the addresses, alike at every door."""

from dataclasses import replace
from typing import Any

import pytest
from django.db.models import TextChoices
from rest_framework import serializers

from partners.access import Place
from partners.acts.activities import LOG_ACTIVITY
from partners.core.actor import Actor, Door, Role
from partners.core.errors import Stale
from partners.kit.act import Act, body_of
from partners.kit.fields import API, FORM, Choice, Day, Field, Flag, Line, Lines, Text, Whole
from partners.kit.shapes import Nothing


class Colour(TextChoices):
    RED = "red", "Red"
    BLUE = "blue", "Blue"


ASKED = (
    Line("name", 20, label="Name", help="As it is."),
    Text("note", 50, required=False),
    Choice("colour", of=Colour, to="shade"),
    Whole("size", least=1, most=9, optional=API, absent=3),
    Day("on", required=False),
    Flag("loud"),
    Lines("words", 100, required=False, only=FORM),
    Line("key", 5, required=False, only=API),
)


def place() -> Any:
    actor = Actor(program_id=1, role=Role.LEADER, door=Door.SCREEN, name="A")
    return Place(program=None, seat=None, actor=actor, door="workspace")  # type: ignore[arg-type]


def act(**more: Any) -> Act:
    got: dict[str, Any] = {}

    def does(**arguments: Any) -> dict[str, Any]:
        got.clear()
        got.update(arguments)
        return got

    return Act("do", does, gate="program.view", fields=ASKED, body="DoInput", **more)


def test_a_form_asks_what_is_asked_there_with_its_limits() -> None:
    form = act().blank(place(), None)
    assert list(form.fields) == ["name", "note", "colour", "size", "on", "loud", "words"]
    assert (form.fields["name"].label, form.fields["name"].help_text) == ("Name", "As it is.")
    sent = act().sent(place(), None, {"name": "x" * 21, "colour": "green", "size": "0"})
    assert set(sent.errors) == {"name", "colour", "size"}


def test_a_body_asks_the_same_with_the_same_limits() -> None:
    shape = body_of(act())()
    assert shape.__class__.__name__ == "DoInput"
    assert list(shape.fields) == ["name", "note", "colour", "size", "on", "loud", "key"]
    assert not shape.fields["size"].required
    body = body_of(act())(data={"name": "x" * 21, "colour": "green", "size": 0})
    assert not body.is_valid()
    assert set(body.errors) == {"name", "colour", "size"}


def test_both_doors_give_the_service_the_same_arguments() -> None:
    one = act()
    form = one.sent(place(), None, {"name": "Ann", "colour": "red", "size": "3", "words": "a\nb"})
    assert form.is_valid(), form.errors
    by_form = dict(one.do(place(), None, form.cleaned_data))
    body = body_of(one)(data={"name": "Ann", "colour": "red"})
    assert body.is_valid(), body.errors
    by_api = dict(one.do(place(), None, body.validated_data))
    assert by_form.pop("words") == ["a", "b"]
    assert by_api.pop("words") == []
    assert by_form == by_api
    assert by_form["shade"] is Colour.RED
    assert (by_form["size"], by_form["on"], by_form["loud"], by_form["note"]) == (3, None, False, "")


def test_what_a_change_leaves_out_stays() -> None:
    given = act().do(place(), None, {"name": "Ann"}, partial=True)
    assert set(given) == {"actor", "name"}


def test_the_row_and_its_version_go_to_the_service() -> None:
    given = act(on="thing", versioned=True).do(place(), "row", {"name": "A", "colour": "red"}, 4)
    assert (given["thing"], given["expected_version"]) == ("row", 4)


def test_an_act_that_asks_nothing_has_no_body_of_its_own() -> None:
    assert body_of(replace(act(), fields=())) is Nothing


def test_one_name_is_one_shape() -> None:
    assert body_of(act()) is body_of(act(summary="Again"))


def test_each_side_asks_for_its_own_permission() -> None:
    both = replace(act(), gate=("touches.log", "portal.register"))
    assert (both.gate_of("workspace"), both.gate_of("portal")) == ("touches.log", "portal.register")
    assert act().gate_of("portal") == "program.view"


def test_a_field_that_is_no_kind_of_field_says_so() -> None:
    with pytest.raises(NotImplementedError, match="Field"):
        Field("x").api_field()


def test_a_refusal_of_the_service_is_raised() -> None:
    def refuse(**_arguments: Any) -> None:
        raise Stale

    with pytest.raises(Stale):
        replace(act(), does=refuse).do(place(), None, {"name": "A", "colour": "red"})


def test_a_real_act_keeps_its_body() -> None:
    fields = body_of(LOG_ACTIVITY)().fields
    assert list(fields) == ["partner", "kind", "happened_on", "minutes", "note", "external_id"]
    assert isinstance(fields["kind"], serializers.ChoiceField)
    assert [name for name, field in fields.items() if field.required] == ["partner", "kind"]
