"""The fitted weights of the matcher, read from ``data/match_weights.txt``; ``benchmarks/fit_matching.py``
writes it.
"""

import math
from collections.abc import Mapping
from functools import cache

from deals.matching import tables

SAME_FROM = "= same from"
SHOWN_FROM = "= shown from"
BESIDE_SAME_FROM = "= shown beside a same from"
BIAS = "= bias"


@cache
def weights() -> dict[str, float]:
    """Feature → weight, and under names that begin with ``=`` the bias and the limits of the bands."""
    found: dict[str, float] = {}
    for line in tables.lines("match_weights"):
        name, _, value = line.rpartition(" ")
        found[name.strip()] = float(value)
    return found


def limit(name: str) -> float:
    """One of the limits above, a probability."""
    return weights()[name]


def probability(features: Mapping[str, float]) -> float:
    """How likely the two are the same customer, 0 to 1, for a pair that shares no website."""
    table = weights()
    total = table[BIAS]
    for name, value in features.items():
        if value:
            total += table.get(name, 0.0) * value
    return 1 / (1 + math.exp(-min(max(total, -30.0), 30.0)))
