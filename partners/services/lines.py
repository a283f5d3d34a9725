"""Competing products in a partner's line card: noted, corrected, taken off (R25)."""

from django.db import IntegrityError, transaction

from partners.core.actor import Actor
from partners.core.errors import Clash, FieldErrors, NotFound, Stale
from partners.core.text import clean_text
from partners.models import CompetingLine, Partner
from partners.rules.lines import YesNoUnknown
from partners.services.ledger import record
from partners.services.rights import require

MOST = 50
_FIELDS = ("product", "vendor", "higher_margin", "exclusive")


def _checked(values: dict[str, str]) -> dict[str, str]:
    clean = {name: clean_text(value) for name, value in values.items()}
    errors: dict[str, list[str]] = {}
    if not clean.get("product", "x"):
        errors["product"] = ["Which product competes with ours?"]
    for name in ("product", "vendor"):
        if len(clean.get(name, "")) > 120:
            errors[name] = ["Use at most 120 characters."]
    for name in ("higher_margin", "exclusive"):
        if name in clean and clean[name] not in YesNoUnknown.values:
            errors[name] = [f"Choose one of: {', '.join(YesNoUnknown.values)}."]
    if errors:
        raise FieldErrors(errors)
    return clean


_LISTED = "This product is in the list already. Change the line that is there."


@transaction.atomic
def add_line(
    *,
    actor: Actor,
    partner: Partner,
    product: str,
    vendor: str = "",
    higher_margin: str = YesNoUnknown.UNKNOWN,
    exclusive: str = YesNoUnknown.UNKNOWN,
) -> CompetingLine:
    """Note a product the partner sells that competes with ours. Raises ``NotAllowed``, ``FieldErrors``,
    ``Clash`` when it is listed already or the list is full."""
    require(actor, "partners.edit")
    given = {"product": product, "vendor": vendor, "higher_margin": higher_margin, "exclusive": exclusive}
    clean = _checked(given)
    if CompetingLine.objects.filter(partner=partner).count() >= MOST:
        raise Clash("too_many", f"At most {MOST} lines are kept for a partner. Take one off first.")
    try:
        with transaction.atomic():
            line = CompetingLine.objects.create(program_id=actor.program_id, partner=partner, **clean)
    except IntegrityError as error:
        raise Clash("listed", _LISTED, field="product") from error
    record("competing_line.added", line, actor=actor, new={"about": partner.name, **clean})
    return line


def _held(public_id: str, expected_version: int | None) -> CompetingLine:
    rows = CompetingLine.objects.select_for_update(of=["self"]).select_related("partner")
    line = rows.filter(public_id=public_id).first()
    if line is None:
        raise NotFound
    if expected_version not in (None, line.version):
        raise Stale
    return line


@transaction.atomic
def change_line(
    *, actor: Actor, public_id: str, expected_version: int | None = None, **values: str
) -> CompetingLine:
    """Change the named fields; nothing is written when nothing differs.

    Raises ``NotAllowed``, ``NotFound``, ``FieldErrors``, ``Clash``, ``Stale``.
    """
    require(actor, "partners.edit")
    line = _held(public_id, expected_version)
    if unknown := set(values) - set(_FIELDS):
        raise KeyError(min(unknown))
    changed = {name: value for name, value in _checked(values).items() if getattr(line, name) != value}
    if not changed:
        return line
    old = {name: getattr(line, name) for name in changed}
    for name, value in changed.items():
        setattr(line, name, value)
    try:
        with transaction.atomic():
            line.save_fields(*changed)
    except IntegrityError as error:
        raise Clash("listed", _LISTED, field="product") from error
    record("competing_line.changed", line, actor=actor, old=old, new={"about": line.partner.name, **changed})
    return line


@transaction.atomic
def remove_line(*, actor: Actor, public_id: str, expected_version: int | None = None) -> None:
    """Take a line off; the ledger keeps what it said. Raises ``NotAllowed``, ``NotFound``, ``Stale``."""
    require(actor, "partners.edit")
    line = _held(public_id, expected_version)
    said = {name: getattr(line, name) for name in _FIELDS}
    record("competing_line.removed", line, actor=actor, old={"about": line.partner.name, **said})
    line.delete()
