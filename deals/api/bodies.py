"""What a body describes: a claim, or the buyer of a lead."""

from typing import Any

from deals.rules.claims import Claim
from deals.rules.countries import country_code
from deals.rules.leads import Buyer
from partners.api.named import offering_named


def described[D: (Claim, Buyer)](kind: type[D], values: dict[str, Any], before: Any = None) -> D:
    """A claim or buyer of a body's values; what it leaves out is as ``before`` has it."""
    chosen = dict(values)
    if (public_id := chosen.pop("offering", None)) is not None:
        chosen["offering_id"] = offering_named(public_id).pk
    if country := chosen.get("country"):
        chosen["country"] = country_code(country) or country
    known = {name: getattr(before, name) for name in kind.__dataclass_fields__} if before else {}
    return kind(**(known | chosen))
