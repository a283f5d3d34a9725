"""A list of companies to look up: which columns say who each one is. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from deals.tabular.fields import key_of

# Column names without case and punctuation, the most telling first.
_ID = ("queryid", "id", "recordid", "rowid", "reference", "ref", "key", "number", "no")
_NAME = (
    *("name", "companyname", "company", "accountname", "account", "customername", "customer"),
    *("organisation", "organization", "organisationname", "organizationname", "firm", "firma", "client"),
)
_WEBSITE = (
    *("domainorempty", "domain", "website", "websiteurl", "companydomainname", "url", "web", "homepage"),
    *("site", "webseite", "internet"),
)
_COUNTRY = (
    *("country", "countrycode", "billingcountry", "billingcountrycode", "countryregion", "hqcountry", "land"),
    *("nation", "location"),
)


@dataclass(frozen=True, slots=True)
class ListColumns:
    """Positions of the columns, None where there is none. Without ``id`` a row is known by its number."""

    name: int
    id: int | None = None
    website: int | None = None
    country: int | None = None


def list_columns(columns: Sequence[str]) -> ListColumns:
    """Find the columns by their headers. Raises ``ValueError`` with a sentence when none holds a name."""
    keys = [key_of(column) for column in columns]

    def first(names: Sequence[str]) -> int | None:
        return next((keys.index(name) for name in names if name in keys), None)

    name = first(_NAME)
    if name is None:
        seen = ", ".join(f"“{column}”" for column in columns[:8])
        raise ValueError(
            f"No column holds the names of the companies. Name one “name”; this list has {seen or 'none'}."
        )
    return ListColumns(name=name, id=first(_ID), website=first(_WEBSITE), country=first(_COUNTRY))


def cell(cells: Sequence[str], at: int | None, limit: int) -> str:
    """The text of a column, trimmed; empty when the list has no such column."""
    return cells[at].strip()[:limit] if at is not None and at < len(cells) else ""
