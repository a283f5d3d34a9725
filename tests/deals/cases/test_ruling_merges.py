"""Merging accounts by a ruling: the claim is weighed again against the one that is kept."""

from typing import Any

import pytest

from deals.accounts.merging import undo_merge
from deals.cases.ruling import rule
from deals.models import Account, AccountMerge, Conflict, Opportunity, Protection, Registration, Ruling
from deals.rules.lifecycle import ConflictKind, Outcome, Reason, State
from partners.core.errors import Clash, FieldErrors, NotAllowed, Stale
from partners.core.ids import new_public_id
from partners.core.scope import program_scope
from partners.models import LedgerEntry
from tests.deals.making import account, decision, direct_opportunity, registered
from tests.deals.registrations.life import fresh

MERGE = {"outcome": Outcome.MERGE, "reason": Reason.NOT_A_CONFLICT, "sentence": "We looked at it again."}
API = "/api/v1/programs/northwind/"


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


# What a merge by ruling brings about, branch by branch


def doubt(cast, row: Registration, about: Account) -> Conflict:
    """A further account the claim may be about, as an import brings one while the claim waits."""
    with program_scope(cast.program.pk):
        found = Conflict.objects.filter(registration=row, kind=ConflictKind.POSSIBLE_ACCOUNT)[0]
        found.pk, found.public_id, found.account = None, new_public_id(), about
        found.save(force_insert=True)
        return found


def held_by_birch(cast, on: Account) -> Registration:
    """The rival's approved claim on an account."""
    row = registered(cast, "birch_admin", customer_name=on.name, website=on.website, country=on.country)
    if row.state == State.IN_REVIEW:  # behind the claim that waits
        with program_scope(cast.program.pk):
            rule(actor=cast.actor("ops"), registration=row, decision=decision(account=on.public_id))
    assert fresh(cast, row).state == State.APPROVED
    return row


@pytest.fixture
def waiting(cast) -> tuple[Registration, Account, Account]:
    """Alder's claim that may be about an account of a like name, and the account its website belongs to."""
    kept = account(cast, "Fernhill Logistics", "fernway.org", "GB")
    row = registered(cast, customer_name="Fernhill Logistics", website="fhl-group.co.uk", country="GB")
    gone = account(cast, "FHL Group", "fhl-group.co.uk", "GB", external_id="A-2")
    doubt(cast, row, gone)
    assert row.state == State.IN_REVIEW
    return row, kept, gone


def everything(cast) -> dict[str, Any]:
    """What a refusal must leave as it was."""
    with program_scope(cast.program.pk):
        return {
            model.__name__: list(model.objects.order_by("pk").values())
            for model in (
                Account, AccountMerge, Conflict, Opportunity, Protection, Registration, Ruling, LedgerEntry,
            )
        }  # fmt: skip


def places(cast) -> dict[str, Any]:
    """Which account every row stands on."""
    with program_scope(cast.program.pk):
        return {
            model.__name__: dict(model.objects.order_by("pk").values_list("pk", "account"))
            for model in (Conflict, Opportunity, Protection, Registration)
        }


def merged(cast, row: Registration, kept: Account, gone: Account, who: str = "ops", **changes: Any) -> Ruling:
    with program_scope(cast.program.pk):
        terms = decision(**MERGE, account=kept.public_id, merge=gone.public_id)
        return rule(actor=cast.actor(who), registration=row, decision=terms, **changes)


