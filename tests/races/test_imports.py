"""A file and a claim at the same instant, on real connections. Each race is shown before it is closed."""

import contextlib
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError

from deals.cases import ruling as rulings
from deals.cases.ruling import rule
from deals.imports import claims_met as import_claims
from deals.imports import run as import_run
from deals.imports.run import Summary
from deals.models import Account, AccountKey, Conflict, Opportunity, Protection, Registration
from deals.registrations import change as changes
from deals.registrations.content import claim_of
from partners.core.scope import program_scope
from tests.deals.making import account, decision, registered
from tests.deals.registrations.life import changed, fresh
from tests.races.meeting import by, meeting, said
from tests.races.test_claims import FERNHILL, at_once, claiming
from tests.support.imports import load_file

ACCOUNTS = (
    b"Account ID,Account Name,Website,Billing Country\nA-1,Fernhill Logistics,fernhill-logistics.com,GB\n"
)
DEALS = (
    b"Opportunity ID,Opportunity Name,Account ID,Account Name,Stage,Close Date,Created Date\n"
    b"O-1,Renewal,A-1,Fernhill Logistics,Proposal,2027-01-31,2026-10-01\n"
)


def loading(cast, content: bytes, kind: str) -> Callable[[], Summary]:
    def act() -> Summary:
        with program_scope(cast.program.pk):
            return load_file(cast, content, kind=kind)

    return act


def meet_after_comparing(monkeypatch, *, until: threading.Event, compared: threading.Event) -> None:
    """Let the load wait with its comparison done until the other has written, as an unlucky one does."""
    keep = import_run._keep_problems

    def wait(stage: Any) -> int:
        compared.set()
        until.wait(10)
        return keep(stage)

    monkeypatch.setattr(import_run, "_keep_problems", wait)


def after(event: threading.Event, act: Callable[[], Any], then: threading.Event) -> Callable[[], Any]:
    def wait() -> Any:
        event.wait(10)
        try:
            return act()
        finally:
            then.set()

    return wait


def claimed_while_loading(cast, monkeypatch, content: bytes, kind: str) -> list[Any]:
    compared, claimed = threading.Event(), threading.Event()
    meet_after_comparing(monkeypatch, until=claimed, compared=compared)
    claim = after(compared, claiming(cast, "alder_seller", **FERNHILL), claimed)
    return at_once(loading(cast, content, kind), claim)


@pytest.mark.parametrize(("content", "kind"), [(ACCOUNTS, "accounts"), (DEALS, "opportunities")])
def test_control_without_the_second_look_one_customer_becomes_two(
    committed_cast, monkeypatch, content, kind
) -> None:
    monkeypatch.setattr(import_claims, "same_as_claimed", lambda *_: {})
    claimed_while_loading(committed_cast, monkeypatch, content, kind)
    with program_scope(committed_cast.program.pk):
        assert Account.objects.count() == 2


@pytest.mark.parametrize(("content", "kind"), [(ACCOUNTS, "accounts"), (DEALS, "opportunities")])
def test_a_customer_claimed_while_the_file_is_compared_is_one_account(
    committed_cast, monkeypatch, content, kind
) -> None:
    cast = committed_cast
    loaded, row = claimed_while_loading(cast, monkeypatch, content, kind)
    assert isinstance(loaded, Summary)
    with program_scope(cast.program.pk):
        (kept,) = Account.objects.all()
        assert (kept.external_id, kept.pk) == ("A-1", Registration.objects.get(pk=row.pk).account_id)
        assert AccountKey.objects.filter(account=kept).exists()
        assert Protection.objects.get().account == kept
        if kind == "opportunities":
            assert Opportunity.objects.get(external_id="O-1").account == kept
            assert Conflict.objects.get().kind == "rep_opportunity"


