"""Partner organisations: take one on, change what is known about it."""

import re
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from partners.core.actor import STAFF_ROLES, Actor
from partners.core.errors import Clash, FieldErrors, NotFound, RuleBroken
from partners.core.text import clean_text
from partners.models import Intent, Partner, PartnerStatus, Seat
from partners.rules.countries import country_choices
from partners.services.ledger import record
from partners.services.people import close_doors_of_ended_partners
from partners.services.rights import require

SITE = re.compile(r"(https?://)?[^\s/.]+(\.[^\s/.]+)+(/\S*)?", re.IGNORECASE)
# What leads are routed by: short lists of words.
LISTS = ("countries", "verticals", "segments", "functions")
EDITABLE = (
    *("name", "intent", "status", "website", "country", "signed_on", "manager", "goals", "external_id"),
    *(*LISTS, "lead_capacity"),
)
_MOST_WORDS = 40
_MOST_LEADS = 100
_LONGEST = {"name": 200, "website": 255, "country": 2, "goals": 4000, "external_id": 60}
_FIRST_DAY = date(1970, 1, 1)
_LAST_DAY = date(2100, 1, 1)


def _free_slug(name: str) -> str:
    """A readable, unused slug for a new partner."""
    stem = slugify(name)[:60].strip("-") or "partner"
    taken = set(Partner.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    if stem not in taken:
        return stem
    return next(slug for number in range(2, len(taken) + 3) if (slug := f"{stem}-{number}") not in taken)


def _manager(value: Seat | str | None) -> Seat | None:
    """The staff seat that looks after a partner, given as a seat or its public id."""
    if value in (None, ""):
        return None
    if isinstance(value, Seat):
        return value
    seat = Seat.objects.filter(
        public_id=value, ended_at__isnull=True, role__in=[role.value for role in STAFF_ROLES]
    ).first()
    if seat is None:
        raise RuleBroken(
            "manager", "Choose somebody of your own team who has a seat in this program.", field="manager"
        )
    return seat


def _words(name: str, typed: list[str]) -> tuple[list[str], str]:
    """The words of one list, each once, and what is wrong with them, or ""."""
    words = [" ".join(clean_text(word).split()) for word in typed]
    if name == "countries":
        words = [word.upper() for word in words]
    first: dict[str, str] = {}
    for word in words:
        first.setdefault(word.casefold(), word)
    kept = [word for word in first.values() if word]
    if name == "countries" and not all(re.fullmatch(r"[A-Z]{2}", word) for word in kept):
        return kept, "Give countries as two letters with commas between, such as DE, AT."
    if len(kept) > _MOST_WORDS or any(len(word) > 80 for word in kept):
        return kept, f"Give at most {_MOST_WORDS}, each of at most 80 characters."
    return kept, ""


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """The values cleaned. Raises ``FieldErrors`` with everything that is wrong at once."""
    if unknown := set(values) - set(EDITABLE):
        raise KeyError(sorted(unknown)[0])
    clean: dict[str, Any] = {
        name: clean_text(value) if isinstance(value, str) else value for name, value in values.items()
    }
    if clean.get("country"):
        clean["country"] = clean["country"].upper()
    errors = _problems(clean)
    for name in clean.keys() & set(LISTS):
        clean[name], told = _words(name, clean[name])
        if told:
            errors[name] = [told]
    if errors:
        raise FieldErrors(errors)
    if "manager" in clean:
        clean["manager"] = _manager(clean["manager"])
    return clean


def _problems(clean: dict[str, Any]) -> dict[str, list[str]]:
    """What is wrong with each value, besides the lists."""
    country, signed = clean.get("country"), clean.get("signed_on")
    site, capacity = clean.get("website"), clean.get("lead_capacity", 0)
    wrong = {
        "name": clean.get("name") == "" and "A partner needs a name.",
        "website": site and not SITE.fullmatch(site) and "Write it like acme.com, or leave it empty.",
        "country": country
        and country not in dict(country_choices())
        and "Give the country as two letters, such as DE.",
        "signed_on": signed and not _FIRST_DAY <= signed < _LAST_DAY and "Give a day between 1970 and 2100.",
        "lead_capacity": not 0 <= capacity <= _MOST_LEADS and f"Give a number from 0 to {_MOST_LEADS}.",
    }
    for name, longest in _LONGEST.items():
        if len(clean.get(name) or "") > longest:
            wrong[name] = f"Use at most {longest} characters."
    for name, choices in (("intent", Intent), ("status", PartnerStatus)):
        if name in clean and clean[name] not in choices.values:
            wrong[name] = f"Choose one of: {', '.join(choices.values)}."
    return {name: [sentence] for name, sentence in wrong.items() if sentence}


def _said(values: dict[str, Any]) -> dict[str, Any]:
    """Values as the ledger keeps them: people by name."""
    return {name: str(value) if isinstance(value, Seat) else value for name, value in values.items()}


def _clash(error: IntegrityError) -> Clash:
    if "external_id" in str(error):
        return Clash("external_id_taken", "Another partner has this external id.", field="external_id")
    return Clash(
        "slug_taken", "Somebody added a partner of this name just now. Look at the list.", field="name"
    )


@transaction.atomic
def create_partner(*, actor: Actor, name: str, **values: Any) -> Partner:
    """Take on a partner; ``values`` are those of ``EDITABLE``.

    Raises ``NotAllowed``, ``FieldErrors``, ``Clash``.
    """
    require(actor, "partners.edit")
    clean = _checked({"name": name, **values})
    try:
        with transaction.atomic():
            partner = Partner.objects.create(
                program_id=actor.program_id, slug=_free_slug(clean["name"]), **clean
            )
    except IntegrityError as error:
        raise _clash(error) from error
    record("partner.created", partner, actor=actor, new=_said(clean))
    return partner


@transaction.atomic
def change_partner(
    *, actor: Actor, public_id: str, expected_version: int | None = None, **values: Any
) -> Partner:
    """Change the named fields. Nothing is written when nothing differs.

    Raises ``NotAllowed``, ``NotFound``, ``FieldErrors``, ``Clash`` and, when somebody was faster, ``Stale``.
    """
    require(actor, "partners.edit")
    partner = Partner.objects.select_related("manager__user").filter(public_id=public_id).first()
    if partner is None:
        raise NotFound
    clean = _checked(values)
    changed = {name: value for name, value in clean.items() if getattr(partner, name) != value}
    if not changed:
        return partner
    old = {name: getattr(partner, name) for name in changed}
    for name, value in changed.items():
        setattr(partner, name, value)
    try:
        with transaction.atomic():
            partner.save_fields(*changed, expected_version=expected_version)
    except IntegrityError as error:
        raise _clash(error) from error
    record("partner.changed", partner, actor=actor, old=_said(old), new=_said(changed))
    if changed.get("status") == PartnerStatus.ENDED:
        close_doors_of_ended_partners(actor=actor)
    return partner
