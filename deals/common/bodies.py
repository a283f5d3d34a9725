"""What the body of a request names: a claim, a buyer, a partner, an offering."""

from typing import Any

from deals.matching.countries import country_code
from deals.rules.claims import Claim
from deals.rules.leads import Buyer
from partners.api.named import offering_named, partner_named
from partners.models import Offering, Partner


def described[D: (Claim, Buyer)](kind: type[D], values: dict[str, Any], before: Any = None) -> D:
    """A claim or buyer of a body's values; what it leaves out is as ``before`` has it."""
    chosen = dict(values)
    if (public_id := chosen.pop("offering", None)) is not None:
        chosen["offering_id"] = offering_named(public_id).pk
    if country := chosen.get("country"):
        chosen["country"] = country_code(country) or country
    known = {name: getattr(before, name) for name in kind.__dataclass_fields__} if before else {}
    return kind(**(known | chosen))


def partner_in(values: dict[str, Any]) -> Partner | None:
    """The partner a body names, if it names one."""
    public_id = values.get("partner")
    return None if public_id is None else partner_named(public_id)


def offering_in(values: dict[str, Any]) -> Offering | None:
    public_id = values.get("offering")
    return None if public_id is None else offering_named(public_id)
