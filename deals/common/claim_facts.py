"""A registration's row, protection and charter, as the rules of its life read them."""

from datetime import datetime

from deals.models import Protection, Registration
from deals.rules.lifecycle import Review, State
from deals.rules.possible import ClaimFacts, ClaimTerms
from deals.rules.protection import days_left
from partners.core import clock
from partners.core.scope import whole_program
from partners.models import Charter
from partners.selectors import Promise, charter_in_force, promise_of


def protection_of(registration: Registration) -> Protection | None:
    """The protection an approval gave, whether it still runs or not."""
    return getattr(registration, "protection", None)


def protection_days_left(registration: Registration, moment: datetime | None = None) -> int:
    """Whole days of protection left, today counting; 0 without one."""
    protection = protection_of(registration)
    if protection is None or registration.state != State.APPROVED:
        return 0
    return days_left(protection.period.upper, moment or clock.now())


def terms_of(charter: Charter) -> ClaimTerms:
    """What a charter says of the life of a claim."""
    return ClaimTerms(
        appeal_days=charter.appeal_days,
        extension_days=charter.extension_days,
        extensions_by_rule=charter.extensions_by_rule,
        keepalive_days=charter.keepalive_days,
    )


def terms_in_force() -> ClaimTerms:
    """The terms of the program's charter; works in a partner's scope too."""
    return terms_and_promise()[0]


def terms_and_promise() -> tuple[ClaimTerms, Promise]:
    """The same with what partners are promised, for a page that shows both."""
    with whole_program("the terms of a claim's life are for both sides to read"):
        charter = charter_in_force()
    return terms_of(charter), promise_of(charter)


def facts_of(registration: Registration) -> ClaimFacts:
    """What a registration's row, and its protection, say of what can be done with it."""
    protection = protection_of(registration)
    return ClaimFacts(
        state=State(registration.state),
        reviewed_for=Review(registration.reviewed_for),
        decided_at=registration.decided_at,
        appealed_at=registration.appealed_at,
        progress_at=registration.progress_at,
        progress_asked_at=registration.progress_asked_at,
        extension_asked_at=registration.extension_asked_at,
        extensions=registration.extensions,
        has_deal=registration.opportunity_id is not None,
        # Rows that were not found by ``registrations_for`` do not say; who acts on one asks for itself.
        stands_again=bool(getattr(registration, "standing_id", None)),
        protected=(protection.period.lower, protection.period.upper) if protection else None,
    )
