"""Reading a question about a number from an address: which partner, which months."""

from zoneinfo import ZoneInfo

from partners.access import Place, access_partner
from partners.models import Intent
from partners.views.gates import PlacedRequest
from partners.views.lists import asked
from prm.rules.metrics import Metric
from prm.rules.periods import USUAL, Period, last_months, read_month, shift
from prm.selectors.rows import Question
from prm.services.cells import running_month

LONGEST = 120


def zone_of(place: Place) -> ZoneInfo:
    """The program's time zone."""
    return ZoneInfo(place.program.timezone)


def question_of(request: PlacedRequest, metric: Metric) -> Question:
    """The number an address asks for; what it leaves out or garbles is the usual. Raises ``NotFound``.

    ``from`` and ``to`` are months (``2026-11``), never beyond the running one; ``partner`` is a public id.
    """
    current = running_month(request.place.program)
    last = min(read_month(asked(request, "to")) or current, current)
    first = read_month(asked(request, "from")) or last_months(USUAL, last).first
    first = max(min(first, last), shift(last, 1 - LONGEST))
    partner = None
    if asked(request, "partner"):
        partner = access_partner(asked(request, "partner"))
    intent = asked(request, "intent") if asked(request, "intent") in Intent else ""
    return Question(
        metric=metric,
        period=Period(first=first, last=last),
        zone=zone_of(request.place),
        partner=partner,
        intent=intent,
    )
