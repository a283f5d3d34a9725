"""Countries by code (ISO 3166-1, from pycountry). ``deals.matching.countries`` reads what somebody wrote."""

from functools import cache

import pycountry

KOSOVO = ("XK", "Kosovo")  # not in ISO 3166-1; the code everybody uses (user-assigned)


def country_name(code: str) -> str:
    """The English name of an alpha-2 code, or the code itself when there is no such country."""
    if code == KOSOVO[0]:
        return KOSOVO[1]
    found = pycountry.countries.get(alpha_2=code)
    return str(getattr(found, "common_name", found.name)) if found else code


@cache
def country_choices() -> list[tuple[str, str]]:
    """Code and name of every country, by name."""
    codes = [*(country.alpha_2 for country in pycountry.countries), KOSOVO[0]]
    return sorted(((code, country_name(code)) for code in codes), key=lambda choice: choice[1])
