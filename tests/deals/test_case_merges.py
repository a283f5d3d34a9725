"""Merging accounts by a ruling: the claim is weighed anew against the one that is kept."""

import pytest

from deals.models import Account, Conflict, Registration, Ruling
from deals.rules.lifecycle import Outcome, Reason, State
from deals.services.rulings import rule
from partners.core.errors import FieldErrors
from partners.core.ids import new_public_id
from partners.core.scope import program_scope
from tests.deals.making import account, decision, registered


def ruled(cast, row, **changes) -> Ruling:
    with program_scope(cast.program.pk):
        return rule(actor=cast.actor("ops"), registration=row, decision=decision(**changes))


@pytest.fixture
def twins(cast) -> tuple[Registration, Account, Account]:
    """A claim that may be about either of two accounts."""
    first = account(cast, "Fernhill Logistics", "fernway.org", "GB")
    row = registered(cast, customer_name="Fernhill Logistics", website="fhl-group.co.uk", country="GB")
    second = account(cast, "Fernhill Haulage", "fernhill.example", "GB")
    with program_scope(cast.program.pk):
        found = Conflict.objects.get(registration=row)
        found.pk, found.public_id, found.account = None, new_public_id(), second
        found.save(force_insert=True)
    return row, first, second


def test_a_merge_makes_two_accounts_one_and_weighs_the_claim_anew(cast, twins) -> None:
    row, kept, gone = twins
    merge = {"outcome": Outcome.MERGE, "reason": Reason.NOT_A_CONFLICT}
    ruled(cast, row, **merge, account=kept.public_id, merge=gone.public_id)
    with program_scope(cast.program.pk):
        gone.refresh_from_db()
        assert gone.merged_into == kept
        after = Registration.objects.get(pk=row.pk)
        assert after.account == kept
        still_open = Conflict.objects.filter(registration=row, closed_at__isnull=True)
        assert (after.state == State.IN_REVIEW) == still_open.exists()
        assert after.claimed_at == row.claimed_at


def test_a_merge_needs_two_accounts_of_the_case(cast, twins) -> None:
    row, kept, _gone = twins
    merge = {"outcome": Outcome.MERGE, "reason": Reason.NOT_A_CONFLICT}
    for changes in (
        {"account": kept.public_id},
        {"account": kept.public_id, "merge": kept.public_id},
        {"account": kept.public_id, "merge": "zzzz"},
    ):
        with pytest.raises(FieldErrors) as refused:
            ruled(cast, row, **merge, **changes)
        assert list(refused.value.errors) == ["merge"]
    with program_scope(cast.program.pk):
        assert not Account.objects.filter(removed_at__isnull=False).exists()
