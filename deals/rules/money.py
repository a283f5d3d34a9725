"""Amounts in the program's currency, at the European Central Bank's reference rate of the day. Pure.

The rates come with the CurrencyConverter package; nothing is fetched. A day without a rate (a weekend, a day
after the newest one in the package) takes the last rate before it, and the day of that rate is what is kept.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache

import pycountry
from currency_converter import CurrencyConverter, RateNotFoundError

CENT = Decimal("0.01")
_RATE_STEP = Decimal("0.00000001")
# What a claim may amount to, in any currency; also keeps the converted amount within its column.
LARGEST = Decimal(1_000_000_000_000)
_LARGEST_CONVERTED = Decimal("99999999999999.99")


@dataclass(frozen=True, slots=True)
class Converted:
    """``amount`` in the wanted currency at ``rate``, the reference rate of ``rate_on``."""

    amount: Decimal
    rate: Decimal
    rate_on: date


@cache
def _rates() -> CurrencyConverter:
    return CurrencyConverter(decimal=True)


@cache
def currency_codes() -> frozenset[str]:
    """The currencies of ISO 4217 in use."""
    return frozenset(currency.alpha_3 for currency in pycountry.currencies)


@lru_cache(maxsize=16_384)
def rate_between(currency: str, wanted: str, day: date) -> tuple[Decimal, date] | None:
    """Units of ``wanted`` for one of ``currency``, and the day of the rate; None when the bank gives none.

    A currency that the bank stopped quoting before ``day`` has no rate any more.
    """
    if currency == wanted:
        return Decimal(1), day
    rates = _rates()
    if currency not in rates.currencies or wanted not in rates.currencies:
        return None
    on = min(day, rates.bounds["EUR"].last_date)
    for name in {currency, wanted} - {"EUR"}:
        bounds = rates.bounds[name]
        if not bounds.first_date <= on <= bounds.last_date:
            return None
    return _last_rate(currency, wanted, on)


def _last_rate(currency: str, wanted: str, on: date) -> tuple[Decimal, date] | None:
    """The last day not after ``on``, at most a fortnight back, on which both were quoted."""
    rates = _rates()
    for back in range(15):
        day = on - timedelta(days=back)
        mine, theirs = _quote(rates, currency, day), _quote(rates, wanted, day)
        if mine and theirs:
            return (theirs / mine).quantize(_RATE_STEP), day
    return None


def _quote(rates: CurrencyConverter, currency: str, day: date) -> Decimal | None:
    """Units of ``currency`` for one euro on ``day``."""
    if currency == "EUR":
        return Decimal(1)
    try:
        return Decimal(rates.convert(1, "EUR", currency, date=day))
    except RateNotFoundError:
        return None


def convert(amount: Decimal, currency: str, wanted: str, day: date) -> Converted | None:
    """``amount`` in ``wanted``, rounded half up to cents; None without a rate, or out of bounds.

    The amount is computed from the rate as kept (eight decimals), so what is stored can be checked by hand.
    """
    found = rate_between(currency, wanted, day)
    if found is None:
        return None
    rate, rate_on = found
    converted = (amount * rate).quantize(CENT, ROUND_HALF_UP)
    if rate == 0 or abs(converted) > _LARGEST_CONVERTED:
        return None
    return Converted(converted, rate, rate_on)
