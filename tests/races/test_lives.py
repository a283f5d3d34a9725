"""Acts on one registration that meet at one instant, on real connections.

The first act is stopped in the middle, the second runs until it ends or waits for the first, and only then
does the first go on: the order is the same in every run. A race is shown before it is closed.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from deals.accounts import merging as merges
from deals.accounts.lookup import Matched
from deals.accounts.merging import merge_accounts
from deals.cases import ruling as rulings
from deals.cases.decision_clocks import close_unanswered
from deals.cases.ruling import rule
from deals.matching.match import Match
from deals.models import Account, Opportunity, OpportunityState, Protection, Registration
from deals.registrations import appeal as appeals
from deals.registrations import extensions, outcome, returns, revocation
from deals.registrations import protect as protections
from deals.registrations import submit as registrations
from deals.registrations.content import claim_of
from deals.registrations.outcome import close_opportunity
from deals.registrations.protect import expire_protections
from deals.registrations.submit import register, withdraw
from deals.rules.claims import Claim
from deals.rules.lifecycle import LIVE, Outcome, Reason, State
from deals.screening import screen as screening
from deals.screening.selectors.standing import Tables, tables_with
from partners.core import clock
from partners.core.scope import program_scope
from tests.deals.making import account, claim, decision, registered
from tests.deals.registrations.life import asked, changed, charter, fresh, open_kinds, ruled
from tests.races.meeting import Act, by, meeting, said
from tests.support.cast import Cast

FERNHILL = {"customer_name": "Fernhill Logistics", "website": "fernhill-logistics.com", "country": "GB"}


def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the lock of a registration nor the version that stands behind it."""

    def unlocked(registration: Registration) -> Registration:
        return Registration.objects.get(pk=registration.pk)

    def unlocked_pair(deal: Opportunity) -> tuple[Registration | None, Opportunity]:
        return Registration.objects.filter(opportunity=deal).first(), Opportunity.objects.get(pk=deal.pk)

    def save(row: Registration, *fields: str, expected_version: int | None = None) -> None:
        values = {name: getattr(row, name) for name in fields}
        Registration.objects.filter(pk=row.pk).update(**values)

    for module in (appeals, registrations, returns, rulings, extensions, revocation):
        monkeypatch.setattr(module, "locked", unlocked)
    monkeypatch.setattr(outcome, "locked_opportunity", unlocked_pair)
    monkeypatch.setattr(Registration, "save_fields", save)


def state(cast: Cast, row: Registration) -> tuple[str, str | None]:
    """The state of a registration and of its opportunity."""
    row = fresh(cast, row)
    return row.state, row.opportunity.state if row.opportunity else None


def protected_now(cast: Cast) -> int:
    with program_scope(cast.program.pk):
        return Protection.objects.filter(period__contains=clock.now()).count()


# Approve against withdraw.


