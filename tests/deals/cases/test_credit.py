"""Whose the deal is after a ruling on what our side closed or took over while the partner was protected."""

import pytest

from deals.cases.ruling import rule
from deals.models import Account, Opportunity, OpportunityState, Registration, Source
from deals.opportunities.source import change_source
from deals.registrations.outcome import close_opportunity
from deals.rules.lifecycle import ConflictKind, Reason, State
from partners.core import clock
from partners.core.scope import program_scope
from tests.deals.making import account, decided, decision, direct_opportunity, registered
from tests.deals.registrations.life import FERNHILL, fresh, open_kinds


@pytest.fixture
def known(cast) -> Account:
    return account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB")


@pytest.fixture
def held(cast, known) -> Registration:
    return registered(cast, **FERNHILL)


def for_partner(cast, row) -> None:
    with program_scope(cast.program.pk):
        rule(actor=cast.actor("ops"), registration=row, decision=decision(sentence="It counts as yours."))


def taken(cast, row) -> Opportunity:
    """The partner's deal, made direct by staff."""
    deal = fresh(cast, row).opportunity
    assert deal is not None
    with program_scope(cast.program.pk):
        change_source(
            actor=cast.actor("ops"),
            opportunity=deal,
            source=Source.DIRECT,
            partner=None,
            reason="Rep said.",
        )
    assert open_kinds(cast, row) == [ConflictKind.SOURCE_CHANGED]
    return deal


def won_without(cast, row, known) -> Opportunity:
    """Our rep's deal on the protected account, won."""
    theirs = direct_opportunity(cast, known, name="Rep's deal", opened_on=clock.today("UTC"))
    with program_scope(cast.program.pk):
        close_opportunity(actor=cast.actor("ops"), opportunity=theirs, state=OpportunityState.WON)
    assert open_kinds(cast, row) == [ConflictKind.ROUTE_AROUND]
    return theirs


def test_a_source_that_was_changed_is_restored(cast, held) -> None:
    deal = taken(cast, held)
    for_partner(cast, held)
    with program_scope(cast.program.pk):
        deal.refresh_from_db()
        assert (deal.source, deal.partner, deal.removed_at) == ("sourced", cast.alder, None)
    assert fresh(cast, held).opportunity == deal


def test_a_source_that_was_changed_stays_changed_for_our_side(cast, held) -> None:
    deal = taken(cast, held)
    decided(cast, held, reason=Reason.OUT_OF_SCOPE, sentence="It stays ours.")
    with program_scope(cast.program.pk):
        deal.refresh_from_db()
        assert (deal.source, deal.partner) == ("direct", None)


def test_a_deal_won_without_the_partner_counts_as_its_win_once(cast, held, known) -> None:
    theirs = won_without(cast, held, known)
    for_partner(cast, held)
    row = fresh(cast, held)
    assert (row.state, row.opportunity) == (State.WON, theirs)
    with program_scope(cast.program.pk):
        (live,) = Opportunity.objects.filter(removed_at__isnull=True)
        assert (live, live.partner, live.state) == (theirs, cast.alder, "won")
