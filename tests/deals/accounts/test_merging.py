"""Accounts that turned out to be one: everything moves, is found again, and can go back."""

from datetime import timedelta

import pytest

from deals.accounts.merging import merge_accounts, undo_merge
from deals.imports.services import import_bytes
from deals.models import Account, AccountKey, AccountMerge, Conflict, Opportunity, Protection, Registration
from partners.core import clock
from partners.core.errors import Clash, NotAllowed, RuleBroken, Stale
from partners.core.scope import program_scope
from partners.models import LedgerEntry, Offering
from tests.deals.making import account, direct_opportunity, registered
from tests.support.cast import Cast

pytestmark = pytest.mark.django_db


def two(cast: Cast) -> tuple[Account, Account]:
    """One customer, entered twice: by its name of today and by that of the company it was."""
    kept = account(cast, "Corvane Materials", "corvane.com", "DE", external_id="A-1")
    merged = account(
        cast,
        "Steinbruck Polymer GmbH",
        "steinbruck-polymer.de",
        "DE",
        external_id="A-2",
        other_names=["SP Chemie"],
        is_customer=True,
        segment="Industry",
    )
    return kept, merged


def merge(cast: Cast, kept: Account, merged: Account, who: str = "ops", **extra: object) -> AccountMerge:
    with program_scope(cast.program.pk):
        return merge_accounts(actor=cast.actor(who), kept=kept, merged=merged, **extra)  # type: ignore[arg-type]


def undo(cast: Cast, row: AccountMerge) -> Account:
    with program_scope(cast.program.pk):
        return undo_merge(actor=cast.actor("ops"), merge=row)


def everything(cast: Cast) -> dict[str, object]:
    """All that points at accounts, as rows of values."""
    with program_scope(cast.program.pk):
        return {
            "registrations": list(Registration.objects.order_by("pk").values_list("pk", "account_id")),
            "opportunities": list(Opportunity.objects.order_by("pk").values_list("pk", "account_id")),
            "conflicts": list(Conflict.objects.order_by("pk").values_list("pk", "account_id")),
            "protections": list(Protection.objects.order_by("pk").values_list("pk", "account_id", "period")),
            "keys": sorted(AccountKey.objects.values_list("account", "kind", "value")),
            "accounts": list(
                Account.objects.order_by("pk").values_list(
                    "pk", "name", "other_names", "other_domains", "other_ids", "external_id", "is_customer",
                    "segment", "removed_at", "merged_into", "parent",
                )
            ),
        }  # fmt: skip


def test_everything_moves_and_the_claimed_names_lead_to_the_account_that_is_left(cast: Cast) -> None:
    kept, merged = two(cast)
    direct_opportunity(cast, merged)
    row = merge(cast, kept, merged)
    with program_scope(cast.program.pk):
        kept.refresh_from_db()
        merged.refresh_from_db()
        assert kept.other_names == ["Steinbruck Polymer GmbH", "SP Chemie"]
        assert kept.other_domains == ["steinbruck-polymer.de"]
        assert (kept.other_ids, kept.is_customer, kept.segment) == (["A-2"], True, "Industry")
        assert (merged.merged_into_id, merged.external_id) == (kept.pk, "")
        assert merged.removed_at is not None
        assert Opportunity.objects.get().account_id == kept.pk
        assert row.moved == {"deals.opportunity.account": [Opportunity.objects.get().pk]}
        assert not AccountKey.objects.filter(account=merged).exists()
    found = registered(
        cast, customer_name="Steinbruck Polymer", website="steinbruck-polymer.de", country="DE"
    )
    with program_scope(cast.program.pk):
        assert Registration.objects.get(pk=found.pk).account_id == kept.pk


def test_undoing_brings_every_row_back(cast: Cast) -> None:
    kept, merged = two(cast)
    child = account(cast, "Steinbruck Leasing", "steinbruck-leasing.de", "DE", parent=merged)
    direct_opportunity(cast, merged)
    registered(cast, customer_name="Steinbruck Polymer", website="steinbruck-polymer.de", country="DE")
    approved = registered(cast, "alder_seller", customer_name="Corvane", website="corvane.com", country="DE")
    assert approved.state == "approved"
    before = everything(cast)
    row = merge(cast, kept, merged)
    with program_scope(cast.program.pk):
        child.refresh_from_db()
        assert child.parent_id == kept.pk
        assert set(Registration.objects.values_list("account_id", flat=True)) == {kept.pk}
    undo(cast, row)
    assert everything(cast) == before
    with program_scope(cast.program.pk):
        assert list(
            LedgerEntry.objects.filter(subject="account", subject_id=merged.public_id)
            .order_by("pk")
            .values_list("verb", flat=True)
        ) == ["account.merged", "account.unmerged"]


def test_what_came_after_the_merge_stays(cast: Cast) -> None:
    kept, merged = two(cast)
    row = merge(cast, kept, merged)
    later = direct_opportunity(cast, kept, name="Later")
    back = undo(cast, row)
    with program_scope(cast.program.pk):
        later.refresh_from_db()
        back.refresh_from_db()
        assert (later.account_id, back.removed_at, back.external_id) == (kept.pk, None, "A-2")