@pytest.fixture
def waiting(committed_cast: Cast) -> Registration:
    """Alder's claim in review, on a named account."""
    account(committed_cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", is_named=True)
    return registered(committed_cast, **FERNHILL)


def approving(cast: Cast, row: Registration) -> Act:
    return by(cast, "ops", rule, registration=row, decision=decision())


def withdrawing(cast: Cast, row: Registration, **more: Any) -> Act:
    return by(cast, "alder_seller", withdraw, registration=row, **more)


def test_control_without_locks_a_withdrawn_claim_is_approved(committed_cast, waiting, monkeypatch) -> None:
    cast = committed_cast
    without_locks(monkeypatch)
    acts = approving(cast, waiting), withdrawing(cast, waiting)
    assert said(meeting(monkeypatch, (rulings, "checked"), *acts)) == ["done", "done"]
    assert state(cast, waiting) == ("approved", "open")


def test_a_withdrawal_waits_for_the_approval_and_then_ends_it(committed_cast, waiting, monkeypatch) -> None:
    cast = committed_cast
    acts = approving(cast, waiting), withdrawing(cast, waiting)
    assert said(meeting(monkeypatch, (rulings, "checked"), *acts)) == ["done", "done"]
    assert state(cast, waiting) == ("withdrawn", "lost")
    assert (protected_now(cast), open_kinds(cast, waiting)) == (0, [])


def test_an_approval_after_the_withdrawal_is_refused(committed_cast, waiting, monkeypatch) -> None:
    cast = committed_cast
    acts = withdrawing(cast, waiting), approving(cast, waiting)
    results = meeting(monkeypatch, (registrations, "end_protection"), *acts)
    assert said(results) == ["done", "illegal_move"]
    assert state(cast, waiting) == ("withdrawn", None)
    with program_scope(cast.program.pk):
        assert not Opportunity.objects.exists()


# The sweep against an extension.


@pytest.fixture
def held(committed_cast: Cast) -> Registration:
    """Alder's approved claim."""
    return registered(committed_cast, **FERNHILL)


def end_of(cast: Cast, row: Registration) -> datetime:
    until: datetime = fresh(cast, row).protection.period.upper
    return until


def extending(cast: Cast, row: Registration) -> Act:
    """Asked for in the last second."""
    moment = end_of(cast, row) - timedelta(seconds=1)
    return by(cast, "alder_seller", extensions.ask_extension, at=moment, registration=row, note="Until May.")


def sweeping(cast: Cast, row: Registration, **more: Any) -> Act:
    return by(cast, "clock", expire_protections, at=end_of(cast, row), **more)


def test_control_without_locks_what_is_being_extended_expires(committed_cast, held, monkeypatch) -> None:
    cast = committed_cast
    end = end_of(cast, held)
    without_locks(monkeypatch)
    acts = extending(cast, held), sweeping(cast, held)
    assert meeting(monkeypatch, (extensions, "granted_by_rule"), *acts)[1] == 1
    # Extended, and lost all the same.
    assert state(cast, held)[0] == State.EXPIRED
    assert fresh(cast, held).extension_asked_at or end_of(cast, held) > end


@pytest.mark.parametrize("by_rule", [True, False])
def test_the_sweep_passes_over_what_is_being_extended(committed_cast, held, monkeypatch, by_rule) -> None:
    cast = committed_cast
    charter(cast, extensions_by_rule=int(by_rule), keepalive_days=0)
    end = end_of(cast, held)
    acts = extending(cast, held), sweeping(cast, held)
    results = meeting(monkeypatch, (extensions, "granted_by_rule"), *acts)
    assert (said(results), results[1]) == (["done", "done"], 0)
    with clock.at(end):
        assert by(cast, "clock", expire_protections)() == 0
    assert state(cast, held)[0] == State.APPROVED
    assert (end_of(cast, held) > end) == by_rule


def test_an_extension_asked_for_while_the_sweep_expires_is_refused(committed_cast, held, monkeypatch) -> None:
    cast = committed_cast
    end = end_of(cast, held)
    acts = sweeping(cast, held), extending(cast, held)
    assert said(meeting(monkeypatch, (protections, "record_and_notify"), *acts)) == ["done", "illegal_move"]
    assert (state(cast, held)[0], end_of(cast, held)) == (State.EXPIRED, end)


# Answers, and the sweep that declines what is never answered.


@pytest.fixture
def returned(committed_cast: Cast, waiting: Registration) -> Registration:
    """A claim returned to Alder for information."""
    return asked(committed_cast, waiting, "note")


def answering(cast: Cast, row: Registration, note: str, who: str = "alder_seller", **more: Any) -> Act:
    told: Claim = changed(claim_of(row), note=note)
    return by(cast, who, returns.answer, registration=row, claim=told, **more)


def silence(cast: Cast, row: Registration) -> Act:
    return by(cast, "clock", close_unanswered, at=row.answer_due_at)


def last_second(cast: Cast, row: Registration) -> Act:
    assert row.answer_due_at is not None
    return answering(cast, row, "Jo signs.", at=row.answer_due_at - timedelta(seconds=1))


def test_control_without_locks_one_answer_overwrites_the_other(committed_cast, returned, monkeypatch) -> None:
    cast = committed_cast
    without_locks(monkeypatch)
    acts = answering(cast, returned, "Jo signs."), answering(cast, returned, "Kim signs.", "alder_admin")
    assert said(meeting(monkeypatch, (returns, "fill"), *acts)) == ["done", "done"]
    assert fresh(cast, returned).note == "Jo signs."


def test_of_two_answers_at_once_the_first_counts(committed_cast, returned, monkeypatch) -> None:
    cast = committed_cast
    acts = answering(cast, returned, "Jo signs."), answering(cast, returned, "Kim signs.", "alder_admin")
    assert said(meeting(monkeypatch, (returns, "fill"), *acts)) == ["done", "illegal_move"]
    assert (fresh(cast, returned).note, state(cast, returned)[0]) == ("Jo signs.", State.IN_REVIEW)
    assert open_kinds(cast, returned) == ["named_account"]


def test_control_without_locks_an_answer_in_time_loses_its_case(
    committed_cast, returned, monkeypatch
) -> None:
    cast = committed_cast
    without_locks(monkeypatch)
    acts = last_second(cast, returned), silence(cast, returned)
    assert meeting(monkeypatch, (returns, "fill"), *acts)[1] == 1
    # In review, and nobody is to decide it.
    assert (state(cast, returned)[0], open_kinds(cast, returned)) == (State.IN_REVIEW, [])


def test_an_answer_in_the_last_second_is_kept(committed_cast, returned, monkeypatch) -> None:
    cast = committed_cast
    acts = last_second(cast, returned), silence(cast, returned)
    assert meeting(monkeypatch, (returns, "fill"), *acts)[1] == 0
    assert silence(cast, returned)() == 0
    assert (state(cast, returned)[0], open_kinds(cast, returned)) == (State.IN_REVIEW, ["named_account"])


# An appeal against the same partner's new claim.


@pytest.fixture
def declined(committed_cast: Cast, waiting: Registration) -> Registration:
    ruled(committed_cast, waiting, outcome=Outcome.UPHOLD_INCUMBENT, reason=Reason.NAMED_ACCOUNT)
    return fresh(committed_cast, waiting)


def appealing(cast: Cast, row: Registration) -> Act:
    return by(cast, "alder_seller", appeals.appeal, registration=row, text="The buyer asked for us.")


def claiming(cast: Cast, **told: Any) -> Act:
    return by(cast, "alder_admin", register, claim=claim(**told))


def live(cast: Cast) -> int:
    with program_scope(cast.program.pk):
        return Registration.objects.filter(state__in=LIVE).count()


def _looked_at(matches: Mapping[int, Match]) -> tuple[list[Matched], Tables]:
    """As ``hold_accounts`` answers, without the locks."""
    rows = Account.objects.in_bulk(matches)
    return [Matched(rows[pk], match) for pk, match in matches.items()], tables_with(matches)


def without_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screening, "identity_held", lambda *_: None)
    monkeypatch.setattr(screening, "hold_accounts", _looked_at)


