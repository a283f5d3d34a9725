"""A share drawn with how far it may be off."""

from typing import Any

from django.template import Context, Template

SHARE = {"known": True, "value": 0.44, "low": 0.19, "high": 0.73}


def drawn(share: dict[str, Any]) -> str:
    return str(Template('{% component "interval" share=share / %}').render(Context({"share": share})))


def test_a_share_is_drawn_with_its_interval() -> None:
    shown = drawn(SHARE)
    assert 'x1="0.190" x2="0.730"' in shown
    assert 'x1="0.440" x2="0.440"' in shown


def test_what_cannot_be_told_is_not_drawn() -> None:
    assert drawn(SHARE | {"known": False}) == ""
