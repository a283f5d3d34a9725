"""What can be called is what was committed: an address, a gate or a shape changes in a diff or not at all."""

import pytest

from tests.support.proof import surface
from tests.support.proof.__main__ import GOLDEN, first_difference

RENEW = "If it is meant to change: python -m tests.support.proof --write"


@pytest.mark.parametrize(
    ("name", "now"), [("openapi.json", surface.openapi), ("surface.txt", surface.surface)]
)
def test_what_can_be_called_is_what_was_committed(name, now) -> None:
    assert first_difference((GOLDEN / name).read_text(), now()) == "", RENEW


def test_a_difference_is_named() -> None:
    assert first_difference("a\nb\n", "a\nb\n") == ""
    assert first_difference("a\nb\nc\n", "a\nx\nc\n") == "line 2: - b\n        + x"
    assert first_difference("a\n", "a\nb\n") == "line 2: - \n        + b"
