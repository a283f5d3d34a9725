"""What a review is about: what may be asked for, and what a change changes. Pure."""

from collections.abc import Mapping
from decimal import Decimal

# What a reviewer may open up again, and how each is named to people. The amount opens its currency too.
ASKABLE: dict[str, str] = {
    "customer_name": "Customer",
    "website": "Website",
    "country": "Country",
    "offering": "Offering",
    "amount": "Expected amount",
    "expected_close": "Expected close",
    "note": "What we should know",
}
# Who the customer is and what they would buy: screening looks at these.
SCREENED = frozenset({"customer_name", "website", "country", "offering"})
# Changing one of these after approval puts the claim before a person again (R125).
WEIGHTY = SCREENED | {"amount", "currency"}

APPEAL_RULE = "A partner may ask once for a no to be looked at again; somebody else than before looks."
CHANGE_RULE = "A change of customer, offering or amount after approval is looked at like a new claim."


def opened(asked: list[str]) -> frozenset[str]:
    """The fields of a claim that are open while ``asked`` were asked for."""
    return frozenset(asked) | ({"currency"} if "amount" in asked else frozenset())


def differing(old: Mapping[str, object], new: Mapping[str, object]) -> set[str]:
    """The names whose values differ."""
    return {name for name in old if old[name] != new[name]}


def side_by_side(old: Mapping[str, object], new: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """What changed, one line per field: its name, what it was and what it is."""
    changed = differing(old, new)
    if changed & {"amount", "currency"}:
        changed = (changed - {"currency"}) | {"amount"}
    return [(label, _said(name, old), _said(name, new)) for name, label in ASKABLE.items() if name in changed]


def in_words(old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    """What changed, one sentence per field: *Customer: Acme → Acme Holding*."""
    return [f"{label}: {was} → {now}" for label, was, now in side_by_side(old, new)]


def _said(name: str, content: Mapping[str, object]) -> str:
    value = content[name]
    if value is None or value == "":
        return "nothing"
    if name == "amount" and isinstance(value, Decimal):
        whole = value == value.to_integral_value()
        return f"{content['currency']} {value:,.0f}" if whole else f"{content['currency']} {value:,}"
    return str(value)