def test_when_nothing_stands_against_it_any_more_the_claim_is_approved_on_the_kept_account(
    cast, waiting
) -> None:
    row, kept, gone = waiting
    ruling = merged(cast, row, kept, gone)
    after = fresh(cast, row)
    assert (after.state, after.account, after.claimed_at) == (State.APPROVED, kept, row.claimed_at)
    assert {after.protection.account_id, after.opportunity.account_id} == {kept.pk}
    with program_scope(cast.program.pk):
        assert not Conflict.objects.filter(registration=row, closed_at__isnull=True).exists()
        assert set(Conflict.objects.filter(registration=row).values_list("ruling", flat=True)) == {ruling.pk}
        assert AccountMerge.objects.get().ruling == ruling
    # What the partner reads is what was written for it, and none of our accounts.
    page = cast.client("alder_seller").get(f"/portal/northwind/deals/{row.public_id}/").content.decode()
    assert "We looked at it again." in page
    said = cast.client("alder_seller").get(f"{API}registrations/{row.public_id}/").content.decode()
    for text in (page, said):
        assert "FHL Group" not in text
        assert kept.public_id not in text
        assert gone.public_id not in text
        assert ruling.note not in text


def test_everything_of_the_account_that_goes_moves_and_the_undo_brings_it_back_row_by_row(
    cast, waiting
) -> None:
    row, kept, gone = waiting
    theirs = registered(
        cast, "birch_admin", customer_name="FHL Group", website="fhl-group.co.uk", country="GB"
    )
    ours = direct_opportunity(cast, gone)
    before = places(cast)
    assert before["Registration"][theirs.pk] == before["Opportunity"][ours.pk] == gone.pk
    merged(cast, row, kept, gone)
    after = places(cast)
    assert {place for table in after.values() for place in table.values()} == {kept.pk}
    with program_scope(cast.program.pk):
        later = direct_opportunity(cast, kept, name="Later")
        back = undo_merge(actor=cast.actor("ops"), merge=AccountMerge.objects.get())
        assert (back.pk, back.external_id, back.removed_at, back.merged_into) == (gone.pk, "A-2", None, None)
    now = places(cast)
    # The claim that was ruled on, and what came afterwards, stay where the ruling and people put them.
    assert now["Registration"] == before["Registration"] | {row.pk: kept.pk}
    assert now["Opportunity"] == before["Opportunity"] | {later.pk: kept.pk}
    assert now["Protection"] == before["Protection"]
    assert {pk: place for pk, place in now["Conflict"].items() if pk in before["Conflict"]} == before[
        "Conflict"
    ]
    with program_scope(cast.program.pk):
        verbs = LedgerEntry.objects.filter(subject="account", subject_id=gone.public_id).order_by("pk")
        assert list(verbs.values_list("verb", flat=True)) == ["account.merged", "account.unmerged"]


def test_a_rivals_protection_on_the_account_that_goes_stands_against_the_claim_and_is_not_told(
    cast, waiting
) -> None:
    row, kept, gone = waiting
    rival = held_by_birch(cast, gone)
    merged(cast, row, kept, gone)
    after = fresh(cast, row)
    assert (after.state, after.account, after.claimed_at) == (State.IN_REVIEW, kept, row.claimed_at)
    assert after.decision_due_at == row.decision_due_at
    with program_scope(cast.program.pk):
        open_now = Conflict.objects.get(registration=row, closed_at__isnull=True)
        assert (open_now.kind, open_now.rival_registration, open_now.account) == (
            ConflictKind.PROTECTED, rival, kept,
        )  # fmt: skip
        assert Protection.objects.get().account == kept
    client = cast.client("alder_seller")
    for address in (f"/portal/northwind/deals/{row.public_id}/", f"{API}registrations/{row.public_id}/"):
        said = client.get(address).content.decode()
        for hint in ("Birch", "FHL Group", rival.public_id, "We looked at it again."):
            assert hint not in said, hint
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        told = LedgerEntry.objects.filter(subject_id=row.public_id).order_by("pk")
        assert [entry.verb for entry in told] == ["registration.submitted", "registration.in_review"]


