"""Reads of promised benefits: what was promised for a deal, and what each side says of it."""

from dataclasses import dataclass

from django.db.models import QuerySet

from deals.models import BenefitDelivery, Registration
from deals.rules.benefits import OWED, Answer, answer_of
from deals.selectors.registrations import protection_of


@dataclass(frozen=True, slots=True)
class Benefit:
    """What was promised for one approved deal; ``word`` is what was said of it, None so far."""

    promise: str
    word: BenefitDelivery | None

    @property
    def answer(self) -> Answer:
        """How it stands."""
        word = self.word
        return answer_of(word.delivered, word.received) if word else Answer.UNKNOWN

    @property
    def tone(self) -> str:
        """The badge's tone."""
        return _TONES[self.answer]


_TONES = {
    Answer.DELIVERED: "good",
    Answer.NOT_DELIVERED: "bad",
    Answer.DISPUTED: "warn",
    Answer.UNKNOWN: "neutral",
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
