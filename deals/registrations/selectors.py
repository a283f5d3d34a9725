"""Reads of registrations: the list, the page, a partner's home, promised benefits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import F, Q, QuerySet
from django.utils.formats import date_format

from deals.common.claim_facts import protection_of
from deals.models import BenefitDelivery, Conflict, Registration, Ruling
from deals.registrations.access import registrations_for
from deals.registrations.rules.benefits import OWED, BenefitAnswer, answer_of
from deals.rules.lifecycle import LIVE, Review, State
from deals.rules.reviews import ASKABLE, side_by_side
from partners.core.actor import Actor
from partners.models import LedgerEntry, Offering
from partners.rules.countries import country_name

SORTS = {
    "customer": ("customer_name", "pk"),
    "-customer": ("-customer_name", "-pk"),
    "claimed": ("claimed_at", "pk"),
    "-claimed": ("-claimed_at", "-pk"),
    "amount": ("amount", "pk"),
    "-amount": ("-amount", "-pk"),
    "due": ("decision_due_at", "pk"),
    "-due": ("-decision_due_at", "-pk"),
    "partner": ("partner__name", "-pk"),
    "-partner": ("-partner__name", "-pk"),
}
NEWEST = "-pk"
# The day that what is under way waits for; a draft waits for none.
_DAYS = {
    State.NEEDS_INFO: "answer_due_at",
    State.IN_REVIEW: "decision_due_at",
    State.APPROVED: "protection__period__endswith",
    State.DRAFT: "created_at",
}
# What a list may be narrowed to besides one state: claims that stand, and those that wait for somebody.
GROUPS = {
    "live": Q(state__in=LIVE),
    "extension": Q(state=State.APPROVED, extension_asked_at__isnull=False),
}
GROUP_LABELS = [("live", "Live"), ("extension", "Extension asked for")]


def registrations_found(
    actor: Actor, *, q: str = "", state: str = "", partner: str = "", sort: str = ""
) -> QuerySet[Registration]:
    """The registrations an actor may see, searched and filtered; an unknown ``sort`` means newest first.

    ``state`` may also be one of ``GROUPS``. ``partner`` is a public id.
    """
    rows = registrations_for(actor).select_related("protection")
    if q:
        rows = rows.filter(Q(customer_name__icontains=q) | Q(website__icontains=q) | Q(public_id=q.lower()))
    if state in GROUPS:
        rows = rows.filter(GROUPS[state])
    elif state in State:
        rows = rows.filter(state=state)
    if partner:
        rows = rows.filter(partner__public_id=partner)
    return rows.order_by(*SORTS.get(sort, (NEWEST,)))


def in_hand(actor: Actor, *, limit: int) -> dict[State, list[Registration]]:
    """What is under way by its state, at most ``limit`` of each, read in one look: drafts with the newest
    first, everything else with the nearest day first."""
    parts = [
        registrations_found(actor, state=state)
        .annotate(day=F(day))
        .order_by(F("day").desc() if state == State.DRAFT else F("day").asc(), "pk")[:limit]
        for state, day in _DAYS.items()
    ]
    found: dict[State, list[Registration]] = {state: [] for state in _DAYS}
    for row in parts[0].union(*parts[1:], all=True):
        found[State(row.state)].append(row)
    for state, rows in found.items():
        rows.sort(key=_nearest, reverse=state == State.DRAFT)  # the parts come in their order, usually
    return found


def _nearest(row: Registration) -> tuple[bool, datetime, int]:
    day: datetime | None = row.day  # type: ignore[attr-defined]
    return day is None, day or row.created_at, row.pk


def change_asked(registration: Registration) -> list[tuple[str, str, str]]:
    """What a change under review is about: a field's name, what was approved, and what is asked for."""
    kept = registration.approved_as
    in_review = registration.state in (State.IN_REVIEW, State.NEEDS_INFO)
    if not (in_review and registration.reviewed_for == Review.CHANGE and kept):
        return []
    approved = {name: kept[name] for name in (*ASKABLE, "currency") if name in kept}
    asked = {name: getattr(registration, name) for name in approved}
    asked["offering"] = registration.offering_id
    approved["amount"] = None if kept["amount"] is None else Decimal(kept["amount"])
    approved["expected_close"] = kept["expected_close"] and date.fromisoformat(kept["expected_close"])
    if asked["offering"] != approved["offering"]:
        asked["offering"] = registration.offering.name
        approved["offering"] = Offering.objects.get(pk=approved["offering"]).name
    for content in (approved, asked):
        content["country"] = country_name(content["country"]) if content["country"] else ""
        content["expected_close"] = content["expected_close"] and date_format(
            content["expected_close"], "j M Y"
        )
    return side_by_side(approved, asked)


def history(registration: Registration) -> Sequence[LedgerEntry]:
    """What happened to a registration, oldest first; for partner people their own share of it."""
    return list(
        LedgerEntry.objects.filter(subject="registration", subject_id=registration.public_id).order_by(
            "at", "pk"
        )
    )


def conflicts_of(registration: Registration) -> Sequence[Conflict]:
    """What stood or stands against a registration, gravest first. Staff only."""
    return list(
        Conflict.objects.filter(registration=registration)
        .select_related("account", "ruling", "rival_registration__partner", "rival_opportunity__partner")
        .order_by("pk")
    )


def rulings_of(registration: Registration) -> Sequence[Ruling]:
    """The rulings on a registration, newest first. Staff only."""
    return list(Ruling.objects.filter(registration=registration).order_by("-decided_at", "-pk"))


@dataclass(frozen=True, slots=True)
class Benefit:
    """What was promised for one approved deal; ``word`` is what was said of it, None so far."""

    promise: str
    word: BenefitDelivery | None

    @property
    def answer(self) -> BenefitAnswer:
        """How it stands."""
        word = self.word
        return answer_of(word.delivered, word.received) if word else BenefitAnswer.UNKNOWN

    @property
    def tone(self) -> str:
        """The badge's tone."""
        return _TONES[self.answer]


_TONES = {
    BenefitAnswer.DELIVERED: "good",
    BenefitAnswer.NOT_DELIVERED: "bad",
    BenefitAnswer.DISPUTED: "warn",
    BenefitAnswer.UNKNOWN: "neutral",
}


def benefit_of(registration: Registration) -> Benefit | None:
    """The benefit owed for a registration; None when it is not approved or nothing was promised."""
    if registration.state not in OWED or not registration.benefit or protection_of(registration) is None:
        return None
    return Benefit(registration.benefit, getattr(registration, "benefit_delivery", None))


def benefits_owed() -> QuerySet[Registration]:
    """Registrations of the scope that a benefit is owed for, with partner, protection and both words."""
    return (
        Registration.objects.filter(state__in=OWED, protection__isnull=False)
        .exclude(benefit="")
        .select_related("partner", "protection", "benefit_delivery")
    )