def test_two_protections_are_settled_by_people_first_and_the_ruling_is_not_given(cast, waiting) -> None:
    row, kept, gone = waiting
    for held in (gone, kept):
        held_by_birch(cast, held)
    with program_scope(cast.program.pk):
        assert set(Protection.objects.values_list("account", flat=True)) == {kept.pk, gone.pk}
        conflict = Conflict.objects.filter(registration=row, closed_at__isnull=True)[0]
    before = everything(cast)
    with pytest.raises(Clash) as refused:
        merged(cast, row, kept, gone)
    assert refused.value.code == "both_protected"
    assert everything(cast) == before
    body = {**MERGE, "note": "One.", "account": kept.public_id, "merge": gone.public_id}
    client = cast.client("ops")
    answer = client.post(f"{API}conflicts/{conflict.public_id}/rule/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "both_protected")
    page = client.post(f"/p/northwind/conflicts/{conflict.public_id}/rule/", body | {"version": row.version})
    assert (page.status_code, "Revoke one of the registrations first" in page.content.decode()) == (422, True)
    assert everything(cast) == before


def test_the_same_partners_own_deal_on_the_account_that_goes_makes_the_claim_a_duplicate(
    cast, waiting
) -> None:
    row, kept, gone = waiting
    with program_scope(cast.program.pk):
        Conflict.objects.filter(registration=row, account=gone).delete()
    first = registered(cast, customer_name="FHL Group Ltd", website="fhl-group.co.uk", country="GB")
    assert first.state == State.APPROVED
    doubt(cast, row, gone)
    merged(cast, row, kept, gone)
    after = fresh(cast, row)
    assert (after.state, after.reason, after.duplicate_of_id) == (
        State.DUPLICATE,
        Reason.SAME_PARTNER,
        first.pk,
    )
    with program_scope(cast.program.pk):
        assert not Conflict.objects.filter(registration=row, closed_at__isnull=True).exists()
        assert Protection.objects.get().registration == first


@pytest.mark.parametrize("who", ["manager", "rep", "sponsor", "alder_admin", "birch_admin"])
def test_whoever_may_not_rule_merges_nothing(cast, waiting, who: str) -> None:
    row, kept, gone = waiting
    with program_scope(cast.program.pk):
        conflict = Conflict.objects.filter(registration=row).order_by("pk")[0]
    before = everything(cast)
    with pytest.raises(NotAllowed):
        merged(cast, row, kept, gone, who)
    body = {**MERGE, "note": "One.", "account": kept.public_id, "merge": gone.public_id}
    answer = cast.client(who).post(
        f"{API}conflicts/{conflict.public_id}/rule/", body, content_type="application/json"
    )
    assert answer.status_code in (403, 404)
    assert gone.name not in answer.content.decode()
    assert everything(cast) == before


def test_a_second_merge_finds_the_account_gone_and_one_more_goes_on_from_what_is_left(cast, waiting) -> None:
    row, kept, gone = waiting
    other = registered(
        cast, "birch_admin", customer_name="Fernhill Logistics", website="fernhill-logs.co.uk", country="GB"
    )
    doubt(cast, other, gone)
    third = account(cast, "Fernhill Freight", "fernhill-logs.co.uk", "GB")
    doubt(cast, other, third)
    merged(cast, row, kept, gone)
    before = everything(cast)
    with pytest.raises((Clash, FieldErrors)):
        merged(cast, fresh(cast, other), kept, gone)
    with pytest.raises(Clash) as refused:
        merged(cast, fresh(cast, row), kept, gone)  # pressed twice
    assert refused.value.code == "illegal_move"
    assert everything(cast) == before
    merged(cast, fresh(cast, other), kept, third)
    with program_scope(cast.program.pk):
        assert list(AccountMerge.objects.order_by("pk").values_list("merged", flat=True)) == [
            gone.pk,
            third.pk,
        ]
        assert set(Account.objects.filter(removed_at__isnull=True)) == {kept}
    assert fresh(cast, other).state == State.IN_REVIEW  # Alder holds the account now
    assert fresh(cast, other).account == kept


def test_a_stale_look_merges_nothing(cast, waiting) -> None:
    row, kept, gone = waiting
    before = everything(cast)
    with pytest.raises(Stale):
        merged(cast, row, kept, gone, expected_version=row.version + 1)
    assert everything(cast) == before