def test_control_without_the_account_locks_one_deal_is_claimed_twice(
    committed_cast, declined, monkeypatch
) -> None:
    cast = committed_cast
    without_identity(monkeypatch)
    acts = appealing(cast, declined), claiming(cast, **FERNHILL)
    assert said(meeting(monkeypatch, (appeals, "deadline"), *acts)) == ["done", "done"]
    assert live(cast) == 2


def test_a_new_claim_during_the_appeal_is_its_duplicate(committed_cast, declined, monkeypatch) -> None:
    cast = committed_cast
    results = meeting(
        monkeypatch, (appeals, "deadline"), appealing(cast, declined), claiming(cast, **FERNHILL)
    )
    assert (state(cast, declined)[0], state(cast, results[1])[0]) == (State.IN_REVIEW, State.DUPLICATE)
    assert live(cast) == 1


def test_an_appeal_during_the_new_claim_is_told_of_it(committed_cast, declined, monkeypatch) -> None:
    cast = committed_cast
    acts = claiming(cast, **FERNHILL), appealing(cast, declined)
    assert said(meeting(monkeypatch, (registrations, "deadline"), *acts)) == ["done", "registered_again"]
    assert (state(cast, declined)[0], live(cast)) == (State.DECLINED, 1)
    assert open_kinds(cast, declined) == []


