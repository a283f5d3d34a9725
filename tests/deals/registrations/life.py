"""Acts on a registration as people do them, each in its own scope, and what is left of it afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from deals.cases.decision import NEW_ACCOUNT
from deals.cases.ruling import rule
from deals.models import Conflict, Registration
from deals.registrations.appeal import appeal
from deals.registrations.change import change_registration, register_again, withdraw_change
from deals.registrations.content import claim_of
from deals.registrations.extensions import ask_extension, decide_extension
from deals.registrations.keepalive import report_progress
from deals.registrations.returns import answer, ask_for_information
from deals.registrations.revocation import revoke
from deals.rules.claims import Claim
from deals.rules.lifecycle import Reason
from partners.core import clock
from partners.core.scope import program_scope
from partners.models import Charter
from tests.deals.making import decision
from tests.support.cast import Cast

FERNHILL = {"customer_name": "Fernhill Logistics Ltd", "website": "fernhill-logistics.com", "country": "GB"}


@contextmanager
def acting(cast: Cast, who: str) -> Iterator[dict[str, Any]]:
    """The scope and the ``actor`` of a person."""
    actor = cast.actor(who)
    with program_scope(cast.program.pk, partner_id=actor.partner_id):
        yield {"actor": actor}


def fresh(cast: Cast, row: Registration) -> Registration:
    """The row as it is now."""
    with program_scope(cast.program.pk):
        return Registration.objects.select_related("protection", "opportunity", "offering", "account").get(
            pk=row.pk
        )


def asked(cast: Cast, row: Registration, *fields: str, who: str = "ops", **changes: Any) -> Registration:
    """Returned for information."""
    told = {"question": "Who signs there?", "fields": list(fields or ("note",))} | changes
    with acting(cast, who) as by:
        return ask_for_information(**by, registration=row, **told)


def changed(claim: Claim, **changes: Any) -> Claim:
    """A claim with other values."""
    known = {name: getattr(claim, name) for name in Claim.__dataclass_fields__}
    return Claim(**(known | changes))


def answered(cast: Cast, row: Registration, who: str = "alder_seller", **changes: Any) -> Registration:
    """The partner's answer."""
    with acting(cast, who) as by:
        return answer(**by, registration=row, claim=changed(claim_of(row), **changes))


def edited(cast: Cast, row: Registration, who: str = "alder_seller", **changes: Any) -> Registration:
    """A change after approval."""
    with acting(cast, who) as by:
        return change_registration(**by, registration=row, claim=changed(claim_of(row), **changes))


def taken_back(
    cast: Cast, row: Registration, who: str = "alder_seller", version: int | None = None
) -> Registration:
    """The change under review, taken back."""
    with acting(cast, who) as by:
        return withdraw_change(**by, registration=row, expected_version=version)


def appealed(cast: Cast, row: Registration, who: str = "alder_seller", **changes: Any) -> Registration:
    told = {"text": "The buyer asked for us by name."} | changes
    with acting(cast, who) as by:
        return appeal(**by, registration=row, **told)


def reported(cast: Cast, row: Registration, who: str = "alder_seller", **changes: Any) -> Registration:
    told = {"text": "Second meeting on Monday."} | changes
    with acting(cast, who) as by:
        return report_progress(**by, registration=row, **told)


def extension_asked(cast: Cast, row: Registration, who: str = "alder_seller", **changes: Any) -> Registration:
    told = {"note": "The board meets in May."} | changes
    with acting(cast, who) as by:
        return ask_extension(**by, registration=row, **told)


def extension_decided(
    cast: Cast, row: Registration, granted: bool, who: str = "manager", **changes: Any
) -> Registration:
    told = {"sentence": "As you asked."} | changes
    with acting(cast, who) as by:
        return decide_extension(**by, registration=row, granted=granted, **told)


def revoked(cast: Cast, row: Registration, who: str = "manager", **changes: Any) -> Registration:
    told = {"reason": Reason.NO_PROGRESS, "sentence": "We heard nothing.", "note": "Asked twice."} | changes
    with acting(cast, who) as by:
        return revoke(**by, registration=row, **told)


def again(cast: Cast, row: Registration, who: str = "alder_seller") -> Registration:
    with acting(cast, who) as by:
        return register_again(**by, registration=row)


def ruled(cast: Cast, row: Registration, who: str = "ops", **changes: Any) -> None:
    """A ruling; for the partner unless the changes say otherwise."""
    if changes.get("outcome") != "uphold_incumbent" and row.account_id is None:
        changes.setdefault("account", NEW_ACCOUNT)
    with program_scope(cast.program.pk):
        rule(actor=cast.actor(who), registration=row, decision=decision(**changes))


def open_kinds(cast: Cast, row: Registration) -> list[str]:
    """What stands open against a registration."""
    with program_scope(cast.program.pk):
        rows = Conflict.objects.filter(registration=row, closed_at__isnull=True)
        return sorted(rows.values_list("kind", flat=True))


def charter(cast: Cast, **terms: Any) -> None:
    """Agree on other terms."""
    with program_scope(cast.program.pk):
        Charter.objects.update(**terms)


def later(days: float) -> Any:
    """The clock, so many days on."""
    return clock.at(clock.now() + timedelta(days=days))
