"""Are direct reps paid the same when a partner brought the deal? A question with its evidence (R57)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Flag:
    """A question the charter leaves open; ``red`` when it stands in the way of the whole program."""

    question: str
    evidence: str
    red: bool


def _rate(value: Decimal) -> str:
    return f"{value.normalize():f}%"


def neutrality(
    *,
    redesigned_on: date | None,
    rate_direct: Decimal | None,
    rate_partner: Decimal | None,
    today: date,
) -> Flag | None:
    """What the pay plan makes one ask; None when it was redesigned and partner deals pay no less.

    Rates are in percent of a deal; days are in the program's time zone.
    """
    question = "Does a direct rep lose money when a partner brings the deal?"
    if redesigned_on is None:
        return Flag(
            question, "The direct reps' pay plan was not redesigned for partner-sourced revenue.", red=True
        )
    if redesigned_on > today:
        day = f"{redesigned_on.day} {redesigned_on:%b %Y}"
        evidence = f"The redesigned pay plan starts on {day}; until then the old one pays."
        return Flag(question, evidence, red=True)
    if rate_direct is None or rate_partner is None:
        evidence = "The pay plan was redesigned, and nobody has written down both rates."
        return Flag(question, evidence, red=False)
    if rate_partner < rate_direct:
        return Flag(
            question,
            f"The pay plan was redesigned, and still pays {_rate(rate_partner)} on a partner-sourced deal"
            f" beside {_rate(rate_direct)} on a direct one.",
            red=True,
        )
    return None