def test_a_withdrawal_waits_for_the_appeal_and_closes_it(committed_cast, declined, monkeypatch) -> None:
    cast = committed_cast
    acts = appealing(cast, declined), withdrawing(cast, declined)
    assert said(meeting(monkeypatch, (appeals, "deadline"), *acts)) == ["done", "done"]
    assert (state(cast, declined)[0], open_kinds(cast, declined)) == (State.WITHDRAWN, [])


# Revoke against win.


def revoking(cast: Cast, row: Registration) -> Act:
    told: dict[str, Any] = {
        "reason": Reason.NO_PROGRESS,
        "sentence": "We heard nothing.",
        "note": "Asked twice.",
    }
    return by(cast, "manager", revocation.revoke, registration=row, **told)


def winning(cast: Cast, row: Registration) -> Act:
    deal = fresh(cast, row).opportunity
    return by(cast, "ops", close_opportunity, opportunity=deal, state=OpportunityState.WON)


def test_control_without_locks_a_deal_is_won_and_its_claim_revoked(committed_cast, held, monkeypatch) -> None:
    cast = committed_cast
    without_locks(monkeypatch)
    acts = revoking(cast, held), winning(cast, held)
    assert said(meeting(monkeypatch, (revocation, "mark_registration"), *acts)) == ["done", "done"]
    assert state(cast, held) == ("revoked", "won")


def test_a_deal_that_is_being_revoked_is_not_won(committed_cast, held, monkeypatch) -> None:
    cast = committed_cast
    acts = revoking(cast, held), winning(cast, held)
    assert said(meeting(monkeypatch, (revocation, "mark_registration"), *acts)) == ["done", "closed"]
    assert (state(cast, held), protected_now(cast)) == (("revoked", "lost"), 0)


def test_a_deal_that_is_being_won_is_not_revoked(committed_cast, held, monkeypatch) -> None:
    cast = committed_cast
    acts = winning(cast, held), revoking(cast, held)
    assert said(meeting(monkeypatch, (outcome, "mark_closed"), *acts)) == ["done", "illegal_move"]
    assert (state(cast, held), protected_now(cast)) == (("won", "won"), 0)


# A merge against a claim on the account that goes.

GONE = {"customer_name": "Steinbruck Polymer", "website": "steinbruck-polymer.de", "country": "DE"}


@pytest.fixture
def pair(committed_cast: Cast) -> tuple[Account, Account]:
    """One customer, entered twice: the account to keep, and the one that goes."""
    return (
        account(committed_cast, "Corvane Materials", "corvane.com", "DE"),
        account(committed_cast, "Steinbruck Polymer", "steinbruck-polymer.de", "DE"),
    )


def merging(cast: Cast, pair: tuple[Account, Account]) -> Act:
    return by(cast, "ops", merge_accounts, kept=pair[0], merged=pair[1])


def held_accounts(cast: Cast) -> set[int | None]:
    with program_scope(cast.program.pk):
        rows = Registration.objects.values_list("account", "protection__account", "opportunity__account")
        return set(*rows)


def test_control_without_the_account_locks_a_claim_lands_on_what_is_gone(
    committed_cast, pair, monkeypatch
) -> None:
    cast = committed_cast
    without_identity(monkeypatch)
    acts = merging(cast, pair), claiming(cast, **GONE)
    assert said(meeting(monkeypatch, (merges, "_take_over"), *acts)) == ["done", "done"]
    assert held_accounts(cast) == {pair[1].pk}


def test_a_claim_that_waits_for_a_merge_lands_on_the_account_that_is_left(
    committed_cast, pair, monkeypatch
) -> None:
    cast = committed_cast
    acts = merging(cast, pair), claiming(cast, **GONE)
    assert said(meeting(monkeypatch, (merges, "_take_over"), *acts)) == ["done", "done"]
    assert held_accounts(cast) == {pair[0].pk}


def test_a_merge_that_waits_for_a_claim_takes_it_along(committed_cast, pair, monkeypatch) -> None:
    cast = committed_cast
    acts = claiming(cast, **GONE), merging(cast, pair)
    assert said(meeting(monkeypatch, (registrations, "deadline"), *acts)) == ["done", "done"]
    assert (held_accounts(cast), protected_now(cast)) == ({pair[0].pk}, 1)
