"""Who may open a number to the rows behind it."""

from partners.access import Place
from prm.rules.metrics import Evidence, Metric

# The lists a row would be found in. The sponsor reads figures and their meaning, not the working lists (R12).
_LIST = {
    Evidence.OPPORTUNITY: "opportunities.view",
    Evidence.REGISTRATION: "registrations.view",
    Evidence.SELLER: "registrations.view",
    Evidence.CONFLICT: "registrations.view",
    Evidence.ACTIVITY: "activities.view",
    Evidence.COMMITMENT: "plans.view",
}


def may_open(place: Place, metric: Metric) -> bool:
    """Whether the rows behind a metric are this person's to read."""
    return place.can(_LIST[metric.evidence])


def require_rows(place: Place, metric: Metric) -> None:
    """Raise ``NotAllowed`` when they are not."""
    place.require(_LIST[metric.evidence])
