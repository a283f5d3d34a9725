"""The fitted weights: a file that fits the features of this version."""

import pytest

from deals.matching import tables, weights
from deals.matching.evidence import Party, gather
from deals.matching.features import beside, features


def known() -> dict[str, float]:
    told = features(gather(Party("Brindle", (), "US"), Party("Brindle Zeolite", ("brindle.com",), "US")))
    beside([told], [3])
    return told


def test_every_weight_is_of_a_feature_and_no_feature_knows_whether_there_is_a_website() -> None:
    names = {name for name in weights.weights() if not name.startswith("=")}
    assert len(names) > 50
    assert names <= set(known())
    bare = features(gather(Party("Halvorne", (), "US"), Party("Quartz", (), "US")))
    sited = features(gather(Party("Halvorne", (), "US"), Party("Quartz", ("ulmvik.com",), "US")))
    assert bare == sited


def test_the_limits_are_in_order() -> None:
    shown, beside_same = weights.limit(weights.SHOWN_FROM), weights.limit(weights.BESIDE_SAME_FROM)
    assert 0 < shown < beside_same < weights.limit(weights.SAME_FROM) < 1


def test_every_line_of_the_file_is_read() -> None:
    assert len(weights.weights()) == len(tables.lines("match_weights"))


@pytest.mark.parametrize("value", [-1e9, 0.0, 1e9])
def test_a_likelihood_stays_between_0_and_1(value: float) -> None:
    assert 0.0 <= weights.probability(dict.fromkeys(known(), value)) <= 1.0