def test_a_claim_made_while_a_load_is_being_written_waits_and_finds_the_account(
    committed_cast, monkeypatch
) -> None:
    cast = committed_cast
    holding, hold = threading.Event(), import_claims.hold_new_customers  # type: ignore[attr-defined]

    def told() -> None:
        hold()
        holding.set()
        # The claim waits for us, so this ends by time; were it not to wait, it would be through by then.
        with contextlib.suppress(threading.BrokenBarrierError):
            waiting.wait(1)

    waiting = threading.Barrier(2)
    monkeypatch.setattr(import_claims, "hold_new_customers", told)

    def claim() -> Registration:
        holding.wait(10)
        row = claiming(cast, "alder_seller", **FERNHILL)()
        with contextlib.suppress(threading.BrokenBarrierError):
            waiting.wait(0.1)
        return row

    at_once(loading(cast, DEALS, "opportunities"), claim)
    with program_scope(cast.program.pk):
        assert Account.objects.count() == 1
        # It sees the deal that was loaded, and goes to a person.
        assert Conflict.objects.get().kind == "open_opportunity"


def test_a_ruling_and_a_load_at_once_leave_no_deal_unseen(committed_cast, monkeypatch) -> None:
    cast = committed_cast
    account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB", is_named=True, external_id="A-1")
    row = registered(cast, **FERNHILL)
    gate, approve = threading.Barrier(2), rulings.approve  # type: ignore[attr-defined]
    watch = import_claims.watch_loaded

    def meet() -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            gate.wait(2)

    def met(stage: Any) -> Any:
        meet()
        return watch(stage)

    def ruled(**values: Any) -> None:
        meet()
        approve(**values)

    monkeypatch.setattr(rulings, "approve", ruled)
    monkeypatch.setattr("deals.imports.opportunities.watch_loaded", met)

    def ruling() -> Any:
        with program_scope(cast.program.pk):
            return rule(actor=cast.actor("ops"), registration=row, decision=decision())

    at_once(loading(cast, DEALS, "opportunities"), ruling)
    with program_scope(cast.program.pk):
        assert Registration.objects.get().state == "approved"
        assert Conflict.objects.filter(kind="rep_opportunity").count() == 1


LOST = (
    "Opportunity ID,Opportunity Name,Account Name,Stage,Close Date,Created Date\n"
    f"O-1,{FERNHILL['customer_name']},{FERNHILL['customer_name']},Closed Lost,2026-10-20,2026-10-01\n"
).encode()


def changed_while_its_end_is_loaded(cast, monkeypatch) -> list[Any]:
    """The partner names another customer, and the CRM says that the deal is lost; the claim they act on."""
    row = registered(cast, **FERNHILL)
    assert row.state == "approved"
    other = changed(claim_of(row), customer_name="Corvane Foods", website="corvane.com")
    load = loading(cast, LOST, "opportunities")

    def loaded() -> Any:
        try:
            return load()
        except OperationalError:
            return "a circle"

    change = by(cast, "alder_seller", changes.change_registration, registration=row, claim=other)
    return [row, *meeting(monkeypatch, (changes, "screen"), change, loaded)]


def test_control_a_load_that_asks_for_the_claim_last_waits_in_a_circle(committed_cast, monkeypatch) -> None:
    monkeypatch.setattr("deals.imports.opportunities.hold_ending", lambda _: None)
    _, change, load = changed_while_its_end_is_loaded(committed_cast, monkeypatch)
    assert load == "a circle" or said([change]) == ["busy"]


def test_a_load_waits_for_the_change_of_a_claim_and_then_ends_it(committed_cast, monkeypatch) -> None:
    row, change, load = changed_while_its_end_is_loaded(committed_cast, monkeypatch)
    assert said([change]) == ["done"]
    assert load.rejected == 0
    ended = fresh(committed_cast, row)
    assert (ended.state, ended.opportunity.state) == ("lost", "lost")
    # As it was approved: the change was not decided.
    assert ended.customer_name == FERNHILL["customer_name"]
    with program_scope(committed_cast.program.pk):
        assert not Conflict.objects.filter(registration=row, closed_at__isnull=True).exists()
