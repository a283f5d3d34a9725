"""What every act on a lead begins with, and what a yes brings about: an account and an opportunity."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError

from deals.accounts.lookup import matching_accounts
from deals.accounts.services import create_account, hold_identity
from deals.leads.selectors.routing import party_led
from deals.models import Account, Lead, Opportunity, OpportunityState, Source, StageChange
from deals.rules.leads import Buyer, Direction, tells_who
from deals.rules.money import convert
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, NotFound
from partners.models import Partner, Program
from partners.services.ledger import mark_cells

STAGE = "Lead accepted"
_REFUSALS = {
    "lead_is_offered_to_one_at_a_time": ("offered", "This lead was offered to a partner at this moment."),
    "lead_public_id_is_unique": ("sent_twice", "This form was sent before; the lead is already there."),
}


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """What the database refuses, as a ``Clash`` with a sentence. Goes round the block that is rolled back."""
    try:
        yield
    except IntegrityError as error:
        for constraint, (code, sentence) in _REFUSALS.items():
            if constraint in str(error):
                raise Clash(code, sentence) from error
        raise


def locked_lead(lead_id: int) -> Lead:
    """The lead as it is now, locked to the end of the transaction. Raises ``NotFound``.

    A lead is locked before its offers, partners, accounts and opportunity.
    """
    try:
        return Lead.objects.select_for_update(no_key=True).get(pk=lead_id)
    except Lead.DoesNotExist as error:
        raise NotFound("There is no such lead.") from error


def open_part_tells(said: Lead | Buyer) -> str:
    """What stands against showing the need to a partner that has not accepted, in a sentence, or ""."""
    return tells_who(
        said.need,
        customer=said.customer_name,
        contact=said.contact_name,
        website=said.website,
        partners=list(Partner.objects.values_list("name", flat=True)),
    )


def account_behind(actor: Actor, lead: Lead) -> Account:
    """The account the buyer is, locked; made when nobody knew it. Nobody else makes it meanwhile."""
    hold_identity(lead.customer_name, lead.website, lead.country)
    account_id = lead.account_id
    if account_id is None:
        alike = matching_accounts(party_led(lead))
        account_id = next((found.account.pk for found in alike if found.is_same), None)
    if account_id is not None:
        return Account.objects.select_for_update(no_key=True).get(pk=account_id)
    account = create_account(actor=actor, name=lead.customer_name, website=lead.website, country=lead.country)
    account.vertical, account.segment = lead.vertical, lead.segment
    account.save_fields("vertical", "segment")
    return account


def opportunity_behind(
    *, actor: Actor, lead: Lead, account: Account, partner_id: int, program: Program
) -> Opportunity:
    """The opportunity of an accepted lead: routed to its partner, or our own when the partner gave it.

    A deal the same partner has open there already is that opportunity: it is sourced or routed, never both.
    """
    known = Opportunity.objects.filter(
        account=account,
        partner_id=partner_id,
        state=OpportunityState.OPEN,
        removed_at__isnull=True,
        lead=None,
    )
    if lead.offering_id is not None:
        known = known.filter(offering_id=lead.offering_id)
    if (found := known.order_by("opened_on", "pk").first()) is not None:
        return found
    routed = lead.direction == Direction.ROUTED
    today = clock.today(program.timezone)
    opportunity = Opportunity.objects.create(
        program_id=actor.program_id,
        account=account,
        name=lead.customer_name,
        offering_id=lead.offering_id,
        stage=STAGE,
        amount=lead.amount,
        currency=lead.currency,
        **_rated(lead, program),
        opened_on=today,
        source=Source.ROUTED if routed else Source.DIRECT,
        partner_id=partner_id if routed else None,
    )
    StageChange.objects.create(
        program_id=actor.program_id,
        opportunity=opportunity,
        on=today,
        state=opportunity.state,
        stage=opportunity.stage,
        program_amount=opportunity.program_amount,
    )
    mark_cells(actor.program_id, [(opportunity.partner_id, today)])
    return opportunity


def _rated(lead: Lead, program: Program) -> dict[str, Any]:
    """The amount in the program's currency at today's rate, as columns; nothing is counted without either."""
    if lead.amount is None:
        return {"program_amount": None}
    found = convert(lead.amount, lead.currency, program.currency, clock.today(program.timezone))
    if found is None:
        return {"program_amount": None}
    return {"program_amount": found.amount, "rate": found.rate, "rate_on": found.rate_on}
