"""The deals partners registered: most clean, some contested and ruled on, three still open."""

from datetime import timedelta
from decimal import Decimal

from deals.cases.decision import Decision
from deals.cases.ruling import rule
from deals.models import OpportunityState, Registration
from deals.registrations.outcome import close_opportunity
from deals.registrations.submit import register
from deals.rules.claims import Claim
from deals.rules.lifecycle import Outcome, Reason, State
from partners.core import clock
from partners.core.actor import Actor
from prm.management.demo.crm import Customer, Market
from prm.management.demo.story import COMPANIES, PARTNER_PEOPLE, Company
from prm.management.demo.timeline import Timeline

NOTES = (
    "They asked us for a shortlist after our last project.",
    "Their practice lead wants a pilot before the summer.",
    "We run their network; the contract for scheduling ends next quarter.",
    "Met at a regional conference, second meeting is booked.",
)


def plan_deals(line: Timeline, market: Market) -> None:
    """Put every partner's registrations on the timeline."""
    for company in COMPANIES:
        habit = company.kind.value
        if not habit.deals or company.months is None:
            continue
        last = min(company.months, habit.fades)
        for month in range(habit.ramp, last + 1):
            times = int(habit.deals) + (line.chance.random() < habit.deals % 1)
            for _ in range(times):
                days_ago = (company.months - month) * 30.4 + line.chance.uniform(0, 29)
                contested = line.chance.random() < 0.14
                customer = (
                    market.with_direct_deal(long_open=True) if contested else market.fresh(company.country)
                )
                _plan_claim(line, company, customer, days_ago)


def claimant(line: Timeline, company: Company) -> Actor:
    """Someone of the partner who signs in, or else our partner manager on their behalf."""
    people = [person for person in PARTNER_PEOPLE if person.partner == company.slug]
    return line.actor(line.chance.choice(people).email if people else "manager@fernhill.example")


def claim_on(line: Timeline, customer: Customer, size: int) -> Claim:
    """A claim as a partner would type it today."""
    amount = Decimal(round(size * line.chance.uniform(0.45, 1.9), -2))
    return Claim(
        customer_name=customer.name,
        website=customer.website,
        country=customer.country,
        offering_id=None,
        amount=amount,
        expected_close=clock.today(line.program.timezone) + timedelta(days=line.chance.randint(50, 130)),
        note=line.chance.choice(NOTES),
    )


def _plan_claim(line: Timeline, company: Company, customer: Customer, days_ago: float) -> None:
    habit = company.kind.value
    line.on(line.back(days_ago), lambda: _claim(line, company, customer, days_ago, habit.wins, habit.size))


def _claim(
    line: Timeline, company: Company, customer: Customer, days_ago: float, wins: float, size: int
) -> None:
    actor = claimant(line, company)
    partner_id = None if actor.is_partner else line.partners[company.slug].pk
    registration = register(actor=actor, claim=claim_on(line, customer, size), partner_id=partner_id)
    if registration.state == State.IN_REVIEW:
        line.on(line.back(days_ago - 1.6), lambda: _rule(line, registration), hour=11)
    lasts = line.chance.randint(35, 110)
    if days_ago - lasts > 1 and line.chance.random() < wins + 0.35:
        won = line.chance.random() < wins / (wins + 0.35)
        line.on(line.back(days_ago - lasts), lambda: _close(line, registration, won), hour=15)


def _rule(line: Timeline, registration: Registration) -> None:
    """About half of the contested claims were upheld."""
    upheld = line.chance.random() < 0.5
    decision = (
        Decision(
            outcome=Outcome.UPHOLD_PARTNER,
            reason=Reason.PARTNER_FIRST,
            note="The partner had met the customer weeks before our rep's first call.",
            sentence="Your work with this customer came first; the deal is yours.",
        )
        if upheld
        else Decision(
            outcome=Outcome.UPHOLD_INCUMBENT,
            reason=Reason.OPEN_OPPORTUNITY,
            note="Our own opportunity was at the proposal stage already.",
            sentence="We were at the proposal stage with this customer before your claim.",
        )
    )
    rule(actor=line.actor("ops@fernhill.example"), registration=registration, decision=decision)


def _close(line: Timeline, registration: Registration, won: bool) -> None:
    registration.refresh_from_db()
    if registration.opportunity is None or registration.opportunity.state != OpportunityState.OPEN:
        return
    close_opportunity(
        actor=line.actor("ops@fernhill.example"),
        opportunity=registration.opportunity,
        state=OpportunityState.WON if won else OpportunityState.LOST,
        stage="Closed won" if won else "Closed lost",
    )


def plan_open_conflicts(line: Timeline, market: Market) -> None:
    """Three claims that wait for a ruling now: one overdue soon, one fresh, one between two partners."""
    by_slug = {company.slug: company for company in COMPANIES}
    contested = market.fresh("DE")
    for slug, customer, days in (
        ("lindqvist-partner", market.with_direct_deal(long_open=False), 1.2),
        ("corso-sistemi", market.existing_customer(), 0.9),
        ("osterwald", contested, 20.0),
        ("pellworm-it", contested, 0.8),
    ):
        company = by_slug[slug]
        line.on(
            line.back(days),
            lambda company=company, customer=customer: register(  # type: ignore[misc]
                actor=claimant(line, company),
                claim=claim_on(line, customer, company.kind.value.size),
                partner_id=None
                if any(person.partner == company.slug for person in PARTNER_PEOPLE)
                else line.partners[company.slug].pk,
            ),
        )