def test_a_protection_that_runs_moves_and_one_that_is_over_stays(cast: Cast) -> None:
    kept, merged = (
        account(cast, "Corvane Materials", "corvane.com", "DE"),
        account(cast, "Steinbruck Polymer", "steinbruck-polymer.de", "DE"),
    )
    registered(cast, customer_name="Steinbruck Polymer", website="steinbruck-polymer.de", country="DE")
    with program_scope(cast.program.pk):
        began = Protection.objects.get().period
    with clock.at(clock.now() + timedelta(days=10)):
        row = merge(cast, kept, merged)
        with program_scope(cast.program.pk):
            moved = Protection.objects.get()
            assert (moved.account_id, moved.period.lower) == (kept.pk, clock.now())
            assert moved.period.upper == began.upper
    undo(cast, row)
    with program_scope(cast.program.pk):
        assert (Protection.objects.get().account_id, Protection.objects.get().period) == (merged.pk, began)
    with clock.at(began.upper + timedelta(days=1)):
        merge(cast, kept, merged)
        with program_scope(cast.program.pk):
            assert Protection.objects.get().account_id == merged.pk


def test_two_protections_are_for_people_to_settle_first(cast: Cast) -> None:
    kept, merged = (
        account(cast, "Corvane Materials", "corvane.com", "DE"),
        account(cast, "Steinbruck Polymer", "steinbruck-polymer.de", "DE"),
    )
    registered(cast, customer_name="Corvane Materials", website="corvane.com", country="DE")
    registered(
        cast, "birch_admin", customer_name="Steinbruck Polymer", website="steinbruck-polymer.de", country="DE"
    )
    before = everything(cast)
    with pytest.raises(Clash) as refused:
        merge(cast, kept, merged)
    assert refused.value.code == "both_protected"
    assert "Revoke one" in str(refused.value)
    assert everything(cast) == before
    with program_scope(cast.program.pk):
        other = Offering.objects.create(program=cast.program, name="Another")
        Protection.objects.filter(account=merged).update(offering=other)
    merge(cast, kept, merged)
    with program_scope(cast.program.pk):
        assert set(Protection.objects.values_list("account_id", flat=True)) == {kept.pk}


def test_a_child_taken_in_by_its_parent_and_the_other_way_round(cast: Cast) -> None:
    parent = account(cast, "Corvane Holding", "corvane.com", "DE")
    child = account(cast, "Corvane Materials", "corvane-materials.de", "DE", parent=parent)
    before = everything(cast)
    for kept, merged in ((parent, child), (child, parent)):
        with program_scope(cast.program.pk):
            kept, merged = Account.objects.get(pk=kept.pk), Account.objects.get(pk=merged.pk)
        row = merge(cast, kept, merged)
        with program_scope(cast.program.pk):
            assert Account.objects.get(pk=kept.pk).parent_id is None
        undo(cast, row)
        assert everything(cast) == before


@pytest.mark.parametrize("who", ["manager", "rep", "sponsor"])
def test_who_may_not(cast: Cast, who: str) -> None:
    kept, merged = two(cast)
    before = everything(cast)
    with pytest.raises(NotAllowed):
        merge(cast, kept, merged, who)
    assert everything(cast) == before


def test_refusals_change_nothing(cast: Cast) -> None:
    kept, merged = two(cast)
    with pytest.raises(RuleBroken):
        merge(cast, kept, kept)
    with pytest.raises(Stale):
        merge(cast, kept, merged, expected_version=merged.version + 1)
    row = merge(cast, kept, merged)
    after = everything(cast)
    with pytest.raises(Clash):
        merge(cast, kept, merged)
    assert everything(cast) == after
    third = account(cast, "Corvane Group", "corvane-group.com", "DE")
    with program_scope(cast.program.pk):
        kept.refresh_from_db()
    second = merge(cast, third, kept)
    with pytest.raises(Clash) as refused:
        undo(cast, row)
    assert refused.value.code == "kept_is_gone"
    undo(cast, second)
    undo(cast, row)
    with pytest.raises(Clash) as refused:
        undo(cast, row)
    assert refused.value.code == "undone"


def test_a_later_file_finds_the_account_that_is_left(cast: Cast) -> None:
    kept, merged = two(cast)
    merge(cast, kept, merged)
    data = b"Account ID,Account Name,Website\nA-2,Steinbruck Polymer GmbH,steinbruck-polymer.de\n"
    with program_scope(cast.program.pk):
        import_bytes(actor=cast.actor("ops"), file_name="accounts.csv", content=data)
        assert Account.objects.filter(removed_at__isnull=True).count() == 1
        kept.refresh_from_db()
        assert (kept.name, kept.external_id, kept.other_ids) == ("Corvane Materials", "A-1", ["A-2"])


def test_a_customer_first_known_from_a_claim_takes_the_id_of_the_crm(cast: Cast) -> None:
    kept = account(cast, "Corvane Materials", "corvane.com", "DE")
    merged = account(cast, "Steinbruck Polymer", "steinbruck-polymer.de", "DE", external_id="A-2")
    before = everything(cast)
    row = merge(cast, kept, merged)
    with program_scope(cast.program.pk):
        kept.refresh_from_db()
        assert (kept.external_id, kept.other_ids) == ("A-2", [])
    undo(cast, row)
    assert everything(cast) == before
