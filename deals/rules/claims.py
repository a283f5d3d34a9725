"""What a partner says in a registration, and when it is complete enough to be submitted. Pure."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from deals.matching.domains import site_of
from deals.rules.money import CENT, LARGEST, currency_codes
from partners.core.text import clean_text
from partners.rules.countries import country_name

NAME_LENGTH = 255
NOTE_LENGTH = 4000
FURTHEST = timedelta(days=5 * 366)

type Problems = dict[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The content of a registration. All may be missing in a draft; ``currency`` "" is the program's."""

    customer_name: str = ""
    website: str = ""
    country: str = ""
    offering_id: int | None = None
    amount: Decimal | None = None
    currency: str = ""
    expected_close: date | None = None
    note: str = ""


def tidied(claim: Claim, *, currency: str) -> Claim:
    """The claim with storable text, capitals where codes want them, and the program's currency filled in."""
    return replace(
        claim,
        customer_name=" ".join(clean_text(claim.customer_name).split()),
        website=clean_text(claim.website),
        country=clean_text(claim.country).upper(),
        currency=(clean_text(claim.currency) or currency).upper(),
        note=clean_text(claim.note),
    )


def problems(claim: Claim, *, today: date, complete: bool) -> Problems:
    """What is wrong with a tidied claim, by field; ``complete`` asks for everything a submission needs.

    ``today`` is the day in the program's time zone.
    """
    found: Problems = {}
    for check in (_name, _website, _country, _amount, _currency, _close, _note):
        field, sentence = check(claim, today)
        if sentence:
            found[field] = [sentence]
    if complete:
        for field, missing in _missing(claim).items():
            found.setdefault(field, [missing])
    return found


def _missing(claim: Claim) -> dict[str, str]:
    asked = {
        "customer_name": (not claim.customer_name, "Who is the customer? Give the company's name."),
        "country": (not claim.country, "In which country is the customer?"),
        "offering": (claim.offering_id is None, "What would the customer buy?"),
        "amount": (claim.amount is None, "How much do you expect it to be worth? A rough figure will do."),
        "expected_close": (claim.expected_close is None, "When do you expect the customer to decide?"),
    }
    return {field: sentence for field, (absent, sentence) in asked.items() if absent}


def _name(claim: Claim, _today: date) -> tuple[str, str]:
    text = claim.customer_name
    if len(text) > NAME_LENGTH:
        return "customer_name", f"A name has at most {NAME_LENGTH} characters; this has {len(text):,}."
    if text and not any(char.isalnum() for char in text):
        return "customer_name", "There is no letter or digit in this name."
    return "customer_name", ""


def _website(claim: Claim, _today: date) -> tuple[str, str]:
    text = claim.website
    if len(text) > NAME_LENGTH:
        return "website", f"A website has at most {NAME_LENGTH} characters; this has {len(text):,}."
    if text and site_of(text) is None:
        return "website", "Enter a website, such as acme.com, or leave it empty."
    return "website", ""


def _country(claim: Claim, _today: date) -> tuple[str, str]:
    code = claim.country
    if code and (len(code) != 2 or country_name(code) == code):
        return "country", "Choose a country, or give its two-letter code such as DE."
    return "country", ""


def _amount(claim: Claim, _today: date) -> tuple[str, str]:
    amount = claim.amount
    if amount is None:
        return "amount", ""
    if not amount.is_finite():
        return "amount", "Enter an amount, such as 1200.50."
    if amount < 0:
        return "amount", "An amount is not below zero."
    if amount > LARGEST:
        return "amount", f"An amount is at most {LARGEST:,}."
    if amount != amount.quantize(CENT):
        return "amount", "An amount has at most two decimals."
    return "amount", ""


def _currency(claim: Claim, _today: date) -> tuple[str, str]:
    if claim.currency not in currency_codes():
        return "currency", "This currency is not known. Use three letters such as EUR."
    return "currency", ""


def _close(claim: Claim, today: date) -> tuple[str, str]:
    day = claim.expected_close
    if day is None:
        return "expected_close", ""
    if day < today:
        return "expected_close", "This day has passed. When do you expect the customer to decide?"
    if day > today + FURTHEST:
        return "expected_close", "This is more than five years ahead. Give the likeliest day before that."
    return "expected_close", ""


def _note(claim: Claim, _today: date) -> tuple[str, str]:
    if len(claim.note) > NOTE_LENGTH:
        return "note", f"A note has at most {NOTE_LENGTH:,} characters; this has {len(claim.note):,}."
    return "note", ""
