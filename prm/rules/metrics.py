"""What each number means. Screens, API, files and the recompute read the same list.

A definition is never changed under its key: figures printed last year must still mean what they meant. A new
meaning gets a new key.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices


class MetricKind(TextChoices):
    """What a number is evidence of. Only outcomes may lead a report (R63, R64)."""

    OUTCOME = "outcome", "Outcome"
    WORK = "work", "Work"
    PARTICIPATION = "participation", "Participation"


class Unit(TextChoices):
    """What is counted. Money is in the program's currency."""

    MONEY = "money", "Money"
    COUNT = "count", "Count"
    MINUTES = "minutes", "Minutes"


class Grain(TextChoices):
    """How a cell relates to its month, and so how months are put together."""

    LEVEL = "level", "At the end of the month"  # a period shows its last month
    FLOW = "flow", "During the month"  # a period shows the sum of its months
    DISTINCT = "distinct", "Different ones during the month"  # months cannot be summed


class Evidence(TextChoices):
    """The kind of row behind a number."""

    OPPORTUNITY = "opportunity", "Opportunity"
    REGISTRATION = "registration", "Registration"
    SELLER = "seller", "Seller"
    CONFLICT = "conflict", "Conflict"
    ACTIVITY = "activity", "Activity"
    COMMITMENT = "commitment", "Commitment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A defined number. ``formula`` is in words; ``first_valid`` is the first month it may be read for.

    ``first_valid`` None means: as far back as the rows go.
    """

    key: str
    label: str
    kind: MetricKind
    unit: Unit
    grain: Grain
    evidence: Evidence
    formula: str
    first_valid: date | None = None


def _outcome(key: str, label: str, unit: Unit, grain: Grain, evidence: Evidence, formula: str) -> Metric:
    return Metric(
        key=key,
        label=label,
        kind=MetricKind.OUTCOME,
        unit=unit,
        grain=grain,
        evidence=evidence,
        formula=formula,
    )


_LIST = (
    _outcome(
        "sourced_pipeline",
        "Sourced pipeline",
        Unit.MONEY,
        Grain.LEVEL,
        Evidence.OPPORTUNITY,
        "The amounts of the opportunities that came from a partner's approved registration and were open at "
        "the end of the month (of the running month: now), in the program's currency at the stored rate. "
        "Each counts as it stood in its stage history on that day, so a month that has passed keeps its "
        "figure when a deal moves later.",
    ),
    _outcome(
        "sourced_opened",
        "New sourced deals",
        Unit.MONEY,
        Grain.FLOW,
        Evidence.OPPORTUNITY,
        "The amounts of sourced opportunities whose history begins in the month, as they stood at its end.",
    ),
    _outcome(
        "sourced_count",
        "Sourced deals opened",
        Unit.COUNT,
        Grain.FLOW,
        Evidence.OPPORTUNITY,
        "The number of sourced opportunities whose history begins in the month.",
    ),
    _outcome(
        "sourced_won",
        "Sourced, won",
        Unit.MONEY,
        Grain.FLOW,
        Evidence.OPPORTUNITY,
        "The amounts of sourced opportunities won in the month. A win that is undone or corrected later "
        "counts in the month of the correction, with its sign.",
    ),
    _outcome(
        "sourced_won_count",
        "Sourced deals won",
        Unit.COUNT,
        Grain.FLOW,
        Evidence.OPPORTUNITY,
        "The number of sourced opportunities won in the month; one that is reopened counts back in the "
        "month it was reopened.",
    ),
    _outcome(
        "sourced_lost_count",
        "Sourced deals lost",
        Unit.COUNT,
        Grain.FLOW,
        Evidence.OPPORTUNITY,
        "The number of sourced opportunities lost in the month; one that is reopened counts back in the "
        "month it was reopened.",
    ),
    _outcome(
        "direct_pipeline",
        "Direct pipeline",
        Unit.MONEY,
        Grain.LEVEL,
        Evidence.OPPORTUNITY,
        "The amounts of the vendor's own opportunities that were open at the end of the month (of the "
        "running month: now). For comparison only; it is never added to sourced pipeline.",
    ),
    _outcome(
        "registrations_submitted",
        "Registrations submitted",
        Unit.COUNT,
        Grain.FLOW,
        Evidence.REGISTRATION,
        "Claims made in the month, by claim time in the program's time zone. A partner's second claim on "
        "its own deal is left out.",
    ),
    _outcome(
        "registrations_approved",
        "Registrations approved",
        Unit.COUNT,
        Grain.FLOW,
        Evidence.REGISTRATION,
        "Claims that were given protection in the month, by the day of the decision, whatever became of "
        "them later.",
    ),
    _outcome(
        "registrations_declined",
        "Registrations declined",
        Unit.COUNT,
        Grain.FLOW,
        Evidence.REGISTRATION,
        "Claims declined in the month, by the day of the decision.",
    ),
    _outcome(
        "sellers_active",
        "Partner sellers who brought a deal",
        Unit.COUNT,
        Grain.DISTINCT,
        Evidence.SELLER,
        "The number of different people at the partner who made a claim in the month. Months cannot be "
        "summed: over a period each person counts once.",
    ),
    _outcome(
        "conflicts_opened",
        "Conflicts opened",
        Unit.COUNT,
        Grain.FLOW,
        Evidence.CONFLICT,
        "Conflicts found in the month against this partner's claims that block or need a person.",
    ),
    Metric(
        key="activities_work",
        label="Work activities",
        kind=MetricKind.WORK,
        unit=Unit.COUNT,
        grain=Grain.FLOW,
        evidence=Evidence.ACTIVITY,
        formula="Meetings, calls, e-mails, training given and other work with the partner in the month.",
    ),
    Metric(
        key="minutes",
        label="Time spent",
        kind=MetricKind.WORK,
        unit=Unit.MINUTES,
        grain=Grain.FLOW,
        evidence=Evidence.ACTIVITY,
        formula="Our own minutes on everything logged with the partner in the month.",
    ),
    Metric(
        key="participation",
        label="Participation",
        kind=MetricKind.PARTICIPATION,
        unit=Unit.COUNT,
        grain=Grain.FLOW,
        evidence=Evidence.ACTIVITY,
        formula="Logins, certificates, events and downloads of the partner in the month. Taking part is not "
        "an outcome, so this is shown last and added to nothing.",
    ),
    Metric(
        key="commitments_kept",
        label="Our promises kept",
        kind=MetricKind.WORK,
        unit=Unit.COUNT,
        grain=Grain.FLOW,
        evidence=Evidence.COMMITMENT,
        formula="Promises we made to the partner and kept, by the day they were settled.",
    ),
    Metric(
        key="commitments_broken",
        label="Our promises broken",
        kind=MetricKind.WORK,
        unit=Unit.COUNT,
        grain=Grain.FLOW,
        evidence=Evidence.COMMITMENT,
        formula="Promises we made to the partner and did not keep, by the day that was said. A promise past "
        "its day that nobody has settled is on Today, not here.",
    ),
)

METRICS: dict[str, Metric] = {metric.key: metric for metric in _LIST}
"""All metrics by key, in the order a report shows them: sourced pipeline first, participation last."""

LEVELS = tuple(metric.key for metric in _LIST if metric.grain is Grain.LEVEL)
