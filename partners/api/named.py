"""Rows that a body names by their public id."""

from django.db.models import Model, QuerySet

from partners.core.errors import RuleBroken
from partners.models import Offering, Partner


def named[M: Model](rows: QuerySet[M], public_id: str, field: str, what: str = "") -> M:
    """The row a field names; ``what`` it is where the field is called otherwise. Raises ``RuleBroken``."""
    row = rows.filter(public_id=public_id).first()
    if row is None:
        raise RuleBroken(field, f"There is no such {what or field}.", field=field)
    return row


def partner_named(public_id: str) -> Partner:
    """The partner named in ``partner``. Raises ``RuleBroken``."""
    return named(Partner.objects.all(), public_id, "partner")


def offering_named(public_id: str) -> Offering:
    """The offering named in ``offering``, if it is still sold. Raises ``RuleBroken``."""
    return named(Offering.objects.filter(active=True), public_id, "offering")
