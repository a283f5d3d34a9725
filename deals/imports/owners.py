"""Owners of imported rows: the text is kept, and linked to a seat when exactly one person fits."""

from partners.core.actor import STAFF_ROLES
from partners.models import Seat


class Owners:
    """Finds staff seats by e-mail or full name, exactly (upper and lower case aside)."""

    def __init__(self) -> None:
        seats = Seat.objects.filter(ended_at__isnull=True, role__in=[role.value for role in STAFF_ROLES])
        found: dict[str, set[int]] = {}
        for pk, email, name in seats.values_list("pk", "user__email", "user__name"):
            for text in (email, name):
                if text:
                    found.setdefault(text.casefold(), set()).add(pk)
        self._seats = {text: next(iter(ids)) for text, ids in found.items() if len(ids) == 1}

    def seat_id(self, text: str | None) -> int | None:
        """The one seat a text names, or None."""
        return self._seats.get(" ".join(text.split()).casefold()) if text else None
