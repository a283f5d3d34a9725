"""Rules of engagement (R36): made and changed by the leader, every version in the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from deals.matching.countries import country_code
from deals.models import EngagementRule
from deals.rules.engagement import Stance
from partners.core.actor import Actor
from partners.core.errors import FieldErrors, NotFound
from partners.core.text import clean_text
from partners.models import Partner
from partners.services.ledger import record
from partners.services.rights import require

_LISTED = 60
_FIELDS = ("name", "stance", "partner", "countries", "verticals", "segments", "text", "active")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTerms:
    """A rule as somebody typed it. Countries by ISO 3166 code or name; an empty list means any."""

    name: str
    stance: Stance
    partner: Partner | None = None
    countries: Sequence[str] = ()
    verticals: Sequence[str] = ()
    segments: Sequence[str] = ()
    text: str = ""
    active: bool = True


def add_rule(*, actor: Actor, terms: RuleTerms) -> EngagementRule:
    """A new rule; it counts for claims made from now on. Raises ``NotAllowed``, ``FieldErrors``."""
    require(actor, "program.edit")
    row = EngagementRule(program_id=actor.program_id)
    _fill(row, terms)
    row.save(force_insert=True)
    record("engagement_rule.added", row, actor=actor, new=_said(row))
    return row


def change_rule(
    *, actor: Actor, rule: EngagementRule, terms: RuleTerms, expected_version: int | None = None
) -> EngagementRule:
    """Change a rule or take it out of force; what was decided by it stays. Raises ``Stale`` besides."""
    require(actor, "program.edit")
    with transaction.atomic():
        row = EngagementRule.objects.select_for_update(no_key=True).filter(pk=rule.pk).first()
        if row is None:
            raise NotFound("There is no such rule.")
        old = _said(row)
        _fill(row, terms)
        row.save_fields(*_FIELDS, expected_version=expected_version)
        record("engagement_rule.changed", row, actor=actor, old=old, new=_said(row))
        return row


def _fill(row: EngagementRule, terms: RuleTerms) -> None:
    errors: dict[str, list[str]] = {}
    name, text = clean_text(terms.name), clean_text(terms.text)
    if not name:
        errors["name"] = ["Give the rule a name."]
    elif len(name) > 120:
        errors["name"] = ["At most 120 characters."]
    if len(text) > 2000:
        errors["text"] = [f"At most 2,000 characters; this has {len(text):,}."]
    if (terms.stance == Stance.PARTNER) != (terms.partner is not None):
        says = "Which partner?" if terms.stance == Stance.PARTNER else "This rule names no partner."
        errors["partner"] = [says]
    countries = [country_code(value) or "" for value in terms.countries]
    if "" in countries:
        unknown = [value for value, code in zip(terms.countries, countries, strict=True) if not code]
        errors["countries"] = [f"No country is called {unknown[0][:60]!r}."]
    words = {"verticals": _words(terms.verticals), "segments": _words(terms.segments)}
    errors |= {
        name: ["At most 80 characters each."]
        for name, said in words.items()
        if max(map(len, said), default=0) > 80
    }
    lists = words | {"countries": countries}
    errors |= {
        name: ["That is more than a rule can list."]
        for name, said in lists.items()
        if len(said) > _LISTED * 5
    }
    if errors:
        raise FieldErrors(errors)
    row.name, row.text, row.stance, row.partner = name, text, terms.stance, terms.partner
    row.countries = sorted(set(countries))
    row.verticals, row.segments, row.active = words["verticals"], words["segments"], terms.active


def _words(values: Sequence[str]) -> list[str]:
    """Words tidied, each once whatever its case."""
    seen: dict[str, str] = {}
    for value in values:
        if word := " ".join(clean_text(value).split()):
            seen.setdefault(word.casefold(), word)
    return list(seen.values())


def _said(row: EngagementRule) -> dict[str, object]:
    said = {name: getattr(row, name) for name in _FIELDS if name != "partner"}
    return said | {"partner": row.partner.public_id if row.partner else None}
