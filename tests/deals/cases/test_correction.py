"""Corrections: a ruling is never edited; what was wrong is put right by a new, dated one (R128)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from deals.cases.correction import Correction, correct_ruling
from deals.cases.ruling import rule
from deals.cases.selectors.case import rulings_on
from deals.models import CompEffect, Registration, Ruling
from deals.rules.lifecycle import Outcome, Reason
from partners.core.errors import Clash, FieldErrors, NotAllowed, RuleBroken
from partners.core.scope import program_scope
from partners.models import CellMark, ClosedMonth, LedgerEntry
from tests.deals.making import account, decided, decision, direct_opportunity, registered
from tests.deals.registrations.life import FERNHILL, fresh

FIELDS = [field.attname for field in Ruling._meta.concrete_fields]


@pytest.fixture
def waiting(cast) -> Registration:
    direct_opportunity(cast, account(cast, "Fernhill Logistics", "fernhill-logistics.com", "GB"))
    return registered(cast, **FERNHILL)


@pytest.fixture
def shared(cast, waiting) -> Ruling:
    changes = {"outcome": Outcome.SHARE, "reason": Reason.BOTH_WORKED, "partner_share": 60}
    with program_scope(cast.program.pk):
        return rule(actor=cast.actor("ops"), registration=waiting, decision=decision(**changes))


def corrected(cast, ruling, who="ops", **changes) -> Ruling:
    said: dict[str, Any] = {
        "outcome": Outcome.SHARE,
        "reason": Reason.BOTH_WORKED,
        "note": "The split was typed the wrong way round.",
        "sentence": "Approved: your part is 40 %.",
        "partner_share": 40,
        "comp_rep": CompEffect.SPLIT,
        "comp_partner": CompEffect.SPLIT,
    }
    with program_scope(cast.program.pk):
        ruling = Ruling.objects.get(pk=ruling.pk)
        return correct_ruling(actor=cast.actor(who), ruling=ruling, correction=Correction(**(said | changes)))


def values(cast, ruling) -> Any:
    with program_scope(cast.program.pk):
        return Ruling.objects.filter(pk=ruling.pk).values(*FIELDS).get()


def test_the_first_ruling_stays_and_the_credit_follows_the_correction(cast, waiting, shared) -> None:
    before = values(cast, shared)
    with program_scope(cast.program.pk):
        CellMark.objects.all().delete()
    new = corrected(cast, shared)
    assert values(cast, shared) == before
    assert (new.corrects, new.suggested, new.decided_by) == (shared, shared.suggested, cast.users["ops"])
    row = fresh(cast, waiting)
    assert (row.opportunity.partner_share, row.sentence) == (40, "Approved: your part is 40 %.")
    with program_scope(cast.program.pk):
        since = CellMark.objects.filter(partner=cast.alder).values_list("since", flat=True)
        assert row.opportunity.opened_on.replace(day=1) in list(since)
        entry = LedgerEntry.objects.get(verb="ruling.corrected")
        assert (entry.old["partner_share"], entry.new["partner_share"], entry.partner_id) == (60, 40, None)
        told = LedgerEntry.objects.get(verb="registration.ruling_corrected")
        assert (told.partner, told.sentence) == (cast.alder, "Approved: your part is 40 %.")


def test_a_share_can_be_corrected_away(cast, waiting, shared) -> None:
    corrected(cast, shared, outcome=Outcome.UPHOLD_PARTNER, reason=Reason.PARTNER_FIRST, partner_share=None)
    assert fresh(cast, waiting).opportunity.partner_share == 100


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"outcome": Outcome.UPHOLD_INCUMBENT, "partner_share": None}, "outcome"),
        ({"reason": Reason.EXISTING_CUSTOMER}, "reason"),
        ({"partner_share": 100}, "partner_share"),
        ({"partner_share": None}, "partner_share"),
        ({"note": " "}, "note"),
        ({"sentence": ""}, "sentence"),
        ({"sentence": "Birch Systems was first."}, "sentence"),
    ],
)
def test_a_correction_that_is_none_is_refused(cast, waiting, shared, changes, field) -> None:
    with pytest.raises(FieldErrors) as refused:
        corrected(cast, shared, **changes)
    assert list(refused.value.errors) == [field]
    assert fresh(cast, waiting).opportunity.partner_share == 60
    with program_scope(cast.program.pk):
        assert Ruling.objects.count() == 1


def test_a_no_does_not_become_a_yes(cast, waiting) -> None:
    ruling = decided(cast, waiting, reason=Reason.OPEN_OPPORTUNITY)
    with pytest.raises(FieldErrors) as refused:
        corrected(
            cast,
            ruling,
            outcome=Outcome.UPHOLD_PARTNER,
            reason=Reason.PARTNER_FIRST,
            partner_share=None,
        )
    assert list(refused.value.errors) == ["outcome"]
    new = corrected(
        cast,
        ruling,
        outcome=Outcome.UPHOLD_INCUMBENT,
        reason=Reason.TOO_LITTLE,
        partner_share=None,
        sentence="Tell us more.",
    )
    row = fresh(cast, waiting)
    assert (new.outcome, row.state, row.reason) == ("uphold_incumbent", "declined", Reason.TOO_LITTLE)


def test_the_same_again_is_no_correction(cast, shared) -> None:
    with pytest.raises(RuleBroken, match="Nothing of this differs"):
        corrected(cast, shared, partner_share=60, sentence=shared.sentence)


def test_only_the_newest_is_corrected(cast, shared) -> None:
    new = corrected(cast, shared)
    with pytest.raises(Clash, match="Correct the newer one"):
        corrected(cast, shared, partner_share=30)
    assert corrected(cast, new, partner_share=30).corrects == new


@pytest.mark.parametrize("who", ["manager", "rep", "alder_admin"])
def test_who_may_not_rule_may_not_correct(cast, shared, who) -> None:
    with pytest.raises(NotAllowed):
        corrected(cast, shared, who)
    with program_scope(cast.program.pk):
        assert Ruling.objects.count() == 1


def test_after_its_month_is_closed_a_correction_is_dated_today(cast, waiting, shared) -> None:
    month = shared.decided_at.date().replace(day=1)
    later = datetime.combine(month + timedelta(days=40), datetime.min.time(), UTC)
    with program_scope(cast.program.pk):
        ClosedMonth.objects.create(program=cast.program, month=month, closed_by="Leader")
    with time_machine.travel(later, tick=False):
        new = corrected(cast, shared)
    assert new.decided_at == later
    with program_scope(cast.program.pk):
        (found,) = rulings_on(waiting)
        assert found.month_is_closed
        assert (found.first, found.standing, found.corrections) == (shared, new, [new])
    assert values(cast, shared)["partner_share"] == 60
    assert date(later.year, later.month, 1) != month
