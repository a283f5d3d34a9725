"""What a change of a closed month comes to, month by month. Pure."""

from datetime import date
from decimal import Decimal

from prm.rules.periods import shift

_ZERO = Decimal(0)


def steps(differences: dict[date, Decimal], last: date) -> dict[date, Decimal]:
    """The differences of a level as steps: what came on top in each month, so that they sum to it.

    ``differences`` holds how far the level is off in each month, without those in which it is right; ``last``
    is the last month looked at.
    """
    found: dict[date, Decimal] = {}
    for month, off in differences.items():
        found[month] = found.get(month, _ZERO) + off
        following = shift(month, 1)
        if following <= last:
            found[following] = found.get(following, _ZERO) - off
    return {month: step for month, step in sorted(found.items()) if step}
