"""Every verb that a timeline shows has words: one without them cannot be committed."""

import ast
import re

from deals.templatetags.deals import _ACTS, _TONES, act
from tests.support.layout import modules

SHOWN = re.compile(r"(registration|lead|conflict|ruling|statement)\.[a-z_]+")
RECORDING = {"record", "record_and_notify", "_record_end", "_record_offer"}


def recorded() -> set[str]:
    """The verbs that services of deals write, as far as they are plain texts."""
    calls = (
        node
        for _name, tree, _lines in modules("deals")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RECORDING
    )
    told = {
        argument.value
        for call in calls
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
    return {verb for verb in told if SHOWN.fullmatch(verb)}


def test_every_verb_has_words() -> None:
    found = recorded()
    assert len(found) > 30
    assert sorted(found - set(_ACTS)) == []


def test_a_tone_belongs_to_a_verb_with_words() -> None:
    assert sorted(set(_TONES) - set(_ACTS)) == []


def test_a_verb_nobody_has_named_is_still_readable() -> None:
    assert act("registration.some_thing") == "Registration some thing"
