"""Rules of engagement and coverage: who sells to which customers (R36). Pure.

A customer is told by its country and its words: the segment and the vertical of the account. CRMs call either
of them an industry, so a rule's verticals and segments are looked for in both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import TextChoices

from partners.rules.countries import country_name


class Stance(TextChoices):
    """What a rule of engagement says."""

    DIRECT = "direct", "Direct sales only"
    PARTNER = "partner", "One named partner"
    COVERED = "covered", "Partners who work there"
    WELCOME = "welcome", "Partners welcome"


# Of two rules that are equally specific the stricter counts.
_STRICTEST = tuple(Stance)


@dataclass(frozen=True, slots=True)
class Customer:
    """What rules read of a customer. ``country`` is ISO 3166; ``words`` are its segment and vertical."""

    country: str = ""
    words: frozenset[str] = frozenset()

    @classmethod
    def of(cls, country: str, *words: str) -> "Customer":
        """A customer from what is on record; empty words tell nothing."""
        return cls(country.upper(), frozenset(word.strip().casefold() for word in words if word.strip()))


@dataclass(frozen=True, slots=True, kw_only=True)
class EngagementTerms:
    """One rule as it is weighed. ``key`` is its database id; the newer rule of two alike counts."""

    key: int
    stance: Stance
    countries: Sequence[str] = ()
    verticals: Sequence[str] = ()
    segments: Sequence[str] = ()
    partner_id: int | None = None

    @property
    def _lists(self) -> tuple[Sequence[str], ...]:
        return self.countries, self.verticals, self.segments

    @property
    def rank(self) -> tuple[int, int, int]:
        """The higher it is, the sooner the rule counts: specific, then strict, then new."""
        return sum(1 for values in self._lists if values), -_STRICTEST.index(self.stance), self.key

    def fits(self, customer: Customer) -> bool:
        """Whether the rule is about this customer. What is not known about a customer fits no list."""
        if self.countries and customer.country not in self.countries:
            return False
        return all(
            not values or customer.words & _folded(values) for values in (self.verticals, self.segments)
        )


def rule_for(customer: Customer, rules: Iterable[EngagementTerms]) -> EngagementTerms | None:
    """The one rule that counts for a customer, or None when none is about it."""
    return max((rule for rule in rules if rule.fits(customer)), key=lambda rule: rule.rank, default=None)


def outside_coverage(
    customer: Customer, *, countries: Sequence[str], verticals: Sequence[str], segments: Sequence[str]
) -> list[str]:
    """Why a partner does not cover a customer, in words; nothing when it does or nobody can tell.

    An empty list of the partner's covers everything; what is not known about the customer is not held
    against the partner.
    """
    found = []
    if countries and customer.country and customer.country not in countries:
        found.append(f"works in {_in_words(countries)}; the customer is in {country_name(customer.country)}")
    worked = _folded([*verticals, *segments])
    if worked and customer.words and not customer.words & worked:
        found.append(
            f"works with {_listed([*verticals, *segments])}; the customer is {_listed(customer.words)}"
        )
    return found


def _folded(values: Iterable[str]) -> frozenset[str]:
    return frozenset(value.strip().casefold() for value in values)


def _in_words(countries: Iterable[str]) -> str:
    return _listed(country_name(code) for code in countries)


def _listed(values: Iterable[str]) -> str:
    return ", ".join(sorted(values))
