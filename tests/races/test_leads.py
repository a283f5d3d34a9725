"""Leads that are offered, answered and run out at one instant, on real connections."""

from datetime import timedelta
from typing import Any

import time_machine
from django.db import connection

from deals.leads import offers as lead_offers
from deals.leads.offers import accept_offer, expire_offers, offer_lead, withdraw_offer
from deals.models import Account, Lead, LeadOffer, Opportunity
from deals.rules.leads import LeadState, OfferState
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash
from partners.core.scope import program_scope
from partners.models import Partner
from tests.deals.leads.making import lead, offered
from tests.races.test_claims import at_once
from tests.support.database import owner_connection


def offering(cast, row: Lead, partner: Partner, who: str = "manager"):
    def act() -> LeadOffer:
        with program_scope(cast.program.pk):
            return offer_lead(actor=cast.actor(who), lead=row, partner_id=partner.pk)

    return act


def accepting(cast, offer: LeadOffer):
    def act() -> LeadOffer:
        with program_scope(cast.program.pk, partner_id=cast.alder.pk):
            return accept_offer(actor=cast.actor("alder_admin"), offer=offer)

    return act


def codes(results: list[Any]) -> list[str]:
    return sorted(result.code if isinstance(result, Clash) else "done" for result in results)


def without_lock(monkeypatch) -> None:
    monkeypatch.setattr(lead_offers, "locked_lead", lambda pk: Lead.objects.get(pk=pk))


def meet_after_looking(monkeypatch) -> None:
    """Both look for candidates before either writes, as two people at once do when they are unlucky."""
    import contextlib
    import threading

    both = threading.Barrier(2)
    look = lead_offers.candidates_for  # type: ignore[attr-defined]

    def looked(*args: Any) -> Any:
        found = look(*args)
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(3)
        return found

    monkeypatch.setattr(lead_offers, "candidates_for", looked)


def test_control_without_lock_and_constraint_a_lead_is_offered_to_two(committed_cast, monkeypatch) -> None:
    cast = committed_cast
    row = lead(cast)
    without_lock(monkeypatch)
    meet_after_looking(monkeypatch)
    name = "lead_is_offered_to_one_at_a_time"
    with owner_connection() as owner:
        found = owner.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name]).fetchone()
        definition = found[0]  # type: ignore[index]
        owner.execute(f"DROP INDEX {name}")
        try:
            at_once(offering(cast, row, cast.alder), offering(cast, row, cast.birch, "ops"))
            with program_scope(cast.program.pk):
                assert LeadOffer.objects.filter(state=OfferState.OFFERED).count() == 2
        finally:
            connection.close()
            owner.execute("TRUNCATE deals_leadoffer CASCADE")
            owner.execute(definition)


def test_the_constraint_alone_keeps_a_lead_with_one(committed_cast, monkeypatch) -> None:
    cast = committed_cast
    row = lead(cast)
    without_lock(monkeypatch)
    meet_after_looking(monkeypatch)
    results = at_once(offering(cast, row, cast.alder), offering(cast, row, cast.birch, "ops"))
    assert codes(results) == ["done", "offered"]


def test_two_people_offering_one_lead_at_once_make_one_offer(committed_cast) -> None:
    cast = committed_cast
    row = lead(cast)
    results = at_once(offering(cast, row, cast.alder), offering(cast, row, cast.birch, "ops"))
    assert codes(results) == ["done", "not_waiting"]
    with program_scope(cast.program.pk):
        assert LeadOffer.objects.filter(state=OfferState.OFFERED).count() == 1


def test_two_leads_offered_at_once_do_not_overfill_a_partner(committed_cast, monkeypatch) -> None:
    cast = committed_cast
    with program_scope(cast.program.pk):
        Partner.objects.filter(pk=cast.alder.pk).update(lead_capacity=1)
    first, second = lead(cast), lead(cast, customer_name="Otterfell Foods", website="otterfell.com")
    meet_after_looking(monkeypatch)
    results = at_once(offering(cast, first, cast.alder), offering(cast, second, cast.alder, "ops"))
    assert codes(results) == ["done", "full"]


def test_a_double_click_accepts_once(committed_cast) -> None:
    cast = committed_cast
    offer = offered(cast, lead(cast))
    assert codes(at_once(accepting(cast, offer), accepting(cast, offer))) == ["answered", "done"]
    with program_scope(cast.program.pk):
        assert Opportunity.objects.count() == Account.objects.count() == 1


def test_accepting_and_taking_back_at_once_end_in_one_state(committed_cast) -> None:
    cast = committed_cast
    row = lead(cast)
    offer = offered(cast, row)

    def taking_back() -> Lead:
        with program_scope(cast.program.pk):
            return withdraw_offer(actor=cast.actor("ops"), lead=row)

    results = at_once(accepting(cast, offer), taking_back)
    assert codes(results) in (["answered", "done"], ["done", "not_offered"])
    with program_scope(cast.program.pk):
        pair = Lead.objects.get().state, LeadOffer.objects.get().state
        assert pair in {(LeadState.ACCEPTED, OfferState.ACCEPTED), (LeadState.WAITING, OfferState.WITHDRAWN)}
        assert Opportunity.objects.exists() == (pair[0] == LeadState.ACCEPTED)


def test_accepting_in_the_last_moment_and_running_out_do_not_both_happen(committed_cast) -> None:
    cast = committed_cast
    offer = offered(cast, lead(cast))

    def sweep() -> int:
        with program_scope(cast.program.pk), clock.at(offer.due_at):
            return expire_offers(actor=Actor.system(program_id=cast.program.pk, name="Clock"))

    with time_machine.travel(offer.due_at - timedelta(seconds=1), tick=False):
        accepted, expired = at_once(accepting(cast, offer), sweep)
    with program_scope(cast.program.pk):
        state = LeadOffer.objects.get().state
        assert state == (OfferState.EXPIRED if expired else OfferState.ACCEPTED)
        assert isinstance(accepted, Clash) == bool(expired)
        assert Opportunity.objects.exists() == (not expired)


def test_two_sweeps_at_once_end_an_offer_once(committed_cast) -> None:
    cast = committed_cast
    offer = offered(cast, lead(cast))

    def sweep() -> int:
        with program_scope(cast.program.pk), clock.at(offer.due_at):
            return expire_offers(actor=Actor.system(program_id=cast.program.pk, name="Clock"))

    assert sorted(at_once(sweep, sweep)) == [0, 1]
