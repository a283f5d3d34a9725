"""Fernhill's own customers and direct deals, written as the CRM files anyone would load."""

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from anyascii import anyascii

from prm.management.demo.story import ENDINGS, FIRST, LAST, REPS, STAGES

ACCOUNTS = 88
_COUNTRIES = ("DE", "DE", "GB", "GB", "FR", "IT", "NL", "SE", "ES", "AT")


@dataclass(frozen=True)
class Customer:
    """An end customer as somebody would write it down."""

    name: str
    website: str
    country: str


class Market:
    """All customers there are: some known to the CRM, the rest for partners to find."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.chance = Random("fernhill market")  # noqa: S311
        pairs = [(first, last) for first in FIRST for last in LAST]
        self.chance.shuffle(pairs)
        self._known_pairs, self._fresh_pairs = pairs[:ACCOUNTS], pairs[ACCOUNTS:]
        self._known = [self._customer(pair, self.chance.choice(_COUNTRIES)) for pair in self._known_pairs]
        self._long_open = list(range(1, 24, 2))
        self._open = list(range(0, 24, 2))
        self._won = list(range(24, 52))

    def _customer(self, pair: tuple[str, str], country: str) -> Customer:
        form, domain = ENDINGS[country]
        label = anyascii(f"{pair[0]}-{pair[1]}").lower().replace(" ", "-")
        return Customer(f"{pair[0]} {pair[1]} {form}", f"https://www.{label}.{domain}", country)

    def fresh(self, country: str) -> Customer:
        """A customer the CRM has not heard of."""
        return self._customer(self._fresh_pairs.pop(), country)

    def with_direct_deal(self, *, long_open: bool) -> Customer:
        """A customer with whom direct sales has an opportunity open (since before the program began)."""
        return self._known[(self._long_open if long_open else self._open).pop()]

    def existing_customer(self) -> Customer:
        """A customer who bought already."""
        return self._known[self._won.pop()]

    def accounts_file(self) -> bytes:
        """Accounts, as a HubSpot export names the columns."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(
            ["Record ID", "Company name", "Company Domain Name", "Country/Region", "Company owner"]
        )
        for number, customer in enumerate(self._known):
            website = customer.website.removeprefix("https://www.")
            writer.writerow(
                [7100 + number, customer.name, website, customer.country, REPS[number % len(REPS)]]
            )
        return out.getvalue().encode()

    def deals_file(self) -> bytes:
        """Direct opportunities: open ones, won ones and lost ones over the last two years."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(
            ["Record ID", "Deal Name", "Deal Stage", "Amount", "Deal owner", "Close Date", "Create Date",
             "Associated Company", "Associated Company IDs"]
        )  # fmt: skip
        number = 9000
        for index, customer in enumerate(self._known):
            for days_ago, stage, close_in in self._deals_of(index):
                number += 1
                opened = self.today - timedelta(days=days_ago)
                closes = opened + timedelta(days=close_in)
                amount = self.chance.randint(60, 520) * 100
                owner = REPS[index % len(REPS)]
                writer.writerow(
                    [number, f"{customer.name} scheduling", stage, amount, owner, closes.isoformat(),
                     opened.isoformat(), customer.name, 7100 + index]
                )  # fmt: skip
        return out.getvalue().encode()

    def _deals_of(self, index: int) -> list[tuple[int, str, int]]:
        """``(days ago, stage, days to close)`` of one known account's deals."""
        if index < 24:
            days = self.chance.randint(560, 640) if index % 2 else self.chance.randint(90, 300)
            return [(days, STAGES[index % len(STAGES)], days + self.chance.randint(20, 90))]
        if index < 52:
            return [(self.chance.randint(120, 680), "Closed Won", self.chance.randint(30, 90))]
        if index < 76:
            return [(self.chance.randint(100, 600), "Closed Lost", self.chance.randint(20, 80))]
        return []
