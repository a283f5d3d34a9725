"""Short ways to make accounts, claims and rulings in tests, through the services people use."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from deals.accounts.services import store_keys
from deals.cases.decision import Decision
from deals.cases.ruling import rule
from deals.models import Account, Opportunity, OpportunityState, Registration, Ruling, Source, StageChange
from deals.registrations.submit import register
from deals.rules.claims import Claim
from deals.rules.lifecycle import Outcome, Reason
from partners.core import clock
from partners.core.scope import program_scope
from tests.support.cast import Cast


def claim(**changes: Any) -> Claim:
    """A complete claim for a customer nobody knows."""
    values: dict[str, Any] = {
        "customer_name": "Quillmark Robotics GmbH",
        "website": "quillmark-robotics.com",
        "country": "DE",
        "amount": Decimal("25000.00"),
        "expected_close": clock.now().date() + timedelta(days=60),
    }
    return Claim(**(values | changes))


def account(cast: Cast, name: str, website: str = "", country: str = "", **fields: Any) -> Account:
    """An account with its keys."""
    with program_scope(cast.program.pk):
        row = Account.objects.create(
            program=cast.program, name=name, website=website, domain=website, country=country, **fields
        )
        store_keys(row)
        return row


def direct_opportunity(cast: Cast, on: Account, **fields: Any) -> Opportunity:
    """An open opportunity of the vendor's own."""
    with program_scope(cast.program.pk):
        opened = fields.pop("opened_on", date(2026, 9, 1))
        row = Opportunity.objects.create(
            program=cast.program,
            account=on,
            name=fields.pop("name", f"{on.name} renewal"),
            currency="EUR",
            amount=Decimal(1000),
            program_amount=Decimal(1000),
            opened_on=opened,
            stage="Proposal",
            source=Source.DIRECT,
            **fields,
        )
        StageChange.objects.create(
            program=cast.program,
            opportunity=row,
            on=opened,
            state=OpportunityState.OPEN,
            program_amount=row.program_amount,
        )
        return row


def registered(cast: Cast, who: str = "alder_seller", **changes: Any) -> Registration:
    """A claim submitted by a partner's person, in that partner's own scope, as the portal does it."""
    actor = cast.actor(who)
    with program_scope(cast.program.pk, partner_id=actor.partner_id):
        return register(actor=actor, claim=claim(**changes))


def decision(**changes: Any) -> Decision:
    """A ruling for the partner."""
    values: dict[str, Any] = {
        "outcome": Outcome.UPHOLD_PARTNER,
        "reason": Reason.PARTNER_FIRST,
        "note": "They met the buyer in spring; we had nothing open.",
        "sentence": "Approved: your work came first.",
    }
    return Decision(**(values | changes))


def decided(cast: Cast, row: Registration, who: str = "ops", **changes: Any) -> Ruling:
    """A ruling for the incumbent, or what ``changes`` say."""
    values: dict[str, Any] = {
        "outcome": Outcome.UPHOLD_INCUMBENT,
        "reason": Reason.EXISTING_CUSTOMER,
        "note": "Customer since 2021.",
        "sentence": "Not open.",
    }
    with program_scope(cast.program.pk):
        return rule(actor=cast.actor(who), registration=row, decision=Decision(**(values | changes)))
